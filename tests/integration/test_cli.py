"""`turnout up | down | status | psql`, each in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.commands import Commands


@pytest.fixture
def turnout(tmp_path: Path) -> Iterator[Commands]:
    commands = Commands(tmp_path / "home")
    yield commands
    commands.run("down")


def test_up_then_down(turnout: Commands) -> None:
    up = turnout.run("up")
    assert (up.returncode, up.stderr) == (0, "")
    status = turnout.status()
    assert status["running"] is True
    assert status["dsn"] in up.stdout
    assert status["home"] == str(turnout.home)
    assert status["version"].startswith("18.")
    with psycopg.connect(status["dsn"]) as connection:
        assert connection.info.port == status["port"]
        assert connection.info.dbname == "turnout"

    assert turnout.run("down").stdout == f"stopped: {turnout.home}\n"
    assert turnout.status()["running"] is False
    assert turnout.run("status").returncode == 3
    assert turnout.run("down").stdout == f"not running: {turnout.home}\n"


def test_up_again_changes_nothing(turnout: Commands) -> None:
    turnout.run("up")
    first = turnout.status()
    assert turnout.run("up").returncode == 0
    assert turnout.status() == first


def test_a_catalog_of_another_build_is_refused(turnout: Commands) -> None:
    turnout.run("up")
    turnout.sql("comment on table pgml.projects is 'Turnout 0.1.0, build of yesterday'")
    again = turnout.run("up")
    assert again.returncode == 1
    assert "was made by another build of Turnout (Turnout 0.1.0, build of yesterday; this is" in again.stderr
    assert "TURNOUT_HOME" in again.stderr


def test_two_at_once_make_one_server(turnout: Commands) -> None:
    both = [turnout.begin("up"), turnout.begin("up")]
    told = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    keys = [line for text in told for line in text.splitlines() if "shown once" in line]
    assert len(keys) == 1
    assert told[0].partition("user:")[0] == told[1].partition("user:")[0]


def test_homes_are_apart(turnout: Commands, tmp_path: Path) -> None:
    other = Commands(tmp_path / "the other's home")
    try:
        turnout.run("up")
        assert other.run("up").returncode == 0
        assert turnout.status()["port"] != other.status()["port"]
        turnout.sql("create table here ()")
        assert turnout.sql("select to_regclass('here')") == "here"
        assert other.sql("select to_regclass('here')") == ""
    finally:
        other.run("down")
    assert turnout.status()["running"] is True


def test_a_new_database_can_have_the_extension(turnout: Commands) -> None:
    turnout.run("up")
    turnout.sql("create database another")
    done = turnout.run("psql", "another", "-X", "-c", "create extension pgml")
    assert done.stdout == "CREATE EXTENSION\n"


def test_psql_gets_its_arguments_and_its_input(turnout: Commands, tmp_path: Path) -> None:
    turnout.run("up")
    script = tmp_path / "script.sql"
    script.write_text("select :'name';\n")
    done = turnout.run(
        "psql", "-X", "-At", "-v", "name=it's", "-f", str(script), "-c", "select 2", "postgres"
    )
    assert (done.stdout, done.stderr) == ("it's\n2\n", "")
    assert turnout.run("psql", "-XAt", stdin="select current_database();").stdout == "turnout\n"
    assert "psql is the PostgreSQL interactive terminal" in turnout.run("psql", "--help").stdout
    failed = turnout.run("psql", "-X", "-v", "ON_ERROR_STOP=1", stdin="select nothing;")
    assert failed.returncode == 3


def test_an_error_is_one_line_and_a_hint(turnout: Commands) -> None:
    done = turnout.run("psql")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"error: the embedded PostgreSQL in {turnout.home} is not running\nhint: `turnout up` starts it\n"
    )


def test_doctor_of_the_embedded_server(turnout: Commands) -> None:
    asleep = turnout.run("doctor")
    assert asleep.returncode == 1
    assert "turnout up" in asleep.stdout
    turnout.run("up")
    awake = turnout.run("doctor")
    assert awake.returncode == 0, awake.stdout
    assert "linked with Python 3.11" in awake.stdout


def test_settings_for_other_servers_do_not_count(turnout: Commands) -> None:
    others = {"PGSSLMODE": "require", "PGHOSTADDR": "203.0.113.1", "PGUSER": "ann"}
    careless = Commands(turnout.home, others)
    assert careless.run("up").returncode == 0
    assert careless.sql("select current_user") == "postgres"


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = Commands(tmp_path / "file" / "home").run("up")
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
