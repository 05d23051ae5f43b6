"""A session over a connection, on psycopg: for the worker, the HTTP service and the command line."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from turnout.catalog.query import Query
from turnout.catalog.session import Row, T


class WireSession:
    """A connection of a role that may write the catalog.

    Parameters
    ----------
    connection
        Not in autocommit: a service's work is one transaction, which the caller commits.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.messages: list[str] = []

    def rows(self, query: Query, *values: object) -> list[Row]:
        with psycopg.RawCursor(self.connection, row_factory=dict_row) as cursor:
            cursor.execute(query.sql, values)
            found: list[Row] = list(cursor.fetchall()) if cursor.description else []
            return found

    def first(self, query: Query, *values: object) -> Row | None:
        found = self.rows(query, *values)
        return found[0] if found else None

    def one(self, query: Query, *values: object) -> Row:
        return self.rows(query, *values)[0]

    def run(self, sql: str) -> int:
        return self.connection.execute(sql).rowcount

    def prepared(self, sql: str, types: Sequence[str]) -> Callable[..., int]:
        typed = sql
        for place, type_ in reversed(list(enumerate(types, 1))):
            typed = typed.replace(f"${place}", f"${place}::{type_}")

        def run(*values: object) -> int:
            with psycopg.RawCursor(self.connection) as cursor:
                return cursor.execute(typed, values).rowcount

        return run

    def stream(self, sql: str, size: int) -> Iterator[Row]:
        with self.connection.cursor(name="turnout_stream", row_factory=dict_row) as cursor:
            cursor.itersize = size
            yield from cursor.execute(sql)

    def as_owner(self, work: Callable[[], T]) -> T:
        return work()

    def in_one_snapshot(self, work: Callable[[], T]) -> T:
        return work()

    def interrupts(self) -> None:
        """Nothing to do: who holds the connection cancels by closing it."""

    def notice(self, text: str) -> None:
        self.messages.append(text)

    def warning(self, text: str) -> None:
        self.messages.append(text)
