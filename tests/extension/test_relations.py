"""Whatever can be selected from can be trained on, under whatever name, with the caller's path and rights."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import conninfo

from tests.extension.statements import rows, undone, value
from tests.servers import Connection, Database, Server

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create schema one;
create schema "My Schema";
create table one.pairs as select x::real as x, x as y from generate_series(1, 31) x;
create table public.pairs as select x::real as x, x as y from generate_series(1, 32) x;
create table "Capital" as select x::real as x, x as y from generate_series(1, 33) x;
create table "with space" as select x::real as x, x as y from generate_series(1, 34) x;
create table "a.b" as select x::real as x, x as y from generate_series(1, 35) x;
create table "quo""te" as select x::real as x, x as y from generate_series(1, 36) x;
create table "t; drop table one.pairs; --" as select x::real as x, x as y from generate_series(1, 37) x;
create table "ünïcode 表" as select x::real as x, x as y from generate_series(1, 38) x;
create table "My Schema"."My.Table" as select x::real as x, x as y from generate_series(1, 39) x;
create view seen as select * from one.pairs where y <= 30;
create view joined as select b.x, b.y + p.y as y, row_number() over () as n
  from one.pairs b join public.pairs p using (x);
create materialized view stored as select x, y from one.pairs where y <= 29;
create table parts (x real, y int) partition by range (y);
create table part_1 partition of parts for values from (0) to (20);
create table part_2 partition of parts for values from (20) to (100);
insert into parts select x, x from generate_series(1, 42) x;
create table parent (x real, y int);
create table child (more int) inherits (parent);
insert into parent select x, x from generate_series(1, 20) x;
insert into child select x, x, x from generate_series(21, 43) x;
create table dropped (gone int, x real, also_gone text, y int);
alter table dropped drop column gone, drop column also_gone;
insert into dropped select x, x from generate_series(1, 44) x;
create table computed (x real, twice real generated always as (x * 2) stored, y int);
insert into computed (x, y) select x, x from generate_series(1, 45) x;
create unlogged table unlogged as select x::real as x, x as y from generate_series(1, 46) x;
-- a row a block and a quarter: more than one chunk, with holes where rows were deleted
create table long (x real, y int) with (fillfactor = 10);
insert into long select x, x from generate_series(1, 40000) x;
delete from long where y % 4 = 0;
create domain size as real check (value > 0);
create domain sizes as real[];
create table domains as select x::real::size as x, array[x, 1]::sizes as xs, x as y from generate_series(1, 47) x;
create table odd as select x as "a b", x % 3 as "c""d", x % 5 as "select", 'k' || x % 2 as "É;", x as "Y y."
  from generate_series(1, 48) x;
create table kinds as select x::smallint as a, x::int as b, x::bigint as c, x::real as d, x::float8 as e,
    x::numeric(10, 2) as f, x % 2 = 0 as g, 'k' || x % 2 as h, ('v' || x % 3)::varchar(9) as i, 'c'::char(4) as j,
    array[x, 1]::smallint[] as k, array[[x, 1], [2, x]]::float8[] as l, array[true, x > 3] as m, x as y
  from generate_series(1, 49) x;
create table secret as select x::real as x, x as y from generate_series(1, 50) x;
alter table secret enable row level security;
create policy small on secret using (y <= 30);
"""


def trained_rows(sql: Connection, relation: str, target: str = "y") -> int:
    """How many rows a training on the relation has read."""
    sql.execute("select pgml.train('p', 'regression', %s, %s)", [relation, target])
    parts = value(sql, "select analysis from pgml.snapshots order by id desc limit 1")
    assert isinstance(parts, dict)
    return int(parts["train"] + parts["test"])


@pytest.mark.parametrize(
    ("relation", "count"),
    [
        ("pairs", 32),
        ("public.pairs", 32),
        ("one.pairs", 31),
        ("ONE.Pairs", 31),
        ('"one"."pairs"', 31),
        ('one . "pairs"', 31),
        ('"Capital"', 33),
        ("Capital", 33),
        ("public.Capital", 33),
        ('public."Capital"', 33),
        ("with space", 34),
        ('"with space"', 34),
        ("public.with space", 34),
        ("a.b", 35),
        ('"a.b"', 35),
        ("public.a.b", 35),
        ('quo"te', 36),
        ('"quo""te"', 36),
        ("t; drop table one.pairs; --", 37),
        ('"t; drop table one.pairs; --"', 37),
        ("ünïcode 表", 38),
        ('"ünïcode 表"', 38),
        ("My Schema.My.Table", 39),
        ('"My Schema"."My.Table"', 39),
        ("seen", 30),
        ("joined", 31),
        ("stored", 29),
        ("parts", 42),
        ("part_1", 19),
        ("parent", 43),
        ("child", 23),
        ("dropped", 44),
        ("computed", 45),
        ("unlogged", 46),
        ("long", 30000),
        ("domains", 47),
        ("kinds", 49),
        ("secret", 50),
    ],
)
def test_a_relation(sql: Connection, relation: str, count: int) -> None:
    assert trained_rows(sql, relation) == count
    # what the snapshot says names the same relation, for everybody and whatever their path
    sql.execute("set local search_path = pg_catalog")
    sql.execute("select pgml.train('p')")
    parts = value(sql, "select analysis from pgml.snapshots order by id desc limit 1")
    assert isinstance(parts, dict)
    assert parts["train"] + parts["test"] == count
    assert value(sql, "select count(*) from one.pairs") == 31


def test_the_callers_path(sql: Connection) -> None:
    sql.execute("set local search_path = one, public")
    assert trained_rows(sql, "pairs") == 31
    assert value(sql, "select relation_name from pgml.snapshots order by id desc limit 1") == "one.pairs"


def test_a_temporary_table(sql: Connection) -> None:
    sql.execute("create temporary table pairs as select x::real as x, x as y from generate_series(1, 51) x")
    assert trained_rows(sql, "pairs") == 51
    assert trained_rows(sql, "pg_temp.pairs") == 51
    assert trained_rows(sql, "public.pairs") == 32
    assert trained_rows(sql, "pg_temp.pairs") == 51
    sql.execute("select pgml.train('p')")


def test_rows_of_the_callers_own_transaction(sql: Connection) -> None:
    sql.execute("insert into pairs select 1, 1 from generate_series(1, 3)")
    assert trained_rows(sql, "pairs") == 35


def test_odd_columns(sql: Connection) -> None:
    assert trained_rows(sql, "odd", "Y y.") == 48
    names = value(sql, "select columns from pgml.snapshots order by id desc limit 1")
    assert isinstance(names, list)
    assert [column["name"] for column in names] == ["a b", 'c"d', "select", "É;", "Y y."]
    answer = value(sql, "select pgml.predict('p', o) from odd o where \"a b\" = 10")
    assert answer == pytest.approx(10, abs=1e-2)


def test_every_type_of_feature(sql: Connection) -> None:
    assert trained_rows(sql, "kinds") == 49
    assert value(sql, "select num_features from pgml.models order by id desc limit 1") == 10 + 2 + 4 + 2
    answers = rows(sql, "select y, pgml.predict('p', whole) from kinds whole")
    assert all(answer == pytest.approx(y, abs=0.1) for y, answer in answers)


def test_arrays_are_features_one_by_one(sql: Connection) -> None:
    sql.execute("""
        create table matrices as select array[[x, x % 3], [x % 5, x % 7]] as m, x + 10 * (x % 7) as y
        from generate_series(1, 60) x
    """)
    trained_rows(sql, "matrices")
    assert value(sql, "select num_features from pgml.models order by id desc limit 1") == 4
    assert value(sql, "select pgml.predict('p', array[[1, 0], [0, 2]])") == pytest.approx(21, abs=0.01)
    assert value(sql, "select pgml.predict('p', array[1, 0, 0, 2])") == pytest.approx(21, abs=0.01)


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
            "create foreign table far_pairs (x real, y int) server far options (schema_name 'one', table_name 'pairs')"
        )
        assert trained_rows(sql, "far_pairs") == 31


def test_row_security_holds_for_the_caller(server: Server, database: Database) -> None:
    reader = server.role()
    with database.connect() as admin:
        admin.execute(f"grant select on secret to {reader}")
        admin.execute(f"grant execute on all functions in schema pgml to {reader}")
        with database.connect(role=reader) as connection:
            connection.execute("select pgml.train('theirs', 'regression', 'secret', 'y')")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select pgml.train('theirs', 'regression', 'one.pairs', 'y')")
        assert value(admin, "select analysis from pgml.snapshots order by id desc limit 1") == {
            "train": 22,
            "test": 8,
        }
        admin.execute("select pgml.delete_project('theirs')")
        admin.execute(f"drop owned by {reader}")
