"""Putting the extension into one database of a server that has its files."""

from __future__ import annotations

import psycopg

from turnout import server_errors
from turnout.install.connection import Connection, value


def create_language(connection: Connection) -> None:
    """Create plpython3u where it isn't yet."""
    connection.execute("create extension if not exists plpython3u")


def create_extension(connection: Connection) -> str:
    """Create pgml, or update an older one; the version that is there now.

    Raises
    ------
    CannotInstall
        PostgreSQL refused.
    """
    try:
        if installed(connection) is None:
            connection.execute("create extension pgml")
        elif installed(connection) != available(connection):
            connection.execute("alter extension pgml update")
    except psycopg.Error as error:
        raise server_errors.CannotInstall(
            database=connection.info.dbname, reason=_one_line(error), hint=error.diag.message_hint or ""
        ) from None
    return str(installed(connection))


def installed(connection: Connection) -> str | None:
    """The extension's version in this database."""
    found = value(connection, "select extversion from pg_extension where extname = 'pgml'")
    return None if found is None else str(found)


def available(connection: Connection) -> str | None:
    """The version that the server's files would install."""
    found = value(connection, "select default_version from pg_available_extensions where name = 'pgml'")
    return None if found is None else str(found)


def _one_line(error: psycopg.Error) -> str:
    context = (error.diag.context or "").splitlines()
    return "; ".join([str(error.diag.message_primary or error), *context[:1]])
