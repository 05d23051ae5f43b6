"""Connections to the servers that the command line looks after."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from turnout import server_errors

Connection = psycopg.Connection[tuple[object, ...]]


def connect(dsn: str, **options: str) -> Connection:
    """Connect to ``dsn``; every statement commits on its own.

    Parameters
    ----------
    options
        More options of libpq, above those of the dsn.

    Raises
    ------
    CannotConnect
        The dsn is no dsn, or the server doesn't take the connection.
    """
    try:
        given = make_conninfo(dsn, **options)
        return psycopg.connect(given, autocommit=True, connect_timeout=10, application_name="turnout")
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise server_errors.CannotConnect(server=where(dsn), reason=reason) from None


def where(dsn: str) -> str:
    """The server and database of a dsn, without the password.

    >>> where("postgresql://ann:secret@db.example:5433/sales")
    'db.example:5433/sales'
    """
    try:
        known = conninfo_to_dict(dsn)
    except psycopg.Error:
        return "the server"
    place = str(known.get("host") or "the local server")
    port = f":{known['port']}" if "port" in known else ""
    return f"{place}{port}/{known.get('dbname') or known.get('user') or ''}"


def value(connection: Connection, query: str, *parameters: object) -> object:
    """The first column of the first row, None without a row."""
    row = connection.execute(query.encode(), parameters).fetchone()
    return row[0] if row else None
