"""pgml.predict, predict_proba and predict_label answer to every form in which people write features."""

from __future__ import annotations

import math
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.extension.statements import rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as select x::real as a, (x % 7)::real as b, 2 * x + 3 * (x % 7) as y from generate_series(1, 60) x;
select pgml.train('plane', 'regression', 'plane', 'y');
create table sorts as
  select x::real as a, (x % 7)::real as b, (array['pear', 'apple', 'fig'])[1 + x / 21] as kind
  from generate_series(1, 62) x;
select pgml.train('sorts', 'classification', 'sorts', 'kind');
create table bits as select x % 2 = 0 as a, x % 3 = 0 as b, (x % 2) * 10 + x % 3 as y from generate_series(1, 60) x;
select pgml.train('bits', 'regression', 'bits', 'y');
create table images as
  select array[array[x, x % 3], array[x % 5, x % 7]]::smallint[] as image, x % 5 as y from generate_series(1, 60) x;
select pgml.train('images', 'regression', 'images', 'y');
create table scaled as select x * 1000.0 as a, x % 7 as b, x + x % 7 as y from generate_series(1, 60) x;
select pgml.train('scaled', 'regression', 'scaled', 'y', preprocess =>
  '{"a": {"scale": "standard", "impute": "mean"}, "b": {"scale": "min_max", "impute": "zero"}}');
create table holes as
  select nullif(x, 3)::real as a, nullif(x % 7, 0)::real as b, x + x % 7 as y from generate_series(1, 60) x;
select pgml.train('holes', 'regression', 'holes', 'y', 'lightgbm');
create table flowers as
  select (array['red', 'blue', null])[1 + x % 3] as colour, x::real as size,
    case when x % 3 = 0 then 'rose' else 'iris' end as kind
  from generate_series(1, 90) x;
select pgml.train('flowers', 'classification', 'flowers', 'kind', 'xgboost');
select pgml.train('ordered', 'classification', 'flowers', 'kind', preprocess =>
  '{"colour": {"encode": {"ordinal": ["blue", "red"]}, "impute": "mode"}, "size": {"impute": "median"}}');
create table padded as select (array['a', 'bc'])[1 + x % 2]::char(4) as code, x as n, x % 2 * 10 as y
  from generate_series(1, 60) x;
select pgml.train('padded', 'regression', 'padded', 'y');

create table wide (note text, b real, other boolean, a numeric);
insert into wide values ('u', 2, true, 1);
create table poor (a real, note text);
insert into poor values (1, 'x');
create table matrices (x smallint[][], n numeric[]);
insert into matrices values ('{{1},{2}}', '{1,2}');
create type pair as (a real, b real);
"""

# all of them say a = 1, b = 2
FORMS = (
    "array[1, 2]",
    "array[1.0, 2.0]",
    "array[1, 2.0]",
    "'{1,2}'",
    "'{1, 2.0}'::text",
    "'{1,2}'::varchar",
    "'{{1},{2}}'",
    "array[1, 2]::real[]",
    "array[1, 2]::float8[]",
    "array[1, 2]::smallint[]",
    "array[1, 2]::integer[]",
    "array[1, 2]::bigint[]",
    "array[1, 2]::numeric[]",
    "array[array[1], array[2]]",
    "(select x from matrices)",
    "(select n from matrices)",
    "row(1, 2)",
    "(1, 2)",
    "(1, 2.0)",
    "(1::bigint, 2::float8)",
    "row(1, 2)::pair",
    "(select w from wide w)",
    "(select s from (select b, a from wide) s)",
    "(select s from (select 1 as a, 2 as b) s)",
    """'{"b": 2, "a": 1}'::json""",
)


def model_of(sql: Connection, project: str) -> int:
    return int(str(value(sql, "select id from pgml.deployed_models where name = %s", [project])))


@pytest.mark.parametrize("features", FORMS)
def test_a_number_by_every_form(sql: Connection, features: str) -> None:
    assert value(sql, f"select pgml.predict('plane', {features})") == pytest.approx(8.0)
    model = model_of(sql, "plane")
    for asked in (f"{model}", f"{model}::bigint", f"{model}::smallint", "'plane'::varchar", "'plane'::text"):
        assert value(sql, f"select pgml.predict({asked}, {features})") == pytest.approx(8.0)


@pytest.mark.parametrize("features", FORMS)
def test_a_class_by_every_form(sql: Connection, features: str) -> None:
    model = model_of(sql, "sorts")
    for asked in ("'sorts'", f"{model}"):
        label, index, shares = rows(
            sql,
            f"""select pgml.predict_label({asked}, {features}), pgml.predict({asked}, {features}),
                       pgml.predict_proba({asked}, {features})""",
        )[0]
        assert (label, index) == ("pear", 2.0)
        assert shares == value(sql, "select pgml.predict_proba('sorts', array[1, 2]::real[])")


def test_a_fraction_among_integers(sql: Connection) -> None:
    for features in ("array[1, 2.5]", "'{1,2.5}'", "row(1, 2.5)", "(1, 2.5)"):
        assert value(sql, f"select pgml.predict('plane', {features})") == pytest.approx(9.5)


def test_booleans(sql: Connection) -> None:
    for features in (
        "array[true, false]",
        "row(true, false)",
        "(select r from bits r where r.a and not r.b limit 1)",
    ):
        answer = value(sql, f"select pgml.predict('bits', {features})")
        assert answer == value(sql, "select pgml.predict('bits', array[1, 0])")
    model = model_of(sql, "bits")
    assert value(sql, f"select pgml.predict({model}, array[true, false])") == answer


def test_a_column_of_matrices(sql: Connection) -> None:
    found = rows(
        sql,
        """
        select pgml.predict('images', image), pgml.predict('images', i), pgml.predict('images', row(image)),
          pgml.predict('images', array[image[1][1], image[1][2], image[2][1], image[2][2]])
        from images i limit 20
    """,
    )
    assert len(found) == 20
    assert all(len(set(answers)) == 1 for answers in found)


def test_no_features_no_answer(sql: Connection) -> None:
    for function in ("predict", "predict_proba", "predict_label"):
        for features in ("null", "null::real[]", "null::numeric[]", "null::text", "null::pair"):
            for asked in ("'sorts'", f"{model_of(sql, 'sorts')}"):
                assert value(sql, f"select pgml.{function}({asked}, {features})") is None


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("smallint[]", "{1,2}"),
        ("integer[]", "{1,2}"),
        ("bigint[]", "{1,2}"),
        ("real[]", "{1,2}"),
        ("float8[]", "{1,2}"),
        ("numeric[]", "{1,2}"),
        ("text", "{1,2}"),
        ("varchar", "{1,2}"),
        ("pair", "(1,2)"),
        ("wide", "(u,2,t,1)"),
        ("json", '{"a": 1, "b": 2}'),
    ],
)
def test_prepared_with_a_parameter_of_each_type(sql: Connection, kind: str, given: str) -> None:
    sql.execute(
        f"prepare ask ({kind}) as select pgml.predict('plane', $1), pgml.predict({model_of(sql, 'plane')}, $1)"
    )
    try:
        for _ in range(7):  # the sixth execution may take a generic plan
            assert sql.execute(f"execute ask ('{given}')").fetchone() == pytest.approx((8.0, 8.0))
    finally:
        sql.execute("deallocate ask")


@pytest.mark.parametrize("given", [[1, 2], [1.0, 2.0], [Decimal(1), Decimal(2)], "{1,2}", [100000, 2]])
def test_bound_by_a_driver(sql: Connection, given: object) -> None:
    expected = 200006.0 if given == [100000, 2] else 8.0
    for asked in ("plane", model_of(sql, "plane")):
        for prepare in (False, True):
            found = sql.execute("select pgml.predict(%s, %s)", [asked, given], prepare=prepare).fetchone()
            assert found == pytest.approx((expected,), rel=1e-5)


def test_nulls_and_nan_are_missing_values(sql: Connection) -> None:
    expected = value(sql, "select pgml.predict('holes', array[null, 2]::real[])")
    for features in (
        "array[null, 2.0]",
        "array[null, 2]::numeric[]",
        "array[null, 2]::bigint[]",
        "array['NaN', 2]::real[]",
        "array['NaN', 2]::numeric[]",
        "'{NULL,2}'",
        "'{NaN,2}'",
        "row(null, 2)",
        "row('NaN'::real, 2)",
        "row('NaN'::numeric, 2)",
        "(select s from (select 2 as b, null::int as a) s)",
    ):
        assert value(sql, f"select pgml.predict('holes', {features})") == expected


def test_missing_values_are_imputed(sql: Connection) -> None:
    for missing, put in (("array[null, 3]", "array[30500, 3]"), ("array[1000, null]", "array[1000, 0]")):
        mean = float(str(value(sql, "select (avg(a) / 1000)::float8 from scaled")))
        answer = float(str(value(sql, f"select pgml.predict('scaled', {missing}::real[])")))
        plain = float(str(value(sql, f"select pgml.predict('scaled', {put})")))
        # the mean is that of the training part, which is near that of all rows
        assert answer == pytest.approx(plain, abs=mean / 3)
        assert answer == value(
            sql, f"select pgml.predict('scaled', row{missing[5:].replace('[', '(').replace(']', ')')})"
        )


def _refusal(sql: Connection, expression: str) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught, sql.transaction():
        sql.execute(f"select {expression}")
    return caught.value


@pytest.mark.parametrize(
    ("features", "sqlstate", "parts"),
    [
        ("array[1]", "22023", ["expects 2 features (a, b), but got 1"]),
        ("array[1, 2, 3]", "22023", ["expects 2 features (a, b), but got 3"]),
        ("'{}'::real[]", "22023", ["expects 2 features (a, b), but got 0"]),
        ("'{1}'", "22023", ["expects 2 features (a, b), but got 1"]),
        ("row(1)", "22023", ["expects 2 features (a, b), but got 1"]),
        ("(1, 2, 3)", "22023", ["expects 2 features (a, b), but got 3"]),
        ("(select p from poor p)", "42703", ['expects a column "b"', "got: a, note"]),
        ("array[null, 2]::real[]", "22023", ['feature "a"', "is missing, expected a number"]),
        ("row(1, null)", "22023", ['feature "b"', "is missing, expected a number"]),
        ("array['NaN', 2]::real[]", "22023", ['feature "a"', "is missing, expected a number"]),
        ("array['Infinity', 2]::real[]", "22023", ['feature "a"', "expected a finite number"]),
        ("row(1, '-Infinity'::float8)", "22023", ['feature "b"', "expected a finite number"]),
        ("array[1, 1e39]", "22023", ['feature "b"', "1e+39", "within the range of real"]),
        ("row(1, 1e39)", "22023", ['feature "b"', "1e+39", "within the range of real"]),
        ("'{1,1e39}'", "22023", ['feature "b"', "1e+39", "within the range of real"]),
        ("row(1, 'x')", "22023", ['feature "b"', "'x', expected a number"]),
        ("(select s from (select 1 as a, 'x' as b) s)", "22023", ['feature "b"', "'x', expected a number"]),
        ("row(1, now())", "22023", ['feature "b"', "expected a number"]),
    ],
)
def test_what_does_not_fit_is_named(sql: Connection, features: str, sqlstate: str, parts: list[str]) -> None:
    model = model_of(sql, "plane")
    for asked in ("'plane'", f"{model}"):
        for function in ("predict", "predict_proba", "predict_label"):
            error = _refusal(sql, f"pgml.{function}({asked}, {features})")
            if function != "predict" and "WrongTask" in str(error):
                continue
            assert error.sqlstate == sqlstate, str(error)
            for part in [*parts, f'model {model} of project "plane"']:
                assert part in str(error)


@pytest.mark.parametrize(
    ("features", "sqlstate", "part"),
    [
        ("array['1', '2']", "22023", "features is an array of text, expected an array of numbers, or a row"),
        ("array['1', '2']::varchar[]", "22023", "features is an array of text"),
        ("now()", "22023", "expected an array of numbers, or a row"),
        ("'{1e400,1}'", "22003", '"1e400" is out of range'),
        ("'{1,x}'", "22P02", '"x"'),
        ("'1,2'", "22P02", 'malformed array literal: "1,2"'),
    ],
)
@pytest.mark.parametrize("function", ["predict", "predict_proba", "predict_label"])
def test_what_is_no_features_at_all(
    sql: Connection, function: str, features: str, sqlstate: str, part: str
) -> None:
    for asked in ("'sorts'", f"{model_of(sql, 'sorts')}"):
        error = _refusal(sql, f"pgml.{function}({asked}, {features})")
        assert error.sqlstate == sqlstate
        assert part in str(error)


@pytest.mark.parametrize("function", ["predict", "predict_proba", "predict_label"])
def test_who_is_asked(sql: Connection, function: str) -> None:
    for asked, sqlstate, part in (
        ("'nobody'", "42704", 'project "nobody" does not exist'),
        ("987654", "42704", "model 987654 does not exist"),
        ("null", "22004", "project_name is missing"),
        ("null::bigint", "22004", "model_id is missing"),
    ):
        for features in ("array[1]", "array[1]::real[]", "'{1}'", "row(1)"):
            error = _refusal(sql, f"pgml.{function}({asked}, {features})")
            assert error.sqlstate == sqlstate
            assert part in str(error)


def test_a_regression_has_neither_probabilities_nor_labels(sql: Connection) -> None:
    for function, lacking in (("predict_proba", "class probabilities"), ("predict_label", "class labels")):
        error = _refusal(sql, f"pgml.{function}('plane', array[1, 2])")
        assert error.sqlstate == "22023"
        assert f'of project "plane" is a regression model and has no {lacking}' in str(error)


@pytest.mark.parametrize("project", ["flowers", "ordered"])
def test_columns_of_text(sql: Connection, project: str) -> None:
    ask = f"select pgml.predict_label('{project}', %s)"
    assert value(sql, ask % "row('red', 3)") == value(
        sql, ask % "(select s from (select 3 as size, 'red' as colour) s)"
    )
    assert value(sql, ask % "row(null::text, 3)") in ("rose", "iris")
    assert value(sql, ask % "row('red', null::real)") in ("rose", "iris")
    error = _refusal(sql, f"pgml.predict('{project}', row(1, 2))")
    assert 'feature "colour"' in str(error)
    assert "expected a text" in str(error)
    error = _refusal(sql, f"pgml.predict('{project}', array[1, 2])")
    assert 'feature "colour"' in str(error)
    assert "a row, since this column is text" in str(error)


def test_texts_of_fixed_length(sql: Connection) -> None:
    for code in ("p.code", "p.code::text", "p.code::varchar", "p"):
        features = code if code == "p" else f"row({code}, p.n)"
        found = rows(sql, f"select p.y, pgml.predict('padded', {features}) from padded p")
        assert all(answer == pytest.approx(y, abs=1e-3) for y, answer in found)


def test_an_unknown_category(sql: Connection) -> None:
    assert value(sql, "select pgml.predict_label('flowers', row('mauve', 3))") in ("rose", "iris")
    error = _refusal(sql, "pgml.predict('ordered', row('mauve', 3))")
    assert error.sqlstate == "22023"
    assert 'feature "colour"' in str(error)
    assert '"mauve", expected one of "blue", "red"' in str(error)


NUMBERS = st.none() | st.floats(width=32, allow_infinity=False) | st.integers(-1000, 1000).map(float)


@pytest.mark.parametrize("project", ["holes", "scaled", "plane"])
def test_an_array_and_a_row_answer_alike(sql: Connection, project: str) -> None:
    model = model_of(sql, project)

    @settings(max_examples=60, deadline=None)
    @given(a=NUMBERS, b=NUMBERS)
    def alike(a: float | None, b: float | None) -> None:
        answers = set()
        for features in (
            "array[%(a)s::real, %(b)s::real]",
            "array[%(a)s::float8, %(b)s::float8]",
            "row(%(a)s::real, %(b)s::real)",
            "(select s from (select %(b)s::float8 as b, 'more' as c, %(a)s::float8 as a) s)",
        ):
            for asked in (f"'{project}'", f"{model}"):
                answers.add(_outcome(sql, f"select pgml.predict({asked}, {features})", a, b))
        assert len(answers) == 1

    alike()


def _outcome(sql: Connection, statement: str, a: float | None, b: float | None) -> object:
    try:
        with sql.transaction():
            row = sql.execute(statement, {"a": a, "b": b}).fetchone()
    except psycopg.Error as error:
        return error.diag.message_primary
    assert row is not None
    assert isinstance(row[0], float)
    assert math.isfinite(row[0])
    return row[0]
