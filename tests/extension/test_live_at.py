"""Which model was live when: pgml.history and pgml.live_at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection, Server
from tests.switchyard import PROJECT, Switchyard, switchyard

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def yard(server: Server) -> Iterator[Switchyard]:
    with switchyard(server) as found:
        yield found


@pytest.fixture
def sql(yard: Switchyard) -> Iterator[Connection]:
    with yard.connect() as connection:
        yield connection


def moment(sql: Connection) -> datetime:
    """Now, with nothing else happening in the same microseconds."""
    time.sleep(0.002)
    found = value(sql, "select clock_timestamp()")
    time.sleep(0.002)
    assert isinstance(found, datetime)
    return found


def live_at(sql: Connection, when: object) -> object:
    found = rows(sql, "select model_id from pgml.live_at(%s, %s)", [PROJECT, when])
    return found[0][0] if found else "nothing yet"


def test_the_history(yard: Switchyard, sql: Connection) -> None:
    one, two, three = yard.models.values()
    sql.execute("select pgml.deploy(%s::bigint, 'it is better')", [two])
    sql.execute("select pgml.deploy('switchyard', 'rollback')")
    sql.execute("select pgml.undeploy('switchyard', 'maintenance')")
    sql.execute("select pgml.deploy('switchyard', 'most_recent')")
    found = rows(
        sql,
        """
        select revision, strategy, previous_model_id, model_id, algorithm, actor, reason,
          live_from < coalesce(live_to, 'infinity'),
          lead(live_from) over (order by revision) is not distinct from live_to
        from pgml.history('switchyard')
        """,
    )
    assert found == [
        (1, "specific", None, one, "linear", "postgres", None, True, True),
        (2, "specific", one, two, "linear", "postgres", "it is better", True, True),
        (3, "rollback", two, one, "linear", "postgres", None, True, True),
        (4, "undeploy", one, None, None, "postgres", "maintenance", True, True),
        (5, "most_recent", None, three, "linear", "postgres", None, True, True),
    ]


def test_live_at(yard: Switchyard, sql: Connection) -> None:
    one, two, three = yard.models.values()
    expected: list[tuple[object, object]] = [("-infinity", "nothing yet"), (moment(sql), one)]
    for change, model in (
        (f"select pgml.deploy({two})", two),
        (f"select pgml.deploy({three})", three),
        ("select pgml.undeploy('switchyard')", None),
        ("select pgml.deploy('switchyard', 'rollback')", three),
    ):
        sql.execute(change.encode())
        expected.append((moment(sql), model))
    expected.append(("infinity", three))
    assert [live_at(sql, when) for when, _ in expected] == [model for _, model in expected]


def test_whether_it_is_exact(yard: Switchyard, sql: Connection, server: Server) -> None:
    """A switch counts from its commit where the server keeps the times of commits, and says so where it does not."""
    exact = server.kind == "embedded-18"
    first, second = yard.models[1], yard.models[2]
    with yard.connect(autocommit=False) as other:
        other.execute("select pgml.deploy(%s::bigint)", [second])
        between = moment(sql)
        other.commit()
    assert live_at(sql, between) == (first if exact else second)
    assert live_at(sql, moment(sql)) == second
    # the switchyard is the copy of a template, and its first deployment as old as that
    assert rows(sql, "select revision, exact from pgml.history('switchyard')") == [(1, exact), (2, exact)]
    assert rows(sql, "select exact, live_to is null from pgml.live_at('switchyard', now())") == [
        (exact, True)
    ]


def test_a_row_from_a_dump_is_not_as_old_as_its_restore(sql: Connection) -> None:
    sql.execute("alter table pgml.deployments disable trigger user")
    sql.execute("update pgml.deployments set transaction_id = (transaction_id::text::bigint - 2)::text::xid8")
    sql.execute("alter table pgml.deployments enable trigger user")
    assert rows(
        sql,
        """
        select h.exact, h.live_from = d.created_at
        from pgml.history('switchyard') h join pgml.deployments d using (revision)
        """,
    ) == [(False, True)]


def test_dates_in_any_style(yard: Switchyard, sql: Connection) -> None:
    sql.execute("select pgml.deploy(%s::bigint)", [yard.models[2]])
    query = (
        "select extract(epoch from live_from), extract(epoch from live_to) from pgml.history('switchyard')"
    )
    expected = rows(sql, query)
    for style in ("SQL, DMY", "German", "Postgres, MDY", "ISO, YMD"):
        for zone in ("Asia/Kolkata", "Israel", "America/New_York", "UTC"):
            sql.execute(f"set datestyle = '{style}'; set timezone = '{zone}'")
            assert rows(sql, query) == expected


def test_a_standby_knows_it_too(yard: Switchyard, sql: Connection, server: Server) -> None:
    sql.execute("select pgml.deploy(%s::bigint)", [yard.models[2]])
    query = "select * from pgml.history('switchyard')"
    expected = rows(sql, query)
    with server.standby() as standby:
        copy = replace(yard.database, server=standby)
        with copy.connect() as session:
            for _ in range(100):
                if (found := rows(session, query)) == expected:
                    break
                time.sleep(0.1)
            assert found == expected
            assert live_at(session, "infinity") == yard.models[2]


@pytest.mark.parametrize(
    ("call", "sqlstate", "match"),
    [
        ("history('nobody')", "42704", 'project "nobody" does not exist'),
        ("live_at('nobody', now())", "42704", 'project "nobody" does not exist'),
        ("history(null)", "22004", "project_name is missing"),
    ],
)
def test_errors(sql: Connection, call: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select * from pgml.{call}", sqlstate=sqlstate, match=match)
