"""Fixtures that all tests share: a server of each kind, a fresh database in it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests import servers
from tests.servers import Database, Server

KINDS = ("embedded-18", "debian-15")


def pytest_configure() -> None:
    """End in order when told to, so that no server is left running."""
    signal.signal(signal.SIGTERM, lambda number, frame: pytest.exit("terminated", returncode=143))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a server once on each kind; what is marked ``one_server``, on the embedded one."""
    if "server" in metafunc.fixturenames:
        once = metafunc.definition.get_closest_marker("one_server") is not None
        metafunc.parametrize("server", KINDS[:1] if once else KINDS, indirect=True, scope="session")


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server whose template database has the extension."""
    kind: str = request.param
    if reason := servers.missing(kind):
        pytest.skip(f"{kind}: {reason}")
    with servers.running(kind, tmp_path_factory.mktemp(kind)) as found:
        yield found


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A database of this test's own, with the extension."""
    with server.database() as found:
        yield found


@pytest.fixture
def bare_database(server: Server) -> Iterator[Database]:
    """A database of this test's own, without the extension."""
    with server.database(template="template1") as found:
        yield found
