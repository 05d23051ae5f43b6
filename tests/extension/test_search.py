"""Searches for hyperparameters: the record of all candidates, the winner refitted, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
import pytest

from tests.servers import Connection

SCRIPT = """
select pgml.load_dataset('iris');
select pgml.load_dataset('diabetes');
"""


def _searched(sql: Connection, arguments: str) -> dict[str, Any]:
    sql.execute(f"select pgml.train({arguments})")
    row = sql.execute(
        "select metrics, hyperparams, search::text, search_params, search_args"
        " from pgml.models order by id desc limit 1"
    ).fetchone()
    assert row is not None
    return dict(zip(("metrics", "hyperparams", "search", "search_params", "search_args"), row, strict=True))


def test_a_grid_is_tried_whole_and_the_winner_is_refitted(sql: Connection) -> None:
    model = _searched(
        sql,
        "'grid', 'classification', 'pgml.iris', 'target', 'random_forest', '{\"n_estimators\": 5}',"
        " search => 'grid',"
        ' search_params => \'{"max_depth": [1, 2, 4], "criterion": ["gini", "entropy"]}\','
        " search_args => '{\"cv\": 3}'",
    )
    results = model["metrics"]["search_results"]
    assert len(results["params"]) == 6
    assert results["n_splits"] == 3
    assert results["param_max_depth"] == [1, 2, 4, 1, 2, 4]
    for name in ("fit_time", "score_time", "test_score"):
        assert len(results[f"mean_{name}"]) == len(results[f"std_{name}"]) == 6
    splits = np.array([results[f"split{fold}_test_score"] for fold in range(3)])
    assert splits.mean(axis=0) == pytest.approx(results["mean_test_score"])
    assert splits.std(axis=0) == pytest.approx(results["std_test_score"])
    assert results["best_index"] == int(np.argmax(results["mean_test_score"]))
    best = results["params"][results["best_index"]]
    assert model["hyperparams"].items() >= {**best, "n_estimators": 5}.items()
    assert model["metrics"]["f1"] > 0.8
    assert model["search"] == "grid"
    assert model["search_args"] == {"cv": 3}


def test_random_draws_some_and_repeats_itself(sql: Connection) -> None:
    arguments = (
        "'random', 'regression', 'pgml.diabetes', 'target', 'xgboost', '{\"n_estimators\": 5}', search => 'random',"
        ' search_params => \'{"max_depth": [1, 2, 3, 4], "learning_rate": [0.1, 0.3, 0.5]}\','
        ' search_args => \'{"cv": 2, "n_iter": 4}\''
    )
    first, second = _searched(sql, arguments), _searched(sql, arguments)
    results = first["metrics"]["search_results"]
    assert len(results["params"]) == 4
    assert len({str(params) for params in results["params"]}) == 4
    assert second["metrics"]["search_results"]["params"] == results["params"]
    assert second["metrics"]["search_results"]["mean_test_score"] == results["mean_test_score"]


def test_defaults_are_five_folds_and_ten_draws(sql: Connection) -> None:
    model = _searched(
        sql,
        "'defaults', 'regression', 'pgml.diabetes', 'target', 'linear', search => 'random',"
        ' search_params => \'{"fit_intercept": [true, false], "positive": [true, false]}\'',
    )
    results = model["metrics"]["search_results"]
    assert results["n_splits"] == 5
    assert len(results["params"]) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("search => 'grid'", "search_params is empty"),
        ("search => 'grid', search_params => '{\"max_depth\": 3}'", "expected a list of values"),
        ("search => 'grid', search_params => '{\"max_depth\": []}'", "expected a list of values"),
        ("search => 'grid', search_params => '{\"deepness\": [1]}'", "deepness"),
        ("search => 'grid', search_params => '{\"max_depth\": [3, \"deep\"]}'", "max_depth"),
        ("search => 'grid', search_params => '{\"max_depth\": [1]}', search_args => '{\"cv\": 1}'", "cv"),
        ("search => 'grid', search_params => '{\"max_depth\": [1]}', search_args => '{\"cv\": \"x\"}'", "cv"),
        (
            "search => 'grid', search_params => '{\"max_depth\": [1]}', search_args => '{\"folds\": 2}'",
            "folds",
        ),
        (
            "search => 'grid', search_params => '{\"max_depth\": [1]}', search_args => '{\"cv\": 900}'",
            "900 folds",
        ),
    ],
)
def test_a_wrong_search_leaves_nothing(sql: Connection, arguments: str, message: str) -> None:
    before = sql.execute("select count(*) from pgml.models").fetchone()
    with pytest.raises(psycopg.errors.InvalidParameterValue, match=message), sql.transaction():
        sql.execute(
            "select pgml.train('wrong', 'classification', 'pgml.iris', 'target', 'random_forest',"
            f" '{{\"n_estimators\": 3}}', {arguments})"
        )
    assert sql.execute("select count(*) from pgml.models").fetchone() == before
    assert sql.execute("select from pgml.projects where name = 'wrong'").fetchone() is None
