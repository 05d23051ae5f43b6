"""Settings: checked where they are used; and what a session that only predicts costs."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.acceptance.work import LINE, one, predict, train
from tests.servers import Connection, Database, Server

FORBIDDEN = {
    "dataclasses",
    "enum",
    "typing",
    "re",
    "inspect",
    "json",
    "numpy",
    "pandas",
    "sklearn",
    "psycopg",
}
MODULES = """
    create function modules() returns text[] language plpython3u
    as 'import sys; return list(sys.modules)';
    create function cached() returns text[] language plpython3u
    as 'from turnout.services.predict import CACHE; return list(CACHE._models)';
    create function cached_bytes() returns bigint language plpython3u
    as 'from turnout.services.predict import CACHE; return CACHE.size';
"""
# models of about half a megabyte each
LARGE = """
    select pgml.train(%s, 'regression', 'noise', 'y', algorithm => 'xgboost', hyperparams =>
      jsonb_build_object('n_estimators', 260, 'max_depth', 12, 'min_child_weight', 0, 'seed', %s::int))
"""
NOISE = """
    create table noise as
    select ('x' || substr(md5(x::text), 1, 6))::bit(24)::int::real as a,
      ('x' || substr(md5(x::text), 7, 6))::bit(24)::int as y
    from generate_series(1, 5000) x
"""


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[Database]:
    """A database with one small project and four large ones."""
    with server.database() as database, database.connect() as connection:
        connection.execute(LINE)
        connection.execute(NOISE)
        connection.execute(MODULES)
        train(connection, "p")
        for number in range(4):
            connection.execute(LARGE, [f"large {number}", number])
        connection.close()
        yield database


@pytest.fixture
def session(shared: Database) -> Iterator[Connection]:
    with shared.connect() as connection:
        yield connection


@pytest.mark.parametrize("value", ["maybe", "2", "onn", "on "])
def test_pin_deployments(session: Connection, value: str) -> None:
    session.execute("select set_config('pgml.pin_deployments', %s, false)", [value])
    with pytest.raises(
        psycopg.errors.InvalidParameterValue, match=f'pgml.pin_deployments is "{value}", expected on or'
    ):
        predict(session, "p", 1.0)
    for good in ("on", "OFF", "true", "no", "1", ""):
        session.execute("select set_config('pgml.pin_deployments', %s, false)", [good])
        assert predict(session, "p", 1.0) == pytest.approx(2)


@pytest.mark.parametrize("value", ["lots", "0", "-1", "1.5", "1 GB", "10000000", "1e3", "\u0663", "9" * 5000])
def test_model_cache_mb(session: Connection, value: str) -> None:
    session.execute("select set_config('pgml.model_cache_mb', %s, false)", [value])
    with pytest.raises(
        psycopg.errors.InvalidParameterValue, match=f'pgml.model_cache_mb is "{value}", expected a whole'
    ):
        predict(session, "p", 1.0)
    for good in ("1", "1048576", ""):
        session.execute("select set_config('pgml.model_cache_mb', %s, false)", [good])
        assert predict(session, "p", 1.0) == pytest.approx(2)


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5", "257", "9" * 5000, "\u0663"])
def test_predict_threads(session: Connection, value: str) -> None:
    score = "select prediction from pgml.predict_relation('p', 'line', 'x')"
    session.execute("select set_config('pgml.predict_threads', %s, false)", [value])
    with pytest.raises(
        psycopg.errors.InvalidParameterValue, match=f'"{value}", expected a whole number of thr'
    ):
        session.execute(score)
    for good in ("1", "256", ""):
        session.execute("select set_config('pgml.predict_threads', %s, false)", [good])
        assert len(session.execute(score).fetchall()) > 1


@pytest.mark.parametrize("value", ["python3", "./python", "bin/python3.11"])
def test_python_is_an_absolute_path(server: Server, shared: Database, value: str) -> None:
    with server.database() as database:
        with database.connect() as admin:
            admin.execute(LINE)
            admin.execute(f"alter database {database.name} set pgml.python = '{value}'")
        with database.connect() as connection:
            with pytest.raises(
                psycopg.errors.InvalidParameterValue, match=f'pgml.python is "{value}", expected an abs'
            ):
                train(connection, "p")
            with pytest.raises(psycopg.errors.UndefinedObject, match="UnknownProject"):
                predict(connection, "p", 1.0)


def test_a_python_that_is_not_there(server: Server) -> None:
    with server.database() as database:
        with database.connect() as admin:
            admin.execute(LINE)
            admin.execute(f"alter database {database.name} set pgml.python = '/nowhere/python3'")
        with database.connect() as connection, pytest.raises(psycopg.errors.SystemError) as caught:
            train(connection, "p")
        assert "/nowhere/python3" in str(caught.value)
        assert "turnout doctor" in str(caught.value.diag.message_hint)


def test_an_administrator_chooses_for_a_database_or_for_all(server: Server) -> None:
    with server.database() as database, database.connect() as admin:
        admin.execute(LINE)
        ours = one(admin, "select current_setting('pgml.python')")
        try:
            admin.execute("alter role all set pgml.python = '/nowhere/python3'")
            with database.connect() as session:
                train(session, "p")
            admin.execute(f"alter database {database.name} reset pgml.python")
            with (
                database.connect() as session,
                pytest.raises(psycopg.errors.SystemError, match="/nowhere/python3"),
            ):
                train(session, "p")
            admin.execute(f"alter role all set pgml.python = '{ours}'")
            with database.connect() as session:
                train(session, "p")
        finally:
            admin.execute("alter role all reset pgml.python")


def test_an_open_session_learns_of_another_python(server: Server) -> None:
    with server.database() as database, database.connect() as admin, database.connect() as session:
        admin.execute(LINE)
        train(session, "p")
        admin.execute(f"alter database {database.name} set pgml.python = '/nowhere/python3'")
        with pytest.raises(psycopg.errors.InvalidParameterValue, match=r"pgml\.python"):
            train(session, "p")


def test_the_cache_is_bounded_and_the_least_recently_used_leaves(session: Connection) -> None:
    session.execute("set pgml.model_cache_mb = 1")
    rows = session.execute(
        "select s.name, s.artifact_sha256, m.artifact_bytes from pgml._servable s join pgml.models m using (id) "
        "where s.name like 'large%' order by 1"
    ).fetchall()
    keys = [str(row[1]) for row in rows]
    sizes = [int(str(row[2])) for row in rows]
    assert all(1 << 18 < size < 1 << 19 for size in sizes), sizes

    def ask(number: int) -> None:
        predict(session, f"large {number}", 1000.0)

    ask(0)
    ask(1)
    assert one(session, "select cached()") == [keys[0], keys[1]]
    ask(0)
    assert one(session, "select cached()") == [keys[1], keys[0]]
    expected = [keys[1], keys[0], keys[2]]
    ask(2)
    while sum(sizes[keys.index(key)] for key in expected) > 1 << 20:
        expected.pop(0)
    assert one(session, "select cached()") == expected
    for number in (3, 0, 1, 2, 3):
        ask(number)
        assert one(session, "select cached_bytes()") <= 1 << 20
    assert keys[3] in one(session, "select cached()")


def test_a_model_larger_than_the_limit_still_answers(session: Connection) -> None:
    session.execute("set pgml.model_cache_mb = 1")
    assert predict(session, "large 0", 1000.0) == predict(session, "large 0", 1000.0)


def test_a_session_that_only_predicts_imports_little(session: Connection) -> None:
    before = set(one(session, "select modules()"))
    with pytest.raises(psycopg.errors.UndefinedObject, match="UnknownProject"):
        session.execute("select pgml.predict('nope', array[1.0])")
    imported = set(one(session, "select modules()")) - before
    assert any(name.startswith("turnout.") for name in imported)
    assert not imported & FORBIDDEN
    assert not [
        name for name in imported if name.startswith(("turnout.training", "turnout.backend.commands"))
    ]


def test_a_session_whose_model_needs_no_library_imports_none(session: Connection) -> None:
    before = set(one(session, "select modules()"))
    for number in range(2):
        predict(session, f"large {number}", 1000.0)
    imported = set(one(session, "select modules()")) - before
    assert not imported & {"sklearn", "pandas", "scipy", "psycopg"}
    assert not [name for name in imported if name.startswith("turnout.training")]
