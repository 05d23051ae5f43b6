"""A database with one project whose models tell themselves apart: model ``k`` answers ``k`` to the feature 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import Connection, Database, Server

PROJECT = "switchyard"
MODELS = 3
TEMPLATE = "switchyard_template"

_TRAIN = """
    select * from pgml.train(%s, 'regression', %s, 'y', algorithm => 'linear', automatic_deploy => false)
"""


@dataclass(frozen=True, kw_only=True)
class Switchyard:
    """The database, and the ids of its models: ``models[k]`` answers ``k``."""

    database: Database
    models: dict[int, int]

    def connect(self, *, autocommit: bool = True, role: str | None = None) -> Connection:
        """A session of the superuser, or of a role."""
        return self.database.connect(autocommit=autocommit, role=role)

    def deploy(self, connection: Connection, k: int) -> None:
        """Make the model live that answers ``k``."""
        connection.execute("select pgml.deploy(%s::bigint)", [self.models[k]])


def predict(connection: Connection) -> int | None:
    """What the live model answers: its own number."""
    row = connection.execute("select pgml.predict('switchyard', array[1.0]::real[])").fetchone()
    assert row is not None
    answer = row[0]
    return None if answer is None else round(float(str(answer)))


@contextmanager
def switchyard(server: Server) -> Iterator[Switchyard]:
    """A fresh copy of the switchyard, with model 1 live."""
    _make_template(server)
    with server.database(TEMPLATE) as database, database.connect() as connection:
        rows = connection.execute("select id from pgml.models order by id").fetchall()
        connection.close()
        yield Switchyard(database=database, models={k: int(str(row[0])) for k, row in enumerate(rows, 1)})


def _make_template(server: Server) -> None:
    with server.connect() as admin:
        if admin.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone():
            return
        with server.database() as database:
            with database.connect() as connection:
                for k in range(1, MODELS + 1):
                    connection.execute(
                        f"create table t{k} as select x::real, x * {k} as y from generate_series(1, 40) x"
                    )
                    connection.execute(_TRAIN, [PROJECT, f"t{k}"])
                connection.execute("select pgml.deploy((select min(id) from pgml.models))")
            admin.execute(f"create database {TEMPLATE} template {database.name}")
