"""Who may do what: nothing that was not granted, nothing to what belongs to others, each with his own rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from tests.acceptance.work import LINE, models, one, predict, train
from tests.servers import Connection, Database

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "grant.md"
EVERYBODY = {
    "_answers(keys text, scores text, numbers real[], labels text[], probabilities text)",
    "_as_owner()", "_read()", "_read_as_owner()", "_start()", "version()",
}  # fmt: skip
# functions of vectors and metrics, which look at nothing but their arguments
PURE = {
    "_magnitudes", "_max_abs_step", "_max_step", "_min_abs_step", "_min_step", "_missing", "_product", "_quotient",
    "_real", "_reals", "_sum_step", "_unequal", "add", "cosine_similarity", "distance_l1", "distance_l2", "divide",
    "dot_product", "max", "max_abs", "min", "min_abs", "multiply", "norm_l0", "norm_l1", "norm_l2", "norm_max",
    "normalize_l1", "normalize_l2", "normalize_max", "sklearn_classification_metrics", "sklearn_f1_score",
    "sklearn_r2_score", "sklearn_regression_metrics", "subtract", "sum",
}  # fmt: skip


def snippet(heading: str, **names: str) -> LiteralString:
    """The SQL below a heading of the guide, with roles of this test in the places of its own."""
    section = GUIDE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    text: str = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)[0]
    for role, name in names.items():
        text = re.sub(rf"\b{role}\b", name, text)
    return text


@pytest.fixture
def admin(database: Database) -> Iterator[Connection]:
    with database.connect() as connection:
        connection.execute(LINE)
        yield connection


def a_role(database: Database, admin: Connection, *may: str) -> str:
    """A role with the grants of the guide's scoring, analyst or releaser."""
    name = database.server.role()
    headings = {"scoring": "predicts", "analyst": "trains", "releaser": "deploys"}
    for what in may:
        admin.execute(snippet(f"A role that {headings[what]}", **{what: name}))
    return name


def grant(admin: Connection, text: LiteralString, *names: str) -> None:
    admin.execute(sql.SQL(text).format(*map(sql.Identifier, names)))


def test_everybody_may_run_what_is_listed_and_nothing_else(admin: Connection) -> None:
    rows = admin.execute("""
        select p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')'
        from pg_proc p
        where p.pronamespace = 'pgml'::regnamespace and has_function_privilege('public', p.oid, 'execute')
          and p.provolatile <> 'i'
    """).fetchall()
    assert {str(row[0]) for row in rows} == EVERYBODY
    pure = admin.execute("""
        select p.proname, bool_and(has_function_privilege('public', p.oid, 'execute')),
          bool_and(l.lanname in ('sql', 'plpgsql') or p.prokind = 'a'), bool_or(p.prosecdef)
        from pg_proc p join pg_language l on l.oid = p.prolang
        where p.pronamespace = 'pgml'::regnamespace and p.provolatile = 'i'
        group by p.proname
    """).fetchall()
    assert set(pure) == {(name, True, True, False) for name in PURE}


def test_everybody_may_read_two_narrow_views_and_nothing_else(admin: Connection) -> None:
    rows = admin.execute("""
        select c.relname, a.privilege_type
        from pg_class c, aclexplode(c.relacl) a
        where c.relnamespace = 'pgml'::regnamespace and a.grantee = 0
    """).fetchall()
    assert set(rows) == {("_live", "SELECT"), ("_servable", "SELECT")}
    columns = admin.execute("""
        select attname from pg_attribute
        where attrelid in ('pgml._live'::regclass, 'pgml._servable'::regclass) and attnum > 0
    """).fetchall()
    assert {str(row[0]) for row in columns} == {
        "name", "model_id", "revision", "artifact_sha256", "id", "status", "deleted_at",
    }  # fmt: skip


def test_definers_have_a_search_path_and_invokers_none(admin: Connection) -> None:
    rows = admin.execute("""
        select p.proname, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), '')
        from pg_proc p join pg_language l on l.oid = p.prolang
        where p.pronamespace = 'pgml'::regnamespace and p.prorettype <> 'trigger'::regtype
    """).fetchall()
    assert any(definer for _, definer, _ in rows)
    for name, definer, settings in rows:
        expected = "search_path=pg_catalog, pg_temp" if definer else ""
        assert str(settings).replace("jit=off", "") == expected, name


def test_a_role_without_grants_can_do_nothing(database: Database, admin: Connection) -> None:
    train(admin, "theirs")
    role = a_role(database, admin)
    grant(admin, "grant select on line to {}", role)
    with database.connect(role=role) as nobody:
        assert one(nobody, "select pgml.version()")
        for attempt in (
            "select pgml.predict('theirs', array[1.0])",
            "select pgml.predict((select id from pgml._servable), array[1.0])",
            "select * from pgml.train('mine', 'regression', 'line', 'y')",
            "select * from pgml.deploy('theirs', 'most_recent')",
            "select * from pgml.undeploy('theirs')",
            "select pgml.delete_project('theirs')",
            "select pgml.load_dataset('iris')",
            "select * from pgml.projects",
            "select * from pgml.files",
            "delete from pgml.deployments",
            "create table pgml.mine (x int)",
        ):
            with pytest.raises(InsufficientPrivilege):
                nobody.execute(attempt)


@pytest.mark.parametrize("function", ["_as_owner", "_read_as_owner", "_read"])
def test_the_doors_do_nothing_for_who_calls_them_directly(
    database: Database, admin: Connection, function: str
) -> None:
    train(admin, "theirs")
    role = a_role(database, admin, "scoring", "analyst")
    with database.connect(role=role) as caller:
        call = sql.SQL("select pgml.{}()").format(sql.Identifier(function))
        with pytest.raises(InsufficientPrivilege, match="NotPermitted"):
            caller.execute(call)
        # neither after a session has come through the entries, nor in the statement that does
        predict(caller, "theirs", 1.0)
        with pytest.raises(InsufficientPrivilege, match="NotPermitted"):
            caller.execute(call)
        with pytest.raises(InsufficientPrivilege, match="NotPermitted"):
            caller.execute(
                sql.SQL("select pgml.predict('theirs', array[1.0]), pgml.{}()").format(
                    sql.Identifier(function)
                )
            )


def test_a_role_that_predicts(database: Database, admin: Connection) -> None:
    train(admin, "theirs")
    (model,) = models(admin, "theirs")
    role = a_role(database, admin, "scoring")
    grant(admin, "grant select on line to {}", role)
    with database.connect(role=role) as caller:
        for features in (
            "array[3]", "array[3.0]", "array[3.5]", "array[3]::real[]", "array[3]::smallint[]", "array[3]::bigint[]",
            "array[3]::numeric[]", "array[true]", "'{3}'", "row(3)",
        ):  # fmt: skip
            caller.execute(f"select pgml.predict('theirs', {features})")
            caller.execute(f"select pgml.predict({model}::bigint, {features})")
        assert one(caller, "select pgml.predict('theirs', line) from line where x = 3") == pytest.approx(6)
        for attempt in (
            "select data from pgml.files",
            "select * from pgml.models",
            "select * from pgml.train('mine', 'regression', 'line', 'y')",
            "select * from pgml.train('mine'::varchar, 'regression', 'line', 'y')",
            "select * from pgml.deploy('theirs', 'most_recent')",
            f"select * from pgml.deploy({model})",
            "select * from pgml.undeploy('theirs')",
            f"select pgml.delete_model({model})",
            "select pgml.prune('theirs', 0)",
            f"select pgml.promote({model}, 'space')",
            "select pgml.delete_project('theirs')",
            "insert into pgml.deployments (endpoint_id, strategy, revision) values (1, 'undeploy', 9)",
            "update pgml.endpoints set model_id = null",
            "truncate pgml.files",
            "select nextval('pgml.models_id_seq')",
            "drop extension pgml",
        ):
            with pytest.raises(InsufficientPrivilege):
                caller.execute(attempt)
    assert one(admin, "select count(*) from pgml.models") == 1


def test_a_role_that_trains_reads_as_itself_and_owns_its_project(
    database: Database, admin: Connection
) -> None:
    role = a_role(database, admin, "analyst", "scoring")
    with database.connect(role=role) as analyst:
        with pytest.raises(InsufficientPrivilege, match="line"):
            train(analyst, "mine")
        grant(admin, "grant select (x) on line to {}", role)
        with pytest.raises(InsufficientPrivilege, match="line"):
            train(analyst, "mine")
        assert one(analyst, "select count(*) from pgml.projects") == 0
        grant(admin, "grant select on line to {}", role)
        assert train(analyst, "mine")
        assert predict(analyst, "mine", 4.0) == pytest.approx(8)
        assert one(analyst, "select owner::text from pgml.projects where name = 'mine'") == role
        assert one(analyst, "select actor::text from pgml.models") == role
        assert one(analyst, "select actor::text from pgml.deployments") == role
        with pytest.raises(InsufficientPrivilege):
            analyst.execute("select * from pgml.files")
        with pytest.raises(InsufficientPrivilege):
            analyst.execute("update pgml.models set status = 'failed'")


@pytest.mark.parametrize("how", ["table", "view"])
def test_row_security_holds_for_a_training(database: Database, admin: Connection, how: str) -> None:
    role = a_role(database, admin, "analyst")
    admin.execute("alter table line enable row level security")
    grant(admin, "grant select on line to {}", role)
    with database.connect(role=role) as analyst:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="no rows"):
            train(analyst, "mine")
        grant(admin, "create policy few on line to {} using (x <= 24)", role)
        relation = "line"
        if how == "view":
            admin.execute("create view seen with (security_invoker) as select * from line")
            grant(admin, "grant select on seen to {}", role)
            relation = "seen"
        train(analyst, "mine", relation)
        rows, total = one(analyst, "select analysis from pgml.snapshots"), 24
        assert rows["train"] + rows["test"] == total
        train(admin, "whole")
        rows = one(admin, "select analysis from pgml.snapshots order by id desc limit 1")
        assert rows["train"] + rows["test"] == 60


CHANGES = (
    "select * from pgml.train('theirs', 'regression', 'line', 'y')",
    "select * from pgml.train('theirs')",
    "select * from pgml.deploy('theirs', 'most_recent')",
    "select * from pgml.deploy('theirs', 'rollback')",
    "select * from pgml.deploy((select id from pgml._servable where name = 'theirs'))",
    "select * from pgml.undeploy('theirs')",
    "select pgml.delete_model((select id from pgml._servable where name = 'theirs'), true)",
    "select pgml.promote((select id from pgml._servable where name = 'theirs'), 'space')",
    "select pgml.set_strict('theirs', true)",
    "select pgml.set_key_metric('theirs', 'mean_squared_error')",
    "select pgml.prune('theirs', 0)",
    "select pgml.delete_project('theirs')",
)


def test_nobody_changes_a_project_of_others(database: Database, admin: Connection) -> None:
    owner, other = (a_role(database, admin, "analyst", "releaser") for _ in range(2))
    grant(admin, "grant select on line to {}, {}", owner, other)
    with database.connect(role=owner) as connection:
        train(connection, "theirs")
    with database.connect(role=other) as connection:
        for attempt in CHANGES:
            with pytest.raises(InsufficientPrivilege, match=f'NotOwner: role "{other}" may not .* "theirs"'):
                connection.execute(attempt)
        assert one(connection, "select count(*) from pgml.deployments") == 1
        grant(admin, "grant {} to {}", owner, other)
        assert train(connection, "theirs", automatic_deploy=False) is False
        connection.execute("select pgml.deploy('theirs', 'most_recent')")
        connection.execute("select pgml.deploy('theirs', 'rollback')")
        assert one(connection, "select owner::text from pgml.projects") == owner
        actors = connection.execute("select actor::text from pgml.deployments order by revision").fetchall()
        assert actors == [(owner,), (other,), (other,)]
        connection.execute("select pgml.delete_project('theirs')")
    assert one(admin, "select actor::text from pgml.removals") == other


def test_within_a_definers_function_the_definers_rights_count(database: Database, admin: Connection) -> None:
    owner, other = a_role(database, admin, "analyst", "releaser"), a_role(database, admin)
    grant(admin, "grant select on line to {}", owner)
    grant(admin, "grant create on schema public to {}", owner)
    with database.connect(role=owner) as definer:
        definer.execute("""
            create function public.retrain() returns void language sql security definer
            set search_path = pg_catalog, pg_temp
            as $$ select pgml.train('theirs', 'regression', 'public.line', 'y') $$
        """)
        definer.execute("""
            create function public.back() returns void language plpgsql security definer
            as $$ begin perform pgml.deploy('theirs', 'rollback'); end $$
        """)
    with database.connect(role=other) as caller:
        caller.execute("select public.retrain()")
        assert one(admin, "select owner::text from pgml.projects") == owner
        assert one(admin, "select actor::text from pgml.deployments") == other
        with database.connect(role=owner) as definer:
            train(definer, "theirs", automatic_deploy=False)
            definer.execute("select pgml.deploy('theirs', 'most_recent')")
        caller.execute("select public.back()")
        assert one(admin, "select count(*) from pgml.deployments") == 3
        # and a superuser who calls a function of somebody else's has no more rights in it than that one
        grant(admin, "revoke select on line from {}", owner)
        with pytest.raises(InsufficientPrivilege, match="line"):
            admin.execute("select public.retrain()")


def test_the_role_that_was_set_counts(database: Database, admin: Connection) -> None:
    role = a_role(database, admin, "analyst", "releaser")
    train(admin, "ours")
    grant(admin, "grant select on line to {}", role)
    grant(admin, "set role {}", role)
    with pytest.raises(InsufficientPrivilege, match="NotOwner"):
        admin.execute("select pgml.undeploy('ours')")
    train(admin, "mine")
    admin.execute("reset role")
    assert one(admin, "select owner::text from pgml.projects where name = 'mine'") == role
    admin.execute("select pgml.undeploy('mine')")


def test_who_makes_a_project_first_owns_it_also_in_a_race(database: Database, admin: Connection) -> None:
    first, second = (a_role(database, admin, "analyst") for _ in range(2))
    grant(admin, "grant select on line to {}, {}", first, second)
    with database.connect(role=first, autocommit=False) as one_, database.connect(role=second) as other:
        # the other has looked, found no project, and has fitted before the first commits
        train(one_, "prize")
        other.execute("set lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            train(other, "prize")
        one_.commit()
        with pytest.raises(InsufficientPrivilege, match="NotOwner"):
            train(other, "prize")


def test_an_owner_who_is_no_role_any_more(database: Database, admin: Connection) -> None:
    owner, other = (a_role(database, admin, "analyst", "releaser") for _ in range(2))
    grant(admin, "grant select on line to {}", owner)
    with database.connect(role=owner) as connection:
        train(connection, "left behind")
    grant(admin, "drop owned by {}", owner)
    grant(admin, "drop role {}", owner)
    with database.connect(role=other) as connection, pytest.raises(InsufficientPrivilege, match="NotOwner"):
        connection.execute("select pgml.undeploy('left behind')")
    admin.execute("select pgml.undeploy('left behind')")


@pytest.mark.parametrize("setting", ["pgml.python", "pgml.path"])
def test_nobody_chooses_what_runs_as_the_server(
    database: Database, admin: Connection, tmp_path: Path, setting: LiteralString
) -> None:
    role = a_role(database, admin, "analyst", "scoring")
    grant(admin, "grant select on line to {}", role)
    (tmp_path / "turnout").mkdir(mode=0o755)
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    evil.chmod(0o755)
    (tmp_path / "turnout" / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    tmp_path.chmod(0o777)
    value = str(evil if setting == "pgml.python" else tmp_path)
    with database.connect(role=role) as caller:
        with pytest.raises(InsufficientPrivilege):
            caller.execute(sql.SQL("alter role {} set {} = {}").format(
                sql.Identifier(role), sql.SQL(setting), sql.Literal(value)
            ))  # fmt: skip
        with pytest.raises(InsufficientPrivilege):
            caller.execute(sql.SQL("alter system set {} = {}").format(sql.SQL(setting), sql.Literal(value)))
        caller.execute("select set_config(%s, %s, false)", [setting, value])
        if setting == "pgml.python":
            with pytest.raises(psycopg.errors.InvalidParameterValue, match=re.escape(setting)):
                train(caller, "mine")
            caller.execute("select set_config(%s, '', false)", [setting])
        train(caller, "mine")
        predict(caller, "mine", 1.0)
    assert not (tmp_path / "ran").exists()


def test_a_role_that_may_set_the_interpreter_for_itself_still_does_not_choose_it(
    database: Database, admin: Connection
) -> None:
    role = a_role(database, admin, "analyst")
    grant(admin, "grant select on line to {}", role)
    grant(admin, 'grant set on parameter "pgml.python" to {}', role)
    with database.connect(role=role) as caller:
        grant(caller, "alter role {} set pgml.python = '/bin/false'", role)
    with (
        database.connect(role=role) as caller,
        pytest.raises(psycopg.errors.InvalidParameterValue, match=r"pgml\.python"),
    ):
        train(caller, "mine")


def test_the_history_is_shown_to_owners_and_to_who_may_read_all(
    database: Database, admin: Connection
) -> None:
    owner, other, nobody = (a_role(database, admin) for _ in range(3))
    for name in (owner, other):
        admin.execute(snippet("A role that trains", analyst=name).split("grant select on pgml.")[0])
    grant(admin, "grant select on line to {}", owner)
    with database.connect(role=owner) as connection:
        train(connection, "theirs")
    model = models(admin, "theirs")[0]
    for role, allowed in ((owner, True), (other, False), (nobody, False)):
        with database.connect(role=role) as connection:
            for call in (
                "select count(*) from pgml.history('theirs')",
                "select count(*) from pgml.live_at('theirs', now())",
                f"select count(*) from pgml.compatibility_report('theirs', {model})",
            ):
                if allowed:
                    assert one(connection, call) in (0, 1)
                    continue
                with pytest.raises(InsufficientPrivilege):
                    connection.execute(call)
    grant(admin, "grant select on pgml.deployments to {}", other)
    with database.connect(role=other) as connection:
        assert one(connection, "select count(*) from pgml.history('theirs')") == 1
        with pytest.raises(InsufficientPrivilege, match=r"NotOwner: .* may not read the signatures of"):
            connection.execute(f"select * from pgml.compatibility_report('theirs', {model})")
