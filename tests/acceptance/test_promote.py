"""``pgml.promote``: a model of a project becomes an asset of a space, and is not deleted under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import (
    AmbiguousFunction,
    InsufficientPrivilege,
    NullValueNotAllowed,
    ObjectInUse,
    ObjectNotInPrerequisiteState,
    SerializationFailure,
    UndefinedObject,
)

from tests.servers import Connection, Database, Server
from tests.switchyard import PROJECT, switchyard
from turnout.catalog import users
from turnout.catalog.over_wire import WireSession
from turnout.catalog.users import User
from turnout.services import members, spaces
from turnout.services import users as accounts

pytestmark = pytest.mark.one_server
NOBODY = UUID(int=0)


@dataclass(frozen=True, kw_only=True)
class Promoting:
    """A database with a project of the role ``owner``, and a space of the user ``keeper``."""

    database: Database
    admin: Connection
    owner: str
    space: UUID
    model: int

    def session(self) -> psycopg.Connection[Any]:
        """Commits where its block ends."""
        return psycopg.connect(self.database.dsn)

    def user(self, name: str, role: str = "user") -> User:
        """Make a user of the HTTP service."""
        with self.session() as connection:
            accounts.add(WireSession(connection), name=name, role=role)
            return self.named(connection, name)

    def named(self, connection: psycopg.Connection[Any], name: str) -> User:
        found = users.by_name(WireSession(connection), name)
        assert found is not None
        return found

    def admit(self, role: str) -> None:
        """Make the owner a user that has a role in the space."""
        self.user(self.owner)
        with self.session() as connection:
            keeper = self.named(connection, "keeper")
            members.admit(WireSession(connection), keeper, self.space, [(self.owner, role)])

    def another_space(self, name: str, keeper: str = "keeper") -> UUID:
        with self.session() as connection:
            return spaces.create(WireSession(connection), self.named(connection, keeper), name, {}).id

    def promote(self, role: str | None = None, space: str | None = None) -> UUID:
        """Promote the model, as a role or as the superuser; the asset's id."""
        with self.database.connect(role=role) as connection:
            row = connection.execute(
                "select pgml.promote(%s, %s)", [self.model, str(self.space) if space is None else space]
            ).fetchone()
        assert row is not None
        assert isinstance(row[0], UUID)
        return row[0]

    def one(self, query: LiteralString, *values: object) -> Any:
        row = self.admin.execute(query, values).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
def promoting(server: Server) -> Iterator[Promoting]:
    owner = server.role()
    with switchyard(server) as yard, yard.connect() as admin:
        admin.execute("update pgml.projects set owner = %s", [owner])
        admin.execute(
            sql.SQL("grant execute on all functions in schema pgml to {}").format(sql.Identifier(owner))
        )
        empty = Promoting(
            database=yard.database, admin=admin, owner=owner, space=NOBODY, model=yard.models[2]
        )
        empty.user("keeper")
        yield replace(empty, space=empty.another_space("production"))


def test_an_editor_promotes_what_its_role_owns(promoting: Promoting) -> None:
    promoting.admit("editor")
    by_id = promoting.promote(promoting.owner)
    by_name = promoting.promote(promoting.owner, "production")
    assert by_id != by_name
    asset = promoting.one("select to_jsonb(a) from pgml.assets a where id = %s", by_id)
    assert (asset["space_id"], asset["model_id"]) == (str(promoting.space), promoting.model)
    assert asset["name"] == f"{PROJECT} linear {promoting.model}"
    entity = asset["entity"]
    assert entity["type"].startswith("scikit-learn_1.")
    assert entity["label_column"] == "y"
    assert entity["schemas"]["input"] == [
        {"id": "input", "type": "struct", "fields": [{"name": "x", "type": "float"}]}
    ]
    assert entity["metrics"][0].keys() == {"name", "value"}
    user = promoting.one("select id from pgml.users where name = %s", promoting.owner)
    assert asset["owner_id"] == str(user)


def test_a_superuser_promotes_anything_anywhere(promoting: Promoting) -> None:
    asset = promoting.promote()
    assert promoting.one("select owner_id from pgml.assets where id = %s", asset) == NOBODY


def test_an_administrator_of_the_service_promotes_what_its_role_owns(promoting: Promoting) -> None:
    promoting.user(promoting.owner, "admin")
    assert promoting.promote(promoting.owner)


def test_who_is_no_user_or_no_editor_is_refused(promoting: Promoting) -> None:
    with pytest.raises(InsufficientPrivilege, match=r"NotPermitted: .* no user of the HTTP service"):
        promoting.promote(promoting.owner)
    promoting.user(promoting.owner)
    with pytest.raises(UndefinedObject, match="UnknownSpace"):
        promoting.promote(promoting.owner)
    with promoting.session() as connection:
        keeper = promoting.named(connection, "keeper")
        members.admit(WireSession(connection), keeper, promoting.space, [(promoting.owner, "viewer")])
    with pytest.raises(InsufficientPrivilege, match=r"RoleTooLow: .* is viewer of space"):
        promoting.promote(promoting.owner)
    assert promoting.one("select count(*) from pgml.assets") == 0


def test_a_role_that_does_not_own_the_project_is_refused(promoting: Promoting) -> None:
    role = promoting.database.server.role()
    promoting.admin.execute(
        sql.SQL("grant execute on all functions in schema pgml to {}").format(sql.Identifier(role))
    )
    promoting.user(role, "admin")
    with pytest.raises(InsufficientPrivilege, match="NotOwner"):
        promoting.promote(role)


def test_without_a_grant_nobody_promotes(promoting: Promoting) -> None:
    with pytest.raises(InsufficientPrivilege, match="permission denied for function promote"):
        promoting.promote(promoting.database.server.role())


def test_a_name_that_two_spaces_have_is_refused_with_their_ids(promoting: Promoting) -> None:
    other = promoting.another_space("production")
    with pytest.raises(AmbiguousFunction, match="AmbiguousSpace") as refused:
        promoting.promote(space="production")
    assert str(other) in str(refused.value)
    assert str(promoting.space) in str(refused.value)
    # whoever sees only one of them means that one
    promoting.admit("editor")
    promoted = promoting.promote(promoting.owner, "production")
    assert promoting.one("select space_id from pgml.assets where id = %s", promoted) == promoting.space


def test_a_space_that_is_named_like_an_id_is_found_by_name(promoting: Promoting) -> None:
    named = promoting.another_space(str(NOBODY))
    promoted = promoting.promote(space=str(NOBODY))
    assert promoting.one("select space_id from pgml.assets where id = %s", promoted) == named


def test_what_is_not_there_is_not_promoted(promoting: Promoting) -> None:
    for space in ("nowhere", str(NOBODY)):
        with pytest.raises(UndefinedObject, match="UnknownSpace"):
            promoting.promote(space=space)
    with promoting.database.connect() as connection:
        with pytest.raises(UndefinedObject, match="UnknownModel"):
            connection.execute("select pgml.promote(4711, 'production')")
        for arguments in ("null, 'production'", "1, null"):
            with pytest.raises(NullValueNotAllowed, match="MissingArgument"):
                connection.execute(f"select pgml.promote({arguments})")
        connection.execute("select pgml.delete_model(%s)", [promoting.model])
    with pytest.raises(ObjectNotInPrerequisiteState, match=r"ModelNotUsable: .* it is deleted"):
        promoting.promote()


def test_a_promoted_model_is_not_deleted_under_the_asset(promoting: Promoting) -> None:
    asset = promoting.promote()
    in_space = rf'asset ".*" \({asset}\) of space "production"'
    with promoting.database.connect() as connection:
        for force in (False, True):
            with pytest.raises(ObjectInUse, match=f"ModelInUse: .* {in_space}"):
                connection.execute("select pgml.delete_model(%s, %s)", [promoting.model, force])
        assert len(connection.execute("select pgml.prune(%s, 0)", [PROJECT]).fetchall()) == 1
        with pytest.raises(
            ObjectInUse, match=rf'ModelInUse: model {promoting.model} .* asset ".*" \({asset}\)'
        ):
            connection.execute("select pgml.delete_project(%s)", [PROJECT])
        connection.execute("delete from pgml.assets where id = %s", [asset])
        connection.execute("select pgml.delete_model(%s)", [promoting.model])
        connection.execute("select pgml.delete_project(%s)", [PROJECT])
    assert promoting.one("select count(*) from pgml.models") == 0


def test_a_revision_of_an_asset_keeps_its_model_too(promoting: Promoting) -> None:
    asset = promoting.promote()
    with promoting.database.connect() as connection:
        connection.execute(
            """
            insert into pgml.asset_revisions (asset_id, revision, name, entity, model_id, user_id)
            select id, 1, name, entity, model_id, owner_id from pgml.assets
            """
        )
        connection.execute("update pgml.assets set model_id = null where id = %s", [asset])
        with pytest.raises(ObjectInUse, match="ModelInUse"):
            connection.execute("select pgml.delete_model(%s, true)", [promoting.model])


def test_a_transaction_that_has_not_seen_the_promotion_does_not_delete(promoting: Promoting) -> None:
    with promoting.database.connect(autocommit=False) as stale:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        stale.execute("select count(*) from pgml.models")
        promoting.promote()
        with pytest.raises(SerializationFailure):
            stale.execute("select pgml.delete_model(%s, true)", [promoting.model])


def test_a_promotion_that_is_rolled_back_was_none(promoting: Promoting) -> None:
    with promoting.database.connect(autocommit=False) as connection:
        connection.execute("select pgml.promote(%s, 'production')", [promoting.model])
        connection.rollback()
    assert promoting.one("select count(*) from pgml.assets") == 0
