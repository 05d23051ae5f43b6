"""pgml.snapshot in every form: what it describes, that it stands for itself, and that a refusal leaves nothing."""

from __future__ import annotations

import psycopg
import pytest

from tests.extension.statements import refused, rows, undone, value
from tests.servers import Connection, Database

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table t as
  select x::real as x, case when x % 10 > 0 then chr(97 + x % 3) end as colour,
    array[x, -x] as pair, date '2025-01-01' + x as day, x % 4 as kind, x % 2 = 0 as even, 2.5 * x as y
  from generate_series(1, 40) x;
create schema "Odd one";
create view "Odd one"."My view" as select x, colour, y as "the Y" from t;
create table none (x real, y real);
create table holes as select x, nullif(x, 7) as y from generate_series(1, 40) x;
create table worthless as select x, 'NaN'::real as y, 'infinity'::real as far from generate_series(1, 40) x;
create table identified as select gen_random_uuid() as u, x as y from generate_series(1, 40) x;
"""


def snapshot(sql: Connection, arguments: str) -> tuple[object, ...]:
    return rows(sql, f"select relation, y_column_name from pgml.snapshot({arguments})")[0]


def columns(sql: Connection) -> object:
    return value(sql, "select columns from pgml.snapshots order by id desc limit 1")


@pytest.mark.parametrize(
    ("arguments", "size", "sampling"),
    [
        ("'t', 'y'", 0.25, "stratified"),
        ("'t', 'y', 0.5", 0.5, "stratified"),
        ("'t', 'y', 0.5, 'last'", 0.5, "last"),
        ("'t', 'y', 0.5, 'last', '{}'", 0.5, "last"),
        ("'t', 'y', test_sampling => 'random'", 0.25, "random"),
        ("relation_name => 't', y_column_name => 'y', test_size => 10", 10, "stratified"),
        ("'t'::text, 'y'::text", 0.25, "stratified"),
        ("'t'::varchar, 'y'::varchar", 0.25, "stratified"),
        ("'t'::varchar, 'y'::varchar, 0.5, 'last'::varchar", 0.5, "last"),
        ("'t', 'y', 0.5, 'last'::text", 0.5, "last"),
        ("'t', 'y', 0.5, 'last'::pgml.sampling", 0.5, "last"),
        ("'t'::text, 'y'::text, 0.5::real, 'last'::pgml.sampling, '{}'::jsonb", 0.5, "last"),
        ("'t'::varchar, 'y', test_sampling => 'first'::pgml.sampling", 0.25, "first"),
        ("'t', 'y', null, null::text, null", 0.25, "stratified"),
        ("'t', 'y', null, null, null", 0.25, "stratified"),
    ],
)
def test_every_form(sql: Connection, arguments: str, size: float, sampling: str) -> None:
    assert snapshot(sql, arguments) == ("t", "y")
    kept = "relation_name, y_column_name, test_size, test_sampling::text, status::text, materialized, analysis, split"
    assert rows(sql, f"select {kept} from pgml.snapshots") == [
        ("public.t", ["y"], size, sampling, "successful", False, {"rows": 40}, None)
    ]


@pytest.mark.parametrize(("target", "task"), [("y", "regression"), ("kind", "classification")])
def test_columns_are_described_as_by_a_training(sql: Connection, target: str, task: str) -> None:
    preprocess = """{"colour": {"impute": "mode"}}"""
    sql.execute("select pgml.snapshot('t', %s, preprocess => %s)", [target, preprocess])
    described = columns(sql)
    sql.execute(
        "select pgml.train('p', %s, 't', %s, 'xgboost', preprocess => %s)", [task, target, preprocess]
    )
    assert columns(sql) == described
    assert isinstance(described, list)
    assert {column["name"] for column in described if column["label"]} == {target}
    assert all(column["statistics"] for column in described)
    assert rows(sql, "select distinct preprocess from pgml.snapshots") == [({"colour": {"impute": "mode"}},)]


@pytest.mark.parametrize("target", ["colour", "even", "kind"])
def test_classes_are_counted(sql: Connection, target: str) -> None:
    sql.execute("create view known as select * from t where colour is not null")
    snapshot(sql, f"'known', '{target}'")
    described = columns(sql)
    assert isinstance(described, list)
    (label,) = (column for column in described if column["label"])
    counts = rows(sql, f"select {target}::text, count(*) from known group by 1")
    assert sorted(label["statistics"]["categories"].items()) == sorted(counts)


def test_it_stands_for_itself(sql: Connection) -> None:
    sql.execute("select pgml.train('p', 'regression', 't', 'y')")
    sql.execute("create table other as select x, 3 * x as y from generate_series(1, 40) x")
    snapshot(sql, "'other', 'y'")
    sql.execute("select pgml.train('p', algorithm => 'ridge')")
    assert rows(sql, "select relation_name from pgml.snapshots order by id") == [
        ("public.t",), ("public.other",), ("public.t",)
    ]  # fmt: skip
    assert value(sql, "select count(*) from pgml.models where snapshot_id = 2") == 0
    sql.execute("select pgml.delete_project('p')")
    assert rows(sql, "select relation_name from pgml.snapshots") == [("public.other",)]


def test_names_that_need_quotes(sql: Connection) -> None:
    answer = rows(sql, "select * from pgml.snapshot(%s, %s)", ['"Odd one"."My view"', "the Y"])
    assert answer == [('"Odd one"."My view"', "the Y")]
    assert value(sql, "select relation_name from pgml.snapshots") == '"Odd one"."My view"'


def test_undone_it_leaves_nothing(sql: Connection) -> None:
    with undone(sql):
        snapshot(sql, "'t', 'y'")
    assert value(sql, "select count(*) from pgml.snapshots") == 0


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "match"),
    [
        ("null::text, 'y'", "22004", "relation_name is missing"),
        ("'', 'y'", "22004", "relation_name is missing"),
        ("'t', null", "22004", "y_column_name is missing"),
        ("'nowhere', 'y'", "42P01", 'relation "nowhere" does not exist'),
        ("'t; drop table t', 'y'", "42P01", "does not exist"),
        ("'t', 'Y'", "42703", 'column "Y" does not exist in relation "public.t"'),
        ("'t', 'y', 0", "22023", "test_size is 0, expected a share"),
        ("'t', 'y', 'NaN'", "22023", "test_size is nan"),
        ("'t', 'y', 1.5", "22023", "expected a whole number of rows"),
        ("'t', 'y', 40", "22023", "test_size 40 leaves none to train on"),
        ("'t', 'y', 0.25, 'all'", "22023", 'test_sampling "all" does not exist; expected one of: random'),
        ("'t', 'y', 0.25, 'last', '[]'", "22023", r"preprocess is \[\], expected a JSON object"),
        ("'t', 'y', preprocess => '{\"z\": {}}'", "42703", 'column "z" does not exist'),
        ("'t', 'y', preprocess => '{\"x\": {\"scale\": \"up\"}}'", "22023", 'scale "up" does not exist'),
        ("'t', 'day'", "42804", 'column "day" has type date, which cannot be used as the target'),
        ("'t', 'pair'", "42804", 'column "pair" has type integer'),
        ("'t', 'colour'", "22004", 'rows of relation "t" have no value in the target column "colour"'),
        ("'holes', 'y'", "22004", "1 of 40 rows"),
        ("'none', 'y'", "22023", "it has no rows"),
        ("'worthless', 'y'", "22023", 'column "far" has 40 values that are infinite'),
        ("'worthless', 'x'", "22023", 'column "far" has 40 values that are infinite'),
        ("'identified', 'y'", "42804", 'column "u" has type uuid'),
    ],
)
def test_what_cannot_be_described_leaves_nothing(
    sql: Connection, arguments: str, sqlstate: str, match: str
) -> None:
    refused(sql, f"select pgml.snapshot({arguments})", sqlstate=sqlstate, match=match)


def test_it_reads_with_the_rights_of_its_caller(database: Database) -> None:
    role = database.server.role()
    with database.connect() as admin, database.connect(role=role) as somebody:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
            somebody.execute("select pgml.snapshot('t', 'y')")
        admin.execute(f"grant execute on function pgml.snapshot(text, text, real, text, jsonb) to {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for table t"):
            somebody.execute("select pgml.snapshot('t', 'y')")
        admin.execute(f"grant select on t to {role}; alter table t enable row level security")
        admin.execute(f"create policy few on t to {role} using (x <= 12)")
        somebody.execute("select pgml.snapshot('t', 'y')")
        assert rows(admin, "select analysis from pgml.snapshots") == [({"rows": 12},)]
        admin.execute("delete from pgml.snapshots; alter table t disable row level security")
        admin.execute(f"drop policy few on t; drop owned by {role}")
