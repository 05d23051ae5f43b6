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


def complete(connection: Connection) -> None:
    """Every successful model has the files that its row tells of, to the last byte; nothing else has files."""
    broken = connection.execute("""
        select m.id, m.artifact_bytes, octet_length(a.data)
        from pgml.models m
        left join lateral (select string_agg(f.data, '' order by f.part) as data
                           from pgml.files f where f.model_id = m.id and f.path = 'model') a on true
        left join lateral (select string_agg(f.data, '' order by f.part) as data
                           from pgml.files f where f.model_id = m.id and f.path = 'explanation') e on true
        where (m.status = 'successful' and m.deleted_at is null) is distinct from (a.data is not null)
           or octet_length(a.data) is distinct from m.artifact_bytes and a.data is not null
           or encode(sha256(a.data), 'hex') is distinct from m.artifact_sha256 and a.data is not null
           or (a.data is not null and m.explanation ->> 'path' = 'explanation') is distinct from (e.data is not null)
           or encode(sha256(e.data), 'hex') <> m.explanation ->> 'sha256'
    """).fetchall()
    assert broken == []
    assert one(connection, "select count(*) from pgml.models where status <> 'successful'") == 0


def consistent(connection: Connection) -> None:
    """What is live is what the newest deployment says, and no revision is missing."""
    rows = connection.execute("""
        select e.name, e.revision, max(d.revision), count(d.id), e.model_id,
          (array_agg(d.model_id order by d.revision desc))[1]
        from pgml.endpoints e left join pgml.deployments d on d.endpoint_id = e.id
        group by e.id
    """).fetchall()
    for name, revision, newest, count, live, last in rows:
        assert (revision, live) == (newest or 0, last), name
        assert revision == count, name
