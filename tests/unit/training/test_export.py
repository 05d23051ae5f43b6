"""The export: checked against the estimator, with other formats where one disagrees, and nothing executable."""

import io
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.svm import SVC

from tests.unit.training.jobs import trained
from turnout.errors import ExportFailed
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.formats import predictor_of
from turnout.runtime.formats.skops import load
from turnout.runtime.model import Model
from turnout.training import onnx_models
from turnout.training.export import disagreement
from turnout.training.fit import Fit
from turnout.training.flat import ensemble, from_catboost, from_sklearn, from_treelite, linear

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(300, 3)).astype(np.float32)
CLASSES = (ROWS[:, 0] > 0).astype(int) + (ROWS[:, 1] > 0)
NUMBERS = ROWS[:, 0] * 3 + ROWS[:, 1] ** 2


def fail(*_: Any, **__: Any) -> bytes:
    raise RuntimeError("this converter\nfails")


@pytest.fixture
def without_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written as flat trees or linear combinations."""
    for module, name in ((ensemble, "payload"), (from_treelite, "payload"), (from_catboost, "payload"),
                         (from_sklearn, "payload"), (linear, "payload")):  # fmt: skip
        monkeypatch.setattr(module, name, fail)


@pytest.fixture
def without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX of which nothing is made."""
    monkeypatch.setattr(onnx_models, "from_sklearn", fail)


@pytest.mark.usefixtures("without_numbers", "without_onnx")
@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize(
    ("algorithm", "format_name"),
    [
        ("xgboost", "xgboost"),
        ("lightgbm", "lightgbm"),
        ("catboost", "catboost"),
        ("linear", "skops"),
        ("svm", "skops"),
        ("random_forest", "skops"),
    ],
)
def test_other_formats_answer_alike(algorithm: str, format_name: str, task: str) -> None:
    goal = CLASSES if task == "classification" else NUMBERS
    found = trained(ROWS, goal, task=task, algorithm=algorithm)
    assert found.result["format"] == format_name
    tried = "onnx" if format_name == "skops" else "trees"
    assert found.result["export"][tried] == "RuntimeError: this converter fails"
    model = Model.load(found.artifact)
    one_by_one = [model.predict_array(row) for row in ROWS[:20].tolist()]
    np.testing.assert_allclose(model.predict_many(ROWS[:20].ravel().tolist()), one_by_one, rtol=1e-6)
    assert np.corrcoef(one_by_one, goal[:20])[0, 1] > 0.7


HYPERPARAMS = pytest.mark.parametrize(
    ("algorithm", "hyperparams"),
    [
        ("xgboost", {"booster": "dart", "rate_drop": 0.3}),
        ("xgboost", {"booster": "gblinear"}),
        ("xgboost", {"missing": 0.0}),
        ("xgboost", {"objective": "count:poisson"}),
        ("lightgbm", {"linear_tree": True}),
        ("lightgbm", {"objective": "poisson"}),
        ("lightgbm", {"boosting_type": "dart"}),
        ("lightgbm", {"zero_as_missing": True}),
        ("lightgbm", {"use_missing": False}),
        ("xgboost_random_forest", {}),
        ("hist_gradient_boosting", {"loss": "poisson", "max_iter": 20}),
        ("hist_gradient_boosting", {"loss": "absolute_error", "max_iter": 20}),
        ("knn", {"p": 1}),
        ("knn", {"weights": "distance"}),
        ("knn", {"algorithm": "ball_tree", "metric": "chebyshev"}),
        ("random_forest", {"n_estimators": 1, "max_depth": 1}),
        ("random_forest", {"criterion": "poisson", "n_estimators": 20}),
        ("extra_trees", {"bootstrap": True, "n_estimators": 20}),
        ("bagging", {"n_estimators": 1}),
        ("bagging", {"max_features": 2}),
        ("bagging", {"bootstrap_features": True}),
        ("catboost", {"loss_function": "Poisson", "iterations": 20}),
        ("catboost", {"loss_function": "Tweedie:variance_power=1.5", "iterations": 20}),
        ("catboost", {"grow_policy": "Lossguide", "loss_function": "Poisson", "iterations": 20}),
        ("catboost", {"grow_policy": "Depthwise", "iterations": 20}),
        ("catboost", {"nan_mode": "Max", "iterations": 20}),
        ("gradient_boosting_trees", {"init": "zero", "n_estimators": 20}),
        ("ada_boost", {"loss": "square", "n_estimators": 5}),
        ("xgboost", {"objective": "reg:gamma"}),
        ("lightgbm", {"objective": "tweedie"}),
        ("lightgbm", {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}),
        ("svm", {"kernel": "linear"}),
        ("nu_svm", {"kernel": "linear"}),
    ],
)


@HYPERPARAMS
@pytest.mark.parametrize("numbers", [True, False])
def test_whatever_the_hyperparameters_the_answers_are_the_estimators(
    algorithm: str, hyperparams: dict[str, Any], numbers: bool, request: pytest.FixtureRequest
) -> None:
    rows = np.where(RNG.random(ROWS.shape) < 0.1, 0, ROWS)
    given = {"n_estimators": 20, **hyperparams} if algorithm in ("xgboost", "lightgbm") else hyperparams

    def fit() -> Fit:
        return trained(rows, np.abs(NUMBERS), task="regression", algorithm=algorithm, hyperparams=given)

    if not numbers:
        request.getfixturevalue("without_numbers")
    if not numbers and algorithm == "hist_gradient_boosting":
        # neither ONNX nor skops serves it
        with pytest.raises(ExportFailed, match="trees: RuntimeError"):
            fit()
        return
    found = fit()
    served = ("trees", "linear") if numbers else ()
    assert found.result["format"] in (*served, "onnx", algorithm.removesuffix("_random_forest"), "skops")
    assert "r2" in found.result["metrics"]


def test_zeros_that_are_missing_values_though_no_row_has_any() -> None:
    assert (ROWS != 0).all()
    found = trained(
        ROWS, NUMBERS, task="regression", algorithm="lightgbm", hyperparams={"zero_as_missing": True}
    )
    assert found.result["format"] == "lightgbm"
    assert "scores" in found.result["export"]["trees"]


@pytest.mark.usefixtures("without_numbers")
def test_linear_models_far_from_zero_compute_in_double() -> None:
    rows = ROWS + np.float32(1e5)
    found = trained(rows, 0.37 * (rows[:, 0].astype(np.float64) - rows[:, 1]), task="regression")
    assert found.result["format"] == "onnx"
    assert "scores" in found.result["export"]["onnx"]
    assert found.result["metrics"]["r2"] > 0.999


@pytest.mark.parametrize("algorithm", ["xgboost", "xgboost_random_forest"])
def test_classes_of_parallel_trees_are_served_by_trees(algorithm: str) -> None:
    found = trained(ROWS, CLASSES, algorithm=algorithm, hyperparams={"num_parallel_tree": 3})
    assert found.result["format"] == "trees"


def test_rows_that_are_compared_with_every_training_row_come_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = trained(ROWS, NUMBERS, task="regression", algorithm="kernel_ridge")
    monkeypatch.setattr("turnout.training.fit.PAIRS_AT_ONCE", 1000)
    parted = trained(ROWS, NUMBERS, task="regression", algorithm="kernel_ridge")
    assert unpack(parted.artifact)[0]["rows_at_once"] == 1000 // parted.result["rows"]["train"]
    many = ROWS.ravel().tolist()
    np.testing.assert_allclose(
        Model.load(parted.artifact).predict_many(many), Model.load(whole.artifact).predict_many(many)
    )


def test_no_format_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.training.export.disagreement", lambda *_, **__: "it answers otherwise")
    with pytest.raises(
        ExportFailed,
        match="trees: it answers otherwise; xgboost: it answers otherwise",
    ):
        trained(ROWS, CLASSES, algorithm="xgboost", hyperparams={"n_estimators": 2})


def test_disagreements() -> None:
    right = np.array([[0.6, 0.4], [0.1, 0.9]])
    assert disagreement(right, right + 1e-7, classifies=True) is None
    assert "another class" not in str(
        disagreement(np.full((1, 2), 0.5), np.array([[0.5, 0.500001]]), classifies=True)
    )
    for wrong, reason in (
        (right[:, :1], "shape"),
        (right[:, ::-1], "scores"),
        (right * np.nan, "2 of 2 rows get no finite answer"),
        (right + 1e-3, "scores"),
    ):
        assert reason in str(disagreement(right, wrong, classifies=True))
    assert disagreement(np.array([1e6, 2e6]), np.array([[1e6 + 1], [2e6 - 1]]), classifies=False) is None
    assert disagreement(np.array([1e6, 2e6]), np.array([[1e6 + 99], [2e6]]), classifies=False) is not None


class Intruder:
    """A class that no algorithm writes."""


@pytest.mark.parametrize(
    ("value", "reason"),
    [(Intruder(), "Intruder"), ({"f": print}, "print"), (SVC(kernel=Intruder), "Intruder")],
)
def test_skops_builds_only_what_our_algorithms_write(value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=f"types that are not trusted: .*{reason}"):
        load(skops.io.dumps(value))


def test_a_pickle_is_never_loaded() -> None:
    with pytest.raises(ValueError, match="skops refuses it"):
        load(pickle.dumps(SVC()))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("schema.json", "{}")
    with pytest.raises(ValueError, match="skops refuses it"):
        load(archive.getvalue())


@pytest.mark.parametrize("name", ["onnx", "xgboost", "lightgbm", "catboost", "skops"])
def test_broken_payloads_are_refused(name: str) -> None:
    header, _ = unpack(trained(ROWS, CLASSES).artifact)
    with pytest.raises(ValueError, match="refuses it"):
        Model.load(pack({**header, "format": name}, b"tree\nnothing of the kind"))


def test_unknown_formats_are_refused() -> None:
    with pytest.raises(ValueError, match='format "pickle" is not known'):
        predictor_of("pickle")
