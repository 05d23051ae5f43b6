"""Names are data: whatever a project, a table or a column is called, it works everywhere and injects nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.acceptance.work import models, one, train
from tests.servers import Connection, Server

NASTY = (
    'a "quoted" name',
    "it's",
    "dotted.name.of.parts",
    "semi; drop schema pgml cascade; --",
    "$1 $$ $x$ %s %(a)s %% {} {0} {project} {__class__}",
    "back\\slash \\' E'\\x27",
    "Zug-Straße 鉄道 🚂 \u202e \u0301",
    "/* comment",
    "*",
    "select",
    " leading and trailing ",
    "tab\tnew\nline",
    "ctid",
    "-",
    "1259",
)
# what PostgreSQL itself takes as a name, within its 63 bytes
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=15
)
PLAIN = ("ctid",)  # a system column: no table can have one of this name


@pytest.fixture(scope="module")
def session(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        yield connection


def whole_life(connection: Connection, name: str, column: str) -> None:
    """Train, predict, deploy, roll back and delete, with the same name for the project and its table."""
    x = sql.Identifier(column)
    if one(connection, "select exists (select from pgml.projects where name = %s)", name):
        connection.execute("select pgml.delete_project(%s)", [name])
    connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(f"s{name}")))
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(f"s{name}")))
    relation = sql.Identifier(f"s{name}", name)
    connection.execute(
        sql.SQL("create table {} as select x::real as {}, 2 * x as y from generate_series(1, 30) x").format(
            relation, x
        )
    )
    quoted = str(one(connection, "select %s::regclass::text", relation.as_string(connection)))
    assert train(connection, name, quoted)
    connection.execute(
        sql.SQL("select pgml.train({}, algorithm => 'linear', automatic_deploy => false)").format(
            sql.Literal(name)
        )
    )
    connection.execute(sql.SQL("set search_path = {}, public").format(sql.Identifier(f"s{name}")))
    train(connection, name, name)
    connection.execute("reset search_path")
    first, second, _ = models(connection, name)
    ask = sql.SQL("select pgml.predict({}, t)::float8 from {} t where {} = 5")
    by_row = connection.execute(ask.format(sql.Literal(name), relation, x)).fetchone()
    assert by_row == (pytest.approx(10),)
    assert one(connection, "select pgml.predict(%s, array[7.0])", name) == pytest.approx(14)
    for strategy in ("most_recent", "best_score", "rollback"):
        answer = connection.execute(
            "select project, strategy from pgml.deploy(%s, %s)", [name, strategy]
        ).fetchone()
        assert answer == (name, strategy)
    connection.execute("select pgml.deploy(%s::bigint, reason => %s)", [second, name])
    assert one(connection, "select reason from pgml.deployments order by id desc limit 1") == name
    connection.execute("select pgml.undeploy(%s)", [name])
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState) as caught:
        connection.execute("select pgml.predict(%s, array[7.0])", [name])
    assert f'project "{name}" has no deployed model' in str(caught.value.diag.message_primary)
    connection.execute("select pgml.delete_model(%s, true)", [first])
    assert one(connection, "select array_agg(i) from pgml.prune(%s, 1) i", name) in ([second], None)
    connection.execute("select pgml.delete_project(%s)", [name])
    assert one(connection, "select project_name from pgml.removals order by id desc limit 1") == name
    with pytest.raises(psycopg.errors.UndefinedObject) as unknown:
        connection.execute("select pgml.predict(%s, array[7.0])", [name])
    assert f'project "{name}" does not exist' in str(unknown.value.diag.message_primary)
    connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(f"s{name}")))


@pytest.mark.parametrize("name", NASTY)
def test_nasty_names(session: Connection, name: str) -> None:
    whole_life(session, name, f"x{name}" if name in PLAIN else name)
    assert one(session, "select count(*) from pgml.projects") == 0


@pytest.mark.one_server
def test_any_name(session: Connection) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=NAMES, column=NAMES)
    def proof(name: str, column: str) -> None:
        whole_life(session, name, column + "_")

    proof()


@pytest.mark.parametrize("name", NASTY)
def test_an_error_names_what_does_not_exist(session: Connection, name: str) -> None:
    for query, values in (
        ("select pgml.predict(%s, array[1.0])", [name]),
        ("select pgml.deploy(%s, 'rollback')", [name]),
        ("select pgml.undeploy(%s)", [name]),
        ("select pgml.prune(%s, 1)", [name]),
        ("select pgml.delete_project(%s)", [name]),
        ("select pgml.train(%s)", [name]),
        ("select pgml.train('p', 'regression', %s, 'y')", [name]),
    ):
        with pytest.raises((psycopg.errors.UndefinedObject, psycopg.errors.UndefinedTable)) as caught:
            session.execute(query, values)
        assert f'"{name}" does not exist' in str(caught.value.diag.message_primary)
    for query in (
        "select pgml.train('p', %s, 'line', 'y')",
        "select pgml.train('p', 'regression', 'line', 'y', algorithm => %s)",
        "select pgml.train('p', 'regression', 'line', 'y', test_sampling => %s)",
        "select pgml.deploy('p', %s)",
        "select pgml.deploy('p', 'best_score', %s)",
    ):
        with pytest.raises(psycopg.errors.InvalidParameterValue) as invalid:
            session.execute(query, [name])
        assert f'"{name}"' in str(invalid.value.diag.message_primary)
