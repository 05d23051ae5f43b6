"""The service without any client of Python: curl over http and https, a token from a form, a model from a file."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.http.contents import pickled, pipeline
from tests.http.service import Service

pytestmark = [
    pytest.mark.one_server,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl"),
]


def curl(*arguments: str) -> tuple[int, Any]:
    """What curl says: status and body."""
    done = subprocess.run(
        ["curl", "-sS", "-w", "\n%{http_code}", *arguments], capture_output=True, check=True, timeout=120
    )
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), json.loads(body) if body else None


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_model_is_stored_by_curl(service: Service, tmp_path: Path, scheme: str) -> None:
    base = service.http if scheme == "http" else service.https
    trusted = ["--cacert", service.certificate] if scheme == "https" else []
    status, token = curl(
        *trusted,
        "--data-urlencode", "grant_type=urn:ibm:params:oauth:grant-type:apikey",
        "--data-urlencode", f"apikey={service.admin_key}",
        f"{base}/identity/token",
    )  # fmt: skip
    assert status == 200
    known = [*trusted, "-H", f"Authorization: Bearer {token['access_token']}"]
    status, space = curl(*known, "--json", json.dumps({"name": scheme}), f"{base}/v2/spaces")
    assert status == 202
    body = {"name": "churn", "type": "scikit-learn_1.7", "space_id": space["metadata"]["id"]}
    status, model = curl(*known, "--json", json.dumps(body), f"{base}/ml/v4/models?version=2026-11-01")
    assert status == 201
    url = f"{base}/ml/v4/models/{model['metadata']['id']}"
    content = tmp_path / "model.tar.gz"
    content.write_bytes(pickled(pipeline()))
    status, attachment = curl(*known, "-T", str(content), f"{url}/content?version=2026-11-01")
    assert (status, attachment["persisted"]) == (201, True)
    status, found = curl(*known, f"{url}?version=2026-11-01")
    assert (status, found["entity"]["model"]["task"]) == (200, "classification")
    assert curl(*known, "-X", "DELETE", url) == (204, None)
    assert curl(*known, url)[0] == 404
