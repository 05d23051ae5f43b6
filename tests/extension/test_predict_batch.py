"""pgml.predict_batch answers for many rows what pgml.predict answers for each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extension.statements import refused, rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as
  select x as id, x::real as a, (x % 7)::real as b, 2 * x + 3 * (x % 7) as y from generate_series(1, 60) x;
create view points as select a, b, y from plane;
select pgml.train('plane', 'regression', 'points', 'y');
create table images as
  select array[array[x, x % 3], array[x % 5, x % 7]]::smallint[] as image, x % 5 as y from generate_series(1, 60) x;
select pgml.train('images', 'regression', 'images', 'y', 'xgboost', hyperparams => '{"n_estimators": 5}');
create table sorts as
  select x::real as a, (array['pear', 'apple', 'fig'])[1 + x / 21] as kind from generate_series(1, 62) x;
select pgml.train('sorts', 'classification', 'sorts', 'kind');
create table holes as
  select nullif(x, 3)::real as a, nullif(x % 7, 0)::real as b, x + x % 7 as y from generate_series(1, 60) x;
select pgml.train('holes', 'regression', 'holes', 'y', 'lightgbm');
create table coloured as select chr(97 + x % 2) as colour, x as y from generate_series(1, 60) x;
select pgml.train('coloured', 'regression', 'coloured', 'y');
"""

# three rows with the answers 8, 18 and 5
FORMS = (
    "array[1, 2, 3, 4, 1, 1]",
    "array[1.0, 2.0, 3, 4, 1, 1]",
    "'{1,2,3,4,1,1}'",
    "'{{1,2},{3,4},{1,1}}'",
    "'{1,2,3,4,1,1}'::text",
    "'{1,2,3,4,1,1}'::varchar",
    *(
        f"'{shape}'::{kind}[]"
        for kind in ("real", "float8", "smallint", "integer", "bigint", "numeric")
        for shape in ("{1,2,3,4,1,1}", "{{1,2},{3,4},{1,1}}")
    ),
    "array[array[1, 2], array[3, 4], array[1, 1]]",
    "(select array_agg(f) from (values (array[1, 2]), (array[3, 4]), (array[1, 1])) t (f))",
    "(select array_agg(f) from (values (array[1, 2.0]), (array[3, 4.0]), (array[1, 1.0])) t (f))",
)


def model_of(sql: Connection, project: str) -> int:
    return int(str(value(sql, "select id from pgml.deployed_models where name = %s", [project])))


def answers(sql: Connection, asked: str, features: str) -> list[float]:
    return [float(str(row[0])) for row in rows(sql, f"select pgml.predict_batch({asked}, {features})")]


@pytest.mark.parametrize("features", FORMS)
def test_every_form(sql: Connection, features: str) -> None:
    model = model_of(sql, "plane")
    for asked in ("'plane'", "'plane'::varchar", f"{model}", f"{model}::bigint", f"model_id => {model}"):
        named = f"features => {features}" if "=>" in asked else features
        assert answers(sql, asked, named) == pytest.approx([8, 18, 5], rel=1e-5)
    found = rows(sql, f"select * from pgml.predict_batch('plane', {features})")
    assert [row[0] for row in found] == pytest.approx([8, 18, 5], rel=1e-5)


def test_an_aggregate_of_a_table(sql: Connection) -> None:
    found = value(
        sql,
        """
        select array_agg(p) from (
          select pgml.predict_batch('plane', array_agg(array[a, b] order by id)) as p from plane
        ) t
        """,
    )
    assert found == value(sql, "select array_agg(pgml.predict('plane', array[a, b]) order by id) from plane")


def test_images(sql: Connection) -> None:
    expected = [row[0] for row in rows(sql, "select pgml.predict('images', image) from images order by ctid")]
    for features in (
        "(select array_agg(image order by ctid) from images)",
        "(select array_agg(p order by i.ctid, place) from images i, unnest(image) with ordinality as u (p, place))",
    ):
        assert answers(sql, "'images'", features) == expected
    assert answers(sql, "'images'", "(select image from images limit 1)") == expected[:1]


def test_classes_and_missing_values(sql: Connection) -> None:
    assert answers(sql, "'sorts'", "array[1, 30, 60]") == [2, 0, 1]
    for features in (
        "array[null, 2, 3, null]::real[]",
        "'{{NULL,2},{3,NULL}}'::int[]",
        "'{NaN,2,3,NaN}'::float8[]",
    ):
        expected = [
            value(sql, f"select pgml.predict('holes', array[{row}]::real[])")
            for row in ("null, 2", "3, null")
        ]
        assert answers(sql, "'holes'", features) == expected


def test_booleans(sql: Connection) -> None:
    assert answers(sql, "'plane'", "array[true, false, false, true]") == pytest.approx(
        answers(sql, "'plane'", "array[1, 0, 0, 1]")
    )


@pytest.mark.parametrize("kind", ["real[]", "float8[]", "numeric[]", "boolean[]", "text"])
def test_no_rows_no_answers(sql: Connection, kind: str) -> None:
    for asked in ("'plane'", f"{model_of(sql, 'plane')}"):
        assert answers(sql, asked, f"null::{kind}") == []
        assert answers(sql, asked, f"'{{}}'::{kind}") == []


@pytest.mark.parametrize(
    ("asked", "features", "sqlstate", "match"),
    [
        ("'plane'", "array[1, 2, 3]", "22023", r"expects a multiple of 2 features \(a, b\), but got 3"),
        ("'plane'", "array[1]", "22023", "expects a multiple of 2 features"),
        ("'plane'", "'{{1,2,3},{4,5,6}}'::real[]", "22023", r"expects 2 features \(a, b\), but got 3"),
        ("'plane'", "'{{1},{2},{3},{4}}'::int[]", "22023", r"expects 2 features \(a, b\), but got 1"),
        ("'plane'", "array[1, 'Infinity']::real[]", "22023", '"b" .* is inf, expected a finite number'),
        ("'plane'", "'{1,x}'", "22P02", "x"),
        ("'plane'", "array[1, 2, 3, null]::real[]", "22023", '"b" .* is missing, expected a number'),
        ("'coloured'", "array[1, 2]", "22023", "this column is text"),
        ("'nobody'", "array[1, 2]", "42704", 'project "nobody" does not exist'),
        ("null::text", "array[1, 2]", "22004", "project_name is missing"),
        ("98765", "array[1, 2]", "42704", "model 98765 does not exist"),
    ],
)  # fmt: skip
def test_errors(sql: Connection, asked: str, features: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select pgml.predict_batch({asked}, {features})", sqlstate=sqlstate, match=match)


def test_many_rows_are_those_one_by_one(sql: Connection) -> None:
    @settings(max_examples=25, deadline=None, database=None)
    @given(st.lists(st.tuples(*[st.floats(-100, 100, width=32)] * 4), min_size=1, max_size=30))
    def proof(given: list[tuple[float, ...]]) -> None:
        one_by_one = [
            value(sql, "select pgml.predict('images', %s::real[])", [list(features)]) for features in given
        ]
        together = rows(
            sql, "select pgml.predict_batch('images', %s::real[])", [[list(features) for features in given]]
        )
        assert [row[0] for row in together] == pytest.approx(one_by_one, rel=1e-6)

    proof()


def test_more_rows_than_are_scored_at_once(sql: Connection) -> None:
    found = rows(
        sql,
        """
        select count(*), bool_and(abs(p - (2 * n + 3 * (n %% 7))) < 1)
        from (select array_agg(array[x, x %% 7] order by x) as f from generate_series(1, %s) x) t,
          pgml.predict_batch('plane', f) with ordinality as u (p, n)
        """,
        [10_001],
    )
    assert found == [(10_001, True)]
