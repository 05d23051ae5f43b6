"""What the tests of the SQL surface share: asking one thing, and proving that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest

from tests.servers import Connection, Database, Server

CATALOG = ("projects", "snapshots", "models", "files", "endpoints", "deployments", "removals")


@contextmanager
def prepared(server: Server, script: str) -> Iterator[Database]:
    """A database in which a script of SQL has run."""
    with server.database() as database:
        with database.connect() as connection:
            connection.execute(script)
        yield database


@contextmanager
def undone(connection: Connection) -> Iterator[Connection]:
    """A transaction that leaves nothing, so that tests share a database and a warm session."""
    with connection.transaction(force_rollback=True):
        yield connection


def value(connection: Connection, sql: str, arguments: Sequence[object] = ()) -> object:
    """The one value that a statement answers."""
    row = connection.execute(sql, arguments).fetchone()
    assert row is not None
    return row[0]


def rows(connection: Connection, sql: str, arguments: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """All rows that a statement answers."""
    return connection.execute(sql, arguments).fetchall()


def contents(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """All that the catalog holds."""
    return {
        table: rows(connection, f"select md5(t::text), t.* from pgml.{table} t order by id")
        for table in CATALOG
    }


def refused(
    connection: Connection, sql: str, arguments: Sequence[object] = (), *, sqlstate: str, match: str
) -> psycopg.Error:
    """The error of a statement, which has this code and message and changes nothing in the catalog."""
    before = contents(connection)
    with pytest.raises(psycopg.Error, match=match) as caught, connection.transaction():
        connection.execute(sql, arguments)
    error = caught.value
    assert error.sqlstate == sqlstate, str(error)
    assert contents(connection) == before
    return error
