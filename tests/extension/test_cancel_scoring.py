"""A scoring of a relation that is cancelled ends, leaves nothing, and the session goes on."""

from __future__ import annotations

import threading

import psycopg
import pytest

from tests.extension.statements import rows, value
from tests.processes import until
from tests.servers import Connection, Database

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as select x as id, x::real as a, x % 7 as y from generate_series(1, 60) x;
create view points as select a, y from plane;
select pgml.train('plane', 'regression', 'points', 'y');
select pgml.train('near', 'regression', 'points', 'y', 'knn');
-- each would take for days, or for hours between two chunks
create view sleepy as select n as id, n as a from generate_series(1, 1000000000) n where pg_sleep(1) is not null;
create view endless as select n as id, n as a from generate_series(1, 60000) n, generate_series(1, 1000000) m;
create table many as select n as id, n as a from generate_series(1, 60000) n;
"""
CALLS = (
    "select count(*) from pgml.predict_relation('plane', 'sleepy', 'id')",
    "select count(*) from pgml.predict_relation('plane', 'endless', 'id')",
    "select pgml.score_into('plane', 'sleepy', 'id', 'answers')",
    "select count(*) from many m, lateral (select m.id) n, pgml.predict_relation('near', 'many', 'id') p,"
    " pgml.predict_relation('near', 'many', 'id') q",
)


def _begin(
    connection: Connection, admin: Connection, call: str
) -> tuple[threading.Thread, list[psycopg.Error]]:
    """Run a call in another thread, and wait until the server is at it."""
    errors: list[psycopg.Error] = []

    def run() -> None:
        try:
            connection.execute(call.encode())
        except psycopg.Error as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    running = "select count(*) from pg_stat_activity where pid = %s and state = 'active' and query = %s"
    until(lambda: value(admin, running, [connection.info.backend_pid, call]) == 1, "the statement")
    return thread, errors


@pytest.mark.parametrize("call", CALLS)
def test_cancelled(database: Database, call: str) -> None:
    with database.connect() as connection, database.connect() as admin:
        thread, errors = _begin(connection, admin, call)
        assert value(admin, "select pg_cancel_backend(%s)", [connection.info.backend_pid]) is True
        thread.join()
        assert [type(error) for error in errors] == [psycopg.errors.QueryCanceled]
        assert value(connection, "select to_regclass('answers')") is None
        assert value(connection, "select count(*) from pgml.predict_relation('plane', 'plane', 'id')") == 60


def test_cancelled_while_several_threads_answer(database: Database) -> None:
    with database.connect() as connection, database.connect() as admin:
        connection.execute("set pgml.predict_threads = 3")
        thread, errors = _begin(connection, admin, CALLS[-1])
        assert value(admin, "select pg_cancel_backend(%s)", [connection.info.backend_pid]) is True
        thread.join()
        assert [type(error) for error in errors] == [psycopg.errors.QueryCanceled]
        assert value(connection, "select count(*) from pgml.predict_relation('plane', 'many', 'id')") == 60000


@pytest.mark.parametrize("call", CALLS)
def test_out_of_time(database: Database, call: str) -> None:
    with database.connect() as connection:
        connection.execute("set statement_timeout = '200ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(call.encode())
        connection.execute("set statement_timeout = 0")
        assert value(connection, "select to_regclass('answers')") is None
        assert value(connection, "select count(*) from pgml.predict_relation('plane', 'plane', 'id')") == 60


def test_caught_in_a_transaction_that_goes_on(database: Database) -> None:
    with database.connect() as connection, connection.transaction():
        connection.execute("create table kept as select 1 as x")
        for call in CALLS[:3]:
            connection.execute("set local statement_timeout = '200ms'")
            with pytest.raises(psycopg.errors.QueryCanceled), connection.transaction():
                connection.execute(call.encode())
            connection.execute("set local statement_timeout = 0")
            assert rows(connection, "select name from pg_cursors") == []
            assert (
                value(connection, "select count(*) from pgml.predict_relation('plane', 'plane', 'id')") == 60
            )
        connection.execute("select pgml.score_into('plane', 'plane', 'id', 'kept_answers')")
    with database.connect() as connection:
        assert value(connection, "select count(*) from kept, kept_answers") == 60
        connection.execute("drop table kept, kept_answers")
