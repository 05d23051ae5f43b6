"""The importance of fields: the library's own figures added up by field, or what a permutation loses."""

from typing import Any

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from tests.unit.training.jobs import floats, job
from tests.unit.training.test_conformance import EVERY, Trained, on_mixed
from turnout.domain.metrics import METRICS
from turnout.runtime.artifact import unpack
from turnout.runtime.columns import columns_of
from turnout.training import importance
from turnout.training.importance import Permutation

NAMES = ["c0", "c1", "c2", "color", "flag"]
RNG = np.random.default_rng(7)
ROWS = RNG.normal(size=(400, 3))


def by_name(kept: dict[str, Any]) -> dict[str, float]:
    return {field["name"]: field["importance"] for field in kept["fields"]}


@pytest.mark.parametrize(("algorithm", "task"), EVERY)
def test_every_algorithm_has_one(algorithm: str, task: str) -> None:
    kept = on_mixed(algorithm, task).result["importance"]
    if kept["method"] is None:
        # it finds one cluster only
        assert (algorithm, kept["reason"]) == ("mean_shift", "the test rows give no silhouette")
        return
    found = by_name(kept)
    assert list(found) == NAMES
    assert all(np.isfinite(value) for value in found.values())
    assert all(field["elements"] is None for field in kept["fields"])
    if kept["method"].startswith("permutation"):
        assert kept["rows"] == 40
        return
    assert kept["method"] in ("gain", "coefficient", "impurity", "prediction values change")
    # a strong penalty leaves nothing
    assert sum(found.values()) == pytest.approx(1) or not any(found.values())
    if any(found.values()):
        assert max(found, key=found.__getitem__) == "c0"


def _own(estimator: Any, algorithm: str, width: int) -> Any:
    """What the library itself says, asked for in another way."""
    if algorithm == "xgboost":
        trees = estimator.get_booster().trees_to_dataframe()
        gains = trees[trees["Feature"] != "Leaf"].groupby("Feature")["Gain"].sum()
        return np.array([gains.get(f"f{i}", 0) for i in range(width)])
    if algorithm == "lightgbm":
        return estimator.booster_.feature_importance("gain")
    if algorithm == "catboost":
        return estimator.feature_importances_
    return estimator.feature_importances_


@pytest.mark.parametrize(
    "algorithm", ["xgboost", "lightgbm", "catboost", "random_forest", "gradient_boosting_trees"]
)
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_it_is_what_the_library_says_added_up_by_field(algorithm: str, task: str) -> None:
    found = on_mixed(algorithm, task)
    own = _own(found.estimator, algorithm, 7)
    own = own / own.sum()
    expected = [own[0], own[1], own[2], own[3:6].sum(), own[6]]
    assert list(by_name(found.result["importance"]).values()) == pytest.approx(expected, rel=1e-4)


def test_a_linear_model_goes_by_coefficient_and_spread() -> None:
    rows = ROWS * [1, 10, 100]
    goal = rows @ [3, 0.2, 0]
    found = (
        job(floats(3), list(rows.T), goal, task="regression", algorithm="linear").fit().result["importance"]
    )
    assert found["method"] == "coefficient"
    assert list(by_name(found).values()) == pytest.approx([0.6, 0.4, 0], abs=0.05)


def test_elements_of_arrays() -> None:
    fields = [{"name": "x", "type": "float4", "size": 2, "kind": "float4"}, *floats(1)]
    goal = ROWS[:, 0] + 3 * ROWS[:, 1]
    columns = [ROWS[:, :2], ROWS[:, 2]]
    found = job(fields, columns, goal, task="regression", algorithm="xgboost").fit().result["importance"]
    x, c0 = found["fields"]
    assert sum(x["elements"]) == pytest.approx(x["importance"])
    assert x["elements"][1] > 5 * x["elements"][0]
    assert c0["elements"] is None
    permuted = job(fields, columns, goal, task="regression", algorithm="knn").fit().result["importance"]
    assert [field["elements"] for field in permuted["fields"]] == [None, None]


def test_permutation_agrees_with_scikit_learn() -> None:
    goal = ROWS[:, 0] * 2 + ROWS[:, 1]
    found = Trained(floats(3), list(ROWS.T), goal, task="regression", algorithm="knn")
    kept = found.result["importance"]
    assert kept["method"] == "permutation (r2)"
    expected = permutation_importance(
        found.estimator, ROWS, goal, scoring="r2", n_repeats=10, random_state=0
    ).importances_mean
    assert list(by_name(kept).values()) == pytest.approx(expected.tolist(), rel=0.3, abs=0.05)


def test_the_same_fit_has_the_same_importance() -> None:
    def fitted() -> Any:
        goal = (ROWS[:, 0] > 0).astype(int)
        return job(floats(3), list(ROWS.T), goal, algorithm="knn").fit().result["importance"]

    assert fitted() == fitted()


def _permutation(**given: Any) -> Permutation:
    """Of a model that answers with its first input, judged by how far that is from what it was."""
    rows = np.arange(300, dtype=np.float32).reshape(-1, 3)
    settings: dict[str, Any] = {
        "rows": rows,
        "scores": lambda some: some[:, :1],
        "figures": lambda chosen, scores: {
            "mean_absolute_error": float(np.abs(scores[:, 0] - rows[chosen, 0]).mean())
        },
        "metric": METRICS["mean_absolute_error"],
        "seed": 5,
        **given,
    }
    return Permutation(**settings)


HEADER = {
    "fields": [{"name": f"c{i}", "type": "float4", "size": None} for i in range(3)],
    "transform": [{"encode": None, "impute": None, "scale": None}] * 3,
}


def test_what_is_lost_is_positive_where_less_is_better() -> None:
    found = by_name(importance.importance(HEADER, lambda: None, _permutation()))
    assert found["c0"] > 50
    assert found["c1"] == found["c2"] == 0


@pytest.mark.parametrize(
    ("limit", "most", "given"),
    [
        ("MOST_NUMBERS", 9 * 3 * 7, {}),
        ("MOST_PAIRS", 9 * 1000 * 7, {"compared": 1000}),
        ("MOST_DISTANCES", 9 * 7**2, {"paired": True}),
    ],
)
def test_rows_are_fewer_where_answers_are_dear(
    monkeypatch: pytest.MonkeyPatch, limit: str, most: int, given: dict[str, Any]
) -> None:
    assert _permutation(**given).run(columns_of(HEADER))["rows"] == 100
    monkeypatch.setattr(importance, limit, most)
    found = _permutation(**given).run(columns_of(HEADER))
    expected = "exchanging the values of 3 columns in turn would take too long"
    assert found == {"method": None, "reason": expected}
    monkeypatch.setattr(importance, "FEWEST_ROWS", 7)
    assert _permutation(**given).run(columns_of(HEADER))["rows"] == 7


def test_without_a_figure_there_is_none() -> None:
    found = importance.importance(HEADER, lambda: None, _permutation(figures=lambda chosen, scores: {}))
    assert found == {"method": None, "reason": "the test rows give no mean_absolute_error"}


def test_what_goes_wrong_is_told_and_no_training_fails() -> None:
    def broken() -> Any:
        raise ArithmeticError("it has\nno figures")

    found = importance.importance(HEADER, broken, _permutation())
    assert found == {"method": None, "reason": "ArithmeticError: it has no figures"}


def test_a_linear_booster_is_permuted() -> None:
    made = job(
        floats(3),
        list(ROWS.T),
        ROWS[:, 0],
        task="regression",
        algorithm="xgboost",
        hyperparams={"booster": "gblinear"},
    ).fit()
    assert made.result["importance"]["method"] == "permutation (r2)"
    assert unpack(made.artifact)[0]["algorithm"] == "xgboost"
