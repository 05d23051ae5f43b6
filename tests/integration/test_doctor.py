"""`turnout doctor`: what it sees, and that it says how to mend it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from psycopg import sql

import turnout
from tests.servers import Database
from turnout import __version__
from turnout.doctor import Check, examine
from turnout.install import packages, probe


def by_name(checks: list[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


def change(database: Database, setting: str, value: str) -> None:
    with database.connect() as connection:
        connection.execute(
            sql.SQL("alter database {} set {} = {}").format(
                sql.Identifier(database.name), sql.Identifier(*setting.split(".")), sql.Literal(value)
            )
        )


def test_all_is_well(database: Database) -> None:
    checks = by_name(examine(database.dsn))
    assert {check.state for check in checks.values()} == {"ok"}
    assert f"turnout {__version__} can be imported there" in checks["packages"].found
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in checks["Python"].found
    assert sys.executable in checks["pgml.python"].found
    assert "by compiled code" in checks["compiled"].found


def test_a_part_that_is_not_compiled(database: Database) -> None:
    place = database.server.directory / "interpreted"
    copy = place / "turnout"
    shutil.copytree(Path(turnout.__file__).parent, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    database.server.cluster.account.own(place)
    with database.connect() as connection:
        path = packages.setting(connection, "pgml.path")
        assert probe.server_python(connection, path).interpreted == ()
    with database.connect() as connection:
        # the copy comes before what the server itself would find
        connection.execute(f"do language plpython3u $$ import sys; sys.path.insert(0, '{place}') $$")
        found = probe.server_python(connection, path)
    assert [part.partition(":")[0] for part in found.interpreted] == [
        "turnout.catalog._snapshot",
        "turnout.runtime._sums",
    ]


def test_a_database_without_the_extension(bare_database: Database) -> None:
    checks = by_name(examine(bare_database.dsn))
    assert checks["extension"].state == "failed"
    assert "turnout install" in checks["extension"].mend
    assert checks["PL/Python"].state == "failed"
    assert checks["Python"].state == "ok"
    with bare_database.connect() as connection:
        left = connection.execute("select count(*) from pg_extension where extname <> 'plpgsql'").fetchone()
        assert left == (0,)


def test_no_server() -> None:
    (check,) = examine("postgresql://ann:secret@127.0.0.1:1/sales")
    assert check.state == "failed"
    assert "127.0.0.1:1/sales" in check.found
    assert "secret" not in check.found


def test_no_dsn() -> None:
    (check,) = examine("postgresql://[")
    assert check.state == "failed"


def test_not_a_superuser(database: Database) -> None:
    role = database.server.role()
    dsn = database.server.cluster.dsn(database.name, user=role, password=database.server.roles[role])
    checks = by_name(examine(dsn))
    assert checks["extension"].state == "ok"
    assert checks["Python"].state == "unknown"
    assert "superuser" in checks["Python"].mend


@pytest.mark.parametrize("python", ["/nowhere/python", "/bin/false"])
def test_an_interpreter_that_cannot_train(database: Database, python: str) -> None:
    change(database, "pgml.python", python)
    check = by_name(examine(database.dsn))["pgml.python"]
    assert check.state == "failed"
    assert python in check.found
    assert "set pgml.python" in check.mend


def test_packages_that_are_not_there(database: Database) -> None:
    if database.server.kind == "embedded-18":
        pytest.skip("its server finds the packages without the setting")
    change(database, "pgml.path", "/nowhere")
    checks = by_name(examine(database.dsn))
    assert checks["packages"].state == "failed"
    assert "No module named 'turnout'" in checks["packages"].found
    assert "/nowhere" in checks["Python"].found
