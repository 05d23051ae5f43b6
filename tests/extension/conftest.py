"""What a module of these tests gets that has a SCRIPT: a database in which it has run, and a session in that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.extension.statements import prepared, undone
from tests.servers import Connection, Database, Server


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest, server: Server) -> Iterator[Database]:
    """A database of the module's own, in which its SCRIPT has run, if it has one."""
    with prepared(server, getattr(request.module, "SCRIPT", "select")) as found:
        yield found


@pytest.fixture(scope="module")
def session(database: Database) -> Iterator[Connection]:
    """A session of the module's own, which gets warm."""
    with database.connect() as found:
        yield found


@pytest.fixture
def sql(session: Connection) -> Iterator[Connection]:
    """The module's session in a transaction that is undone after the test."""
    with undone(session) as found:
        yield found


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """A database of this test's own."""
    with server.database() as found:
        yield found
