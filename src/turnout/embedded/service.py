"""Up, down and status: the embedded server with the extension in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from psycopg import sql

from turnout import extension, server_errors
from turnout.embedded import interpreter
from turnout.embedded.cluster import Cluster
from turnout.embedded.home import DATABASE, Home
from turnout.install.connection import Connection, connect, value
from turnout.install.database import create_extension, create_language

NO_CONNECTION = ("PGOPTIONS", "PGTZ", "PGDATESTYLE", "PGCLIENTENCODING", "PGAPPNAME")


class Status(TypedDict):
    """What ``turnout status --json`` prints."""

    running: bool
    dsn: str | None
    version: str | None
    port: int | None
    home: str
    data: str
    log: str


def up(home: Home) -> Status:
    """Start the server, setting it up first if it never was; harmless when it runs."""
    with home.lock():
        interpreter.compile_package()
        extension.write(home.extension / "extension")
        server = home.start()
        _prepare(server)
        _require_same_build(home)
    return status(home)


def down(home: Home) -> bool:
    """Stop the server; whether it ran."""
    with home.lock():
        return home.stop()


def status(home: Home) -> Status:
    """Whether the server runs, where it is and how to connect."""
    running = home.running
    return Status(
        running=running,
        dsn=home.dsn() if running else None,
        version=_version(home.dsn()) if running else None,
        port=home.cluster().port if running else None,
        home=str(home.path),
        data=str(home.path / "data"),
        log=str(home.path / "server.log"),
    )


def psql_environment(home: Home, given: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which psql connects by itself; its own arguments win over it.

    Parameters
    ----------
    given
        The environment to begin with. Its connection settings are left out: they are for other servers.
    """
    if not home.running:
        raise server_errors.ServerNotRunning(home=home.path)
    server = home.cluster()
    kept = {name: text for name, text in given.items() if not name.startswith("PG") or name in NO_CONNECTION}
    return kept | {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGPASSWORD": server.password,
        "PGDATABASE": DATABASE,
        "LD_LIBRARY_PATH": server.environment["LD_LIBRARY_PATH"],
    }


def _prepare(server: Cluster) -> None:
    with _connect(server.dsn("postgres")) as connection:
        # Only the first time: while we are connected to template1, nobody can create a database.
        if value(connection, "select 1 from pg_database where datname = %s", DATABASE) is None:
            with _connect(server.dsn("template1")) as template:
                create_language(template)
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    with _connect(server.dsn(DATABASE)) as connection:
        create_language(connection)
        create_extension(connection)


def _require_same_build(home: Home) -> None:
    """Refuse a catalog that these functions do not fit, rather than stumble over it later."""
    with _connect(home.dsn()) as connection:
        found = value(connection, "select obj_description('pgml.projects'::regclass, 'pg_class')")
    if found != extension.build():
        raise server_errors.OtherBuild(
            home=home.path, found=found or "which left no mark", expected=extension.build()
        )


def _connect(dsn: str) -> Connection:
    # Above PGSSLMODE and PGHOSTADDR, which are meant for the user's other servers.
    return connect(dsn, sslmode="disable", hostaddr="127.0.0.1")


def _version(dsn: str) -> str:
    with _connect(dsn) as connection:
        return str(value(connection, "show server_version"))
