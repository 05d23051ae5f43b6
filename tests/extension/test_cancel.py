"""A training that is ended, in whatever way, takes its process along and leaves nothing; the session goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import servers
from tests.extension.statements import contents, value
from tests.servers import Connection, Database, Server
from turnout.training import algorithms

pytestmark = pytest.mark.usefixtures("server")

# random classes, so that there is nothing to learn, and a column so small that its weight is not found for long
SCRIPT = """
create table noise as
  select random()::real as a, random()::real as b, random()::real as c, (random() / 100000)::real as d,
    (random() * 10)::int % 2 as y
  from generate_series(1, 8000)
"""
# fits that would take minutes, with an algorithm of every library and more
LONG = {
    "linear": '{"solver": "saga", "tol": 0, "max_iter": 100000000, "C": 1000000}',
    "svm": '{"C": 1000000000, "gamma": 1000, "tol": 1e-9}',
    "random_forest": '{"n_estimators": 100000}',
    "xgboost": '{"n_estimators": 10000000}',
    "lightgbm": '{"n_estimators": 10000000}',
    "catboost": '{"iterations": 10000000}',
}
SHORT = {
    "linear": '{"max_iter": 5}',
    "svm": '{"max_iter": 5}',
    "random_forest": '{"n_estimators": 2}',
    "xgboost": '{"n_estimators": 2}',
    "lightgbm": '{"n_estimators": 2}',
    "catboost": '{"iterations": 2}',
}
# much more than the two seconds that are promised: no test judges the speed of a busy machine
PATIENCE = 30.0


@pytest.fixture(scope="module")
def own_database(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database in a server of its own: one that crashes must not take other tests' sessions along."""
    directory = tmp_path_factory.mktemp(f"own-{server.kind}")
    with servers.running(server.kind, directory) as own, own.database() as found:
        with found.connect() as connection:
            connection.execute(SCRIPT)
        yield found


def train(
    connection: Connection, algorithm: str, hyperparams: dict[str, str], relation: str = "noise"
) -> None:
    # few rows are fitted for a short training: the support vector machine's probabilities take their time
    connection.execute(
        "select pgml.train('p', 'classification', %s, 'y', %s, %s::jsonb, test_size => 0.5)",
        [relation, algorithm, hyperparams[algorithm]],
    )


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process that trains for a backend."""

    pid: int

    @property
    def lives(self) -> bool:
        """Whether it is there, and not only on the list until somebody asks how it ended."""
        return self._stat()[:1] not in ([], ["Z"], ["X"])

    @property
    def ticks(self) -> int:
        """The processor's time that it has had."""
        stat = self._stat()
        return int(stat[11]) + int(stat[12]) if stat else 0

    def _stat(self) -> list[str]:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return []


def children(backend: int) -> list[Child]:
    """The processes that train for a backend, or did."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"turnout.training.child" in arguments and str(backend).encode() in arguments:
            found.append(Child(pid=int(entry.name)))
    return found


def wait_until(what: Callable[[], bool], problem: str) -> float:
    """Wait; how many seconds it took."""
    start = time.monotonic()
    while not what():
        assert time.monotonic() < start + PATIENCE, problem
        time.sleep(0.005)
    return time.monotonic() - start


class Training:
    """A long fit that runs in another thread, in a session whose process for fits is warm."""

    def __init__(self, connection: Connection, algorithm: str) -> None:
        self.connection = connection
        self.backend = connection.info.backend_pid
        self.error: psycopg.Error | None = None
        train(connection, algorithm, SHORT)
        self.before = contents(connection)
        (self.child,) = children(self.backend)
        self._ticks = self.child.ticks
        self._thread = threading.Thread(target=self._run, args=(algorithm,))

    def _run(self, algorithm: str) -> None:
        try:
            train(self.connection, algorithm, LONG)
        except psycopg.Error as error:
            self.error = error

    def start(self) -> None:
        self._thread.start()

    def begin(self) -> None:
        """Start, and wait until the fit is well under way."""
        self.start()
        half_a_second = os.sysconf("SC_CLK_TCK") // 2
        wait_until(lambda: self.child.ticks > self._ticks + half_a_second, "the fit does not begin")

    def ended(self) -> float:
        """Wait until session and process have ended; after how many seconds."""
        seconds = wait_until(lambda: not self.child.lives, "the process that trains is still there")
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return seconds


def pg_cancel_backend(training: Training, admin: Connection) -> None:
    training.begin()
    assert value(admin, "select pg_cancel_backend(%s)", [training.backend]) is True


def statement_timeout(training: Training, admin: Connection) -> None:
    training.connection.execute("set statement_timeout = '1s'")
    training.start()
    time.sleep(1)


def client(training: Training, admin: Connection) -> None:
    training.begin()
    training.connection.cancel_safe()


WAYS = (pg_cancel_backend, statement_timeout, client)


def _cancelled_in_every_way(database: Database, algorithm: str) -> None:
    with database.connect() as connection, database.connect() as admin:
        for way in WAYS:
            training = Training(connection, algorithm)
            way(training, admin)
            print(f"{algorithm}, {way.__name__}: gone after {training.ended():.3f} s")
            assert isinstance(training.error, psycopg.errors.QueryCanceled)
            assert children(training.backend) == []
            assert contents(admin) == training.before
            connection.execute("set statement_timeout = 0")
        train(connection, algorithm, SHORT)
        assert (
            value(connection, "select count(*) from pgml.snapshots") == len(training.before["snapshots"]) + 1
        )


def _killed(database: Database, algorithm: str) -> None:
    with database.connect() as connection:
        training = Training(connection, algorithm)
        training.begin()
        os.kill(training.backend, signal.SIGKILL)
        print(f"{algorithm}, kill -9: gone after {training.ended():.3f} s")
        assert isinstance(training.error, psycopg.OperationalError)
    with _connected_again(database, training.backend) as connection:
        assert contents(connection) == training.before
        train(connection, algorithm, SHORT)


def _connected_again(database: Database, killed: int) -> Connection:
    """A session with a server that starts again after a crash, which it has noticed."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = database.connect()
            if value(connection, "select count(*) from pg_stat_activity where pid = %s", [killed]) == 0:
                return connection
            connection.close()
        except psycopg.OperationalError:
            pass
        assert time.monotonic() < deadline, "the server does not come back"
        time.sleep(0.05)


def test_a_training_is_cancelled_in_every_way(database: Database) -> None:
    _cancelled_in_every_way(database, "svm")


def test_the_backend_of_a_training_is_killed(own_database: Database) -> None:
    _killed(own_database, "svm")


@pytest.mark.one_server
@pytest.mark.parametrize("algorithm", sorted(LONG.keys() - {"svm"}))
def test_every_algorithm_can_be_cancelled(database: Database, algorithm: str) -> None:
    _cancelled_in_every_way(database, algorithm)


@pytest.mark.one_server
@pytest.mark.parametrize("algorithm", sorted(LONG.keys() - {"svm"}))
def test_the_backend_of_every_algorithm_can_be_killed(own_database: Database, algorithm: str) -> None:
    _killed(own_database, algorithm)


@pytest.mark.one_server
def test_every_library_is_tried() -> None:
    assert {algorithms.get(name).library for name in LONG} == {
        algorithms.get(name).library for name in algorithms.names()
    }


def test_the_session_is_terminated(database: Database) -> None:
    with database.connect() as connection, database.connect() as admin:
        training = Training(connection, "svm")
        training.begin()
        admin.execute("select pg_terminate_backend(%s)", [training.backend])
        training.ended()
        assert isinstance(training.error, psycopg.OperationalError)
        assert contents(admin) == training.before


def test_while_the_process_starts(database: Database) -> None:
    with database.connect() as connection:
        before = contents(connection)
        connection.execute("set statement_timeout = '150ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            train(connection, "xgboost", SHORT)
        wait_until(
            lambda: children(connection.info.backend_pid) == [], "the process that trains is still there"
        )
        connection.execute("set statement_timeout = 0")
        assert contents(connection) == before


def test_while_rows_are_read(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("""
            create temporary view slow as select * from noise where pg_sleep(0.01) is not null
        """)
        before = contents(connection)
        connection.execute("set statement_timeout = '500ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            train(connection, "linear", SHORT, "slow")
        connection.execute("set statement_timeout = 0")
        assert contents(connection) == before
        assert value(connection, "select count(*) from pg_class where relname ~ '^turnout'") == 0
        train(connection, "linear", SHORT)


def test_a_block_that_catches_the_cancellation_goes_on(database: Database) -> None:
    with database.connect() as connection, database.connect() as admin:
        before = contents(connection)
        connection.execute("create table caught (what text)")

        def catch() -> None:
            connection.execute(f"""
                do $$
                begin
                  perform pgml.train('q', 'classification', 'noise', 'y', 'random_forest', '{LONG["random_forest"]}');
                exception when query_canceled then
                  insert into caught values (sqlerrm);
                end $$
            """)

        thread = threading.Thread(target=catch)
        thread.start()
        wait_until(lambda: children(connection.info.backend_pid) != [], "no process begins to train")
        admin.execute("select pg_cancel_backend(%s)", [connection.info.backend_pid])
        thread.join(PATIENCE)
        assert children(connection.info.backend_pid) == []
        assert value(admin, "select count(*) from caught") == 1
        assert contents(admin) == before


def _searching(connection: Connection, timeout: str) -> psycopg.Error | None:
    """A grid search that would take hours; what ends it."""
    connection.execute(f"set statement_timeout = '{timeout}'")
    try:
        connection.execute("""
            select pgml.train('s', 'classification', 'noise', 'y', 'random_forest', search => 'grid',
              search_params => '{"n_estimators": [100000, 200000], "max_depth": [20, 30]}')
        """)
    except psycopg.Error as error:
        return error
    finally:
        connection.execute("set statement_timeout = 0")
    return None


def test_a_search_is_cancelled(database: Database) -> None:
    with database.connect() as connection, database.connect() as admin:
        backend = connection.info.backend_pid
        before = contents(admin)
        ended: list[psycopg.Error | None] = []
        thread = threading.Thread(target=lambda: ended.append(_searching(connection, "0")))
        thread.start()
        second = os.sysconf("SC_CLK_TCK")
        wait_until(lambda: any(child.ticks > 4 * second for child in children(backend)), "no search begins")
        admin.execute("select pg_cancel_backend(%s)", [backend])
        thread.join(PATIENCE)
        assert isinstance(ended[0], psycopg.errors.QueryCanceled)
        wait_until(lambda: children(backend) == [], "the process that searches is still there")
        assert contents(admin) == before
        assert isinstance(_searching(connection, "3s"), psycopg.errors.QueryCanceled)
        wait_until(lambda: children(backend) == [], "the process that searches is still there")
        assert contents(admin) == before
        # the session goes on, and the project is as if nobody had tried
        train(connection, "linear", SHORT)
        assert value(admin, "select count(*) from pgml.projects where name = 's'") == 0
