"""pgml.explain: of a model and of a row, in every form, for who may ask, and never of another model than asked."""

from __future__ import annotations

import math

import psycopg
import pytest

from tests.extension.statements import refused, rows, undone, value
from tests.servers import Connection, Database

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table t as
select x as a, (x * 7919 % 13)::real as b, array[x % 5, x % 7] as arr, 3 * x + (x % 7) as y
from generate_series(1, 120) x;
create table "Odd Table" as
select a as "Weird Name", case a % 3 when 0 then 'red' when 1 then 'green' end as color, a % 2 = 0 as flag,
  a > 60 as big, a % 3 as kind
from t;
create view two as select "Weird Name", color, flag, big from "Odd Table";
create view three as select a, b, a % 3 as kind from t;
select pgml.train('p', 'regression', 't', 'y');
select pgml.train('p', algorithm => 'xgboost', hyperparams => '{"n_estimators": 5}', automatic_deploy => false);
select pgml.train('p', algorithm => 'lightgbm', hyperparams => '{"n_estimators": 5}', automatic_deploy => false);
select pgml.train('p', algorithm => 'catboost', hyperparams => '{"iterations": 5}', automatic_deploy => false);
select pgml.train('p', algorithm => 'knn', automatic_deploy => false);
select pgml.train('q', 'classification', 'two', 'big');
select pgml.train('m', 'classification', 'three', 'kind', 'xgboost', hyperparams => '{"n_estimators": 5}');
"""
LINEAR, XGBOOST, LIGHTGBM, CATBOOST, KNN, BINARY, CLASSES = range(1, 8)
EXPLAINED = (LINEAR, XGBOOST, LIGHTGBM, CATBOOST)


def total(sql: Connection, call: str, label: str | None = None) -> float:
    """The base and the contributions of one class."""
    found = value(
        sql,
        f"select sum(contribution) + max(base) from pgml.explain({call}) where class is not distinct from %s",
        [label],
    )
    return float(str(found))


@pytest.mark.parametrize(
    ("call", "method"),
    [
        ("'p'", "coefficient"),
        (f"'p', {XGBOOST}", "gain"),
        (f"'p', {XGBOOST}::smallint", "gain"),
        (f"'p', {LIGHTGBM}::bigint", "gain"),
        (f"'p', model_id => {CATBOOST}", "prediction values change"),
        ("'p', model_id => null", "coefficient"),
        (f"'p'::varchar, {KNN}", "permutation (r2)"),
        (f"project_name => 'p', model_id => {KNN}", "permutation (r2)"),
    ],
)
def test_the_importance_of_features(sql: Connection, call: str, method: str) -> None:
    found = rows(sql, f"select feature, importance, elements, method from pgml.explain({call})")
    assert {one[0] for one in found} == {"a", "b", "arr"}
    assert {one[3] for one in found} == {method}
    shares = [float(str(one[1])) for one in found]
    assert shares == sorted(shares, reverse=True)
    assert found[0][0] == "a"
    if method.startswith("permutation"):
        assert {one[2] for one in found} == {None}
        return
    assert sum(shares) == pytest.approx(1)
    assert [len(list(one[2])) for one in found if one[2] is not None] == [2]  # type: ignore[call-overload]


@pytest.mark.parametrize("model", EXPLAINED)
@pytest.mark.parametrize(
    "features",
    [
        "array[5, 2, 3, 4]",
        "array[5.0, 2, 3, 4]",
        "array[5, 2, 3, 4]::smallint[]",
        "array[5, 2, 3, 4]::bigint[]",
        "array[5, 2, 3, 4]::real[]",
        "array[[5, 2], [3, 4]]",
        "'{5, 2, 3, 4}'",
        "row(5, 2, array[3, 4])",
    ],
)
def test_every_form_of_a_row(sql: Connection, model: int, features: str) -> None:
    expected = value(sql, f"select pgml.predict({model}::bigint, array[5, 2, 3, 4])")
    for call in (f"'p', {features}, {model}", f"'p', features => {features}, model_id => {model}"):
        assert total(sql, call) == pytest.approx(expected, rel=1e-5)
        assert rows(sql, f"select feature, value, class, unit from pgml.explain({call}) order by 1") == [
            ("a", "5", None, "y"), ("arr", "{3,4}", None, "y"), ("b", "2", None, "y"),
        ]  # fmt: skip


@pytest.mark.parametrize("model", EXPLAINED)
def test_rows_of_a_table(sql: Connection, model: int) -> None:
    found = rows(
        sql,
        f"""
        select p.predicted, e.explained
        from (select *, pgml.predict({model}::bigint, t) as predicted from t where a < 20) p
        join t using (a)
        cross join lateral (
          select sum(contribution) + max(base) as explained from pgml.explain('p', t, {model})
        ) e
        """,
    )
    assert len(found) == 19
    for predicted, added in found:
        assert float(str(added)) == pytest.approx(float(str(predicted)), rel=1e-5, abs=1e-4)


def test_texts_nulls_and_odd_names(sql: Connection) -> None:
    sql.execute("create temp view odd as select t.*, pgml.predict_proba('q', t) as p from \"Odd Table\" t")
    for chosen in ("color is null", "color = 'red'", '"Weird Name" = 60'):
        share = float(str(value(sql, f"select p[2] from odd where {chosen} limit 1")))
        call = f"'q', (select t from \"Odd Table\" t where {chosen} limit 1)"
        assert 1 / (1 + math.exp(-total(sql, call, "true"))) == pytest.approx(share, abs=1e-5)
    features = "row(null::int, 'purple', null::bool)"
    with pytest.raises(psycopg.Error, match=r'"Weird Name" of model 6 .* is missing'), sql.transaction():
        sql.execute(f"select * from pgml.explain('q', {features})")
    found = rows(
        sql, "select feature, value, class, unit from pgml.explain('q', row(3, null::text, true)) order by 1"
    )
    assert found == [
        ("Weird Name", "3", "true", "log-odds"),
        ("color", None, "true", "log-odds"),
        ("flag", "true", "true", "log-odds"),
    ]


def test_dates_enumerations_and_encoded_arrays(sql: Connection) -> None:
    sql.execute("""
        create type mood as enum ('sad', 'so so', 'happy');
        create table days as
        select date '2026-01-01' + x as day, timestamp '2026-01-01 12:00' + x * interval '90 minutes' as moment,
          (enum_range(null::mood))[1 + x % 3] as mood, array[x % 3, x % 2] as pair, x + 10 * (x % 3) as y
        from generate_series(1, 90) x
    """)
    preprocess = '{"pair": {"encode": {"ordinal": [0, 1, 2]}}, "mood": {"encode": "one_hot"}}'
    for algorithm in ("linear", "lightgbm"):
        sql.execute(
            "select pgml.train(%s, 'regression', 'days', 'y', %s, preprocess => %s)",
            [algorithm, algorithm, preprocess],
        )
        chosen = "(select d from days d where day = '2026-02-01')"
        expected = value(sql, f"select pgml.predict('{algorithm}', {chosen})")
        assert total(sql, f"'{algorithm}', {chosen}") == pytest.approx(expected, rel=1e-5)
        explained = f"pgml.explain('{algorithm}', {chosen})"
        found = rows(sql, f"select feature, value, cardinality(elements) from {explained} order by 1")
        assert found == [
            ("day", "2026-02-01", None), ("moment", "2026-01-03T10:30:00", None), ("mood", "so so", None),
            ("pair", "{1,1}", 2),
        ]  # fmt: skip
        importance = rows(
            sql, f"select feature, cardinality(elements) from pgml.explain('{algorithm}') order by 1"
        )
        assert importance == [("day", None), ("moment", None), ("mood", None), ("pair", 2)]


def test_several_classes(sql: Connection) -> None:
    shares = value(sql, "select pgml.predict_proba('m', array[7, 2])")
    assert isinstance(shares, list)
    powers = [math.exp(total(sql, "'m', array[7, 2]", label)) for label in ("0", "1", "2")]
    assert [power / sum(powers) for power in powers] == pytest.approx(shares, abs=1e-5)
    assert value(sql, "select count(*) from pgml.explain('m', array[7, 2])") == 6


def test_no_row_is_not_explained(sql: Connection) -> None:
    for nothing in ("null::real[]", "null::float8[]", "null::boolean[]", "null::t"):
        assert rows(sql, f"select * from pgml.explain('p', {nothing})") == []
    error = refused(sql, "select pgml.explain('p', null)", sqlstate="22004", match="features is missing")
    assert "model_id => null" in str(error.diag.message_hint)


def test_booleans(sql: Connection) -> None:
    sql.execute(
        "create table flags as select x % 2 = 0 as a, x % 3 = 0 as b, x % 6 as y from generate_series(1, 60) x"
    )
    sql.execute("select pgml.train('flags', 'regression', 'flags', 'y')")
    expected = value(sql, "select pgml.predict('flags', array[true, false])")
    assert total(sql, "'flags', array[true, false]") == pytest.approx(expected, rel=1e-5)


def test_the_live_model_is_explained(sql: Connection) -> None:
    def methods() -> list[object]:
        methods = rows(sql, "select distinct method from pgml.explain('p')")
        bases = rows(sql, "select distinct base from pgml.explain('p', array[5, 2, 3, 4])")
        return [methods, bases]

    linear = methods()
    sql.execute("select pgml.deploy(%s::bigint)", [XGBOOST])
    boosted = methods()
    assert boosted[0] == [("gain",)]
    assert boosted[1] != linear[1]
    sql.execute("select pgml.deploy('p', 'rollback')")
    assert methods() == linear
    # the statement sees what was live when it began
    both = rows(
        sql,
        "select (select method from pgml.explain('p') limit 1), strategy from pgml.deploy('p', 'rollback')",
    )
    assert both == [("coefficient", "rollback")]
    assert methods() == boosted
    sql.execute("select pgml.undeploy('p')")
    for call in ("'p'", "'p', array[5, 2, 3, 4]"):
        refused(sql, f"select pgml.explain({call})", sqlstate="55000", match="NothingDeployed")
    assert value(sql, f"select method from pgml.explain('p', {XGBOOST}) limit 1") == "gain"
    assert total(sql, f"'p', array[5, 2, 3, 4], {XGBOOST}") > 0


def test_a_pinned_session_is_told_of_its_own_model(sql: Connection) -> None:
    sql.execute("set local pgml.pin_deployments = on")
    pinned = value(sql, "select pgml.predict('p', array[5, 2, 3, 4])")
    sql.execute("select pgml.deploy(%s::bigint)", [XGBOOST])
    assert total(sql, "'p', array[5, 2, 3, 4]") == pytest.approx(pinned, rel=1e-5)
    sql.execute("set local pgml.pin_deployments = off")
    assert total(sql, "'p', array[5, 2, 3, 4]") != pytest.approx(pinned, rel=1e-5)


def test_a_deleted_model(sql: Connection) -> None:
    files = "select array_agg(path order by path) from pgml.files where model_id = %s"
    assert value(sql, files, [XGBOOST]) == ["explanation", "model"]
    sql.execute("select pgml.delete_model(%s)", [XGBOOST])
    assert value(sql, files, [XGBOOST]) is None
    # its row stays, and what is known of it
    assert value(sql, f"select method from pgml.explain('p', {XGBOOST}) limit 1") == "gain"
    refused(
        sql, f"select pgml.explain('p', array[5, 2, 3, 4], {XGBOOST})", sqlstate="55000",
        match=f'model {XGBOOST} of project "p" cannot be used: it is deleted',
    )  # fmt: skip
    sql.execute("select pgml.prune('p', keep => 1)")
    assert (
        value(sql, "select count(*) from pgml.files where path = 'explanation' and model_id in (2, 3, 4)")
        == 0
    )
    sql.execute("select pgml.delete_project('p')")
    assert value(sql, "select count(*) from pgml.files where model_id <= 5") == 0


@pytest.mark.parametrize("model", EXPLAINED)
@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("update pgml.files set data = data || 'x'", "another checksum"),
        ("update pgml.files set data = substr(data, 1, 20)", "another checksum"),
        ("delete from pgml.files", "its files are not there"),
    ],
)
def test_a_broken_file(database: Database, model: int, damage: str, reason: str) -> None:
    with database.connect() as connection, undone(connection) as sql:
        sql.execute("set local session_replication_role = replica")
        sql.execute(f"{damage} where path = 'explanation' and model_id = {model}".encode())
        refused(
            sql, f"select pgml.explain('p', array[5, 2, 3, 4], {model})", sqlstate="XX001",
            match=f"BrokenArtifact: the artifact of model {model} cannot be used: .*{reason}",
        )  # fmt: skip


def test_a_library_that_the_server_does_not_have(database: Database) -> None:
    with database.connect() as connection, undone(connection) as sql:
        sql.execute("do language plpython3u $$ import sys; sys.modules['lightgbm'] = None $$")
        assert value(sql, f"select pgml.predict({LIGHTGBM}::bigint, array[5, 2, 3, 4])") is not None
        refused(
            sql, f"select pgml.explain('p', array[5, 2, 3, 4], {LIGHTGBM})", sqlstate="58000",
            match="MissingPackages: the server's Python .* does not find: lightgbm",
        )  # fmt: skip
        assert total(sql, "'p', array[5, 2, 3, 4]") > 0


@pytest.mark.parametrize(
    ("call", "sqlstate", "match"),
    [
        ("'nobody'", "42704", 'project "nobody" does not exist'),
        ("'nobody', array[1]", "42704", 'project "nobody" does not exist'),
        ("'nobody', array[1], 1", "42704", 'project "nobody" does not exist'),
        ("null", "22004", "project_name is missing"),
        ("null, array[1]", "22004", "project_name is missing"),
        ("'p', 98765", "42704", "model 98765 does not exist"),
        ("'p', array[1], 98765", "42704", "model 98765 does not exist"),
        (f"'p', {BINARY}", "22023", 'model_id is 6, expected a model of project "p"'),
        (f"'p', array[1], {BINARY}", "22023", 'model_id is 6, expected a model of project "p"'),
        (
            f"'p', array[5, 2, 3, 4], {KNN}",
            "0A000",
            "explaining a row by model 5 .knn. is not supported: the algo",
        ),
        ("'p', array[1]", "22023", "expects 4 features"),
        ("'p', array[]::real[]", "22023", "expects 4 features"),
        ("'p', array[1, 2, 3, null]", "22023", "is missing, expected a number"),
        ("'p', array[1, 2, 3, 'Infinity'::real]", "22023", "a finite number"),
        ("'p', row(1, 2)", "22023", "expects 3 features"),
        ("'p', row('x', 2, array[1, 2])", "22023", "expected a number"),
        ("'p', 'x'", "22P02", "malformed array literal"),
        ("'q', array[1, 2, 3]", "22023", "this column is text"),
    ],
)
def test_errors(sql: Connection, call: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select pgml.explain({call})", sqlstate=sqlstate, match=match)


def test_a_model_of_which_nothing_is_known(sql: Connection) -> None:
    sql.execute("""
        with made as (
          insert into pgml.models (project_id, algorithm, status, task, signature, artifact_sha256)
          select project_id, algorithm, status, task, signature, artifact_sha256 from pgml.models where id = 1
          returning id
        )
        insert into pgml.files (model_id, path, part, data)
        select made.id, path, part, data from pgml.files, made where model_id = 1 and path = 'model'
    """)
    model = value(sql, "select max(id) from pgml.models")
    refused(
        sql, f"select pgml.explain('p', {model})", sqlstate="0A000", match="none was kept when it was trained"
    )
    refused(
        sql, f"select pgml.explain('p', array[1], {model})", sqlstate="0A000", match="nothing was kept for it"
    )


def test_in_the_transaction_that_trained(sql: Connection) -> None:
    sql.execute("select pgml.train('new', 'regression', 't', 'y', 'lightgbm')")
    expected = value(sql, "select pgml.predict('new', array[5, 2, 3, 4])")
    assert total(sql, "'new', array[5, 2, 3, 4]") == pytest.approx(expected, rel=1e-5)
    assert value(sql, "select count(*) from pgml.explain('new')") == 3


def test_who_may_ask(database: Database) -> None:
    server = database.server
    granted, owner = server.role(), server.role()
    with database.connect() as admin:
        for role in (granted, owner):
            for signature in rows(
                admin,
                "select oid::regprocedure from pg_proc where pronamespace = 'pgml'::regnamespace and proname ~ %s",
                ["^_?(explain|train|predict)"],
            ):
                admin.execute(f"grant execute on function {signature[0]} to {role}".encode())
            admin.execute(f"grant select on t to {role}".encode())
    nobody = server.role()
    with database.connect(role=nobody) as connection:
        for call in ("'p'", "'p', array[5, 2, 3, 4]", "'p', '{5, 2, 3, 4}'", "'p', row(5, 2, array[3, 4])"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
                connection.execute(f"select pgml.explain({call})".encode())
    with database.connect(role=granted) as connection:
        # who may predict with every project may explain every answer, and no more
        for call in ("array[5, 2, 3, 4]", "'{5, 2, 3, 4}'", "row(5, 2, array[3, 4])"):
            assert total(connection, f"'p', {call}") > 0
        with pytest.raises(
            psycopg.errors.InsufficientPrivilege, match=r"NotOwner: .* may not explain the models of"
        ):
            connection.execute("select pgml.explain('p')")
    with database.connect(role=owner) as connection, undone(connection) as sql:
        sql.execute("select pgml.train('own', 'regression', 't', 'y')")
        assert value(sql, "select count(*) from pgml.explain('own')") == 3
    with database.connect() as admin:
        admin.execute(f"grant select on pgml.models to {granted}".encode())
    with database.connect(role=granted) as connection:
        assert value(connection, "select count(*) from pgml.explain('p')") == 3
