"""Columns of every type: dates, timestamps, enums and domains over them, given as rows and as arrays."""

from __future__ import annotations

import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection, Server

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create schema kinds;
create type kinds."Weird Mood" as enum ('sad', 'ok', 'happy "very"');
create domain kinds.mood as kinds."Weird Mood";
create domain kinds.moods as kinds.mood;
create domain kinds.day as date check (value > '1900-01-01');
create domain kinds.days as date[];
set timezone = 'Asia/Kolkata';
set datestyle = 'German, DMY';
create table every as
select
  x % 2 = 0 as flag, x::smallint as small, x::bigint as big, x * 1.5::numeric as money, (x / 7.0)::real as "Real",
  (array['sad', 'ok', 'happy "very"'])[1 + x % 3]::kinds."Weird Mood" as mood,
  (array['ok', 'sad'])[1 + x % 2]::kinds.moods as domain_mood,
  ('v' || x % 4)::varchar(9) as word,
  date '2024-01-01' + x as day, (date '1999-12-01' + x)::kinds.day as domain_day,
  array[date '2020-01-01' + x, date '2021-01-01' - x] as pair,
  array[date '2020-01-01' + x, '1999-12-31']::kinds.days as domain_pair,
  timestamp '2024-02-28 12:34:56.789' + x * interval '7 hours 3 seconds' as moment,
  timestamptz '2024-03-30 12:00:00+00' + x * interval '55 minutes' as instant,
  x as y
from generate_series(1, 120) x;
-- a row in seven has no value somewhere
update every set day = null where y % 7 = 1;
update every set moment = null, mood = null where y % 7 = 2;
update every set instant = null, pair = null, domain_mood = null where y % 7 = 3;
update every set pair[2] = null, flag = null where y % 7 = 4;
create materialized view stored as select * from every;
create table endless as select case when x = 7 then 'infinity'::date else date '2024-01-01' + x end as "The Day",
  case when x > 8 then '-infinity'::timestamp else timestamp '2024-01-01 00:00' end as moment, x as y
from generate_series(1, 20) x;
create table dates as select date '2024-01-01' + x as d, timestamp '2024-01-01' + x * interval '1 hour' as t,
  timestamptz '2024-01-01 00:00+00' + x * interval '1 hour' as z, 2 * x as y from generate_series(0, 49) x;
create table moods as select (array['sad', 'ok', 'happy "very"'])[1 + x % 3]::kinds."Weird Mood" as mood, x as y
  from generate_series(1, 60) x;
create table text_arrays as select array['a', 'b'] as words, array['sad']::kinds."Weird Mood"[] as moods, x as y
  from generate_series(1, 20) x;
"""
XGBOOST = "'xgboost', '{\"n_estimators\": 20}'"


def settle(sql: Connection, zone: str, style: str) -> None:
    sql.execute(f"set local timezone = '{zone}'; set local datestyle = '{style}'")


def test_every_type_at_once(sql: Connection) -> None:
    sql.execute(f"select pgml.train('p', 'regression', 'every', 'y', {XGBOOST})")
    fields = value(sql, "select signature -> 'fields' from pgml.models")
    assert isinstance(fields, list)
    assert [(f["name"], f["type"], f["size"]) for f in fields] == [
        ("flag", "bool", None), ("small", "int2", None), ("big", "int8", None), ("money", "numeric", None),
        ("Real", "float4", None), ("mood", "enum", None), ("domain_mood", "enum", None), ("word", "text", None),
        ("day", "date", None), ("domain_day", "date", None), ("pair", "date", 2), ("domain_pair", "date", 2),
        ("moment", "timestamp", None), ("instant", "timestamptz", None),
    ]  # fmt: skip
    answers = rows(sql, "select pgml.predict('p', t) from every t order by y")
    errors = [abs(float(str(answer)) - y) for y, (answer,) in enumerate(answers, 1)]
    assert max(errors) < 15
    for zone, style in (("America/St_Johns", "SQL, MDY"), ("UTC", "ISO"), ("Asia/Kolkata", "Postgres, DMY")):
        settle(sql, zone, style)
        assert rows(sql, "select pgml.predict('p', t) from every t order by y") == answers
    sql.execute(f"select pgml.train('p', 'regression', 'stored', 'y', {XGBOOST})")
    model = value(sql, "select max(id) from pgml.models")
    assert rows(sql, f"select pgml.predict({model}, t) from stored t order by y") == answers


def test_a_session_s_settings_while_training(sql: Connection) -> None:
    found = []
    for zone, style in (("America/St_Johns", "SQL, MDY"), ("UTC", "ISO")):
        settle(sql, zone, style)
        sql.execute(f"select pgml.train('p', 'regression', 'every', 'y', {XGBOOST})")
        model = value(sql, "select max(id) from pgml.models")
        found.append(rows(sql, f"select pgml.predict({model}, t) from every t order by y"))
    assert found[0] == found[1]
    assert value(sql, "select count(distinct columns::text) from pgml.snapshots") == 1


def test_dates_as_rows_and_as_the_numbers_of_arrays(sql: Connection) -> None:
    sql.execute(
        "select pgml.train('p', 'regression', 'dates', 'y', preprocess => '{\"d\": {\"scale\": \"standard\"}}')"
    )
    sql.execute("set local timezone = 'Asia/Kathmandu'")
    by_row = rows(sql, "select pgml.predict('p', r) from dates r order by y")
    by_array = rows(
        sql,
        """
        select pgml.predict('p', array[d - date '2000-01-01', extract(epoch from t - timestamp '2000-01-01') / 86400,
          extract(epoch from z - timestamptz '2000-01-01 00:00+00') / 86400])
        from dates order by y
    """,
    )
    assert by_array == by_row
    assert [answer for (answer,) in by_row] == pytest.approx(list(range(0, 100, 2)), abs=0.2)
    literal = "pgml.predict('p', row(date '2024-01-11', timestamp '2024-01-01 10:00', timestamptz '2024-01-01 10:00Z'))"
    assert value(sql, f"select {literal}") == by_row[10][0]
    days = (
        "d - date '2000-01-01', date_part('epoch', t) / 86400 - 10957, date_part('epoch', z) / 86400 - 10957"
    )
    batch = rows(
        sql, f"select pgml.predict_batch('p', array_agg(array[{days}] order by y)::real[]) from dates"
    )
    assert [answer for (answer,) in batch] == pytest.approx([answer for (answer,) in by_row], abs=1e-3)


def test_moments_that_python_has_no_date_for(sql: Connection) -> None:
    sql.execute(
        """
        create temp table far on commit drop as
        select date '0044-03-15 BC' + 90000 * x as d,
          timestamptz '0001-12-31 23:59:59 BC' + x * interval '411 years' as z, x as y
        from generate_series(0, 39) x
    """
    )
    sql.execute("set local timezone = 'Europe/Amsterdam'")
    sql.execute(f"select pgml.train('p', 'regression', 'far', 'y', {XGBOOST}, test_size => 2)")
    by_row = rows(sql, "select pgml.predict('p', f) from far f order by y")
    by_array = rows(
        sql,
        """
        select pgml.predict('p', array[d - date '2000-01-01', date_part('epoch', z) / 86400 - 10957]::float8[])
        from far order by y
    """,
    )
    assert by_row == by_array
    assert len(set(by_row)) > 20


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("'yesterday'::text, timestamp '2024-01-01', now()", '"d" .* is "yesterday", expected a date, as "2024'),
        ("date 'infinity', timestamp '2024-01-01', now()", 'feature "d" .* is "infinity", expected a date'),
        ("timestamp '2024-01-01 12:00', timestamp '2024-01-01', now()", 'feature "d" .* expected a date'),
        ("'29.2.2024'::text, timestamp '2024-01-01', now()", "expected a date"),
        ("date '2024-01-01', timestamp '-infinity', now()", 'feature "t" .* expected a timestamp'),
        ("date '2024-01-01', now(), now()", 'feature "t" .* expected a timestamp, as'),
        ("date '2024-01-01', timestamp '2024-01-01', localtimestamp", 'feature "z" .* a timestamp with its offset'),
        ("date '2024-01-01', timestamp '2024-01-01', date '2024-01-01'", "a timestamp with its offset"),
        ("float8 'Infinity', timestamp '2024-01-01', now()", 'feature "d" .* expected a date'),
        ("null::date, timestamp '2024-01-01', now()", 'feature "d" .* is missing'),
    ],
)  # fmt: skip
def test_what_is_no_date(sql: Connection, row: str, message: str) -> None:
    sql.execute("select pgml.train('p', 'regression', 'dates', 'y')")
    refused(sql, f"select pgml.predict('p', row({row}))", sqlstate="22023", match=message)


def test_a_date_is_a_timestamp_s_midnight(sql: Connection) -> None:
    sql.execute("select pgml.train('p', 'regression', 'dates', 'y')")
    ask = "select pgml.predict('p', row(date '2024-01-05', {}, timestamptz '2024-01-01 10:00Z'))"
    assert value(sql, ask.format("date '2024-01-02'")) == value(
        sql, ask.format("timestamp '2024-01-02 00:00'")
    )


def test_infinite_dates_are_named(sql: Connection) -> None:
    refused(
        sql, "select pgml.train('p', 'regression', 'endless', 'y')",
        sqlstate="22023", match='column "The Day" has a value that is infinite',
    )  # fmt: skip
    sql.execute('update endless set "The Day" = null where y = 7')
    refused(
        sql, "select pgml.train('p', 'regression', 'endless', 'y')",
        sqlstate="22023", match='column "moment" has 12 values that are infinite',
    )  # fmt: skip


@pytest.mark.parametrize("column", ["d", "t", "z"])
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_dates_are_no_targets(sql: Connection, task: str, column: str) -> None:
    error = refused(
        sql, f"select pgml.train('p', '{task}', 'dates', '{column}')",
        sqlstate="42804", match=f'column "{column}" has type .* cannot be used as the target of a {task}',
    )  # fmt: skip
    assert "extract(epoch from" in str(error.diag.message_hint)


def test_arrays_of_texts_are_refused(sql: Connection) -> None:
    error = refused(
        sql, "select pgml.train('p', 'regression', 'text_arrays', 'y')", sqlstate="42804", match='"words"'
    )
    assert "a column of its own" in str(error.diag.message_hint)
    sql.execute("alter table text_arrays drop column words")
    refused(
        sql, "select pgml.train('p', 'regression', 'text_arrays', 'y')", sqlstate="42804", match='"moods"'
    )


def test_enums_as_targets_and_after_they_got_a_value(sql: Connection) -> None:
    sql.execute("alter table moods add column n int; update moods set n = y % 3")
    sql.execute("select pgml.train('p', 'classification', 'moods', 'mood')")
    assert value(sql, "select classes from pgml.models") == ['happy "very"', "ok", "sad"]
    sql.execute("select pgml.train('q', 'regression', 'moods', 'n')")
    assert value(sql, "select round(pgml.predict('q', m)) from moods m where y = 4") == 1


def test_a_new_value_of_an_enum_is_an_unknown_category(server: Server) -> None:
    # a new value can be used after a commit only, and so in a database of its own
    with server.database() as own, own.connect() as sql:
        sql.execute("create type size as enum ('s', 'm'); create table sizes (size size, y int)")
        sql.execute(
            "insert into sizes select (array['s', 'm'])[1 + x % 2]::size, x % 2 from generate_series(1, 60) x"
        )
        sql.execute("select pgml.train('sizes', 'regression', 'sizes', 'y')")
        order = '{"size": {"encode": {"ordinal": ["s", "m"]}}}'
        sql.execute("select pgml.train('ordered', 'regression', 'sizes', 'y', preprocess => %s)", [order])
        sql.execute("alter type size add value 'l'")
        assert value(sql, "select round(pgml.predict('sizes', row('m'::size)))") == 1
        assert 0 <= float(str(value(sql, "select pgml.predict('sizes', row('l'::size))"))) <= 1
        refused(
            sql, "select pgml.predict('ordered', row('l'::size))",
            sqlstate="22023", match='feature "size" .* is "l", expected one of "s", "m"',
        )  # fmt: skip
        refused(
            sql, "select pgml.predict('sizes', array[1])",
            sqlstate="22023", match="expected a row, since this column is an enum",
        )  # fmt: skip


def test_what_another_type_means_for_callers(sql: Connection) -> None:
    sql.execute(
        "create temp table was on commit drop as select mood, d, t, z, m.y from moods m join dates on m.y = dates.y"
    )
    sql.execute(f"select pgml.train('p', 'regression', 'was', 'y', {XGBOOST})")
    sql.execute(
        """
        alter table was alter mood type text, alter d type timestamp, alter t type date,
          alter z type timestamp using z at time zone 'UTC'
    """
    )
    sql.execute(f"select pgml.train('p', 'regression', 'was', 'y', {XGBOOST}, automatic_deploy => false)")
    report = "select field, severity, difference from pgml.compatibility_report('p', (select max(id) from pgml.models))"
    assert rows(sql, report) == [
        ("d", "warning", "its type changes from date to timestamp"),
        ("mood", "warning", "its type changes from enum to text"),
        ("t", "breaking", "its type changes from timestamp to date"),
        ("z", "breaking", "its type changes from timestamptz to timestamp"),
    ]


def test_a_champion_that_had_dates_is_held_against_one_with_timestamps(sql: Connection) -> None:
    sql.execute(
        "create temp table was on commit drop as select mood, d, m.y from moods m join dates on m.y = dates.y"
    )
    sql.execute("select pgml.train('p', 'regression', 'was', 'y', 'xgboost', '{\"n_estimators\": 1}')")
    sql.execute("alter table was alter d type timestamp, alter mood type text")
    sql.execute("select pgml.train('p', 'regression', 'was', 'y', 'ridge')")
    deployments = "pgml.deployments d join pgml.projects p on p.id = d.project_id and p.name = 'p'"
    found = rows(sql, f"select judgement ->> 'basis' from {deployments} order by d.id")
    assert found == [("first",), ("shared_test_rows",)]
