"""Several targets at once: pgml.train_joint, pgml.predict_joint, and what the other functions say of such models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.extension.statements import prepared, refused, rows, undone, value
from tests.servers import Connection, Database, Server

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table plane as
  select x::real as a, (x % 7)::real as b, 2 * x + 3 * (x % 7) as y, 5 * (x % 7) - x as z from generate_series(1, 80) x;
select pgml.train_joint('plane', 'regression', 'plane', array['y', 'z']);
create table kinds as
  select x::real as a, (x % 7)::real as b, (array['pear', 'apple', 'fig'])[1 + x / 41] as fruit, x > 60 as late,
    5 + 2 * (x / 61) as price
  from generate_series(1, 120) x;
select pgml.train_joint('kinds', 'classification', 'kinds', '{fruit,late,price}', 'xgboost');
create view fruits as select a, b, fruit from kinds;
select pgml.train('alone', 'classification', 'fruits', 'fruit');
create table poor (a real, note text);
insert into poor values (1, 'x');
create type pair as (a real, b real);
"""

# all of them say a = 1, b = 2
FORMS = (
    "array[1, 2]",
    "array[1.0, 2.0]",
    "array[1, 2.0]",
    "'{1,2}'",
    "'{1,2}'::varchar",
    "array[1, 2]::real[]",
    "array[1, 2]::float8[]",
    "array[1, 2]::smallint[]",
    "array[1, 2]::integer[]",
    "array[1, 2]::bigint[]",
    "array[1, 2]::numeric[]",
    "array[array[1], array[2]]",
    "row(1, 2)",
    "(1, 2.0)",
    "row(1, 2)::pair",
    "(select s from (select 'u' as note, 2 as b, 1 as a) s)",
)


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[Database]:
    with prepared(server, SCRIPT) as found:
        yield found


@pytest.fixture(scope="module")
def session(database: Database) -> Iterator[Connection]:
    with database.connect() as found:
        yield found


@pytest.fixture
def sql(session: Connection) -> Iterator[Connection]:
    with undone(session) as found:
        yield found


def heard(sql: Connection, statement: str) -> list[str]:
    """What a statement says on its way."""
    said: list[str] = []

    def hear(message: object) -> None:
        said.append(f"{getattr(message, 'severity', '')}: {getattr(message, 'message_primary', '')}")

    sql.add_notice_handler(hear)
    try:
        sql.execute(statement.encode())
    finally:
        sql.remove_notice_handler(hear)
    return said


def live(sql: Connection, project: str) -> object:
    return value(sql, "select model_id from pgml.live_at(%s, clock_timestamp())", [project])


def newest(sql: Connection) -> int:
    return int(str(value(sql, "select max(id) from pgml.models")))


@pytest.mark.parametrize("features", FORMS)
def test_every_form(sql: Connection, features: str) -> None:
    model = live(sql, "plane")
    for asked in ("'plane'", "'plane'::varchar", f"{model}", f"{model}::smallint"):
        found = value(sql, f"select pgml.predict_joint({asked}, {features})")
        assert found == pytest.approx([8, 9], abs=1e-3)


def test_a_whole_table(sql: Connection) -> None:
    """A row of the table with its targets in it, as the columns are found by their names."""
    found = rows(
        sql,
        """
        select pgml.predict_joint('kinds', k), fruit, late, price, pgml.predict_joint('kinds', array[a, b]) from kinds k
        """,
    )
    fruits = ["apple", "fig", "pear"]
    right = [
        answer == [fruits.index(str(fruit)), float(bool(late)), price]
        for answer, fruit, late, price, _ in found
    ]
    assert sum(right) > 110
    assert all(answer == other for answer, *_, other in found)


def test_flags_and_nulls(sql: Connection) -> None:
    sql.execute("create table bits as select x % 2 = 0 as a, x % 3 = 0 as b, x % 2 * 10 as y, x % 3 as z"
                " from generate_series(1, 60) x")  # fmt: skip
    sql.execute("select pgml.train_joint('bits', 'regression', 'bits', array['y', 'z'], 'random_forest')")
    assert value(sql, "select pgml.predict_joint('bits', array[true, true])") == pytest.approx(
        [0, 0], abs=0.5
    )
    assert value(sql, "select pgml.predict_joint('plane', null::real[])") is None
    assert value(sql, "select pgml.predict_joint('plane', null::plane)") is None


def test_what_the_catalog_says(sql: Connection) -> None:
    (found,) = rows(
        sql,
        """
        select m.classes, m.predictor, m.signature -> 'targets', m.signature -> 'classes', m.num_features,
          s.y_column_name, m.metrics, jsonb_path_query_array(s.columns, '$[*] ? (@.label == true).name')
        from pgml.models m join pgml.snapshots s on s.id = m.snapshot_id join pgml.projects p on p.id = m.project_id
        where p.name = 'kinds'
        """,
    )
    classes, predictor, targets, listed, count, names, metrics, labels = found
    assert (classes, predictor, count) == (None, "joint", 2)
    assert targets == [
        {"name": "fruit", "type": "text"},
        {"name": "late", "type": "bool"},
        {"name": "price", "type": "int4"},
    ]
    assert listed == [["apple", "fig", "pear"], [False, True], [5, 7]]
    assert names == labels == ["fruit", "late", "price"]
    assert isinstance(metrics, dict)
    own = metrics["targets"]
    assert sorted(own) == ["fruit", "late", "price"]
    assert metrics["f1"] == pytest.approx(sum(figures["f1"] for figures in own.values()) / 3)
    assert value(sql, "select y_column_name from pgml.overview where name = 'plane'") == ["y", "z"]


@pytest.mark.parametrize(
    "call",
    [
        "predict('{}', array[1, 2])",
        "predict('{}', row(1, 2))",
        "predict_proba('{}', array[1, 2])",
        "predict_label('{}', row(1, 2))",
        "predict_batch('{}', array[1, 2, 3, 4])",
    ],
)
@pytest.mark.parametrize(("project", "task"), [("plane", "regression"), ("kinds", "classification")])
def test_the_others_say_what_to_ask(sql: Connection, call: str, project: str, task: str) -> None:
    refused(
        sql,
        f"select pgml.{call.format(project)}",
        sqlstate="22023",
        match=f'WrongTask: .* of project "{project}" is a joint {task} model and has no .*: ask pgml.predict_joint',
    )


def test_decompose_has_its_own_error(sql: Connection) -> None:
    refused(sql, "select pgml.decompose('plane', '{1,2}')", sqlstate="22023", match="has no components")


def test_explained_as_a_whole_and_not_by_row(sql: Connection) -> None:
    found = rows(sql, "select feature, importance from pgml.explain('kinds')")
    assert {feature for feature, _ in found} == {"a", "b"}
    refused(
        sql,
        "select pgml.explain('kinds', array[1, 2])",
        sqlstate="0A000",
        match="it answers for several targets, and a row is explained for one",
    )


def test_one_target_is_an_array_of_one(sql: Connection) -> None:
    found = rows(sql, "select pgml.predict_joint('alone', k), pgml.predict('alone', k) from kinds k limit 9")
    assert all(several == [single] for several, single in found)
    sql.execute("select pgml.train_joint('one', 'regression', 'plane', array['y'])")
    assert value(sql, "select pgml.predict('one', array[1, 2, 9])") == pytest.approx(8, abs=1e-3)


@pytest.mark.parametrize(
    ("targets", "sqlstate", "match"),
    [
        ("'{}'", "22023", "y_column_name is an empty array, expected the names"),
        ("array['y', null]", "22023", "y_column_name is an array with a NULL in it"),
        ("array['y', 'z', 'y']", "22023", 'y_column_name is an array with "y" in it twice'),
        ("array[['y'], ['z']]", "22023", "y_column_name is an array of arrays"),
        ("array['y', 'nothing']", "42703", 'column "nothing" does not exist in relation'),
        ("null", "22004", "y_column_name is missing"),
        ("array['a', 'b', 'y', 'z']", "22023", "it has no column but its target"),
    ],
)
def test_targets_that_cannot_be(sql: Connection, targets: str, sqlstate: str, match: str) -> None:
    refused(
        sql,
        f"select pgml.train_joint('new', 'regression', 'plane', {targets})",
        sqlstate=sqlstate,
        match=match,
    )


def test_rows_that_cannot_be_trained_on(sql: Connection) -> None:
    refused(
        sql,
        "select pgml.train_joint('new', 'regression', 'kinds', array['price', 'fruit'])",
        sqlstate="42804",
        match='column "fruit" has type text, which cannot be used as the target of a regression',
    )
    sql.execute('create view holes as select a, b, y, nullif(z, 4) as "Weird z" from plane')
    refused(
        sql,
        "select pgml.train_joint('new', 'regression', 'holes', array['y', 'Weird z'])",
        sqlstate="22004",
        match='rows of relation "holes" have no value in the target column "Weird z"',
    )
    sql.execute(
        "create view endless as select a, b, y, case when a = 4 then 'nan' else a end as z from plane"
    )
    refused(
        sql,
        "select pgml.train_joint('new', 'regression', 'endless', array['y', 'z'])",
        sqlstate="22023",
        match='its target column "z" is NaN or infinite in a row',
    )
    sql.execute("create table empty_kinds as select * from kinds where false")
    refused(
        sql,
        "select pgml.train_joint('new', 'classification', 'empty_kinds', array['fruit', 'late'])",
        sqlstate="22023",
        match="it has no rows",
    )


def test_arguments_that_are_enumerations(sql: Connection) -> None:
    (found,) = rows(
        sql,
        """
        select * from pgml.train_joint('typed', 'regression'::pgml.task, 'plane', array['y', 'z']::varchar[],
          'ridge'::pgml.algorithm, test_sampling => 'last'::pgml.sampling, runtime => 'rust'::pgml.runtime)
        """,
    )
    assert found == ("typed", "regression", "ridge", True)
    refused(
        sql,
        "select pgml.train_joint('typed', 'regression', 'plane', '{y,z}', 'nothing')",
        sqlstate="22023",
        match='algorithm "nothing" does not exist',
    )


@pytest.mark.parametrize("again", ["train('plane')", "train_joint('plane')"])
def test_trained_again_on_the_last_snapshot(sql: Connection, again: str) -> None:
    (found,) = rows(sql, f"select * from pgml.{again}")
    assert found[:3] == ("plane", "regression", "linear")
    assert value(sql, "select y_column_name from pgml.snapshots order by id desc limit 1") == ["y", "z"]
    assert value(sql, "select pgml.predict_joint(%s::bigint, array[1, 2])", [newest(sql)]) == pytest.approx(
        [8, 9], abs=1e-3
    )


def test_a_better_model_is_deployed_and_rolled_back(sql: Connection) -> None:
    sql.execute(
        "select pgml.train_joint('p', 'regression', 'plane', '{y,z}', 'xgboost', '{\"n_estimators\": 1}')"
    )
    first = live(sql, "p")
    sql.execute("select pgml.train_joint('p', algorithm => 'linear')")
    second = newest(sql)
    assert live(sql, "p") == second
    judgement = value(sql, "select judgement from pgml.deployments order by id desc limit 1")
    assert isinstance(judgement, dict)
    assert (judgement["basis"], judgement["metric"], judgement["rows"]) == ("shared_test_rows", "r2", 20)
    assert judgement["champion"] < judgement["challenger"] == pytest.approx(1)
    sql.execute("select pgml.deploy('p', 'rollback')")
    assert live(sql, "p") == first
    sql.execute("select pgml.deploy('p', 'best_score')")
    assert live(sql, "p") == second


@pytest.mark.parametrize(
    ("targets", "listed"),
    [("{y}", "y"), ("{z,y}", "z, y"), ("{y,z,b}", "y, z, b")],
)
def test_other_targets_break_callers(sql: Connection, targets: str, listed: str) -> None:
    first = live(sql, "plane")
    said = heard(sql, f"select pgml.train_joint('plane', 'regression', 'plane', '{targets}')")
    warning = next(line for line in said if line.startswith("WARNING"))
    assert f"does not fit the callers of model {first}, and is not deployed" in warning
    assert f"targets: they change from y, z to {listed}" in warning
    assert live(sql, "plane") == first
    sql.execute("select pgml.set_strict('plane', true)")
    refused(sql, f"select pgml.deploy({newest(sql)})", sqlstate="55000", match="targets: they change")


def test_a_joint_model_after_one_of_a_single_target(sql: Connection) -> None:
    first = live(sql, "alone")
    said = heard(
        sql, "select pgml.train_joint('alone', relation_name => 'kinds', y_column_name => '{fruit,late}')"
    )
    assert any(
        "WARNING" in line and "targets: they change from fruit to fruit, late" in line for line in said
    )
    assert live(sql, "alone") == first
    said = heard(sql, f"select pgml.deploy({newest(sql)})")
    assert any("WARNING" in line and "targets: they change" in line for line in said)
    answer = value(sql, "select pgml.predict_joint('alone', row(1, 2, 5))")
    assert isinstance(answer, list)
    assert len(answer) == 2
    sql.execute("select pgml.deploy('alone', 'rollback')")
    assert live(sql, "alone") == first


def test_other_classes_of_one_target(sql: Connection) -> None:
    sql.execute(
        "create view others as select a, b, fruit, late, case when a < 9 then 8 else price end as price from kinds"
    )
    said = heard(
        sql,
        "select pgml.train_joint('kinds', relation_name => 'others', y_column_name => '{fruit,late,price}')",
    )
    assert any("classes of price: they change from [5, 7] to [5, 7, 8]" in line for line in said)


def test_rare_combinations(sql: Connection) -> None:
    """Every combination but few occurs once."""
    sql.execute("create table rare as select x % 5 as a, x / 5 % 7 as b, x % 10 as y, (x / 3 % 11)::text as z"
                " from generate_series(1, 120) x")  # fmt: skip
    for sampling in ("stratified", "random", "last"):
        sql.execute(
            "select pgml.train_joint('rare', 'classification', 'rare', '{y,z}', test_sampling => %s)",
            [sampling],
        )
        found = value(sql, "select analysis from pgml.snapshots order by id desc limit 1")
        assert isinstance(found, dict)
        assert found["train"] + found["test"] == 120
        assert 20 <= found["test"] <= 40


def test_a_search(sql: Connection) -> None:
    sql.execute(
        """
        select pgml.train_joint('searched', 'regression', 'plane', '{y,z}', 'ridge', search => 'grid',
          search_params => '{"alpha": [0.001, 1000]}', search_args => '{"cv": 2}')
        """
    )
    metrics, hyperparams = rows(sql, "select metrics, hyperparams from pgml.models order by id desc limit 1")[
        0
    ]
    assert isinstance(metrics, dict)
    assert isinstance(hyperparams, dict)
    assert metrics["search_results"]["best_index"] == 0
    assert hyperparams["alpha"] == 0.001


def test_texts_materialized_and_without_a_target(sql: Connection) -> None:
    sql.execute("create view worded as select a, 'w' || b as word, y, z from plane")
    sql.execute(
        """
        select pgml.train_joint('worded', 'regression', 'worded', '{z,y}', 'lightgbm', materialize_snapshot => true,
          preprocess => '{"word": {"encode": "target"}}')
        """
    )
    sql.execute("drop view worded")
    sql.execute("select pgml.train('worded')")
    found = value(sql, "select pgml.predict_joint('worded', row(40, 'w3'))")
    assert isinstance(found, list)
    assert len(found) == 2
    sql.execute(
        "select pgml.train_joint('grouped', 'clustering', 'plane', '{y,z}', hyperparams => '{\"n_clusters\": 2}')"
    )
    cluster = value(sql, "select pgml.predict_joint('grouped', array[1, 2])")
    assert cluster in ([0], [1])


def test_an_ordinary_role(database: Database, session: Connection) -> None:
    role = database.server.role()
    with database.connect(role=role) as nobody:
        for attempt in (
            "predict_joint('plane', array[1, 2])",
            "train_joint('mine', 'regression', 'plane', '{y,z}')",
        ):
            with pytest.raises(Exception, match="permission denied for function"):
                nobody.execute(f"select pgml.{attempt}".encode())
    session.execute(
        f"""
        do $$
        declare f regprocedure;
        begin
          for f in select oid from pg_proc where pronamespace = 'pgml'::regnamespace
            and (proname ~ '^_?predict' or proname = 'train_joint')
          loop
            execute format('grant execute on function %s to {role}', f);
          end loop;
        end $$;
        grant select on plane to {role};
        """.encode()
    )
    with database.connect(role=role) as somebody:
        assert value(somebody, "select pgml.predict_joint('plane', array[1, 2])") == pytest.approx(
            [8, 9], abs=1e-3
        )
        assert value(somebody, "select pgml.predict_joint('plane', row(1, 2))") == pytest.approx(
            [8, 9], abs=1e-3
        )
        (found,) = rows(somebody, "select * from pgml.train_joint('mine', 'regression', 'plane', '{y,z}')")
        assert found[-1] is True
        with pytest.raises(Exception, match="may not train project"):
            somebody.execute("select pgml.train_joint('plane')")


def test_another_session_sees_a_deployment_when_it_is_committed(
    database: Database, session: Connection
) -> None:
    with database.connect(autocommit=False) as writer:
        writer.execute("select pgml.train_joint('later', 'regression', 'plane', '{y,z}', 'linear')")
        refused(
            session,
            "select pgml.predict_joint('later', array[1, 2])",
            sqlstate="42704",
            match="does not exist",
        )
        writer.commit()
    assert value(session, "select pgml.predict_joint('later', array[1, 2])") == pytest.approx(
        [8, 9], abs=1e-3
    )


def test_a_broken_artifact_is_said_to_be_one(sql: Connection) -> None:
    """Its checksum is right, and its models' sizes are not."""
    model = live(sql, "kinds")
    sql.execute("alter table pgml.files disable trigger user")
    sql.execute("alter table pgml.models disable trigger user")
    sql.execute(
        "update pgml.files set data = substr(data, 1, length(data) - 3) where model_id = %s and path = 'model'",
        [model],
    )
    sql.execute(
        "update pgml.models m set artifact_sha256 = encode(sha256(f.data), 'hex') from pgml.files f"
        " where f.model_id = m.id and f.path = 'model' and m.id = %s",
        [model],
    )
    refused(
        sql,
        "select pgml.predict_joint('kinds', array[1, 2])",
        sqlstate="XX001",
        match="BrokenArtifact: .* its models should have .* bytes, and have",
    )
    assert value(sql, "select pgml.predict_joint('plane', array[1, 2])") is not None
