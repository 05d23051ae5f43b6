"""The same small things that many of these tests do: a table, a project, a question."""

from __future__ import annotations

from typing import Any, LiteralString

from psycopg import sql

from tests.servers import Connection

LINE = "create table line as select x::real, (x * 2)::real as y from generate_series(1, 60) x"


def one(connection: Connection, query: LiteralString, *values: object) -> Any:
    """The value that a query with one row of one column answers."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def train(connection: Connection, project: str, relation: str = "line", **more: object) -> bool:
    """Train a linear regression of ``y``; whether it was deployed."""
    given = {
        "project_name": project,
        "task": "regression",
        "relation_name": relation,
        "y_column_name": "y",
        **more,
    }
    arguments = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in given
    )
    row = connection.execute(
        sql.SQL("select deployed from pgml.train({})").format(arguments), given
    ).fetchone()
    assert row is not None
    return bool(row[0])


def predict(connection: Connection, project: str, *features: float) -> float:
    """What the live model answers."""
    return float(one(connection, "select pgml.predict(%s, %s::real[])", project, list(features)))


def models(connection: Connection, project: str) -> list[int]:
    """The ids of a project's models, the oldest first."""
    rows = connection.execute(
        "select m.id from pgml.models m join pgml.projects p on p.id = m.project_id where p.name = %s order by m.id",
        [project],
    )
    return [int(str(row[0])) for row in rows]
