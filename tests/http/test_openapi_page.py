"""The page of the API, which loads nothing from elsewhere."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.http.service import Service

pytestmark = pytest.mark.one_server


def test_the_page_and_all_that_it_loads_come_from_here(service: Service) -> None:
    page = httpx.get(service.http, follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/docs")
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    for url in loaded:
        assert url.startswith(service.http), url
        assert httpx.get(url).status_code == 200
    assert re.findall(r"https?://[^\"' ]+", page.text.replace(service.http, "")) == []


def test_the_schema_says_how_to_log_in(service: Service) -> None:
    schema = httpx.get(f"{service.http}/openapi.json").json()
    assert schema["info"]["title"] == "Turnout"
    assert schema["paths"]["/icp4d-api/v1/authorize"]["post"]["summary"]
    assert "HTTPBearer" in schema["components"]["securitySchemes"]
