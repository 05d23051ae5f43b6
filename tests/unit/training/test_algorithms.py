"""The algorithms used most, from rows to answers: what is served is what the estimator says, and it learns."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn import datasets

from tests.unit.training.jobs import column, floats, job, trained
from turnout.errors import NotSupported, UnknownChoice, UnusableData
from turnout.runtime.model import Model
from turnout.training import algorithms, texts
from turnout.training.fit import Fit

SMALL = {
    "xgboost": {"n_estimators": 20},
    "lightgbm": {"n_estimators": 20},
    "random_forest": {"n_estimators": 20},
    "extra_trees": {"n_estimators": 20},
    "xgboost_random_forest": {"n_estimators": 20},
    "catboost": {"iterations": 20},
    "hist_gradient_boosting": {"max_iter": 20},
    # it refuses classes of which one is rare, but for a small nu
    "nu_svm": {"nu": 0.01},
}
NAMES = ("linear", "svm", "random_forest", "xgboost", "lightgbm")
FORMATS = {"linear": "linear", "svm": "onnx"}
CLASSIFIERS = [name for name in algorithms.names() if "classification" in algorithms.get(name).estimators]
LEARNT = {"iris": 0.85, "breast_cancer": 0.85, "digits": 0.9, "diabetes": 0.05}


@cache
def fit(name: str, algorithm: str) -> Fit:
    rows, target = getattr(datasets, f"load_{name}")(return_X_y=True)
    task = "regression" if name == "diabetes" else "classification"
    return trained(rows, target, algorithm=algorithm, task=task, hyperparams=SMALL.get(algorithm))


@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("name", LEARNT)
def test_learns_and_serves(name: str, algorithm: str) -> None:
    found = fit(name, algorithm)
    result, metrics = found.result, found.result["metrics"]
    assert result["format"] == FORMATS.get(algorithm, "trees")
    assert result["export"] == ({"linear": "its kernel is rbf, not linear"} if algorithm == "svm" else {})
    assert metrics["r2" if name == "diabetes" else "f1"] > LEARNT[name]
    assert metrics["fit_time"] > 0
    assert metrics["score_time"] > 0
    assert result["rows"]["train"] + result["rows"]["test"] == sum(result["rows"].values())
    test = found.division.test
    model = Model.load(found.artifact)
    answers = np.array([model.predict_array(row) for row in test.features.tolist()])
    if name == "diabetes":
        expected = 1 - ((answers - test.target) ** 2).sum() / ((test.target - test.target.mean()) ** 2).sum()
        assert metrics["r2"] == pytest.approx(expected, abs=1e-6)
    else:
        assert metrics["accuracy"] == np.mean(answers == test.target)
        assert {"roc_auc", "log_loss", "mcc", "precision", "recall"} <= metrics.keys()
        assert sum(model.proba_array(test.features[0].tolist())) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("algorithm", NAMES)
def test_the_same_rows_in_another_order_give_the_same_split(algorithm: str) -> None:
    rows, target = datasets.load_iris(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(rows))
    shuffled = trained(rows[order], target[order], algorithm=algorithm, hyperparams=SMALL.get(algorithm))
    first = fit("iris", algorithm)
    assert shuffled.result["split"] == first.result["split"]
    assert sorted(map(tuple, shuffled.division.test.features)) == sorted(
        map(tuple, first.division.test.features)
    )


@pytest.mark.parametrize("algorithm", NAMES)
def test_the_same_fit_twice_is_the_same_model(algorithm: str) -> None:
    rows, target = datasets.load_iris(return_X_y=True)
    again = trained(rows, target, algorithm=algorithm, hyperparams=SMALL.get(algorithm))
    assert again.artifact == fit("iris", algorithm).artifact


@pytest.mark.parametrize("algorithm", [name for name in CLASSIFIERS if algorithms.get(name).takes_missing])
def test_missing_values_are_served_as_the_estimator_sees_them(algorithm: str) -> None:
    """The check of the export holds that, with values missing, whether or not any were trained with."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 4))
    target = (rows[:, 0] + rows[:, 1] > 0).astype(int)
    for share in (0.0, 0.2):
        rows[rng.random(rows.shape) < share] = np.nan
        found = trained(rows, target, algorithm=algorithm, hyperparams=SMALL.get(algorithm))
        assert found.result["format"] == "trees"
        assert Model.load(found.artifact).predict_array([None, None, None, None]) in (0, 1)


@pytest.mark.parametrize("algorithm", NAMES)
@pytest.mark.parametrize("classes", [["no", "yes"], ["high", "low", "middle"]])
def test_text_targets(algorithm: str, classes: list[str]) -> None:
    rows = np.random.default_rng(1).normal(size=(300, 2))
    codes = np.digitize(rows[:, 0], [-0.5, 0.5][: len(classes) - 1])
    found = trained(
        rows,
        [classes[code] for code in codes.tolist()],
        algorithm=algorithm,
        target={"kind": "text", "type": "text"},
        hyperparams=SMALL.get(algorithm),
    )
    assert found.result["classes"] == classes
    model = Model.load(found.artifact)
    assert model.label_array([-3, 0]) == classes[0]
    assert model.label_array([3, 0]) == classes[-1]
    assert model.predict_array([3, 0]) == len(classes) - 1


@pytest.mark.parametrize("algorithm", CLASSIFIERS)
def test_a_class_with_a_single_row(algorithm: str) -> None:
    rows = np.random.default_rng(1).normal(size=(60, 2))
    target = (rows[:, 0] > 0).astype(int)
    target[7] = 2
    found = trained(rows, target, algorithm=algorithm, hyperparams=SMALL.get(algorithm))
    assert found.result["classes"] == [0, 1, 2]
    assert "roc_auc" not in found.result["metrics"]
    assert "log_loss" in found.result["metrics"]


def test_a_class_that_only_test_rows_have_counts_as_missed() -> None:
    rows = np.random.default_rng(1).normal(size=(100, 2))
    target = (rows[:, 0] > 0).astype(int)
    target[-1] = 9
    found = trained(rows, target, sampling="last", test_size=10)
    assert found.result["classes"] == [0, 1]
    assert found.result["metrics"]["accuracy"] <= 0.9
    assert "log_loss" not in found.result["metrics"]


@pytest.mark.parametrize(
    ("goal", "given", "reason"),
    [
        ([1] * 20, {}, 'has one class only, "1"'),
        ([0] * 15 + [1] * 5, {"sampling": "last"}, 'all its training rows have one class, "0"'),
        ([], {}, "it has no rows"),
        ([0.5] * 19 + [np.nan], {"task": "regression"}, 'target column "target" is NaN or infinite in a row'),
        (
            ["a"] * 20,
            {"task": "regression", "target": {"kind": "text", "type": "text"}},
            "a regression needs numbers",
        ),
    ],
)
def test_rows_that_cannot_be_learnt_from(goal: Any, given: Any, reason: str) -> None:
    rows = np.arange(2 * len(goal), dtype=np.float32).reshape(-1, 2)
    with pytest.raises(UnusableData) as caught:
        trained(rows, goal, **given)
    assert 'relation "public.t" cannot be trained on' in str(caught.value)
    assert reason in str(caught.value)


def test_more_texts_than_have_codes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    field = {"name": "word", "type": "text", "size": None, "kind": "text"}
    words = [f"w{i % 8}" for i in range(40)]
    goal = [i % 2 for i in range(40)]
    monkeypatch.setattr(texts, "MOST", 8)
    job([field], [words], goal).fit()
    monkeypatch.setattr(texts, "MOST", 7)
    with pytest.raises(UnusableData, match='column "word" has more than 7 different texts'):
        job([field], [words], goal).fit()


def test_a_buffer_of_another_length_is_refused() -> None:
    made = job(floats(1), [[1, 2]], [0, 1], chunks=1)
    payload = column("float4", [1]) + column("int8", [0, 1])
    with pytest.raises(ValueError, match='column "c0" came with 4 bytes for 2 rows, not 8'):
        made.rows({"count": 2, "lengths": [4, 16]}, payload)


def test_unknown_names_and_tasks() -> None:
    with pytest.raises(UnknownChoice, match="linear, xgboost"):
        algorithms.get("logistic")
    with pytest.raises(NotSupported, match="for regression and classification"):
        algorithms.get("linear", "clustering")
    with pytest.raises(NotSupported, match=r"algorithm lasso for classification.*: it is for regression"):
        algorithms.get("lasso", "classification")
    with pytest.raises(
        NotSupported, match=r"algorithm perceptron for regression.*: it is for classification"
    ):
        algorithms.get("perceptron", "regression")
