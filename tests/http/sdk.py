"""IBM's own SDK, unmodified, connected to a service over https."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.http.service import Service

# what the SDK and its own use of httpx, urllib3 and files warn of
WARNINGS = [
    pytest.mark.filterwarnings(f"ignore:{warning}")
    for warning in (
        ".*verify=<str>.*:DeprecationWarning",
        "Unverified HTTPS request",
        "unclosed file:ResourceWarning",
        "unclosed <ssl.SSLSocket:ResourceWarning",
        "unclosed <socket:ResourceWarning",
        "Exception ignored in:pytest.PytestUnraisableExceptionWarning",
        ":DeprecationWarning:ibm_watsonx_ai",
        ":FutureWarning:ibm_watsonx_ai",
        ":PendingDeprecationWarning",
    )
]


@contextmanager
def connected(
    service: Service, directory: Path, name: str = "admin", key: str | None = None
) -> Iterator[Any]:
    """A client that has logged in with name and key. The SDK writes into its directory, and into the environment."""
    from ibm_watsonx_ai import APIClient, Credentials

    environment = dict(os.environ)
    directory.mkdir(exist_ok=True)
    with chdir(directory):
        client = APIClient(
            Credentials(
                url=service.https,
                username=name,
                api_key=service.admin_key if key is None else key,
                verify=service.certificate,
            )
        )
        try:
            yield client
        finally:
            client.httpx_client.close()
            # what it has left open is closed here, and not in the middle of another test
            gc.collect()
            os.environ.clear()
            os.environ.update(environment)
