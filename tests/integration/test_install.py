"""`turnout install`: the extension in an existing server."""

from __future__ import annotations

import re

import psycopg
import pytest

from tests.integration.commands import Commands
from tests.servers import Database
from turnout import __version__, server_errors
from turnout.install import install, install_catalog
from turnout.install.connection import connect, value
from turnout.install.database import installed


def test_a_database_gets_the_extension(bare_database: Database) -> None:
    steps: list[str] = []
    done = install(bare_database.dsn, steps.append)
    assert done.version == __version__
    assert len(steps) == 3
    with connect(bare_database.dsn) as connection:
        assert installed(connection) == __version__
        assert value(connection, "select pgml.version()") == __version__


def test_again_is_harmless(database: Database) -> None:
    assert install(database.dsn).version == __version__


def test_the_grant_lets_the_owner_choose(database: Database) -> None:
    role = database.server.role()
    with database.connect() as connection:
        connection.execute(f'alter database {database.name} owner to "{role}"'.encode())
        connection.execute(install(database.dsn).grant.encode())
    with database.connect(role=role) as connection:
        connection.execute(f"alter database {database.name} set pgml.pin_deployments = on".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"alter database {database.name} set pgml.python = '/tmp/mine'".encode())


def test_a_role_that_is_no_superuser(bare_database: Database) -> None:
    role = bare_database.server.role()
    password = bare_database.server.roles[role]
    dsn = bare_database.server.cluster.dsn(bare_database.name, user=role, password=password)
    with pytest.raises(server_errors.CannotInstall, match=f"role {role} is no superuser") as caught:
        install(dsn)
    assert "--without-plpython" in caught.value.advice


def test_the_catalog_alone_needs_no_superuser(bare_database: Database) -> None:
    server = bare_database.server
    role = server.role()
    with bare_database.connect() as connection:
        connection.execute(f"grant create on database {bare_database.name} to {role}".encode())
    dsn = server.cluster.dsn(bare_database.name, user=role, password=server.roles[role])
    assert install_catalog(dsn).version == __version__
    with connect(dsn) as connection:
        assert value(connection, "select count(*) from pgml.projects") == 0
    with pytest.raises(server_errors.CannotInstall, match="already has a schema pgml"):
        install_catalog(dsn)


def test_the_command(bare_database: Database, tmp_path_factory: pytest.TempPathFactory) -> None:
    turnout = Commands(tmp_path_factory.mktemp("home"))
    done = turnout.run("install", "--dsn", bare_database.dsn)
    assert done.returncode == 0, done.stderr + done.stdout
    assert re.search(
        "grant set on parameter pgml.pin_deployments, pgml.model_cache_mb, pgml.predict_threads to postgres",
        done.stdout,
    )
    assert turnout.run("doctor", "--dsn", bare_database.dsn).returncode == 0
    failed = turnout.run("install", "--dsn", "postgresql://127.0.0.1:1/x")
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: no connection to 127.0.0.1:1/x: ")
    assert failed.stderr.count("\n") == 1
