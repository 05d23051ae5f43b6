"""History is append-only, for superusers too; what is removed is removed whole, and on record."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import ObjectInUse, ObjectNotInPrerequisiteState, UndefinedObject

from tests.acceptance.work import LINE, models, one, predict, train
from tests.servers import Connection, Database, Server
from tests.switchyard import PROJECT, Switchyard, switchyard
from tests.switchyard import predict as answer

HISTORY = ("deployments", "models", "files", "removals")


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


@pytest.fixture
def admin(yard: Switchyard) -> Iterator[Connection]:
    """A superuser in the switchyard."""
    with yard.connect() as connection:
        connection.execute(LINE)
        yield connection


def counts(connection: Connection) -> dict[str, object]:
    tables = ("projects", "endpoints", "snapshots", *HISTORY)
    return {table: one(connection, f"select count(*) from pgml.{table}") for table in tables}


REFUSED = [
    *(f"delete from pgml.{table}" for table in HISTORY),
    *(f"truncate pgml.{table}" for table in HISTORY if table != "models"),
    *(f"truncate pgml.{table} cascade" for table in (*HISTORY, "projects", "endpoints", "snapshots")),
    "update pgml.deployments set actor = 'nobody'",
    "update pgml.deployments set reason = null, created_at = now()",
    "update pgml.models set metrics = '{}'",
    "update pgml.models set status = 'failed'",
    "update pgml.models set artifact_sha256 = repeat('0', 64)",
    "update pgml.models set id = id + 100",
    "update pgml.models set created_at = now()",
    "update pgml.files set data = ''",
    "update pgml.files set model_id = 2",
    "update pgml.removals set actor = 'nobody'",
]


def test_a_superuser_is_refused(admin: Connection) -> None:
    train(admin, "gone")
    admin.execute("select pgml.delete_project('gone')")
    before = counts(admin)
    for statement in REFUSED:
        with pytest.raises(ObjectNotInPrerequisiteState, match="is refused"):
            admin.execute(statement)
    assert counts(admin) == before


def test_what_history_refers_to_stays(admin: Connection) -> None:
    for table in ("projects", "endpoints", "snapshots"):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            admin.execute(f"delete from pgml.{table}")
    for table in ("projects", "endpoints", "snapshots", "models"):
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="foreign key"):
            admin.execute(f"truncate pgml.{table}")


def test_a_live_model_is_not_marked_as_deleted(yard: Switchyard, admin: Connection) -> None:
    with pytest.raises(ObjectInUse, match="is live"):
        admin.execute("update pgml.models set deleted_at = now()")
    with pytest.raises(ObjectInUse, match=r'ModelInUse: model \d+ of project "switchyard" .* it is live'):
        admin.execute("select pgml.delete_model(%s, true)", [yard.models[1]])


def test_a_revision_is_not_taken_twice(yard: Switchyard, admin: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        admin.execute("""
            insert into pgml.deployments (endpoint_id, project_id, model_id, strategy, revision)
            select endpoint_id, project_id, model_id, 'specific', revision from pgml.deployments
        """)


def test_undeploy(yard: Switchyard, admin: Connection) -> None:
    row = admin.execute("select * from pgml.undeploy('switchyard', 'maintenance')").fetchone()
    assert row == (PROJECT, "undeploy", None)
    with pytest.raises(ObjectNotInPrerequisiteState, match="has no deployed model"):
        answer(admin)
    assert admin.execute("""
        select model_id, strategy::text, revision, previous_model_id, actor::text, reason
        from pgml.deployments order by revision desc limit 1
    """).fetchone() == (None, "undeploy", 2, yard.models[1], "postgres", "maintenance")  # fmt: skip
    assert one(admin, "select count(*) from pgml.overview") == 0
    assert one(admin, "select count(*) from pgml.deployed_models") == 0
    assert one(admin, "select bool_or(deployed) from pgml.trained_models") is False
    with pytest.raises(ObjectNotInPrerequisiteState, match="NothingDeployed"):
        admin.execute("select pgml.undeploy('switchyard')")
    assert one(admin, "select pgml.predict(%s::bigint, array[1.0])", yard.models[1]) == pytest.approx(1)
    # a training does not undo it, a rollback does
    assert train(admin, PROJECT, "t2") is False
    admin.execute("select pgml.deploy('switchyard', 'rollback')")
    assert answer(admin) == 1


def test_delete_model(yard: Switchyard, admin: Connection) -> None:
    yard.deploy(admin, 2)
    with pytest.raises(ObjectInUse, match="what a rollback would choose"):
        admin.execute("select pgml.delete_model(%s)", [yard.models[1]])
    admin.execute("select pgml.delete_model(%s)", [yard.models[3]])
    admin.execute("select pgml.delete_model(%s, force => true)", [yard.models[1]])
    assert one(admin, "select array_agg(distinct model_id) from pgml.files") == [yard.models[2]]
    rows = admin.execute(
        "select id, deleted_at is not null, status::text, metrics is not null from pgml.models order by 1"
    )
    assert rows.fetchall() == [(yard.models[k], k != 2, "successful", True) for k in (1, 2, 3)]
    assert one(admin, "select array_agg(id) from pgml.trained_models") == [yard.models[2]]
    assert one(admin, "select count(*) from pgml.deployments") == 2
    for gone in (1, 3):
        with pytest.raises(ObjectNotInPrerequisiteState, match="it is deleted"):
            yard.deploy(admin, gone)
        with pytest.raises(ObjectNotInPrerequisiteState, match="it is deleted"):
            admin.execute("select pgml.predict(%s::bigint, array[1.0])", [yard.models[gone]])
        with pytest.raises(ObjectNotInPrerequisiteState, match="it is deleted"):
            admin.execute("select pgml.delete_model(%s)", [yard.models[gone]])
        with pytest.raises(ObjectNotInPrerequisiteState, match="is refused"):
            admin.execute("update pgml.models set deleted_at = null where id = %s", [yard.models[gone]])
    with pytest.raises(ObjectNotInPrerequisiteState, match="NoEarlierDeployment"):
        admin.execute("select pgml.deploy('switchyard', 'rollback')")
    with pytest.raises(UndefinedObject, match="UnknownModel"):
        admin.execute("select pgml.delete_model(4711)")
    assert answer(admin) == 2


def test_a_session_that_has_a_deleted_model_loaded(yard: Switchyard, admin: Connection) -> None:
    with yard.connect() as caller:
        yard.deploy(admin, 3)
        assert answer(caller) == 3
        yard.deploy(admin, 2)
        admin.execute("select pgml.delete_model(%s, force => true)", [yard.models[3]])
        with pytest.raises(ObjectNotInPrerequisiteState, match="it is deleted"):
            caller.execute("select pgml.predict(%s::bigint, array[1.0])", [yard.models[3]])
        assert answer(caller) == 2


def test_prune_spares_the_newest_the_live_one_and_the_rollback(yard: Switchyard, admin: Connection) -> None:
    first, second, third = yard.models.values()
    train(admin, PROJECT, "t1", automatic_deploy=False)
    fourth = models(admin, PROJECT)[-1]
    yard.deploy(admin, 2)
    pruned = admin.execute("select pgml.prune('switchyard', 1)").fetchall()
    assert pruned == [(third,)]
    remaining = admin.execute("select id from pgml.trained_models order by id").fetchall()
    assert remaining == [(first,), (second,), (fourth,)]
    assert admin.execute("select pgml.prune('switchyard', 0)").fetchall() == [(fourth,)]
    assert admin.execute("select pgml.prune('switchyard', 0)").fetchall() == []
    admin.execute("select pgml.deploy('switchyard', 'rollback')")
    assert answer(admin) == 1
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        admin.execute("select pgml.prune('switchyard', -1)")


def test_delete_project_leaves_a_record_and_nothing_else(yard: Switchyard, admin: Connection) -> None:
    before = counts(admin)
    role = yard.database.server.role("superuser")
    with yard.connect(role=role) as connection:
        train(connection, "mine")
        train(connection, "mine", automatic_deploy=False)
        train(connection, "mine", automatic_deploy=False)
        first, second, third = models(connection, "mine")
        connection.execute("select pgml.deploy(%s::bigint)", [third])
        connection.execute("select pgml.undeploy('mine')")
        connection.execute("select pgml.delete_model(%s)", [second])
        size = one(
            connection,
            "select sum(artifact_bytes + (explanation -> 'bytes')::int) from pgml.models where id in (%s, %s)",
            first,
            third,
        )
        start = one(connection, "select clock_timestamp()")
        connection.execute("select pgml.delete_project('mine')")
    assert counts(admin) == before | {"removals": 1}
    row = admin.execute("""
        select project_name, actor::text, models, deployments, bytes, created_at between %s and clock_timestamp()
        from pgml.removals order by id desc limit 1
    """, [start]).fetchone()  # fmt: skip
    assert row == ("mine", role, 3, 3, size, True)
    with pytest.raises(UndefinedObject, match='project "mine" does not exist'):
        predict(admin, "mine", 1.0)
    assert answer(admin) == 1
    assert train(admin, "mine") is True
    assert models(admin, "mine") > [third]
    assert (
        one(
            admin,
            "select min(revision) from pgml.deployments where project_id = (select max(id) from pgml.projects)",
        )
        == 1
    )


def test_a_removal_lets_only_its_own_project_go(yard: Switchyard, admin: Connection) -> None:
    with yard.connect(autocommit=False) as connection:
        train(connection, "mine")
        connection.commit()
        connection.execute("select pgml.delete_project('mine')")
        connection.execute("savepoint here")
        for table in ("deployments", "models", "files"):
            with pytest.raises(ObjectNotInPrerequisiteState, match="is refused"):
                connection.execute(f"delete from pgml.{table}")
            connection.execute("rollback to here")
        connection.rollback()
        assert predict(connection, "mine", 2.0) == pytest.approx(4)
        assert one(connection, "select count(*) from pgml.removals") == 0


def test_actors_are_the_users_who_logged_in(database: Database) -> None:
    role = database.server.role("superuser")
    with database.connect(role=role) as connection:
        connection.execute(LINE)
        connection.execute("set role postgres")
        train(connection, "p")
        connection.execute("select pgml.deploy('p', 'best_score', reason => 'again')")
        rows = connection.execute(
            "select actor::text, reason from pgml.deployments order by revision"
        ).fetchall()
        assert [row[0] for row in rows] == [role, role]
        assert rows[1][1] == "again"
        assert one(connection, "select owner::text from pgml.projects") == "postgres"
