"""pgml.train_joint: which targets it takes, how they are split, and what becomes of their models."""

from __future__ import annotations

import pytest

from tests.extension import joint
from tests.extension.joint import live
from tests.extension.statements import refused, rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = joint.SCRIPT


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


def newest(sql: Connection) -> int:
    return int(str(value(sql, "select max(id) from pgml.models")))


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
