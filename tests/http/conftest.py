"""A service that the tests of a module share, on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.http import scored as deployments
from tests.http import service as services
from tests.http.scored import Scored
from tests.http.service import Service
from tests.servers import Server


@pytest.fixture(scope="module")
def service(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of two processes."""
    with server.database() as database, services.running(database, tmp_path_factory.mktemp("http")) as found:
        yield found


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[httpx.Client]:
    """The first administrator's client, over http."""
    with service.client() as found:
        yield found


@pytest.fixture(scope="module")
def scored(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scored]:
    """A service of two processes with models of every kind."""
    with deployments.scored(server, tmp_path_factory.mktemp("scored")) as found:
        yield found
