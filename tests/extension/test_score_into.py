"""pgml.score_into writes what pgml.predict_relation answers, as any INSERT of the caller's would."""

from __future__ import annotations

import psycopg
import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection, Database, Server

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as
  select x as id, x::real as a, (x % 7)::float8 as b, 2 * x + 3 * (x % 7) as y from generate_series(1, 60) x;
create view points as select a, b, y from plane;
select pgml.train('plane', 'regression', 'points', 'y');
create view sorted as select a, b, (array['pear', 'apple', 'fig'])[1 + id / 21] as kind from plane;
select pgml.train('sorts', 'classification', 'sorted', 'kind');
create view evens as select a, b, y % 2 = 0 as y from plane;
select pgml.train('evens', 'classification', 'evens', 'y', 'random_forest', hyperparams => '{"n_estimators": 9}');
create table many as select x as id, x::real as a, x % 7 as b from generate_series(1, 200000) x;
create view bad as select id, a, case when id < 60000 then b end as b from many;
create schema "My Schema";
"""


def score(
    sql: Connection, target: str, *, project: str = "plane", relation: str = "plane", key: str = "id"
) -> object:
    return value(sql, "select pgml.score_into(%s, %s, %s, %s)", [project, relation, key, target])


def columns(sql: Connection, table: str) -> list[tuple[object, ...]]:
    return rows(
        sql,
        "select attname, format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 order by attnum",
        [table],
    )


@pytest.mark.parametrize("project", ["plane", "sorts", "evens"])
def test_a_new_table(sql: Connection, project: str) -> None:
    assert score(sql, "answers", project=project) == 60
    assert columns(sql, "answers") == [
        ("key", "integer"),
        ("prediction", "real"),
        ("label", "text"),
        ("probabilities", "real[]"),
    ]
    expected = rows(
        sql,
        "select key::int, prediction, label, probabilities from pgml.predict_relation(%s, 'plane', 'id')",
        [project],
    )
    assert rows(sql, "select * from answers") == expected
    # again, into the table that is there now
    assert score(sql, "answers", project=project) == 60
    assert rows(sql, "select * from answers") == [*expected, *expected]


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("answers", "public.answers"),
        ("ANSWERS", "public.answers"),
        ('"Answers"', 'public."Answers"'),
        ('"a.b""c"', 'public."a.b""c"'),
        ('"My Schema".answers', '"My Schema".answers'),
        ('"My Schema" . "My Answers"', '"My Schema"."My Answers"'),
        ("pg_temp.answers", "pg_temp.answers"),
        ('"x; drop table plane; --"', 'public."x; drop table plane; --"'),
    ],
)
def test_names_of_new_tables(sql: Connection, asked: str, made: str) -> None:
    assert score(sql, asked) == 60
    assert value(sql, f"select count(*) from {made}") == 60
    assert score(sql, asked) == 60
    assert value(sql, f"select count(*) from {made}") == 120


def test_the_callers_path(sql: Connection) -> None:
    sql.execute('set local search_path = "My Schema", public')
    assert score(sql, "answers") == 60
    assert value(sql, 'select count(*) from "My Schema".answers') == 60


def test_keys_of_every_kind(sql: Connection) -> None:
    sql.execute("create domain code as varchar(9)")
    sql.execute('create type "My Schema"."Pair" as (x int, y text)')
    for type_, key in (
        ("text", "'a,\"b\\' || id || '{}'"),
        ("character varying(7)", "id::varchar(7)"),
        ("numeric(12,3)", "(id / 3.0)::numeric(12, 3)"),
        ("double precision", "id / 3.0::float8"),
        ("timestamp with time zone", "now() + id * interval '1.000001 s'"),
        ("uuid", "md5(id::text)::uuid"),
        ("integer[]", "array[id, null]"),
        ("jsonb", "jsonb_build_object('a', id)"),
        ("bytea", "int4send(id)"),
        ("code", "('c' || id)::code"),
        ('"My Schema"."Pair"', 'row(id, \'a "b"\')::"My Schema"."Pair"'),
    ):
        sql.execute(f"create view keyed as select ({key}) as k, a, b from plane")
        assert score(sql, "answers", relation="keyed", key="k") == 60
        assert columns(sql, "answers")[0] == ("key", type_)
        assert value(sql, "select count(*) from answers join keyed on k is not distinct from key") == 60
        sql.execute("drop view keyed; drop table answers")


def test_missing_and_equal_keys(sql: Connection) -> None:
    sql.execute("create view keyed as select nullif(id % 2, 0) as k, a, b from plane")
    assert score(sql, "answers", relation="keyed", key="k") == 60
    assert rows(sql, "select key, count(*) from answers group by key order by key") == [(1, 30), (None, 30)]


def test_a_table_of_ones_own(sql: Connection) -> None:
    sql.execute("""
        create table answers (
          n bigint generated always as identity, prediction numeric(9, 1), at timestamptz not null default now(),
          key bigint primary key, label text default 'none', check (prediction < 1000), "other" int
        );
        create table log (what text);
        create function noted() returns trigger language plpgsql as $$
        begin
          new.other := new.key * 2;
          insert into log values (tg_op);
          return case when new.key <> 13 then new end;
        end $$;
        create trigger noted before insert on answers for each row execute function noted()
    """)
    assert score(sql, "answers") == 59
    assert rows(
        sql, "select count(*), min(n), max(n), count(at), sum(other - 2 * key), max(label) from answers"
    ) == [(59, 1, 60, 59, 0, "none")]
    assert value(sql, "select count(*) from log") == 60
    expected = value(
        sql, "select prediction::numeric(9, 1) from pgml.predict_relation('plane', 'plane', 'id') limit 1"
    )
    assert value(sql, "select prediction from answers where key = 1") == expected
    # the same keys once more
    refused(
        sql,
        "select pgml.score_into('plane', 'plane', 'id', 'answers')",
        sqlstate="23505",
        match="answers_pkey",
    )
    assert value(sql, "select count(*) from answers") == 59


def test_only_the_columns_that_are_there(sql: Connection) -> None:
    sql.execute("create table answers (label varchar(20), key text, prediction float8)")
    assert score(sql, "answers", project="sorts") == 60
    assert rows(sql, "select distinct label from answers order by 1") == [("apple",), ("fig",), ("pear",)]
    sql.execute("create table wide (probabilities float8[], prediction real, key int)")
    assert score(sql, "wide", project="sorts") == 60
    assert value(sql, "select bool_and(cardinality(probabilities) = 3) from wide") is True


def test_views_and_partitions_as_targets(sql: Connection) -> None:
    sql.execute("""
        create table parts (key int, prediction real) partition by range (key);
        create table part_1 partition of parts for values from (0) to (20);
        create table part_2 partition of parts for values from (20) to (100);
        create view seen as select prediction, key from parts;
    """)
    assert score(sql, "parts") == 60
    assert score(sql, "seen") == 60
    assert value(sql, "select count(*) from part_1") == 38


@pytest.mark.parametrize(
    ("table", "match"),
    [
        ("(id int, prediction real)", 'it has no column "key" \\(integer\\)'),
        ("(id int)", 'no column "key" \\(integer\\); it has no column "prediction" \\(real\\)'),
        ("(key date, prediction real)", 'its column "key" is of type date, not integer'),
        ("(key int, prediction bool, label text)", 'its column "prediction" is of type boolean, not real'),
        ("(key int, prediction real, label int, probabilities real)",
         'column "label" is of type integer, not text; its column "probabilities" is of type real, not real\\[\\]'),
    ],
)  # fmt: skip
def test_tables_that_do_not_fit(sql: Connection, table: str, match: str) -> None:
    sql.execute(f"create table answers {table}")
    refused(sql, "select pgml.score_into('sorts', 'plane', 'id', 'answers')", sqlstate="42804", match=match)


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "match"),
    [
        ("'plane', 'plane', 'id', null", "22004", "target_table is missing"),
        ("'plane', 'plane', 'id', ''", "22004", "target_table is missing"),
        ("null, 'plane', 'id', 'answers'", "22004", "project_name is missing"),
        ("'plane', 'plane', 'id', 'plane'", "22023", "public.plane, which is the relation to score, expected another"),
        ("'plane', 'plane', 'id', 'no such name'", "22023", '"no such name", which does not exist, expected a name'),
        ("'plane', 'plane', 'id', 'a.b.c'", "22023|0A000", "which does not exist, expected a name"),
        ("'plane', 'plane', 'id', 'nowhere.answers'", "22023", '"nowhere.answers", which has no schema to be made in'),
        ("'plane', 'nowhere', 'id', 'answers'", "42P01", 'relation "nowhere" does not exist'),
        ("'plane', 'plane', 'nothing', 'answers'", "42703", 'column "nothing" does not exist'),
        ("'plane', 'bad', 'id', 'answers'", "22023", '"b" of .* is missing, expected a number'),
    ],
)  # fmt: skip
def test_errors_leave_nothing(sql: Connection, arguments: str, sqlstate: str, match: str) -> None:
    with pytest.raises(psycopg.Error, match=match) as caught, sql.transaction():
        sql.execute(f"select pgml.score_into({arguments})")
    assert caught.value.sqlstate in sqlstate.split("|")
    assert value(sql, "select to_regclass('answers')") is None
    assert value(sql, "select count(*) from plane") == 60


def test_an_error_in_the_middle_takes_the_first_rows_along(sql: Connection) -> None:
    sql.execute("create table answers (key int, prediction real)")
    error = refused(
        sql, "select pgml.score_into('plane', 'bad', 'id', 'answers')", sqlstate="22023", match='"b" of'
    )
    assert 'the row whose id is "60000"' in str(error.diag.message_hint)
    assert value(sql, "select count(*) from answers") == 0
    assert score(sql, "answers") == 60


def test_many_rows(sql: Connection) -> None:
    assert score(sql, "answers", project="sorts", relation="many") == 200_000
    assert rows(sql, "select count(distinct key), min(key), max(key) from answers") == [(200_000, 1, 200_000)]
    # together rows are summed up in another order than alone, which a last bit may show
    found = rows(
        sql,
        """
        select count(*), count(*) filter (where label <> pgml.predict_label('sorts', array[a, b])),
          max(pgml.distance_l1(probabilities, pgml.predict_proba('sorts', array[a, b]::real[]))) < 1e-6
        from (select * from answers order by mod(key, 997), key limit 1000) s join many on id = key
        """,
    )
    assert found == [(1000, 0, True)]


def test_a_transaction_rolled_back(database: Database) -> None:
    with database.connect(autocommit=False) as connection:
        assert score(connection, "answers") == 60
        connection.rollback()
        assert value(connection, "select to_regclass('answers')") is None
        # a transaction that only reads can write nothing
        connection.execute("set transaction read only")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            score(connection, "answers")


def test_the_callers_rights(server: Server, database: Database) -> None:
    writer = server.role()
    with database.connect() as admin:
        admin.execute("create table filled (key int, prediction real)")
        admin.execute(f"grant select on points, plane to {writer}")
        with database.connect(role=writer) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                score(connection, "pg_temp.answers")
            admin.execute(f"grant execute on function pgml.score_into(text, text, text, text) to {writer}")
            assert score(connection, "pg_temp.answers") == 60
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                score(connection, "filled")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                score(connection, '"My Schema".answers')
            # who may only insert needs no more
            admin.execute(f"grant insert on filled to {writer}")
            assert score(connection, "filled") == 60
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                score(connection, "filled", relation="many")
        admin.execute("drop table filled")
        admin.execute(f"drop owned by {writer}")


def test_a_deployment_meanwhile_changes_nothing(database: Database) -> None:
    with database.connect() as connection, database.connect() as other:
        other.execute(
            "select pgml.train('plane', 'regression', 'points', 'y', 'xgboost', automatic_deploy => false)"
        )
        (old, new) = [
            row[0]
            for row in rows(other, "select id from pgml.trained_models where name = 'plane' order by id")
        ]
        # the first row waits until the other model is live
        connection.execute("""
            create extension dblink;
            create table switched (dsn text);
            create function switch() returns real language plpgsql volatile as $$
            begin
              if exists (select from switched) then
                perform * from dblink(
                  (select dsn from switched limit 1), 'select pgml.deploy((select max(id) from pgml.models))'
                ) as t (deployed text);
              end if;
              return 1;
            end $$;
            create view slow as select id, a * case when id = 1 then switch() else 1 end as a, b from many;
        """)
        expected = rows(connection, "select * from pgml.predict_relation('plane', 'slow', 'id')")
        connection.execute("insert into switched values (%s)", [database.dsn])
        for call in ("select * from pgml.predict_relation('plane', 'slow', 'id')",
                     "select pgml.score_into('plane', 'slow', 'id', 'answers'); select key::text, prediction, label, "
                     "probabilities from answers"):  # fmt: skip
            cursor = connection.execute(call)
            while cursor.nextset():
                pass
            assert cursor.fetchall() == expected
            assert value(other, "select id from pgml.deployed_models where name = 'plane'") == new
            other.execute("select pgml.deploy(%s)", [old])
        connection.execute("drop table answers")
