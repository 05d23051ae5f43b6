"""Whatever dies, and whenever: no half-written model, no process left behind, and what was committed is live."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests import servers
from tests.acceptance.work import LINE, complete, consistent, models, one, predict, train
from tests.conftest import KINDS
from tests.processes import alive, send, stopped, trainers, until
from tests.servers import Connection, Database, Server

ROUNDS = 3
LOST = (psycopg.OperationalError, psycopg.InterfaceError)


@pytest.fixture(scope="module", params=KINDS)
def fragile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this module's own, since it dies here."""
    if reason := servers.missing(request.param):
        pytest.skip(f"{request.param}: {reason}")
    with servers.running(request.param, tmp_path_factory.mktemp("fragile")) as found:
        yield found


@pytest.fixture
def database(fragile: Server) -> Iterator[Database]:
    """A database with one project that answers 2x."""
    fragile.cluster.start()
    with fragile.database() as found:
        with found.connect() as admin:
            admin.execute(LINE)
            train(admin, "p")
        yield found


def come_back(database: Database) -> Connection:
    """A connection to a server that may still be recovering."""
    connection: Connection | None = None

    def connected() -> bool:
        nonlocal connection
        try:
            connection = database.connect()
        except psycopg.OperationalError:
            return False
        return True

    until(connected, "the server to take connections again")
    assert connection is not None
    return connection


def unharmed(database: Database) -> None:
    """The database is as it was before a training that never ended, and works."""
    with come_back(database) as connection:
        complete(connection)
        consistent(connection)
        assert len(models(connection, "p")) == 1
        assert one(connection, "select count(*) from pgml.snapshots") == 1
        assert predict(connection, "p", 4.0) == pytest.approx(8)
        train(connection, "p", automatic_deploy=False)
        assert len(models(connection, "p")) == 2


def server_processes(server: Server) -> list[int]:
    """The postmaster and all that it has started, but for the processes that train."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        try:
            ours = (entry / "cwd").samefile(server.cluster.data)
        except OSError:
            continue
        if ours and pid not in trainers():
            found.append(pid)
    return found


def in_a_fit(pool: ThreadPoolExecutor, connection: Connection, database: Database) -> Future[bool]:
    """Begin a training whose process stands still, and come back when the backend waits for it."""
    future = pool.submit(train, connection, "p")
    with database.connect() as watcher:
        # selecting from it has locked it: from then on, the process that trains is asked and waited for
        query = "select count(*) from pg_locks where pid = %s and relation = 'line'::regclass"
        pid = connection.info.backend_pid
        until(lambda: one(watcher, query, pid), "the backend to read")
    return future


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_the_process_that_trains_dies(database: Database, number: signal.Signals) -> None:
    with ThreadPoolExecutor() as pool, database.connect() as connection, database.connect() as other:
        train(connection, "warm")
        started = one(other, "select pg_postmaster_start_time()")
        with stopped([connection.info.backend_pid]) as held:
            (child,) = held.values()
            future = in_a_fit(pool, connection, database)
            send(child, number)
        with pytest.raises(psycopg.errors.ExternalRoutineException, match=rf"FitCrashed.*\({number.name}"):
            future.result()
        assert trainers(connection.info.backend_pid) == []
        # neither this session nor another has noticed more than that
        assert predict(connection, "p", 4.0) == pytest.approx(8)
        assert len(models(connection, "p")) == 1
        train(connection, "p", automatic_deploy=False)
        assert predict(other, "p", 4.0) == pytest.approx(8)
        assert one(other, "select pg_postmaster_start_time()") == started
        complete(other)


def _reads(database: Database, backend: int) -> bool:
    """Whether a backend is at a training's rows, which it turns to when it has the process that is to train."""
    query = "select count(*) from pg_locks where pid = %s and relation = 'line'::regclass"
    with database.connect() as watcher:
        return bool(one(watcher, query, backend))


def test_it_dies_within_a_block_that_catches_the_error(database: Database) -> None:
    with ThreadPoolExecutor() as pool, database.connect(autocommit=False) as connection:
        train(connection, "warm")
        connection.commit()
        connection.execute("create table notes (note text)")
        with stopped([connection.info.backend_pid]) as held:
            (child,) = held.values()
            future = pool.submit(
                connection.execute,
                "do $$ begin perform pgml.train('p'); exception when external_routine_exception then "
                "insert into notes values (sqlerrm); end $$",
            )
            # one that has ended before it is asked is replaced
            until(lambda: _reads(database, connection.info.backend_pid), "the training to begin")
            send(child, signal.SIGKILL)
        future.result()
        connection.commit()
        assert "FitCrashed" in str(one(connection, "select note from notes"))
        assert len(models(connection, "p")) == 1


@pytest.mark.parametrize("victim", ["backend", "postmaster", "everything"])
def test_the_server_dies_while_a_fit_runs(fragile: Server, database: Database, victim: str) -> None:
    with ThreadPoolExecutor() as pool:
        connection = database.connect()
        train(connection, "warm", automatic_deploy=False)
        with stopped([connection.info.backend_pid]) as held:
            (child,) = held.values()
            future = in_a_fit(pool, connection, database)
            postmaster = fragile.cluster.pid
            assert postmaster is not None
            victims = {
                "backend": [connection.info.backend_pid],
                "postmaster": [postmaster],
                "everything": [postmaster, *server_processes(fragile)],
            }[victim]
            for pid in victims:
                if alive(pid):
                    send(pid, signal.SIGKILL)
            until(lambda: not alive(child), "the process that trains to be gone")
        with pytest.raises(LOST):
            future.result()
        if victim != "backend":
            until(lambda: not server_processes(fragile), "all of the server to be gone")
            fragile.cluster.start()
    with come_back(database) as again:
        again.execute("select pgml.delete_project('warm')")
        again.execute(
            "delete from pgml.snapshots s where not exists (select from pgml.models where snapshot_id = s.id)"
        )
    unharmed(database)


class Busy:
    """Sessions that train and switch until their server dies, and remember what was confirmed to them."""

    def __init__(self, database: Database) -> None:
        self.confirmed: list[str] = []
        self._database = database
        self._threads = [
            *(threading.Thread(target=self._run, args=(self._switch, k)) for k in range(3)),
            *(threading.Thread(target=self._run, args=(self._train, k)) for k in range(2)),
        ]
        self._failures: list[BaseException] = []
        for thread in self._threads:
            thread.start()

    def _run(self, work: object, number: int) -> None:
        assert callable(work)
        try:
            with self._database.connect() as connection:
                for step in range(10**6):
                    work(connection, f"{number}.{step}")
        except LOST:
            return
        except BaseException as error:
            self._failures.append(error)

    def _switch(self, connection: Connection, tag: str) -> None:
        ids = models(connection, "p")
        connection.execute("select pgml.deploy(%s::bigint, %s)", [ids[len(tag) % len(ids)], tag])
        self.confirmed.append(tag)

    def _train(self, connection: Connection, tag: str) -> None:
        train(connection, "p")

    def join(self) -> None:
        """Wait for the end, which the server's death brings."""
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]


def test_the_server_dies_while_many_train_and_deploy(fragile: Server, database: Database) -> None:
    for life in range(ROUNDS):
        with database.connect() as connection:
            before = one(connection, "select max(id) from pgml.deployments")
            enough = len(models(connection, "p")) + life
            busy = Busy(database)
            until(partial(trained, connection, enough), "some work")
            children = [pid for pid in trainers() if belongs(pid, fragile)]
            postmaster = fragile.cluster.pid
            assert children
            assert postmaster is not None
            mine = server_processes(fragile)
            for pid in (postmaster, *mine):
                if alive(pid):
                    send(pid, signal.SIGKILL)
        busy.join()
        until(lambda: not server_processes(fragile), "all of the server to be gone")
        until(partial(gone, children), "what trained to be gone")
        fragile.cluster.start()
        with come_back(database) as connection:
            complete(connection)
            consistent(connection)
            reasons = connection.execute(
                "select reason from pgml.deployments where id > %s and strategy = 'specific'", [before]
            ).fetchall()
            # each confirmed switch is there; of those that nobody heard of, one a session may have come through
            found = [str(row[0]) for row in reasons]
            assert set(busy.confirmed) <= set(found)
            assert len(found) <= len(busy.confirmed) + 3
            assert predict(connection, "p", 4.0) == pytest.approx(8)


def trained(connection: Connection, more_than: int) -> bool:
    return len(models(connection, "p")) > more_than


def gone(pids: list[int]) -> bool:
    return not any(alive(pid) for pid in pids)


def belongs(pid: int, server: Server) -> bool:
    """Whether a process works in the server's data directory."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(server.cluster.data)
    except OSError:
        return False


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Path]:
    """A file system in memory, at ``path``."""
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def room(disk: Path) -> Path:
    """A directory for a server."""
    directory = disk / "server"
    directory.mkdir(mode=0o755)
    return directory


def fill(disk: Path, leave: int = 0) -> Path:
    """Take all the room that there is; the file to remove."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(disk)
        size = free.f_bavail * free.f_frsize - leave
        os.posix_fallocate(file.fileno(), 0, max(size, 1))
    return ballast


# some hundred kilobytes, whatever compresses them
NOISE = """
    create table noise as
    select ('x' || substr(md5(x::text), 1, 6))::bit(24)::int::real as a,
      ('x' || substr(md5(x::text), 7, 6))::bit(24)::int as y
    from generate_series(1, 5000) x
"""
LARGE = """
    select pgml.train('large', 'regression', 'noise', 'y', algorithm => 'xgboost',
      hyperparams => '{"n_estimators": 120, "max_depth": 12, "min_child_weight": 0}')
"""


def test_the_disk_is_full_when_an_artifact_is_written(
    fragile: Server, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small file system")
    name = f"small_{hashlib.sha256(database.name.encode()).hexdigest()[:8]}"
    with small_disk(tmp_path_factory.mktemp("disk") / "small", 8) as disk, database.connect() as connection:
        inside = disk / "space"
        inside.mkdir()
        fragile.cluster.account.own(inside)
        connection.execute(f"create tablespace {name} location '{inside}'")
        try:
            connection.execute(NOISE)
            connection.execute(f"alter table pgml.files set tablespace {name}")
            ballast = fill(disk, leave=64 << 10)
            with pytest.raises(psycopg.errors.DiskFull, match="No space left on device"):
                connection.execute(LARGE)
            assert one(connection, "select count(*) from pgml.projects where name = 'large'") == 0
            complete(connection)
            consistent(connection)
            assert predict(connection, "p", 4.0) == pytest.approx(8)
            ballast.unlink()
            connection.execute(LARGE)
            complete(connection)
            assert (
                one(connection, "select artifact_bytes from pgml.models order by id desc limit 1") > 128 << 10
            )
            assert predict(connection, "large", 1000.0) > 0
        finally:
            connection.execute("alter table pgml.files set tablespace pg_default")
            connection.execute(f"drop tablespace {name}")


def test_the_disk_of_a_whole_server_is_full(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Then PostgreSQL may go down for want of its log; what it has when there is room again is whole."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small file system")
    with (
        small_disk(tmp_path_factory.mktemp("disk") / "small", 400) as disk,
        servers.running(KINDS[0], room(disk)) as server,
        server.database() as database,
    ):
        with database.connect() as connection:
            connection.execute(LINE)
            connection.execute(NOISE)
            train(connection, "p")
        ballast = fill(disk)
        refused = 0
        for _ in range(40):
            try:
                with database.connect() as connection:
                    connection.execute(LARGE)
            except psycopg.Error:
                refused += 1
                break
        assert refused
        ballast.unlink()
        if not server.cluster.running:
            server.cluster.start()
        with come_back(database) as connection:
            complete(connection)
            consistent(connection)
            assert predict(connection, "p", 4.0) == pytest.approx(8)
            connection.execute(LARGE)
            complete(connection)
