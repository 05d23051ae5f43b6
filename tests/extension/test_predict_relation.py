"""pgml.predict_relation answers for every row of a relation what pgml.predict answers for that row."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import conninfo

from tests.extension.statements import refused, rows, undone, value
from tests.servers import Connection, Database, Server

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as
  select x as id, 'extra' as more, x::real as a, (x % 7)::float8 as b, 2 * x + 3 * (x % 7) as y
  from generate_series(1, 60) x;
create view points as select a, b, y from plane;
select pgml.train('plane', 'regression', 'points', 'y', 'xgboost', hyperparams => '{"n_estimators": 9}');
select pgml.train('near', 'regression', 'points', 'y', 'knn');
create table sorts as
  select x as id, x::real as a, case when x % 5 > 0 then (array['é,"', 'null', '{b}'])[1 + x % 3] end as colour,
    (array['pear', 'an "apple", a\\b', 'fig'])[1 + x / 21] as kind
  from generate_series(1, 62) x;
create view sorted as select a, colour, kind from sorts;
select pgml.train('sorts', 'classification', 'sorted', 'kind');
create view yes as select a, b, y > 60 as y from plane;
select pgml.train('yes', 'classification', 'yes', 'y', 'lightgbm');
create view fives as select a, b, (y % 3) * 5 as y from plane;
select pgml.train('fives', 'classification', 'fives', 'y', 'random_forest', hyperparams => '{"n_estimators": 9}');
create table holes as
  select x as id, nullif(x, 3)::numeric as a, array[nullif(x % 7, 0), x] as b, x + x % 7 as y
  from generate_series(1, 60) x;
create view perforated as select a, b, y from holes;
select pgml.train('holes', 'regression', 'perforated', 'y', 'lightgbm');
create view grouped as select a, b from plane;
select pgml.train('groups', 'clustering', 'grouped', algorithm => 'kmeans', hyperparams => '{"n_clusters": 3}');
select pgml.train('parts', 'decomposition', 'grouped', algorithm => 'pca');
create view two as select a, b, y, y + 1 as z from plane;
select pgml.train_joint('both', 'regression', 'two', array['y', 'z']);
create view ordered as select a, colour, a as y from sorts where colour is not null;
select pgml.train('ordered', 'regression', 'ordered', 'y',
  preprocess => '{"colour": {"encode": {"ordinal": ["é,\\"", "null", "{b}"]}}}');

create type size as enum ('small', 'large');
create table days as
  select x as id, nullif('2020-02-28'::date + x, '2020-03-01') as a,
    '2020-02-28 12:30'::timestamp - x * '7 s'::interval as b,
    '2020-02-28 12:30:01.5+03'::timestamptz + x * '1 day'::interval as c,
    (array['small', 'large'])[1 + x % 2]::size as d,
    array['2020-02-28'::date + x, null] as e, x % 3 as f, x as y
  from generate_series(1, 60) x;
create view dated as select a, b, c, d, e, f, y from days;
select pgml.train('days', 'regression', 'dated', 'y', 'lightgbm', preprocess => '{"f": {"encode": "one_hot"}}');

create schema "My Schema";
create table "My Schema"."Odd ""name"".t" as
  select x as "the Key", x::real as a, x % 7 as b from generate_series(1, 31) x;
create materialized view stored as select id, a, b from plane where id <= 29;
create table ranges (id int, a real, b real) partition by range (id);
create table range_1 partition of ranges for values from (0) to (20);
create table range_2 partition of ranges for values from (20) to (100);
insert into ranges select x, x, x % 7 from generate_series(1, 42) x;
create table parent (id int, a real, b real);
create table child (more int) inherits (parent);
insert into parent select x, x, x from generate_series(1, 20) x;
insert into child select x, x, x, x from generate_series(21, 43) x;
create table turnout_range (turnout_part int, a real, b real);
insert into turnout_range select x, x, x % 7 from generate_series(1, 44) x;
create view turnout_row as select turnout_part as turnout_chunk, a, b, 1 as n, 2 as keys from turnout_range;
create table nothing (id int, a real, b real);
create table doubled as select 7 as id, a, b from plane union all select null, a, b from plane;
-- a row a block and a quarter: more than one chunk, with holes where rows were deleted
create table long (id bigint, b smallint, a numeric(12, 2)) with (fillfactor = 10);
insert into long select x, x % 7, x / 4.0 from generate_series(1, 40000) x;
delete from long where id % 4 = 0;
create view long_seen as select * from long;
create table secret as select id, a, b from plane;
alter table secret enable row level security;
create policy small on secret using (id <= 30);
"""


def scored(sql: Connection, project: str, relation: str, key: str = "id") -> list[tuple[object, ...]]:
    return rows(sql, "select * from pgml.predict_relation(%s, %s, %s)", [project, relation, key])


@pytest.mark.parametrize(
    ("relation", "key", "count"),
    [
        ("plane", "id", 60),
        ("public.plane", "a", 60),
        ('"My Schema"."Odd ""name"".t"', "the Key", 31),
        ('My Schema.Odd "name".t', "the Key", 31),
        ("points", "a", 60),
        ("stored", "id", 29),
        ("ranges", "id", 42),
        ("range_1", "id", 19),
        ("parent", "id", 43),
        ("child", "id", 23),
        ("turnout_range", "turnout_part", 44),
        ("turnout_row", "turnout_chunk", 44),
        ("nothing", "id", 0),
        ("long", "id", 30000),
        ("long_seen", "id", 30000),
        ("secret", "id", 60),
    ],
)
def test_every_kind_of_relation(sql: Connection, relation: str, key: str, count: int) -> None:
    found = scored(sql, "plane", relation, key)
    assert len(found) == count
    name = relation if relation.startswith('"') or '"' not in relation else '"My Schema"."Odd ""name"".t"'
    quoted = '"' + key + '"'
    expected = rows(sql, f"select {quoted}::text, pgml.predict('plane', array[a, b]), null, null from {name}")
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("project", ["plane", "near"])
def test_several_threads_answer_as_one(sql: Connection, project: str) -> None:
    sql.execute(
        "create table dense as select x as id, x::real as a, x % 7 as b from generate_series(1, 30000) x"
    )
    alone = scored(sql, project, "dense")
    sql.execute("set local pgml.predict_threads = 3")
    assert scored(sql, project, "dense") == alone
    assert len(alone) == 30000


def test_a_temporary_table(sql: Connection) -> None:
    sql.execute(
        "create temporary table plane as select 'k' || x as id, x as a, x as b from generate_series(1, 5) x"
    )
    assert [row[0] for row in scored(sql, "plane", "plane")] == ["k1", "k2", "k3", "k4", "k5"]
    assert len(scored(sql, "plane", "public.plane")) == 60
    sql.execute("insert into pg_temp.plane values ('new', 1, 2)")
    assert len(scored(sql, "plane", "pg_temp.plane")) == 6


def test_a_foreign_table(server: Server, database: Database) -> None:
    dsn = conninfo.conninfo_to_dict(database.dsn)
    with database.connect() as connection, undone(connection) as sql:
        sql.execute("create extension postgres_fdw")
        sql.execute(f"""
            create server far foreign data wrapper postgres_fdw
            options (host '{dsn["host"]}', port '{dsn["port"]}', dbname '{dsn["dbname"]}')
        """)
        sql.execute(
            f"create user mapping for current_user server far options (user 'postgres', password '{dsn['password']}')"
        )
        sql.execute(
            "create foreign table far (id int, a real, b real) server far options (table_name 'plane')"
        )
        assert sorted(scored(sql, "plane", "far")) == sorted(scored(sql, "plane", "plane"))


@pytest.mark.parametrize(
    ("project", "relation", "row"),
    [
        ("plane", "plane", "r"),
        ("sorts", "sorts", "r"),
        ("yes", "plane", "r"),
        ("fives", "plane", "r"),
        ("holes", "holes", "r"),
        ("groups", "plane", "r"),
        ("ordered", "ordered", "r"),
        ("days", "days", "r"),
    ],
)
def test_each_answer_is_that_of_its_row(sql: Connection, project: str, relation: str, row: str) -> None:
    classifies = project in ("sorts", "yes", "fives")
    key = "a" if relation == "ordered" else "id"
    found = scored(sql, project, relation, key)
    label, probabilities = (
        (f"pgml.predict_label('{project}', r)", f"pgml.predict_proba('{project}', r)")
        if classifies
        else ("null", "null")
    )
    expected = rows(
        sql,
        f"select {key}::text, pgml.predict('{project}', r), {label}, {probabilities} from {relation} r",
    )
    assert found == expected
    assert len({row[1] for row in found}) > 1


def test_keys_of_every_kind(sql: Connection) -> None:
    for type_, key in (
        ("text", "'a,\"b\\' || n || '{}'"),
        ("text", "case when n > 1 then 'NULL' end"),
        ("date", "'2020-01-01'::date + n"),
        ("int[]", "array[n, null]"),
        ("jsonb", "jsonb_build_object('a', n)"),
        ("a row", "(select p from plane p where id = n)"),
        ("boolean", "n = 1"),
        ("char(5)", "n::char(5)"),
    ):
        sql.execute(
            f"create temporary view keyed as select ({key}) as key, n as a, n as b from generate_series(1, 3) n"
        )
        expected = [row[0] for row in rows(sql, "select key::text from keyed")]
        assert [row[0] for row in scored(sql, "plane", "keyed", "key")] == expected, type_
        sql.execute("drop view keyed")


def test_keys_may_be_missing_or_equal(sql: Connection) -> None:
    found = scored(sql, "plane", "doubled")
    assert [row[0] for row in found] == ["7"] * 60 + [None] * 60
    assert [row[1] for row in found[:60]] == [row[1] for row in found[60:]]


def test_columns_are_taken_by_name_and_as_they_are_now(sql: Connection) -> None:
    expected = scored(sql, "plane", "plane")
    sql.execute("create table changed as select * from plane")
    sql.execute("alter table changed alter a type numeric, alter b type smallint, drop column more")
    sql.execute("create view turned as select id, 'x'::xml as more, b, a from changed")
    assert scored(sql, "plane", "changed") == expected
    assert scored(sql, "plane", "turned") == expected


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "match"),
    [
        ("null, 'plane', 'id'", "22004", "project_name is missing"),
        ("'plane', null, 'id'", "22004", "relation_name is missing"),
        ("'plane', 'plane', null", "22004", "key_column is missing"),
        ("'nobody', 'plane', 'id'", "42704", 'project "nobody" does not exist'),
        ("'plane', 'nowhere', 'id'", "42P01", 'relation "nowhere" does not exist'),
        ("'plane', 'plane', 'ID'", "42703", 'column "ID" does not exist .* it has: id, more, a, b, y'),
        ("'plane', 'sorts', 'id'", "42703", r'model \d+ of project "plane" expects a column "b", but got: id, a, col'),
        ("'sorts', 'wrong_text', 'id'", "22023",
         r'"colour" of model \d+ of project "sorts" is of type integer, expected text'),
        ("'plane', 'wrong_number', 'id'", "22023", '"b" of .* is of type text, expected float8'),
        ("'plane', 'wrong_uuid', 'id'", "42804", 'column "b" has type uuid'),
        ("'plane', 'holes', 'id'", "22023", r'"b" of .* is of type integer\[\], expected float8'),
        ("'holes', 'plane', 'id'", "22023", '"b" of .* is of type double precision, expected arrays of 2 numbers'),
        ("'holes', 'wrong_length', 'id'", "22023",
         '"b" of .* is an array of another length in 2 rows or more, expected an array of 2 numbers'),
        ("'plane', 'infinite', 'id'", "22023", '"b" of .* is inf, expected a finite number'),
        ("'plane', 'large', 'id'", "22023", '"b" of .* is inf, expected a finite number'),
        ("'plane', 'larger', 'id'", "22023", "out of the range of double precision"),
        ("'days', 'late_day', 'id'", "22023", '"a" of .* is inf, expected a finite number'),
        ("'days', 'no_zone', 'id'", "22023", '"c" of .* is of type timestamp without time zone, expected timestamptz'),
        ("'ordered', 'sorts', 'id'", "22023", '"colour" of .* is missing, expected one of'),
        ("'ordered', 'unknown', 'id'", "22023", '"colour" of .* is "red", expected one of'),
        ("'parts', 'plane', 'id'", "22023", "is a decomposition model and has no single answer: ask pgml.decompose"),
        ("'both', 'plane', 'id'", "0A000", "answers for several targets at once; ask pgml.predict_joint"),
        ("'plane', 'dividing', 'id'", "22012", "division by zero"),
    ],
)  # fmt: skip
def test_errors(sql: Connection, arguments: str, sqlstate: str, match: str) -> None:
    sql.execute("""
        create view wrong_text as select 1 as id, 1 as a, 1 as colour;
        create view wrong_number as select 1 as id, 1 as a, 'x'::text as b;
        create view wrong_uuid as select 1 as id, 1 as a, gen_random_uuid() as b;
        create view wrong_length as
          select n as id, n as a, case when n < 3 then '{1,2}' else '{1}' end::int[] as b from generate_series(1, 4) n;
        create view infinite as select 1 as id, 1 as a, 'infinity'::real as b;
        create view large as
          select n as id, 1 as a, case n when 9 then 1e39 else 1 end as b from generate_series(1, 9) n;
        create view late_day as select id, 'infinity'::date as a, b, c, d, e, f from days;
        create view no_zone as select id, a, b, c::timestamp as c, d, e, f from days;
        create view larger as select 1 as id, 1 as a, 1e400 as b;
        create view unknown as select 'first' as id, 1 as a, 'red' as colour;
        create view dividing as select n as id, 1 as a, 1 / (50000 - n) as b from generate_series(1, 60000) n;
    """)
    refused(sql, f"select * from pgml.predict_relation({arguments})", sqlstate=sqlstate, match=match)
    # the session is as good as before
    assert len(scored(sql, "plane", "plane")) == 60


def test_an_error_names_the_first_row_that_cannot_be_answered(sql: Connection) -> None:
    sql.execute("""
        create view late as
          select n as id, 1 as a, case when n in (50001, 50009) then 'red' else 'null' end as colour
          from generate_series(1, 60000) n
    """)
    error = refused(
        sql,
        "select * from pgml.predict_relation('ordered', 'late', 'id')",
        sqlstate="22023",
        match='"colour" of .* is "red"',
    )
    assert 'whose id is "50001"' in str(error.diag.message_hint)


def test_what_predict_answers_for_one_row_is_the_same_error(sql: Connection) -> None:
    sql.execute("create view lost as select 1 as id, null::real as a, 'null' as colour")
    with pytest.raises(psycopg.Error) as one, sql.transaction():
        sql.execute("select pgml.predict('ordered', r) from lost r")
    with pytest.raises(psycopg.Error) as all_, sql.transaction():
        scored(sql, "ordered", "lost")
    assert one.value.diag.message_primary == all_.value.diag.message_primary
    assert one.value.sqlstate == all_.value.sqlstate


def test_only_some_rows_are_taken(sql: Connection) -> None:
    assert len(rows(sql, "select * from pgml.predict_relation('plane', 'long', 'id') limit 10")) == 10
    assert value(sql, "select exists (select from pgml.predict_relation('plane', 'long_seen', 'id'))") is True
    assert value(sql, "select pg_typeof(p) from pgml.predict_relation('plane', 'plane', 'id') p limit 1")
    found = rows(sql, "select p.prediction from plane join pgml.predict_relation('plane', 'plane', 'id') p"
                 " on p.key = plane.id::text where plane.id = 7")  # fmt: skip
    assert found == rows(sql, "select pgml.predict('plane', array[7, 0])")


def test_several_at_once(sql: Connection) -> None:
    count = value(
        sql,
        """
        select count(*) from pgml.predict_relation('plane', 'long', 'id') p
        join pgml.predict_relation('plane', 'long_seen', 'id') q using (key, prediction)
        """,
    )
    assert count == 30000
    sql.execute("create view nested as select key as id, prediction as a, prediction as b"
                " from pgml.predict_relation('plane', 'long_seen', 'id')")  # fmt: skip
    assert len(scored(sql, "plane", "nested")) == 30000


def test_a_cursor(database: Database) -> None:
    with database.connect(autocommit=False) as connection:
        for relation in ("long", "long_seen"):
            connection.execute(
                f"declare c cursor for select key from pgml.predict_relation('plane', '{relation}', 'id')"
            )
            assert rows(connection, "fetch 2 from c") == [("1",), ("2",)]
            # what happens meanwhile changes nothing
            connection.execute("savepoint s; delete from long; rollback to s")
            assert len(rows(connection, "fetch all from c")) == 29998
            connection.execute("close c")
            connection.execute(
                f"declare c cursor with hold for select key from pgml.predict_relation('plane', '{relation}', 'id')"
            )
            connection.execute("fetch 2 from c")
            connection.commit()
            assert len(rows(connection, "fetch all from c")) == 29998
            connection.execute("close c")
            connection.execute(
                f"declare c cursor for select key from pgml.predict_relation('plane', '{relation}', 'id')"
            )
            connection.execute("fetch 2 from c")
            connection.commit()


@pytest.mark.parametrize("relation", ["plane", "points"])
def test_in_a_transaction_that_only_reads(database: Database, relation: str) -> None:
    with database.connect(autocommit=False) as connection:
        connection.execute("set transaction isolation level repeatable read read only")
        assert len(scored(connection, "plane", relation, "a")) == 60
        assert value(connection, "select count(*) from pg_class where relname ~ '^turnout_rows'") == 0


def test_after_an_error_in_a_block(sql: Connection) -> None:
    sql.execute("""
        create view dividing as select n as id, 1 as a, 1 / (50000 - n) as b from generate_series(1, 60000) n;
        create table outcomes (what text);
        do $$
        begin
          for i in 1 .. 3 loop
            begin
              perform count(*) from pgml.predict_relation('plane', 'dividing', 'id');
            exception when division_by_zero then
              insert into outcomes values (sqlerrm);
            end;
            insert into outcomes select count(*) from pgml.predict_relation('plane', 'long_seen', 'id');
          end loop;
        end
        $$
    """)
    found = [str(row[0]) for row in rows(sql, "select what from outcomes")]
    assert [what for what in found if what == "30000"] == ["30000"] * 3
    assert len(found) == 6


def test_the_callers_rights(server: Server, database: Database) -> None:
    reader = server.role()
    with database.connect() as admin:
        admin.execute(f"grant select on secret to {reader}")
        admin.execute(f"grant select (id, a) on plane to {reader}")
        with database.connect(role=reader) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                scored(connection, "plane", "secret")
            admin.execute(f"grant execute on all functions in schema pgml to {reader}")
            assert len(scored(connection, "plane", "secret")) == 30
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                scored(connection, "plane", "plane")
            admin.execute(f"grant select (b) on plane to {reader}")
            assert len(scored(connection, "plane", "plane")) == 60
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                scored(connection, "plane", "points", "a")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="it serves pgml"):
                connection.execute("select pgml._predict_chunk(1)")
        admin.execute(f"drop owned by {reader}")
