"""Databases side by side, standbys, restarts, and a session that outlives its extension."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests import servers
from tests.acceptance.work import LINE, models, one, predict, train
from tests.conftest import KINDS
from tests.processes import until
from tests.servers import Connection, Database, Server
from tests.switchyard import PROJECT, Switchyard, switchyard
from tests.switchyard import predict as answer

STEEP = "create table line as select x::real, (x * 5)::real as y from generate_series(1, 60) x"


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


def test_two_databases_of_one_cluster_do_not_mix(server: Server) -> None:
    with switchyard(server) as one_yard, switchyard(server) as other_yard:
        assert one_yard.models == other_yard.models
        with one_yard.connect() as here, other_yard.connect() as there:
            for k, other in ((2, 1), (3, 1), (3, 2), (1, 2)):
                one_yard.deploy(here, k)
                if answer(there) != other:
                    other_yard.deploy(there, other)
                assert (answer(here), answer(there)) == (k, other)
            here.execute("select pgml.undeploy('switchyard')")
            assert answer(there) == 2
            here.execute("select pgml.delete_project('switchyard')")
            assert answer(there) == 2
            there.execute("select pgml.deploy('switchyard', 'rollback')")
            assert answer(there) == 1
            with pytest.raises(psycopg.errors.UndefinedObject):
                answer(here)
            # what has the same ids and the same name is another model there
            here.execute("create table steep as select x::real, x * 9 as y from generate_series(1, 40) x")
            assert train(here, PROJECT, "steep")
            assert (answer(here), answer(there)) == (9, 1)


def test_one_databases_switch_is_not_in_anothers_history(server: Server) -> None:
    with (
        server.database() as here,
        server.database() as there,
        here.connect() as connection,
        there.connect() as other,
    ):
        connection.execute(LINE)
        other.execute(STEEP)
        train(connection, "p")
        train(other, "p")
        connection.execute("select pgml.deploy('p', 'most_recent', reason => 'mine')")
        assert one(other, "select count(*) from pgml.deployments") == 1
        assert predict(connection, "p", 1.0) == pytest.approx(2)
        assert predict(other, "p", 1.0) == pytest.approx(5)


def connected(database: Database, role: str | None = None) -> Connection:
    """A connection to a standby, as soon as it has the database."""
    found: list[Connection] = []

    def there() -> bool:
        try:
            found.append(database.connect(role=role))
        except psycopg.OperationalError:
            return False
        return True

    until(there, "the standby to have the database")
    return found[0]


def follows(connection: Connection, k: int) -> None:
    until(lambda: answer(connection) == k, f"model {k} to be live on the standby")


def test_a_hot_standby_predicts_and_follows(server: Server, yard: Switchyard) -> None:
    with yard.connect() as primary, server.standby() as standby:
        there = Database(server=standby, name=yard.database.name)
        with connected(there) as reader, connected(there) as pinned:
            assert one(reader, "select pg_is_in_recovery()") is True
            pinned.execute("set pgml.pin_deployments = on")
            follows(reader, 1)
            follows(pinned, 1)
            for k in (2, 3, 1, 3):
                yard.deploy(primary, k)
                follows(reader, k)
            assert answer(pinned) == 1
            assert one(
                reader, "select pgml.predict(%s::bigint, array[1.0])", yard.models[2]
            ) == pytest.approx(2)
            primary.execute("select pgml.deploy('switchyard', 'rollback')")
            follows(reader, 1)
            for attempt in (
                "select pgml.deploy('switchyard', 'most_recent')",
                "select pgml.undeploy('switchyard')",
                "select pgml.delete_model(1)",
                "select pgml.train('switchyard')",
            ):
                with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                    reader.execute(attempt)
            assert answer(reader) == 1
            reader.execute("begin isolation level repeatable read")
            assert answer(reader) == 1
            yard.deploy(primary, 2)
            until(lambda: answer(pinned_off(pinned)) == 2, "the switch to arrive")
            assert answer(reader) == 1
            reader.execute("commit")
            assert answer(reader) == 2


def pinned_off(connection: Connection) -> Connection:
    connection.execute("set pgml.pin_deployments = off")
    return connection


def test_a_standby_that_is_promoted_goes_on(server: Server, yard: Switchyard) -> None:
    with server.standby() as standby:
        there = Database(server=standby, name=yard.database.name)
        with connected(there) as session:
            follows(session, 1)
            session.execute("select pg_promote()")
            until(lambda: one(session, "select not pg_is_in_recovery()"), "the promotion")
            yard.deploy(session, 3)
            assert answer(session) == 3
            train(session, PROJECT, "t2", automatic_deploy=False)
            session.execute("select pgml.deploy('switchyard', 'most_recent')")
            assert answer(session) == 2
    with yard.connect() as primary:
        assert answer(primary) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_prediction_after_a_restart(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := servers.missing(kind):
        pytest.skip(f"{kind}: {reason}")
    with servers.running(kind, tmp_path_factory.mktemp("restarted")) as server, switchyard(server) as yard:
        for stop, k in (("fast", 2), ("immediate", 3)):
            with yard.connect() as connection:
                yard.deploy(connection, k)
            server.cluster.stop("fast" if stop == "fast" else "immediate")
            server.cluster.start()
            with yard.connect() as connection:
                assert answer(connection) == k


def test_a_session_outlives_its_extension(server: Server, database: Database) -> None:
    with database.connect() as session, database.connect() as admin:
        session.execute(LINE)
        train(session, "p")
        train(session, "q")
        session.execute("prepare ask as select pgml.predict('p', array[4.0])")
        session.execute("execute ask")
        old = models(session, "p")
        assert predict(session, "p", 4.0) == pytest.approx(8)
        admin.execute("drop extension pgml cascade")
        with pytest.raises(psycopg.errors.UndefinedFunction):
            predict(session, "p", 4.0)
        admin.execute("create extension pgml")
        for name in ("p", "q"):
            with pytest.raises(psycopg.errors.UndefinedObject, match=f'UnknownProject: project "{name}"'):
                predict(session, name, 4.0)
        with pytest.raises(psycopg.errors.UndefinedObject, match="UnknownModel"):
            session.execute("select pgml.predict(%s::bigint, array[4.0])", old)
        admin.execute("drop table line")
        admin.execute(STEEP)
        train(admin, "p")
        assert models(admin, "p") == old
        assert predict(session, "p", 4.0) == pytest.approx(20)
        assert one(session, "select pgml.predict(%s::bigint, array[4.0])", *old) == pytest.approx(20)
        assert one(session, "execute ask") == pytest.approx(20)
        # the session that was there before changes things too
        assert train(session, "q")
        session.execute("select pgml.undeploy('p')")
        session.execute("select pgml.deploy('p', 'rollback')")
        assert predict(admin, "p", 4.0) == pytest.approx(20)
        session.execute("select pgml.delete_project('q')")


def test_a_pinned_session_outlives_its_extension(database: Database) -> None:
    with database.connect() as session, database.connect() as admin:
        session.execute(LINE)
        train(session, "p")
        session.execute("set pgml.pin_deployments = on")
        assert predict(session, "p", 4.0) == pytest.approx(8)
        admin.execute("drop extension pgml cascade")
        admin.execute("create extension pgml")
        with pytest.raises(psycopg.errors.UndefinedObject, match="UnknownProject"):
            predict(session, "p", 4.0)


def test_an_extension_that_was_dropped_within_a_transaction(database: Database) -> None:
    with database.connect() as admin:
        admin.execute(LINE)
        train(admin, "p")
    with database.connect(autocommit=False) as session:
        assert predict(session, "p", 4.0) == pytest.approx(8)
        session.execute("drop extension pgml cascade")
        session.execute("create extension pgml")
        session.execute("savepoint here")
        with pytest.raises(psycopg.errors.UndefinedObject, match="UnknownProject"):
            predict(session, "p", 4.0)
        session.rollback()
        assert predict(session, "p", 4.0) == pytest.approx(8)
