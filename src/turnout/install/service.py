"""Installing: files, language, extension, settings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from turnout import __version__, extension, server_errors
from turnout.install import database, files, packages, probe
from turnout.install.connection import Connection, connect, value

OLDEST, NEWEST = 15, 18
OWNER = "select quote_ident(pg_get_userbyid(datdba)) from pg_database where datname = current_database()"


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What an installation left.

    Attributes
    ----------
    version
        The extension's version.
    owner
        The database's owner, as SQL writes the name.
    """

    version: str
    owner: str

    @property
    def grant(self) -> str:
        """The statement that lets the database's owner choose the settings that aren't security matters."""
        return f"grant set on parameter pgml.pin_deployments, pgml.model_cache_mb, pgml.predict_threads to {self.owner}"


def install(dsn: str, tell: Callable[[str], None] = lambda _: None) -> Installed:
    """Put the extension into the database of ``dsn``; again, to bring an older one up to date.

    Parameters
    ----------
    dsn
        A superuser's connection to a PostgreSQL 15 to 18 on this machine.
    tell
        Called with each step done.

    Raises
    ------
    CannotInstall
        What is missing, and how to get it.
    """
    with connect(dsn) as connection:
        major = check_version(connection)
        _check_superuser(connection)
        check_language(connection, major)
        database.create_language(connection)
        _check_python(connection)
        tell(f"files written to {files.place(connection)}")
        packages.lead_to_ours(connection)
        tell(f"pgml.path and pgml.python set for database {connection.info.dbname}")
        version = database.create_extension(connection)
        tell(f"extension pgml {version} created")
        return Installed(version=version, owner=str(value(connection, OWNER)))


def install_catalog(dsn: str) -> Installed:
    """Put the catalog alone into the database of ``dsn``: no PL/Python, no files, no superuser."""
    with connect(dsn) as connection:
        check_version(connection)
        if value(connection, "select 1 from pg_namespace where nspname = 'pgml'") is not None:
            raise server_errors.CannotInstall(
                database=connection.info.dbname, reason="it already has a schema pgml"
            )
        try:
            with connection.transaction():
                connection.execute(extension.script(plpython=False).encode())
        except psycopg.Error as error:
            reason = error.diag.message_primary or str(error)
            raise server_errors.CannotInstall(database=connection.info.dbname, reason=reason) from None
        return Installed(version=__version__, owner=str(value(connection, OWNER)))


def check_version(connection: Connection) -> int:
    """The server's major version, which must be one that we know."""
    major = connection.info.server_version // 10000
    if not OLDEST <= major <= NEWEST:
        raise server_errors.CannotInstall(
            database=connection.info.dbname,
            reason=f"the server is PostgreSQL {major}, expected {OLDEST} to {NEWEST}",
        )
    return major


def check_language(connection: Connection, major: int) -> None:
    """Complain when the server has no PL/Python."""
    if value(connection, "select 1 from pg_available_extensions where name = 'plpython3u'") is None:
        raise server_errors.CannotInstall(
            database=connection.info.dbname,
            reason="the server has no PL/Python",
            hint=f"on Debian and Ubuntu: apt-get install postgresql-plpython3-{major}; "
            "a managed server that has none takes --without-plpython",
        )


def _check_superuser(connection: Connection) -> None:
    if value(connection, "select current_setting('is_superuser')") != "on":
        raise server_errors.CannotInstall(
            database=connection.info.dbname,
            reason=f"role {connection.info.user} is no superuser, and PL/Python is an untrusted language",
            hint="connect as a superuser, or install the catalog alone with --without-plpython",
        )


def _check_python(connection: Connection) -> None:
    theirs = probe.server_python(connection, "").minor
    ours = f"{sys.version_info.major}.{sys.version_info.minor}"
    if theirs != ours:
        raise server_errors.CannotInstall(
            database=connection.info.dbname,
            reason=f"the server's PL/Python is linked with Python {theirs}, and turnout runs on {ours}",
            hint=f"install turnout in an environment of Python {theirs} and run its `turnout install`",
        )
