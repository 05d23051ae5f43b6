"""What a database needs before the service runs on it."""

import psycopg

from turnout.catalog.over_wire import WireSession
from turnout.install.connection import where
from turnout.server_errors import CannotConnect
from turnout.service_errors import CatalogMissing
from turnout.services import users
from turnout.services.users import NewKey


def prepare(dsn: str) -> NewKey | None:
    """Look whether the catalog is there; on the first start, make an administrator, whose key this gives.

    Raises
    ------
    CannotConnect, CatalogMissing
        If there is nothing to serve.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=10, application_name="turnout") as connection:
            row = connection.execute("select pg_is_in_recovery()").fetchone()
            # a standby has what its primary was set up with
            return None if row == (True,) else users.set_up(WireSession(connection))
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise CatalogMissing(server=where(dsn), reason=_first_line(error)) from None
    except psycopg.OperationalError as error:
        raise CannotConnect(server=where(dsn), reason=_first_line(error)) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
