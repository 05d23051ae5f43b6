"""A space whose assets are the switchyard's models, and deployments of them: model ``k`` answers ``k``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from tests.servers import Connection, Database, Server
from tests.switchyard import switchyard
from turnout.catalog import endpoints, replacements, servers
from turnout.catalog.over_wire import WireSession
from turnout.catalog.replacements import Replacement
from turnout.catalog.servers import Acknowledgement
from turnout.services import users

ROW = {"x": 1.0}


@dataclass(frozen=True, kw_only=True)
class Yard:
    """The database, and what is in it.

    Attributes
    ----------
    keys
        The API keys of root, an administrator; of ann, ed and vic: admin, editor and viewer of the space; and of eve.
    models, assets
        ``models[k]`` answers ``k``, and is ``assets[k]``.
    """

    database: Database
    space_id: UUID
    user_id: UUID
    keys: dict[str, str]
    models: dict[int, int]
    assets: dict[int, UUID] = field(default_factory=dict)

    def connect(self) -> Connection:
        """A superuser's session, every statement of which commits on its own."""
        return self.database.connect()

    def deployment(self, name: str) -> tuple[UUID, int]:
        """An online deployment on which nothing is live yet; its id and its endpoint's."""
        with self.connect() as connection:
            row = connection.execute(
                """
                with made as (insert into pgml.endpoints (kind, name) values ('online', %s) returning id)
                insert into pgml.online_deployments (endpoint_id, space_id, name, serving_name, owner_id)
                select id, %s, %s, %s, %s from made
                returning id, endpoint_id
                """,
                [name, self.space_id, name, name, self.user_id],
            ).fetchone()
        assert row is not None
        return UUID(str(row[0])), int(str(row[1]))

    def replace(self, endpoint_id: int, model_id: int, *, seconds: float = 30.0) -> None:
        """Accept a replacement."""
        asked = Replacement(
            endpoint_id=endpoint_id,
            model_id=model_id,
            asset_id=None,
            asset_revision=None,
            strategy="specific",
            reason=None,
            user_name="ann",
            checks=None,
        )
        with psycopg.connect(self.database.dsn) as connection:
            session = WireSession(connection)
            endpoints.lock_by_id(session, endpoint_id)
            replacements.insert(session, asked, seconds=seconds)

    def revision(self, endpoint_id: int) -> int:
        """The revision that is live."""
        with self.connect() as connection:
            row = connection.execute(
                "select revision from pgml.endpoints where id = %s", [endpoint_id]
            ).fetchone()
        assert row is not None
        return int(str(row[0]))

    def broken(self, k: int) -> int:
        """A model that says that it is like model ``k``, and whose artifact is none."""
        with self.connect() as connection:
            row = connection.execute(
                """
                insert into pgml.models (
                  project_id, num_features, algorithm, status, metrics, task, signature, predictor, artifact_sha256,
                  artifact_bytes
                )
                select project_id, num_features, algorithm, status, metrics, task, signature, predictor,
                  encode(sha256('broken'), 'hex'), 6
                from pgml.models where id = %s returning id
                """,
                [self.models[k]],
            ).fetchone()
            assert row is not None
            connection.execute(
                "insert into pgml.files (model_id, path, part, data) values (%s, 'model', 0, 'broken')",
                [row[0]],
            )
        return int(str(row[0]))


def add(database: Database, name: str, role: str = "user") -> str:
    """Make a user; the API key."""
    with psycopg.connect(database.dsn) as connection:
        return users.add(WireSession(connection), name=name, role=role).api_key


@contextmanager
def yard(server: Server) -> Iterator[Yard]:
    """A fresh one."""
    with switchyard(server) as made, made.connect() as connection:
        keys = {name: add(made.database, name) for name in ("ann", "ed", "vic", "eve")}
        keys["root"] = add(made.database, "root", "admin")
        ids = {str(row[0]): row[1] for row in connection.execute("select name, id from pgml.users")}
        space = connection.execute(
            "insert into pgml.spaces (name, creator_id) values ('yard', %s) returning id", [ids["ann"]]
        ).fetchone()
        assert space is not None
        for name, role in (("ann", "admin"), ("ed", "editor"), ("vic", "viewer")):
            connection.execute(
                "insert into pgml.members (space_id, user_id, role) values (%s, %s, %s)",
                [space[0], ids[name], role],
            )
        found = Yard(
            database=made.database,
            space_id=UUID(str(space[0])),
            user_id=UUID(str(ids["ann"])),
            keys=keys,
            models=made.models,
        )
        for k, model_id in made.models.items():
            found.assets[k] = asset(found, f"model {k}", model_id)
        connection.close()
        yield found


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A server process, as far as the others know, that says only what it is told to."""

    connection: psycopg.Connection[tuple[object, ...]]
    number: int

    def say(self, endpoint_id: int, revision: int, replacement_id: int | None = None) -> None:
        """What it serves, and what it has prepared."""
        said = Acknowledgement(endpoint_id=endpoint_id, revision=revision, replacement_id=replacement_id)
        servers.acknowledge(WireSession(self.connection), self.number, [said])
        self.connection.commit()

    def prepared(self, endpoint_id: int) -> None:
        """Say that it has prepared what is under way."""
        row = self.connection.execute(
            "select r.id, e.revision from pgml.replacements r join pgml.endpoints e on e.id = r.endpoint_id "
            "where e.id = %s",
            [endpoint_id],
        ).fetchone()
        assert row is not None
        self.say(endpoint_id, int(str(row[1])), int(str(row[0])))


@contextmanager
def silent(made: Yard) -> Iterator[Silent]:
    """One that is on the list until the block ends, or its session is ended."""
    connection = psycopg.connect(made.database.dsn)
    try:
        session = WireSession(connection)
        number = servers.register(session, host="nowhere", process_id=os.getpid())
        rows = connection.execute("select id, revision from pgml.endpoints where kind = 'online'").fetchall()
        said = [
            Acknowledgement(endpoint_id=int(str(id_)), revision=int(str(revision))) for id_, revision in rows
        ]
        servers.acknowledge(session, number, said)
        connection.commit()
        yield Silent(connection=connection, number=number)
    finally:
        if not connection.closed:
            connection.rollback()
            # it knows that it is gone
            servers.forget(WireSession(connection), number)
            connection.commit()
        connection.close()


def asset(made: Yard, name: str, model_id: int) -> UUID:
    """A model as an asset of the space."""
    with made.connect() as connection:
        row = connection.execute(
            "insert into pgml.assets (space_id, name, model_id, owner_id) values (%s, %s, %s, %s) returning id",
            [made.space_id, name, model_id, made.user_id],
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))
