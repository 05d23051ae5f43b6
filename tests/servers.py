"""Throwaway PostgreSQL servers for tests, and the databases in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from turnout import extension
from turnout.config import Settings
from turnout.embedded import Cluster, binaries, interpreter, ports, server_account
from turnout.embedded.home import embedded_locale
from turnout.install import install, packages
from turnout.install.connection import connect

Connection = psycopg.Connection[tuple[object, ...]]

DEBIAN = Path("/usr/lib/postgresql/15")
DEBIAN_SHARE = Path("/usr/share/postgresql/15")
TEMPLATE = "pgml_template"
# A test's server has no time to wait for disks. Its commits still reach the operating system: tests crash it.
THROWAWAY = {"fsync": "off", "max_connections": "100"}


@dataclass(frozen=True, kw_only=True)
class Database:
    """One database of a server under test."""

    server: Server
    name: str

    @property
    def dsn(self) -> str:
        """The superuser's URL."""
        return self.server.cluster.dsn(self.name)

    def connect(self, *, autocommit: bool = True, role: str | None = None) -> Connection:
        """A connection: the superuser's, or that of a role made by ``Server.role``."""
        password = None if role is None else self.server.roles[role]
        dsn = self.server.cluster.dsn(self.name, user=role, password=password)
        return psycopg.connect(dsn, autocommit=autocommit)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server whose template database has the extension.

    Attributes
    ----------
    kind
        "embedded-18" or "debian-15".
    roles
        The passwords of the roles that tests made.
    """

    kind: str
    cluster: Cluster
    directory: Path
    roles: dict[str, str] = field(default_factory=dict)

    @property
    def major(self) -> int:
        """The major version of PostgreSQL."""
        return int(self.kind.rpartition("-")[2])

    def connect(self, database: str = "postgres") -> Connection:
        """A superuser's connection, every statement of which commits on its own."""
        return psycopg.connect(self.cluster.dsn(database), autocommit=True)

    def role(self, *options: str) -> str:
        """Make a login role, with more options of CREATE ROLE; its name."""
        name, password = f"role_{secrets.token_hex(4)}", secrets.token_hex(8)
        with self.connect() as connection:
            connection.execute(
                sql.SQL("create role {} login password {} {}").format(
                    sql.Identifier(name), sql.Literal(password), sql.SQL(" ".join(options))
                )
            )
        self.roles[name] = password
        return name

    @contextmanager
    def database(self, template: str = TEMPLATE) -> Iterator[Database]:
        """A database that exists within the block."""
        name = f"test_{secrets.token_hex(6)}"
        made = sql.Identifier(name)
        with self.connect() as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(made, sql.Identifier(template))
            )
        try:
            if template != "template1":
                # A template's settings are not copied with it.
                with connect(self.cluster.dsn(name)) as inside:
                    packages.lead_to_ours(inside)
            yield Database(server=self, name=name)
        finally:
            with self.connect() as connection:
                connection.execute(sql.SQL("drop database if exists {} with (force)").format(made))

    @contextmanager
    def standby(self) -> Iterator[Server]:
        """A hot standby of this server, made with pg_basebackup, that runs within the block."""
        name = f"standby-{secrets.token_hex(4)}"
        copy = replace(
            self.cluster,
            data=self.directory / name,
            log=self.directory / f"{name}.log",
            port=ports.free(),
        )
        source = self.cluster.dsn()
        self.cluster.run("pg_basebackup", "-d", source, "-D", copy.data, "-R", "-X", "stream", "-c", "fast")
        copy.configure(_settings(self.kind, self.directory))
        copy.start()
        try:
            yield replace(self, cluster=copy)
        finally:
            copy.stop("immediate")


@contextmanager
def running(kind: str, directory: Path) -> Iterator[Server]:
    """A server of the kind, in ``directory``, with the extension in its template database."""
    with started(kind, directory) as server:
        _fill(server)
        yield server


@contextmanager
def started(kind: str, directory: Path, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A server of the kind without the extension; ``environment`` stands above what such a server has."""
    cluster = _cluster(kind, directory)
    cluster = replace(cluster, environment={**cluster.environment, **(environment or {})})
    server = Server(kind=kind, cluster=cluster, directory=directory)
    cluster.account.own(directory)
    cluster.init("--no-sync", *_locale(kind))
    cluster.configure(_settings(kind, directory))
    cluster.start()
    try:
        yield server
    finally:
        cluster.stop("immediate")


@cache
def missing(kind: str) -> str:
    """Why there can be no server of the kind here; empty if there can."""
    if kind == "embedded-18":
        return ""
    for needed in (DEBIAN / "bin" / "postgres", DEBIAN_SHARE / "extension" / "plpython3u.control"):
        if not needed.exists():
            return f"{needed} is missing: apt-get install postgresql-15 postgresql-plpython3-15"
    try:
        (DEBIAN_SHARE / "extension" / "pgml.control").touch()
    except OSError as error:
        return f"the extension's files cannot be written to {DEBIAN_SHARE}/extension ({error.strerror})"
    return ""


def _cluster(kind: str, directory: Path) -> Cluster:
    settings = Settings.from_environment()
    embedded = kind == "embedded-18"
    installation = binaries.unpacked(settings.cache) if embedded else DEBIAN
    environment: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    return Cluster(
        programs=installation / "bin",
        data=directory / "data",
        log=directory / "server.log",
        port=ports.free(),
        password=secrets.token_hex(8),
        account=server_account(settings.server_user),
        environment=interpreter.server_environment(installation) if embedded else environment,
    )


def _locale(kind: str) -> tuple[str, ...]:
    if kind == "embedded-18":
        return embedded_locale()
    return ("--locale=C.UTF-8",)


def _settings(kind: str, directory: Path) -> Mapping[str, str]:
    if kind == "embedded-18":
        # the history is exact on this kind, and says that it is not on the other
        return THROWAWAY | {
            "extension_control_path": f"$system:{directory / 'extensions'}",
            "track_commit_timestamp": "on",
        }
    return THROWAWAY


def _fill(server: Server) -> None:
    with server.connect() as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    if server.kind == "embedded-18":
        # Only an own directory of extensions is written to: the installation is shared by all homes.
        extension.write(server.directory / "extensions" / "extension")
    install(server.cluster.dsn(TEMPLATE))
