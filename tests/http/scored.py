"""A service with models of every kind behind online deployments, and users who may and may not ask them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg

from tests.http import service as services
from tests.http.service import Service
from tests.processes import until
from tests.servers import Connection, Database, Server
from turnout.catalog import endpoints, replacements
from turnout.catalog.over_wire import WireSession
from turnout.catalog.replacements import Replacement

TEMPLATE = "scored_template"
NUMBERS = ["a", "b", "c"]

_ROWS = """
    select setseed(0.5);
    create table numbers as
      select a::real, b::real, c::real, (2 * a - b)::real as y, a + b > 1 as yes, (a * 3)::int as third
      from (select random() as a, random() as b, random() as c from generate_series(1, 300)) r;
    create table people as
      select (array['red', 'green', 'blue'])[1 + n % 3] as colour, date '2024-01-01' + n as day, n % 2 = 0 as member,
        array[n % 7, n % 5]::real[] as place, 20 + n % 50 as age,
        case when n % 7 > 3 then 'Risk' else 'No Risk' end as risk
      from generate_series(1, 300) n;
"""
# name -> task, columns, target, algorithm, further arguments
_MODELS = {
    "risk": (
        "classification",
        "people",
        "risk",
        "xgboost",
        """, preprocess => '{"colour": {"encode": {"ordinal": ["red", "green", "blue"]}},
          "age": {"impute": "error"}}'""",
    ),
    "truth": ("classification", "(select a, b, c, yes from numbers)", "yes", "xgboost", ""),
    "third": ("classification", "(select a, b, c, third from numbers)", "third", "linear", ""),
    "number": (
        "regression",
        "(select a, b, c, y from numbers)",
        "y",
        "linear",
        """, preprocess => '{"a": {"scale": "standard", "impute": "mean"}}'""",
    ),
    "neighbours": ("regression", "(select a, b, c, y from numbers)", "y", "knn", ""),
}


@dataclass(frozen=True, kw_only=True)
class Scored:
    """The service, and what is deployed there.

    Attributes
    ----------
    ids
        Serving name -> the deployment's id.
    client
        The administrator's.
    """

    service: Service
    space_id: UUID
    ids: dict[str, UUID]
    client: httpx.Client

    def score(self, name: str, *blocks: dict[str, Any], **given: Any) -> httpx.Response:
        """Ask for predictions."""
        return self.client.post(
            f"/ml/v4/deployments/{name}/predictions", json={"input_data": list(blocks)}, **given
        )

    def ask(self, name: str, fields: list[str] | None, *rows: list[Any]) -> list[Any]:
        """The answers for rows, which there are."""
        block = {"values": list(rows)} if fields is None else {"fields": fields, "values": list(rows)}
        answer = self.score(name, block)
        assert answer.status_code == 200, answer.text
        found: list[Any] = answer.json()["predictions"][0]["values"]
        return found

    def send(self, content: bytes, name: str = "truth", **headers: str) -> httpx.Response:
        """Send bytes as they are."""
        return self.client.post(f"/ml/v4/deployments/{name}/predictions", content=content, headers=headers)


def refused(answer: httpx.Response, status: int = 400) -> str:
    """The message of an error, after a look at its shape."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["status_code"] == status
    assert told["trace"] == answer.headers["x-request-id"]
    (error,) = told["errors"]
    assert set(error) == {"code", "message", "more_info"}
    return str(error["message"])


@contextmanager
def scored(
    server: Server, directory: Path, *options: str, environment: dict[str, str] | None = None
) -> Iterator[Scored]:
    """A fresh one, whose processes all serve everything."""
    _make_template(server)
    with (
        server.database(TEMPLATE) as database,
        services.running(database, directory, *options, environment=environment) as service,
        service.client() as client,
    ):
        with database.connect() as connection:
            space_id = space(connection)
        rows = models(database)
        ids = {name: deploy(database, space_id, name, model_id) for name, model_id in rows.items()}
        found = Scored(service=service, space_id=space_id, ids=ids, client=client)
        until_served(database, len(ids))
        yield found


def models(database: Database) -> dict[str, int]:
    """The trained models, by their projects' names."""
    with database.connect() as connection:
        rows = connection.execute(
            "select p.name, m.id from pgml.models m join pgml.projects p on p.id = m.project_id"
        ).fetchall()
    return {str(name): int(str(model_id)) for name, model_id in rows}


def deploy(database: Database, space_id: UUID, name: str, model_id: int | None) -> UUID:
    """An online deployment, its model accepted for it; without a model, it stays as it is made."""
    # project names and serving names are one namespace
    serving_name = f"{name}_online"
    with database.connect() as connection:
        row = connection.execute(
            """
            with made as (insert into pgml.endpoints (kind, name) values ('online', %s) returning id)
            insert into pgml.online_deployments (endpoint_id, space_id, name, serving_name, owner_id)
            select id, %s, %s, %s, (select id from pgml.users where name = 'admin') from made
            returning id, endpoint_id
            """,
            [serving_name, space_id, name, serving_name],
        ).fetchone()
    assert row is not None
    if model_id is not None:
        replace(database, int(str(row[1])), model_id)
    return UUID(str(row[0]))


def replace(database: Database, endpoint_id: int, model_id: int) -> None:
    """Accept a replacement."""
    asked = Replacement(
        endpoint_id=endpoint_id,
        model_id=model_id,
        asset_id=None,
        asset_revision=None,
        strategy="specific",
        reason=None,
        user_name="admin",
        checks=None,
    )
    with psycopg.connect(database.dsn) as connection:
        session = WireSession(connection)
        endpoints.lock_by_id(session, endpoint_id)
        replacements.insert(session, asked, seconds=30)


def until_served(database: Database, count: int) -> None:
    """Wait until every live process serves so many deployments."""
    until(lambda: served(database, count), "every process to serve every deployment")


def served(database: Database, count: int) -> bool:
    """Whether every live process serves so many deployments at their revision."""
    with database.connect() as connection:
        row = connection.execute(
            """
            select count(*) filter (where e.revision > 0 and a.revision = e.revision), count(distinct l.number)
            from pgml.live_servers l
            left join pgml.acknowledgements a on a.server_number = l.number
            left join pgml.endpoints e on e.id = a.endpoint_id and e.kind = 'online'
            """
        ).fetchone()
    assert row is not None
    return int(str(row[1])) >= 1 and int(str(row[0])) >= count * int(str(row[1]))


def space(connection: Connection) -> UUID:
    """A new space of the administrator's."""
    row = connection.execute(
        "insert into pgml.spaces (name, creator_id)"
        " select 'scored', id from pgml.users where name = 'admin' returning id"
    ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def _make_template(server: Server) -> None:
    with server.connect() as admin:
        if admin.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
            return
        with server.database() as database:
            with database.connect() as connection:
                connection.execute(_ROWS)
                for name, (task, relation, target, algorithm, more) in _MODELS.items():
                    connection.execute(f"create view of_{name} as select * from {relation} r")
                    connection.execute(
                        f"select * from pgml.train('{name}', '{task}', 'of_{name}', '{target}',"
                        f" algorithm => '{algorithm}'{more})"
                    )
                connection.execute("create view of_pair as select a, b, c, y, a + c as z from numbers")
                connection.execute(
                    "select * from pgml.train_joint('pair', 'regression', 'of_pair', array['y', 'z'])"
                )
                connection.execute("create view of_groups as select a, b, c from numbers")
                connection.execute(
                    "select * from pgml.train('groups', 'clustering', 'of_groups', algorithm => 'kmeans')"
                )
            admin.execute(f"create database {TEMPLATE} template {database.name}")
