"""Encoded numbers, dates and arrays, given as rows and as arrays, and what snapshots say of columns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create type size as enum ('s', 'm', 'l');
create table orders as
select (10 * (x % 4))::smallint as "Postal Code", x % 2 = 0 as paid, date '2024-01-01' + x % 3 as day,
  array[x % 5, x % 2]::real[] as pair, (x % 3)::numeric / 10 as rate, 'k' || x % 3 as kind,
  (array['s', 'm', 'l'])[1 + x % 3]::size as size,
  timestamptz '2024-01-01 00:00+00' + x % 8 * interval '3 hours' as at, x % 4 + x % 3 as y
from generate_series(1, 240) x;
create table holes as
select case when x % 10 > 0 then x end as n, case when x % 10 > 1 then 'k' || x % 2 end as k, x as y
from generate_series(1, 100) x;
"""
NUMBERS = ("Postal Code", "paid", "day", "pair", "rate", "at")
ENCODINGS: dict[str, Any] = {
    "one_hot": "one_hot",
    "target": "target",
    "ordinal": {
        "Postal Code": [0, 10, 20, 30], "paid": [False, True], "day": ["2024-01-01", "2024-01-02", "2024-01-03"],
        "pair": [0, 1, 2, 3, 4], "rate": [0, 0.1, 0.2], "at": [f"2024-01-01T{h:02}:00:00Z" for h in range(0, 24, 3)],
    },
}  # fmt: skip


def asked(encode: str, scale: str) -> str:
    given = ENCODINGS[encode]
    choice = {name: given if isinstance(given, str) else {"ordinal": given[name]} for name in NUMBERS}
    return json.dumps({name: {"encode": one, "scale": scale} for name, one in choice.items()})


@pytest.mark.parametrize("scale", ["preserve", "robust"])
@pytest.mark.parametrize("encode", ENCODINGS)
def test_rows_and_arrays_of_encoded_columns(sql: Connection, encode: str, scale: str) -> None:
    sql.execute('create temp view numbers as select "Postal Code", paid, day, pair, rate, at, y from orders')
    sql.execute(
        "select pgml.train('p', 'regression', 'numbers', 'y', preprocess => %s, test_size => 0.1)",
        [asked(encode, scale)],
    )
    by_row = rows(sql, "select pgml.predict('p', n) from numbers n order by n::text")
    assert len(set(by_row)) > 5
    flat = """array["Postal Code", paid::int, day - date '2000-01-01', pair[1], pair[2], rate,
      extract(epoch from at) / 86400 - 10957]"""
    assert rows(sql, f"select pgml.predict('p', {flat}) from numbers n order by n::text") == by_row
    batch = rows(
        sql, f"select pgml.predict_batch('p', array_agg({flat}::real[] order by n::text)) from numbers n"
    )
    assert [answer for (answer,) in batch] == pytest.approx([answer for (answer,) in by_row], abs=1e-5)
    sql.execute("create temp view keyed as select n::text as key, n.* from numbers n")
    scored = rows(sql, "select prediction from pgml.predict_relation('p', 'keyed', 'key') order by key")
    assert [answer for (answer,) in scored] == pytest.approx([answer for (answer,) in by_row], abs=1e-5)
    literal = "row(30, true, date '2024-01-02', array[4, 1], 0.1, timestamptz '2024-01-01 05:30+05:30')"
    assert isinstance(value(sql, f"select pgml.predict('p', {literal})"), float)
    unknown = literal.replace("30,", "31,")
    if encode == "ordinal":
        refused(
            sql, f"select pgml.predict('p', {unknown})",
            sqlstate="22023", match='feature "Postal Code" .* is 31, expected one of 0, 10, 20, 30',
        )  # fmt: skip
    else:
        assert isinstance(value(sql, f"select pgml.predict('p', {unknown})"), float)


def test_a_number_that_is_a_name_rather_than_a_size(sql: Connection) -> None:
    sql.execute(
        "create temp view codes as select x % 4 * 10 as code, x, x % 2 as y from generate_series(1, 200) x"
    )
    right = "select avg((pgml.predict('p', array[code, x]) = y)::int)::float8 from codes"
    train = "select pgml.train('p', 'classification', 'codes', 'y'{})"
    sql.execute(train.format(""))
    assert float(str(value(sql, right))) < 0.8
    sql.execute(train.format(', preprocess => \'{"code": {"encode": "one_hot"}}\''))
    assert value(sql, right) == 1


@pytest.mark.parametrize(
    ("preprocess", "match"),
    [
        ({"day": {"encode": {"ordinal": ["1.1.2024"]}}}, "expected a list of different dates as texts"),
        ({"day": {"encode": {"ordinal": [8766]}}}, "expected a list of different dates as texts"),
        ({"at": {"encode": {"ordinal": ["2024-01-01T00:00:00"]}}}, "expected a list of different timestamptzs as t"),
        ({"at": {"encode": {"ordinal": ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01"]}}}, "different"),
        ({"day": {"encode": {"ordinal": ["2024-01-01", "infinity"]}}}, "different dates"),
        ({"paid": {"encode": {"ordinal": [0, 1]}}}, "expected a list of different booleans"),
        ({"size": {"encode": "native"}}, "since it is text"),
        ({"size": {"encode": {"ordinal": ["s", "m"]}}}, 'column "size" is "l" in some rows'),
        ({"rate": {"encode": {"ordinal": ["0.1"]}}}, "expected a list of different numbers"),
        ({"Postal Code": {"encode": {"ordinal": [0, 10]}}}, 'column "Postal Code" is [23]0 in some rows'),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for(sql: Connection, preprocess: object, match: str) -> None:
    refused(
        sql, "select pgml.train('p', 'regression', 'orders', 'y', preprocess => %s)", [json.dumps(preprocess)],
        sqlstate="22023", match=match,
    )  # fmt: skip


def test_missing_values_are_counted_over_all_rows(sql: Connection) -> None:
    refused(
        sql, "select pgml.train('p', 'regression', 'holes', 'y')",
        sqlstate="22023", match='column "n" has no value in 10 rows',
    )  # fmt: skip
    both = '{"n": {"impute": "mean"}, "k": {"impute": "error"}}'
    refused(
        sql, "select pgml.train('p', 'regression', 'holes', 'y', preprocess => %s)", [both],
        sqlstate="22023", match='column "k" has no value in 20 rows',
    )  # fmt: skip


def test_what_a_snapshot_says_of_columns(sql: Connection) -> None:
    sql.execute("select pgml.train('p', 'regression', 'orders', 'y')")
    of = "(select c -> 'statistics' from pgml.snapshots, jsonb_array_elements(columns) c where c ->> 'name' = %s)"
    figures = {
        name: value(sql, f"select {of}", [name])
        for name in ("paid", "day", "pair", "rate", "size", "at", "y")
    }
    expected = value(
        sql,
        """
        select jsonb_build_object(
          'min', min(day), 'max', max(day), 'distinct', count(distinct day), 'missing', 0,
          'median', percentile_disc(0.5) within group (order by day)) from orders
    """,
    )
    day = figures["day"]
    assert isinstance(day, dict)
    assert isinstance(expected, dict)
    assert {name: day[name] for name in expected} == expected
    assert day["histogram"] == [80, *[0] * 9, 80, *[0] * 8, 80]
    sizes = value(
        sql, "select jsonb_object_agg(size, n) from (select size, count(*) as n from orders group by 1) s"
    )
    assert figures["size"] == {"distinct": 3, "missing": 0, "categories": sizes, "others": 0}
    assert value(sql, f"select {of} -> 'categories'", ["paid"]) == {"true": 120, "false": 120}
    y = value(
        sql, "select array[min(y), max(y), avg(y), stddev_pop(y), count(distinct y)]::float8[] from orders"
    )
    found = figures["y"]
    assert isinstance(found, dict)
    assert [found[name] for name in ("min", "max", "mean", "stddev", "distinct")] == pytest.approx(y)
    shares = "array(select i / 20.0 from generate_series(1, 19) i)"
    ventiles = value(sql, f"select percentile_cont({shares}) within group (order by y) from orders")
    assert found["ventiles"] == pytest.approx(ventiles)
    pair = figures["pair"]
    assert isinstance(pair, dict)
    assert (sum(pair["histogram"]), pair["distinct"], pair["max"]) == (480, 5, 4.0)
    assert value(sql, f"select ({of} ->> 'max')::timestamptz = (select max(at) from orders)", ["at"]) is True


def test_the_plain_numbers_of_dates_are_what_the_page_says(sql: Connection) -> None:
    assert value(sql, "select date '2024-02-29' - date '2000-01-01'") == 8825
    assert value(sql, "select date '2000-01-01' - date '1970-01-01'") == 10957
