"""Named queries, kept in ``queries/*.sql``; on the prediction path, so nothing heavy is imported."""

from __future__ import annotations

import os

HERE = os.path.join(os.path.dirname(__file__), "queries")
MARK = "-- name: "


class Query:
    """One SQL statement with the types of its parameters ``$1`` ... ``$n``."""

    __slots__ = ("name", "sql", "types")

    def __init__(self, name: str, types: tuple[str, ...], sql: str) -> None:
        self.name = name
        self.types = types
        self.sql = sql


def load(noun: str) -> dict[str, Query]:
    """Every query of one file, by its name.

    A query begins with a line ``-- name: lock (bigint, text)`` and ends where the next one begins.
    """
    with open(os.path.join(HERE, noun + ".sql"), encoding="utf-8") as file:
        chunks = file.read().split(MARK)[1:]
    found = {}
    for chunk in chunks:
        head, _, sql = chunk.partition("\n")
        name, _, types = head.partition("(")
        kinds = tuple(kind.strip() for kind in types.rstrip(") ").split(",") if kind.strip())
        found[name.strip()] = Query(noun + "." + name.strip(), kinds, sql.strip().rstrip(";"))
    return found
