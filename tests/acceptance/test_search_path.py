"""A hostile search_path changes nothing: nothing of an attacker's runs when somebody else calls a function of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.work import LINE
from tests.servers import Connection, Database

# Every function, operator and plain type of pg_catalog once more, in a schema that comes first; each one raises.
TRAP = """
create schema trap;
create function trap.spring() returns void language plpgsql
as $f$ begin raise exception 'the attacker ran as %', current_user; end $f$;
create function trap.falls(pg_catalog.text) returns pg_catalog.bool language plpgsql
as $f$ begin raise exception 'the attacker ran as %', current_user; end $f$;

do $$
declare
  f record;
begin
  for f in
    select p.oid, p.proname, p.proretset, p.prorettype::regtype as result,
      (select string_agg(t::regtype::text, ', ' order by n)
       from unnest(p.proargtypes) with ordinality as a (t, n)) as arguments
    from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f'
      and p.prorettype not in ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype)
  loop
    begin
      execute format(
        'create function trap.%I(%s) returns %s%s language plpgsql as %L', f.proname, f.arguments,
        case when f.proretset then 'setof ' else '' end, f.result,
        'begin raise exception ''the attacker ran as % in ' || f.oid::regprocedure || ''', current_user; end');
    exception when others then null;
    end;
  end loop;
  for f in
    select o.oprname, o.oprleft, o.oprright, o.oprresult::regtype as result,
      'trap.operator_' || o.oid as name,
      case when o.oprleft = 0 then '' else o.oprleft::regtype || ', ' end || o.oprright::regtype as arguments
    from pg_operator o where o.oprnamespace = 'pg_catalog'::regnamespace
  loop
    begin
      execute format('create function %s(%s) returns %s language plpgsql as %L', f.name, f.arguments, f.result,
        'begin raise exception ''the attacker ran as % in operator ' || f.oprname || ''', current_user; end');
      execute format('create operator trap.%s (function = %s, %s rightarg = %s)', f.oprname, f.name,
        case when f.oprleft = 0 then '' else 'leftarg = ' || f.oprleft::regtype || ',' end, f.oprright::regtype);
    exception when others then null;
    end;
  end loop;
  for f in
    select t.typname, t.oid::regtype as base from pg_type t
    where t.typnamespace = 'pg_catalog'::regnamespace and t.typtype = 'b' and t.typcategory <> 'A'
  loop
    begin
      execute format('create domain trap.%I as %s check (trap.falls(null))', f.typname, f.base);
    exception when others then null;
    end;
  end loop;
end
$$;
create aggregate trap.count(*) (sfunc = trap.int8inc, stype = pg_catalog.int8, initcond = '0');
create function trap.join_bytes(pg_catalog.bytea, pg_catalog.bytea, pg_catalog.bytea) returns pg_catalog.bytea
language plpgsql as $f$ begin raise exception 'the attacker ran as %', current_user; end $f$;
create aggregate trap.string_agg(pg_catalog.bytea, pg_catalog.bytea)
  (sfunc = trap.join_bytes, stype = pg_catalog.bytea);
"""
TABLES = (
    "projects", "models", "files", "endpoints", "deployments", "snapshots", "removals", "_live", "_servable",
    "spaces", "members", "users", "assets", "asset_revisions", "online_deployments", "replacements",
    "pg_class", "pg_namespace", "pg_attribute", "pg_type", "pg_proc", "pg_roles", "pg_database",
    "pg_db_role_setting", "pg_am",
)  # fmt: skip
CALLS = """
select pgml.train('p', 'regression', 'line', 'y');
select pgml.train('p', 'regression', 'seen', 'y', algorithm => 'xgboost', hyperparams => '{"n_estimators": 3}');
select pgml.train('p'::pg_catalog.varchar, 'regression'::pgml.task, 'line', 'y');
select pgml.snapshot('line', 'y');
select pgml.snapshot('line'::pg_catalog.varchar, 'y', test_sampling => 'last'::pgml.sampling);
select pgml.predict('p', array[1.0]);
select pgml.predict('p', array[1]);
select pgml.predict('p', '{1}');
select pgml.predict_batch('p', array[1, 2]);
select * from pgml.predict_batch('p', '{1,2}');
select pgml.predict('p', row(1.0));
select pgml.predict((select id from pgml.trained_models limit 1), array[1.0]::real[]);
select pgml.deploy('p', 'most_recent');
select pgml.deploy('p', 'best_score', 'linear');
select pgml.deploy('p'::pg_catalog.varchar, 'rollback'::pgml.strategy);
select pgml.deploy('p', 'best_score'::pg_catalog.text, 'linear'::pgml.algorithm);
select pgml.deploy('p', 'best_score', algorithm_name => 'xgboost'::pg_catalog.varchar);
select * from pgml.history('p');
select * from pgml.live_at('p', pg_catalog.now());
select * from pgml.compatibility_report('p', (select id from pgml.trained_models limit 1));
select * from pgml.explain('p');
select * from pgml.explain('p', array[1.0]);
select * from pgml.explain('p', array[true]);
select * from pgml.explain('p', '{1}');
select * from pgml.explain('p', row(1.0), (select id from pgml.trained_models limit 1));
select pgml.set_strict('p', true);
select pgml.set_key_metric('p', 'mean_squared_error');
select pgml.undeploy('p');
select pgml.deploy('p', 'rollback');
select pgml.train('c', 'classification', 'kinds', 'y');
select pgml.predict_label('c', row(1.0, 'a', true, array[1.0, 2.0]::real[]));
select pgml.predict_proba('c', row(1.0, 'a', true, array[1.0, 2.0]::real[]));
select pgml.train_joint('j', 'classification', 'kinds', '{y,c}');
select pgml.train_joint('j'::pg_catalog.varchar, 'classification'::pgml.task, 'kinds', '{y,c}');
select pgml.predict_joint('j', row(1.0, 'a', array[1.0, 2.0]::real[]));
select pgml.train_joint('pair', 'regression', 'pair', '{y,z}');
select pgml.predict_joint('pair', array[1]);
select pgml.predict_joint('pair', array[1.0]);
select pgml.predict_joint('pair', '{1}');
select pgml.predict_joint(
  (select m.id from pgml.trained_models m where m.name operator(pg_catalog.=) 'pair'::pg_catalog.text), array[true]
);
select * from pgml.predict_relation('p', 'line', 'x');
select * from pgml.predict_relation('p', 'seen', 'x');
select * from pgml.predict_relation('c', 'kinds', 'b');
select pgml.score_into('p', 'line', 'x', 'scored');
select pgml.score_into('c', 'kinds', 'a', 'scored');
select pgml.promote((select id from pgml.trained_models limit 1), 'space');
select pgml.prune('p', 1);
select pgml.load_dataset('iris');
select pgml.load_dataset('digits', "limit" => 20);
delete from pgml.assets;
select pgml.delete_project('p');
select pgml.version();
"""


@pytest.fixture
def victim(database: Database) -> Iterator[Connection]:
    with database.connect() as admin:
        admin.execute(LINE)
        admin.execute("insert into pgml.spaces (name, creator_id) values ('space', gen_random_uuid())")
        admin.execute("create view seen as select * from line")
        admin.execute("create view pair as select x, y, y + 1 as z from line")
        admin.execute("""
            create table kinds as
            select x::real as a, chr(97 + x % 2) as b, x % 2 = 0 as c, array[x, 2]::real[] as d, chr(97 + x % 2) as y
            from generate_series(1, 60) x
        """)
        admin.execute(TRAP)
    with database.connect() as connection:
        yield connection


def test_the_trap_would_catch(victim: Connection) -> None:
    victim.execute("set search_path = trap, public, pg_catalog")
    for careless in (
        "select 'a'::pg_catalog.text = 'b'::pg_catalog.text",
        "select quote_ident('a')",
        "select 1::int8",
    ):
        with pytest.raises(Exception, match="the attacker ran as postgres"):
            victim.execute(careless.encode())


def test_nothing_of_an_attackers_runs(victim: Connection) -> None:
    victim.execute("set search_path = trap, public, pg_catalog")
    for call in CALLS.strip().split(";\n"):
        victim.execute(call.encode())


def test_temporary_tables_are_not_taken_for_ours(victim: Connection) -> None:
    for name in TABLES:
        victim.execute(
            f"create temporary table {name} (oid int, id bigint, name text, relname text)".encode()
        )
    for call in CALLS.strip().split(";\n"):
        victim.execute(call.encode())
