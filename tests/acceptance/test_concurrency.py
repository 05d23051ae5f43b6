"""Many sessions at once: none waits for another's fit, nothing is lost, and the history is true at every moment."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest

from tests.acceptance.work import LINE, models, one, predict, train
from tests.processes import stopped, trainers
from tests.servers import Connection, Database, Server
from tests.switchyard import PROJECT, Switchyard, switchyard

# CI gives a minute
SECONDS = float(os.environ.get("TURNOUT_STRESS_SECONDS", "4"))
SESSIONS = 8


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


def history(connection: Connection, project: str) -> list[tuple[int, str, int | None, int | None]]:
    """Revision, strategy, model and previous model of each deployment, the oldest first."""
    rows = connection.execute(
        """
        select d.revision, d.strategy::text, d.model_id, d.previous_model_id
        from pgml.deployments d join pgml.endpoints e on e.id = d.endpoint_id
        where e.name = %s order by d.revision
        """,
        [project],
    ).fetchall()
    return [(int(str(row[0])), str(row[1]), *row[2:]) for row in rows]  # type: ignore[misc]


def replay(rows: list[tuple[int, str, int | None, int | None]], newest: Callable[[], int]) -> int | None:
    """Check a history against a model of it in a few lines of Python; the model that is live at its end."""
    live: int | None = None
    past: list[int | None] = []
    for place, (revision, strategy, model, previous) in enumerate(rows, 1):
        assert revision == place
        assert previous == live
        if strategy == "undeploy":
            assert model is None
            assert live is not None
        elif strategy == "rollback":
            assert model == next(each for each in reversed(past) if each is not None and each != live)
        elif strategy == "most_recent":
            assert model == newest()
        else:
            assert strategy in ("specific", "new_score", "best_score")
            assert model is not None
        live = model
        past.append(live)
    return live


def test_none_waits_for_anothers_fit(database: Database) -> None:
    with ExitStack() as stack, database.connect() as watcher:
        watcher.execute(LINE)
        sessions = [stack.enter_context(database.connect()) for _ in range(SESSIONS)]
        pool = stack.enter_context(ThreadPoolExecutor(SESSIONS))
        slow = [session.info.backend_pid for session in sessions[1:]]
        futures = [pool.submit(train, session, "shared") for session in sessions[1:]]
        with stopped(slow) as held:
            # seven fits stand still; they have nothing locked, and an eighth goes past them
            assert len(set(held.values())) == SESSIONS - 1
            assert watcher.execute("""
                select l.mode from pg_locks l join pg_class c on c.oid = l.relation
                where c.relnamespace = 'pgml'::regnamespace and l.mode <> 'AccessShareLock'
                  and l.pid <> pg_backend_pid()
            """).fetchall() == []  # fmt: skip
            assert train(sessions[0], "shared") is True
            assert predict(watcher, "shared", 2.0) == pytest.approx(4)
            assert not any(future.done() for future in futures)
            assert len(trainers(sessions[0].info.backend_pid)) == 1
        deployed = [future.result() for future in futures]
        assert deployed == [False] * (SESSIONS - 1)
        assert one(watcher, "select count(*) from pgml.projects") == 1
        assert len(models(watcher, "shared")) == SESSIONS
        assert one(watcher, "select count(distinct snapshot_id) from pgml.models") == SESSIONS
        ((_, strategy, model, previous),) = history(watcher, "shared")
        assert (strategy, previous) == ("new_score", None)
        assert one(watcher, "select model_id from pgml.endpoints") == model == models(watcher, "shared")[0]


def accept(error: psycopg.Error, *kinds: str) -> None:
    """Raise the error again unless it is one of ours that there is a good reason for."""
    if not any(str(error).startswith(f"pgml.{kind}:") for kind in kinds):
        raise error


class Stress:
    """Sessions that each do one thing again and again until the time is over."""

    def __init__(self) -> None:
        self.end = time.monotonic() + SECONDS
        self.rounds: dict[str, int] = {}
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def session(
        self, database: Database, name: str, work: Callable[[Connection, random.Random], None]
    ) -> None:
        """Add a session."""

        def loop() -> None:
            chance = random.Random(name)
            self.rounds[name] = 0
            try:
                with database.connect(autocommit=False) as connection:
                    while time.monotonic() < self.end and not self._failures:
                        work(connection, chance)
                        self.rounds[name] += 1
            except BaseException as error:
                error.add_note(f"in session {name}, round {self.rounds[name]}")
                self._failures.append(error)

        self._threads.append(threading.Thread(target=loop))

    def run(self) -> None:
        """Run them all; the first failure is raised."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
        assert all(self.rounds.values()), self.rounds


def test_deploy_roll_back_and_predict_at_once(yard: Switchyard) -> None:
    stress = Stress()
    with yard.connect() as connection:
        yard.deploy(connection, 2)
    done: list[str] = []
    undone: list[str] = []
    tags = iter(range(10**9))

    def switch(connection: Connection, chance: random.Random) -> None:
        """One transaction: now and then several switches, rolled back, or of a stale snapshot."""
        levels = [None, psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE]
        connection.isolation_level = level = chance.choices(levels, (5, 2, 1))[0]
        mine = []
        try:
            if level is not None:
                connection.execute("select count(*) from pgml._live")
                time.sleep(chance.random() / 100)
            for _ in range(chance.choice((1, 1, 2, 3))):
                tag = f"switch {next(tags)}"
                one_switch(connection, chance, tag)
                mine.append(tag)
            if chance.random() < 0.2:
                connection.rollback()
                undone.extend(mine)
            else:
                connection.commit()
                done.extend(mine)
        except psycopg.errors.SerializationFailure:
            assert level is not None
            connection.rollback()
            undone.extend(mine)
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            accept(error, "NothingDeployed")
            connection.rollback()
            undone.extend(mine)

    def one_switch(connection: Connection, chance: random.Random, tag: str) -> None:
        what = chance.choices(
            ("specific", "rollback", "most_recent", "best_score", "undeploy"), (6, 8, 3, 3, 1)
        )[0]
        if what == "specific":
            model = chance.choice(list(yard.models.values()))
            connection.execute("select pgml.deploy(%s::bigint, %s)", [model, tag])
        elif what == "undeploy":
            connection.execute("select pgml.undeploy(%s, %s)", [PROJECT, tag])
        else:
            connection.execute("select pgml.deploy(%s, %s, reason => %s)", [PROJECT, what, tag])

    def ask(connection: Connection, chance: random.Random) -> None:
        """Answer and pointer of one statement belong together, in every row."""
        try:
            rows = connection.execute("""
                select distinct pgml.predict('switchyard', array[1.0])::int, l.model_id
                from pgml._live l, generate_series(1, 20) where l.name = 'switchyard'
            """).fetchall()
            ((answer, model),) = rows
            assert yard.models[int(str(answer))] == model
        except psycopg.errors.ObjectNotInPrerequisiteState as error:
            accept(error, "NothingDeployed")
        connection.rollback()

    def watch(connection: Connection, chance: random.Random) -> None:
        """At every moment: no gap, one live model, the newest deployment's; so revisions come in commit order."""
        row = connection.execute("""
            select e.revision, max(d.revision), count(*), e.model_id,
              (array_agg(d.model_id order by d.revision desc))[1]
            from pgml.endpoints e join pgml.deployments d on d.endpoint_id = e.id group by e.id
        """).fetchone()
        connection.rollback()
        assert row is not None
        revision, newest, count, live, last = row
        assert revision == newest == count
        assert live == last

    for number in range(4):
        stress.session(yard.database, f"switch {number}", switch)
    for number in range(3):
        stress.session(yard.database, f"ask {number}", ask)
    stress.session(yard.database, "watch", watch)
    stress.run()
    with yard.connect() as connection:
        rows = history(connection, PROJECT)
        live = replay(rows, newest=lambda: yard.models[3])
        assert one(connection, "select model_id from pgml.endpoints") == live
        told = [
            str(row[0])
            for row in connection.execute(
                "select reason from pgml.deployments where reason like 'switch %%' order by revision", []
            ).fetchall()
        ]
        assert sorted(told) == sorted(done)
        assert not set(told) & set(undone)
        moments = connection.execute("select created_at from pgml.deployments order by revision").fetchall()
        assert moments == sorted(moments)


def test_train_deploy_delete_and_prune_at_once(database: Database) -> None:
    """Whatever comes between them, they neither wait for each other in a circle nor leave what refers to nothing."""
    stress = Stress()
    expected = ("UnknownProject", "UnknownModel", "ModelNotUsable", "ModelInUse", "NoCandidate",
                "NoEarlierDeployment", "NothingDeployed", "MissingArgument")  # fmt: skip
    projects = ("ann", "bob")

    def step(connection: Connection, chance: random.Random, what: str) -> None:
        project = chance.choice(projects)
        if what == "train":
            train(connection, project, automatic_deploy=chance.random() < 0.5)
        elif what == "delete_model":
            connection.execute(
                "select pgml.delete_model((select max(id) - %s from pgml.models))", [chance.randint(0, 2)]
            )
        elif what == "deploy_model":
            connection.execute(
                "select pgml.deploy((select max(id) - %s from pgml.models))", [chance.randint(0, 2)]
            )
        elif what == "prune":
            connection.execute("select pgml.prune(%s, 1)", [project])
        elif what == "undeploy":
            connection.execute("select pgml.undeploy(%s)", [project])
        elif what == "delete_project":
            connection.execute("select pgml.delete_project(%s)", [project])
        else:
            connection.execute("select pgml.deploy(%s, %s)", [project, what])

    def doing(*deeds: str) -> Callable[[Connection, random.Random], None]:
        def work(connection: Connection, chance: random.Random) -> None:
            connection.isolation_level = chance.choice([None, None, psycopg.IsolationLevel.REPEATABLE_READ])
            try:
                # more than one in a transaction would be a caller's own circle, were they of several projects
                step(connection, chance, chance.choice(deeds))
                connection.commit()
            except psycopg.errors.SerializationFailure:
                connection.rollback()
                assert connection.isolation_level is not None
            except (psycopg.errors.UndefinedObject, psycopg.errors.ObjectNotInPrerequisiteState,
                    psycopg.errors.ObjectInUse, psycopg.errors.NullValueNotAllowed) as error:  # fmt: skip
                connection.rollback()
                accept(error, *expected)

        return work

    def watch(connection: Connection, chance: random.Random) -> None:
        """No live model is deleted, and the files are those of the models that are not."""
        row = connection.execute("""
            select
              (select count(*) from pgml.endpoints e join pgml.models m on m.id = e.model_id
               where m.deleted_at is not null or m.project_id <> e.project_id),
              (select count(*) from pgml.models m
               where (m.deleted_at is null) <> exists (select from pgml.files f where f.model_id = m.id)),
              (select count(*) from pgml.snapshots s where not exists
                (select from pgml.models m where m.snapshot_id = s.id)),
              (select count(*) from pgml.projects p where not exists
                (select from pgml.endpoints e where e.project_id = p.id and e.name = p.name))
        """).fetchone()
        connection.rollback()
        assert row == (0, 0, 0, 0)

    with database.connect() as connection:
        connection.execute(LINE)
        for project in projects:
            train(connection, project)
    for number in range(2):
        stress.session(database, f"train {number}", doing("train"))
    for number in range(3):
        deeds = ("deploy_model", "delete_model", "prune", "rollback", "most_recent", "best_score", "undeploy")
        stress.session(database, f"change {number}", doing(*deeds))
    stress.session(database, "delete", doing("delete_project", *["most_recent"] * 4))
    stress.session(database, "watch", watch)
    stress.run()
    with database.connect() as connection:
        for project in projects:
            train(connection, project)
            connection.execute("select pgml.deploy(%s, 'most_recent')", [project])
            assert predict(connection, project, 3.0) == pytest.approx(6)
