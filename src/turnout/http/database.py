"""Transactions for the routes that manage: a few connections a process, and a clear answer when there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import psycopg
from fastapi import Depends, Request
from psycopg import errors as pg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from turnout.catalog.over_wire import WireSession
from turnout.service_errors import DatabaseAway

CONNECTIONS = 8
# seconds until somebody hears that there is no connection, in which a restart of PostgreSQL often ends
PATIENCE = 3.0
# no request waits for a lock, or works, without an end
SETTINGS = "-c lock_timeout=10s -c statement_timeout=120s -c idle_in_transaction_session_timeout=300s"
_AWAY = (pg.AdminShutdown, pg.CrashShutdown, pg.CannotConnectNow, pg.IdleInTransactionSessionTimeout)
_BUSY = (pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable, pg.QueryCanceled)


class Work:
    """Gives transactions on the catalog."""

    def __init__(self, dsn: str) -> None:
        self._pool = ConnectionPool(
            dsn,
            min_size=0,
            max_size=CONNECTIONS,
            open=False,
            timeout=PATIENCE,
            max_waiting=64,
            max_idle=60,
            reconnect_timeout=30,
            check=ConnectionPool.check_connection,
            kwargs={"application_name": "turnout http", "connect_timeout": 3, "options": SETTINGS},
            name="turnout-http",
        )

    def open(self) -> None:
        """Begin to give connections; they are made when they are asked for."""
        self._pool.open()

    def close(self) -> None:
        """End all connections."""
        self._pool.close()

    @contextmanager
    def session(self) -> Iterator[WireSession]:
        """A session in one transaction, committed where the block ends and rolled back where it raises.

        Raises
        ------
        DatabaseAway
            When PostgreSQL does not answer, restarts, is a standby, or is too busy to do it now.
        """
        try:
            with self._pool.connection() as connection:
                yield WireSession(connection)
        except (PoolTimeout, PoolClosed, TooManyRequests) as error:
            raise DatabaseAway(reason="no connection could be made") from error
        except pg.ReadOnlySqlTransaction as error:
            raise DatabaseAway(
                reason="it is a standby, where nothing can be changed", hint="ask a server of the primary"
            ) from error
        except _BUSY as error:
            raise DatabaseAway(reason=f"others are at it ({error.sqlstate})") from error
        except _AWAY as error:
            raise DatabaseAway(reason=_first_line(error)) from error
        except psycopg.OperationalError as error:
            # what was cut in the middle has no SQLSTATE; all other errors are ours to mend
            if error.sqlstate is not None and not error.sqlstate.startswith(("08", "53", "57")):
                raise
            raise DatabaseAway(reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _of(request: Request) -> Work:
    work: Work = request.app.state.work
    return work


WorkOf = Annotated[Work, Depends(_of)]
