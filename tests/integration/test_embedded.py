"""The embedded server when things go wrong."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.servers import Server
from turnout import server_errors
from turnout.config import Settings
from turnout.embedded import Home, processes
from turnout.embedded.service import down, status, up


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(Settings.from_environment(os.environ | {"TURNOUT_HOME": str(tmp_path)}))
    yield made
    down(made)


def count_kept(home: Home) -> int:
    with psycopg.connect(home.dsn()) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
        assert row is not None
        return int(row[0])


def keep_something(home: Home) -> None:
    with psycopg.connect(home.dsn()) as connection:
        connection.execute("create table kept as select 1")


def test_up_after_a_crash(home: Home) -> None:
    up(home)
    keep_something(home)
    pid = home.cluster().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert up(home)["running"]
    assert home.cluster().pid != pid
    assert count_kept(home) == 1


def test_up_after_a_crash_that_left_a_busy_backend(home: Home) -> None:
    up(home)
    keep_something(home)
    connection = psycopg.connect(home.dsn(), autocommit=True)
    connection.pgconn.send_query(b"do 'import time; time.sleep(60)' language plpython3u")
    time.sleep(0.5)
    pid = home.cluster().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert up(home)["running"]
    assert count_kept(home) == 1
    connection.close()


def test_up_when_another_process_has_the_old_number(home: Home) -> None:
    up(home)
    server = home.cluster()
    server.kill()
    recorded = (server.data / "postmaster.pid").read_text().splitlines()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *recorded[1:]]) + "\n")
    assert not home.running
    assert up(home)["running"]


def test_up_when_somebody_took_the_port(home: Home) -> None:
    up(home)
    port = home.cluster().port
    down(home)
    with socket.create_server(("127.0.0.1", port)):
        assert up(home)["port"] != port
        assert count_databases(home) >= 3


def count_databases(home: Home) -> int:
    with psycopg.connect(home.dsn()) as connection:
        row = connection.execute("select count(*) from pg_database").fetchone()
        assert row is not None
        return int(row[0])


def test_the_port_stays(home: Home) -> None:
    up(home)
    before = status(home)
    down(home)
    assert up(home) == before


def test_a_setting_that_postgresql_refuses_is_told(home: Home) -> None:
    up(home)
    server = home.cluster()
    down(home)
    with (server.data / "postgresql.conf").open("a") as file:
        file.write("max_connections = many\n")
    with pytest.raises(
        server_errors.ServerFailed, match='invalid value for parameter "max_connections": "many"'
    ):
        up(home)


def test_files_are_for_their_owner_alone(home: Home) -> None:
    up(home)
    for path in (home.path / "server.json", home.path / "server.log", home.path / "data"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_wrong_password_is_refused(home: Home) -> None:
    up(home)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(home.cluster().dsn(password="wrong"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the server as somebody else")
def test_root_runs_it_as_a_user_of_choice(home: Home) -> None:
    up(home)
    down(home)
    other = Home(replace(home.settings, server_user="nobody"))
    up(other)
    pid = other.cluster().pid
    assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    down(other)
    up(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run the server as somebody else")
def test_a_user_that_does_not_exist(home: Home) -> None:
    with pytest.raises(
        server_errors.EmbeddedUnavailable, match="PostgreSQL does not run as root, and nosuch"
    ):
        up(Home(replace(home.settings, server_user="nosuch")))


def test_immediate_stop_and_restart(server: Server) -> None:
    server.cluster.restart("immediate")
    assert server.cluster.running
    server.cluster.kill()
    assert not server.cluster.running
    server.cluster.start()


def test_a_standby_follows(server: Server) -> None:
    with server.standby() as standby, standby.connect() as connection:
        row = connection.execute("select pg_is_in_recovery()").fetchone()
        assert row == (True,)


def test_no_process_is_left_after_a_stop(home: Home) -> None:
    up(home)
    data = home.cluster().data
    down(home)
    processes.end_orphans(data, patience=0)
    assert processes.postmaster(data) is None


def test_the_server_keeps_nothing_of_our_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "hush")
    up(home)
    environment = Path(f"/proc/{home.cluster().pid}/environ").read_text()
    assert "SECRET_OF_OURS" not in environment
    assert home.cluster().password not in environment


def test_python_in_the_server_reads_and_writes_utf8(home: Home) -> None:
    up(home)
    with psycopg.connect(home.dsn()) as connection:
        connection.execute(
            "create function encoding() returns text language plpython3u as"
            " 'import sys; return sys.getfilesystemencoding()'"
        )
        assert connection.execute("select encoding()").fetchone() == ("utf-8",)
