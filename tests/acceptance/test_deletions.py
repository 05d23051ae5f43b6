"""Who deletes while others train and deploy: each waits for the other, and nothing is left half."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import psycopg
import pytest

from tests.acceptance.work import LINE, models, one, predict, train
from tests.processes import stopped, until
from tests.servers import Connection, Database, Server
from tests.switchyard import PROJECT, Switchyard, switchyard


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


def in_background(pool: ThreadPoolExecutor, connection: Connection, query: str) -> Future[object]:
    """Run a query that will have to wait for a lock, and come back when it does."""
    pid = connection.info.backend_pid
    future: Future[object] = pool.submit(connection.execute, query)
    blocked = "select coalesce(cardinality(pg_blocking_pids(%s)), 0) > 0"
    with psycopg.connect(connection.info.dsn, password=connection.info.password, autocommit=True) as watcher:

        def waits() -> bool:
            row = watcher.execute(blocked, [pid]).fetchone()
            return row == (True,) or future.done()

        until(waits, "the query to wait")
    assert not future.done()
    return future


FIRST_THEN_SECOND = {
    "train, deploy": (
        "select pgml.train('p', automatic_deploy => false)",
        "select pgml.deploy('p', 'most_recent')",
    ),
    "deploy, train": ("select pgml.deploy('p', 'most_recent')", "select pgml.train('p')"),
    "train, prune": ("select pgml.train('p')", "select pgml.prune('p', 1)"),
    "undeploy, deploy": ("select pgml.undeploy('p')", "select pgml.deploy('p', 'most_recent')"),
}


def test_a_project_is_not_deleted_by_who_does_not_see_its_models(database: Database) -> None:
    with database.connect() as other, database.connect(autocommit=False) as remover:
        other.execute(LINE)
        train(other, "p")
        remover.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        remover.execute("select count(*) from pgml.models")
        other.execute("select pgml.train('p', automatic_deploy => false)")
        with pytest.raises(psycopg.errors.SerializationFailure, match="ChangedMeanwhile") as refusal:
            remover.execute("select pgml.delete_project('p')")
        assert refusal.value.diag.message_hint == "try again in a new transaction"
        remover.rollback()
        assert (len(models(other, "p")), one(other, "select count(*) from pgml.removals")) == (2, 0)
        remover.execute("select pgml.delete_project('p')")
        remover.commit()
        assert models(other, "p") == []


@pytest.mark.parametrize("steps", FIRST_THEN_SECOND)
def test_a_project_is_not_deleted_under_a_transaction(database: Database, steps: str) -> None:
    first, second = FIRST_THEN_SECOND[steps]
    with (
        ThreadPoolExecutor() as pool,
        database.connect(autocommit=False) as connection,
        database.connect() as remover,
    ):
        connection.execute(LINE)
        train(connection, "p")
        connection.commit()
        connection.execute(first)
        removal = in_background(pool, remover, "select pgml.delete_project('p')")
        connection.execute(second)
        connection.commit()
        removal.result()
        for table in ("projects", "endpoints", "models", "deployments", "files", "snapshots"):
            assert one(connection, f"select count(*) from pgml.{table}") == 0, table
        assert one(connection, "select count(*) from pgml.removals") == 1


def test_a_training_outlives_the_deletion_of_its_project(database: Database) -> None:
    """Deleted while it fits, the project is made again."""
    with ThreadPoolExecutor() as pool, database.connect() as connection, database.connect() as trainer:
        connection.execute(LINE)
        train(connection, "p")
        future = pool.submit(train, trainer, "p")
        with stopped([trainer.info.backend_pid]):
            connection.execute("select pgml.delete_project('p')")
        assert future.result() is True
        assert len(models(connection, "p")) == 1
        assert predict(connection, "p", 3.0) == pytest.approx(6)


@pytest.mark.parametrize("delete", ["select pgml.delete_model({})", "select pgml.prune('switchyard', 0)"])
def test_a_stale_transaction_does_not_deploy_a_deleted_model(yard: Switchyard, delete: str) -> None:
    with yard.connect(autocommit=False) as stale, yard.connect() as operator:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        predict(stale, PROJECT, 1.0)
        operator.execute(delete.format(yard.models[3]))
        with pytest.raises(psycopg.errors.SerializationFailure):
            stale.execute("select pgml.deploy(%s::bigint)", [yard.models[3]])
        stale.rollback()
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="deleted"):
            yard.deploy(stale, 3)


def test_a_stale_transaction_does_not_delete_a_live_model(yard: Switchyard) -> None:
    with yard.connect(autocommit=False) as stale, yard.connect() as operator:
        stale.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        predict(stale, PROJECT, 1.0)
        yard.deploy(operator, 3)
        with pytest.raises(psycopg.errors.SerializationFailure):
            stale.execute("select pgml.delete_model(%s)", [yard.models[3]])


@pytest.mark.parametrize("commits", [True, False])
def test_who_deletes_waits_for_who_deploys(yard: Switchyard, commits: bool) -> None:
    with (
        ThreadPoolExecutor() as pool,
        yard.connect(autocommit=False) as deployer,
        yard.connect() as remover,
    ):
        yard.deploy(deployer, 3)
        removal = in_background(pool, remover, f"select pgml.delete_model({yard.models[3]})")
        if commits:
            deployer.commit()
            with pytest.raises(psycopg.errors.ObjectInUse, match="it is live"):
                removal.result()
        else:
            deployer.rollback()
            removal.result()
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="deleted"):
                yard.deploy(deployer, 3)
