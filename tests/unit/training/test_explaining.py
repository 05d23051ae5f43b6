"""Contributions of fields: they add up to the raw answer, and are the library's own."""

from typing import Any

import catboost
import numpy as np
import pytest
from scipy.special import expit, softmax

from tests.unit.training.jobs import floats, job
from tests.unit.training.test_conformance import FRESH, MIXED, PAIRS, Trained, on_mixed, on_numbers
from tests.unit.training.test_export import NUMBERS, ROWS
from turnout.errors import InvalidFeature, NoAnswer, WrongNumberOfFeatures
from turnout.runtime.explainers import explainer_of
from turnout.runtime.explanation import Explanation
from turnout.runtime.problem import Problem
from turnout.training.fit import Fit

BOOSTERS = ("xgboost", "xgboost_random_forest", "lightgbm", "catboost")
LINEAR = {
    "regression": (
        "linear", "lasso", "elastic_net", "ridge", "least_angle", "lasso_least_angle", "orthogonal_matching_pursuit",
        "bayesian_ridge", "automatic_relevance_determination", "stochastic_gradient_descent", "passive_aggressive",
        "ransac", "theil_sen", "huber", "quantile", "linear_svm",
    ),
    "classification": (
        "linear", "ridge", "stochastic_gradient_descent", "perceptron", "passive_aggressive", "linear_svm",
    ),
}  # fmt: skip
EXPLAINED = [(name, task) for task, names in LINEAR.items() for name in (*names, *BOOSTERS)]
ROW: dict[str, Any] = {"c0": 0.5, "c1": -1.0, "c2": 2.0, "color": "green", "flag": True}


def explanation(found: Any) -> Explanation:
    kept = found.result["explanation"]
    return Explanation.load(found.explanation if kept["path"] == "explanation" else found.artifact)


def sums(found: list[Any]) -> list[float]:
    """The base and the contributions of each class, added up."""
    totals: dict[Any, float] = {}
    for _, _, contribution, _, label, base in found:
        totals.setdefault(label, base)
        totals[label] += contribution
    return list(totals.values())


def explained(found: Any, task: str, expected: Any, contributions: list[Any]) -> None:
    """The sums are what the answer is made of."""
    unit, total = found.result["explanation"]["unit"], np.array(sums(contributions))
    if task == "regression":
        assert unit == "target"
        assert total == pytest.approx(expected, rel=1e-5, abs=1e-5)
    elif len(total) == 1:
        assert unit == "log-odds"
        assert expit(total[0]) == pytest.approx(expected[1], abs=1e-5)
    else:
        assert unit == "log-odds"
        each = expit(total)
        assert softmax(total) == pytest.approx(expected, abs=1e-5) or each / each.sum() == pytest.approx(
            expected, abs=1e-5
        )


@pytest.mark.parametrize(("algorithm", "task"), PAIRS)
def test_which_algorithms_explain_a_row(algorithm: str, task: str) -> None:
    kept = on_mixed(algorithm, task).result["explanation"]
    if (algorithm, task) in EXPLAINED:
        assert "reason" not in kept
    else:
        assert kept.keys() == {"reason"}
        assert "the algorithms that explain a row are" in kept["reason"]


@pytest.mark.parametrize(("algorithm", "task"), EXPLAINED)
def test_contributions_add_up_for_texts_and_missing_values(algorithm: str, task: str) -> None:
    found = on_mixed(algorithm, task)
    told = explanation(found)
    for row in (ROW, {**ROW, "c0": None}, {**ROW, "color": "purple"}, {**ROW, "color": None, "flag": False}):
        contributions = told.of_row(row)
        assert {one[0] for one in contributions} == {"c0", "c1", "c2", "color", "flag"}
        answer = found.model.proba_row(row) if task == "classification" else [found.model.predict_row(row)]
        explained(found, task, answer, contributions)
        values = {one[0]: one[1] for one in contributions}
        assert values["color"] == row["color"]
        assert values["c0"] == (None if row["c0"] is None else "0.5")
        if task == "classification":
            assert {one[4] for one in contributions} == {"yes"}


@pytest.mark.parametrize(("algorithm", "task"), EXPLAINED)
def test_contributions_add_up_for_each_class(algorithm: str, task: str) -> None:
    found = on_numbers(algorithm, task)
    told = explanation(found)
    for row in FRESH[:10].tolist():
        contributions = told.of_array(row)
        answer = (
            found.model.proba_array(row) if task == "classification" else [found.model.predict_array(row)]
        )
        explained(found, task, answer, contributions)
        labels = ["3", "5", "9"] if task == "classification" else [None]
        assert [one[4] for one in contributions] == [label for label in labels for _ in range(3)]
        assert told.of_row(dict(zip(("c0", "c1", "c2"), row, strict=True))) == contributions
        for label in labels:
            sizes = [abs(one[2]) for one in contributions if one[4] == label]
            assert sizes == sorted(sizes, reverse=True)


def _own(found: Trained, rows: Any) -> Any:
    """The library's figures, asked of the estimator that was fitted."""
    kind = type(found.estimator).__module__.partition(".")[0]
    if kind == "xgboost":
        import xgboost

        return found.estimator.get_booster().predict(xgboost.DMatrix(rows), pred_contribs=True)
    if kind == "lightgbm":
        return found.estimator.predict(rows, pred_contrib=True)
    return found.estimator.get_feature_importance(catboost.Pool(rows), type="ShapValues")


@pytest.mark.parametrize("algorithm", BOOSTERS)
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_they_are_the_librarys_own(algorithm: str, task: str) -> None:
    found = on_mixed(algorithm, task)
    prepared = np.array([[0.5, -1, 2, 0, 1, 0, 1]], np.float32)
    own = np.asarray(_own(found, prepared)).ravel()
    expected = {
        "c0": own[0], "c1": own[1], "c2": own[2], "color": own[3:6].sum(), "flag": own[6],
    }  # fmt: skip
    got = explanation(found).of_row(ROW)
    assert {one[0]: one[2] for one in got} == pytest.approx(expected, rel=1e-5, abs=1e-7)
    assert got[0][5] == pytest.approx(own[7])


def test_a_linear_contribution_is_the_coefficient_times_the_way_from_the_mean() -> None:
    found = job(floats(3), list(ROWS.T), ROWS @ [2, -1, 0.5] + 3, task="regression").fit()
    means = np.array(Explanation.load(found.explanation)._explainer._means)  # type: ignore[attr-defined]
    contributions = {one[0]: one for one in explanation(found).of_array([1, 1, 1])}
    for name, coefficient, mean in zip(("c0", "c1", "c2"), (2, -1, 0.5), means, strict=True):
        assert contributions[name][2] == pytest.approx(coefficient * (1 - mean), abs=1e-5)
        assert contributions[name][5] == pytest.approx(means @ [2, -1, 0.5] + 3, abs=1e-5)


def made(algorithm: str, hyperparams: dict[str, Any], goal: Any = None, **given: Any) -> Fit:
    """A fit on the rows of the export's tests, some of whose values are zero."""
    rows = np.where(np.random.default_rng(2).random(ROWS.shape) < 0.1, 0, ROWS)
    goal = np.abs(NUMBERS) if goal is None else goal
    given = {"task": "regression", **given}
    return job(floats(3), list(rows.T), goal, algorithm=algorithm, hyperparams=hyperparams, **given).fit()


@pytest.mark.parametrize(
    ("algorithm", "hyperparams"),
    [
        ("xgboost", {"objective": "count:poisson", "n_estimators": 20}),
        ("lightgbm", {"objective": "poisson", "n_estimators": 20}),
        ("catboost", {"loss_function": "Poisson", "iterations": 20}),
    ],
)
def test_a_model_of_logarithms_says_so(algorithm: str, hyperparams: dict[str, Any]) -> None:
    from turnout.runtime.model import Model

    found = made(algorithm, hyperparams)
    assert found.result["explanation"]["unit"] == "log(target)"
    row = ROWS[0].tolist()
    assert np.exp(sums(explanation(found).of_array(row))) == pytest.approx(
        [Model.load(found.artifact).predict_array(row)], rel=1e-4
    )


@pytest.mark.parametrize(
    ("algorithm", "hyperparams"),
    [
        ("xgboost", {"booster": "dart", "rate_drop": 0.3, "n_estimators": 20}),
        ("xgboost", {"booster": "gblinear", "n_estimators": 20}),
        ("xgboost", {"missing": 0.0, "n_estimators": 20}),
        ("lightgbm", {"linear_tree": True, "n_estimators": 20}),
        ("lightgbm", {"boosting_type": "dart", "n_estimators": 20}),
        ("lightgbm", {"zero_as_missing": True, "n_estimators": 20}),
        ("catboost", {"grow_policy": "Lossguide", "iterations": 20}),
        ("catboost", {"grow_policy": "Depthwise", "iterations": 20}),
    ],
)
def test_whatever_the_hyperparameters_contributions_add_up_or_there_are_none(
    algorithm: str, hyperparams: dict[str, Any]
) -> None:
    from turnout.runtime.model import Model

    found = made(algorithm, hyperparams)
    kept = found.result["explanation"]
    if "reason" in kept:
        assert algorithm in kept["reason"]
        assert found.explanation == b""
        return
    model, told = Model.load(found.artifact), explanation(found)
    for row in [*ROWS[:5].tolist(), [0.0, 0.0, 0.0]]:
        assert sums(told.of_array(row)) == pytest.approx([model.predict_array(row)], rel=1e-4, abs=1e-4)


def test_an_artifact_in_the_librarys_own_format_is_not_stored_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    from turnout.training.flat import from_catboost, from_treelite

    def wrong(*_: Any, **__: Any) -> bytes:
        raise RuntimeError

    for module in (from_treelite, from_catboost):
        monkeypatch.setattr(module, "payload", wrong)
    for algorithm in ("xgboost", "lightgbm", "catboost"):
        found = made(algorithm, {"catboost": {"iterations": 5}}.get(algorithm, {"n_estimators": 5}))
        assert found.result["format"] == algorithm
        assert found.explanation == b""
        kept = found.result["explanation"]
        assert (kept["path"], kept["bytes"]) == ("model", 0)
        assert len(explanation(found).of_array([0, 0, 0])) == 3


def test_linear_scores_of_more_than_two_classes_that_are_calibrated_in_pairs() -> None:
    rows = ROWS[:, :2]
    goal = np.digitize(rows[:, 0], [-0.5, 0.5])
    for classes, can in ((2, True), (3, False)):
        found = job(
            floats(2),
            list(rows.T),
            np.minimum(goal, classes - 1),
            algorithm="svm",
            hyperparams={"kernel": "linear"},
        ).fit()
        assert ("unit" in found.result["explanation"]) is can


def test_elements_of_arrays() -> None:
    fields = [{"name": "x", "type": "float4", "size": 2, "kind": "float4"}, *floats(1)]
    goal = ROWS @ [1, 3, 0]
    found = job(fields, [ROWS[:, :2], ROWS[:, 2]], goal, task="regression", algorithm="linear").fit()
    told = explanation(found)
    contributions = told.of_row({"x": [1, 2.5], "c0": 0})
    assert contributions == told.of_array([1, 2.5, 0])
    x = next(one for one in contributions if one[0] == "x")
    assert x[1] == "{1,2.5}"
    assert x[3] is not None
    assert sum(x[3]) == pytest.approx(x[2])
    assert next(one for one in contributions if one[0] == "c0")[3] is None


def test_what_cannot_be_explained() -> None:
    told = explanation(on_mixed("linear", "regression"))
    for row, error in (
        ({**ROW, "c0": float("inf")}, InvalidFeature),
        ({**ROW, "color": 3}, InvalidFeature),
        ({f"f{i}": 1 for i in range(1, 5)}, WrongNumberOfFeatures),
    ):
        with pytest.raises(Problem) as caught:
            told.of_row(row)
        assert caught.value.error is error
    with pytest.raises(Problem) as caught:
        told.of_array([1, 2, 3, 4, 5])
    assert caught.value.error is InvalidFeature
    assert MIXED[3]["name"] == "color"


def test_sums_without_end_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    told = explanation(on_numbers("linear", "regression"))
    monkeypatch.setattr(told._explainer, "_bases", [float("nan")])
    with pytest.raises(Problem) as caught:
        told.of_array([1, 2, 3])
    assert caught.value.error is NoAnswer


def test_broken_files_are_refused() -> None:
    found = on_numbers("linear", "regression")
    for data in (b"", b"TURNOUT\x01", found.artifact, found.explanation[:-9], found.explanation[:200]):
        with pytest.raises(ValueError, match=r"\w"):
            Explanation.load(data)
    with pytest.raises(ValueError, match='format "onnx" explains nothing'):
        explainer_of("onnx")
