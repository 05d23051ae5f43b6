"""Several targets at once: what every algorithm keeps, and what their sum is made of."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from tests.unit.training.jobs import described, floats, job
from turnout.errors import ExportFailed, FitFailed, UnusableData, WrongTask
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.formats.shapes import METHODS
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem
from turnout.training import algorithms
from turnout.training import fit as fitting
from turnout.training.export import ROUNDING, TOLERANCE, Exported, export
from turnout.training.fit import Fit
from turnout.training.job import Job
from turnout.training.joint import PerTarget

EVERY = [
    (name, task)
    for task in ("regression", "classification")
    for name in algorithms.names()
    if task in algorithms.get(name).estimators
]
ROUNDS = {
    "ada_boost": "n_estimators",
    "catboost": "iterations",
    "extra_trees": "n_estimators",
    "gradient_boosting_trees": "n_estimators",
    "hist_gradient_boosting": "max_iter",
    "lightgbm": "n_estimators",
    "random_forest": "n_estimators",
    "xgboost": "n_estimators",
    "xgboost_random_forest": "n_estimators",
}
TOGETHER = {
    "linear",
    "lasso",
    "elastic_net",
    "ridge",
    "knn",
    "random_forest",
    "least_angle",
    "lasso_least_angle",
    "orthogonal_matching_pursuit",
    "ransac",
    "kernel_ridge",
    "gaussian_process",
    "extra_trees",
}
COUNT = 120
RNG = np.random.default_rng(4)
NUMBERS = RNG.normal(size=(COUNT, 3)).astype(np.float32)
FRESH = RNG.normal(size=(30, 3)).astype(np.float32)
FIRST = NUMBERS[:, 0] + 0.5 * NUMBERS[:, 1] + RNG.normal(scale=0.1, size=COUNT)
# of another size altogether, so that each target needs a bound of its own
SECOND = 1e5 * (NUMBERS[:, 2] - NUMBERS[:, 0]) + RNG.normal(scale=1e4, size=COUNT)
WORDS = np.array(["high", "low", "mid"])[np.digitize(SECOND, [-5e4, 5e4])].tolist()
FLAGS = FIRST > 0
PLACES = np.array([3, 5, 9])[np.digitize(NUMBERS[:, 2], [-0.4, 0.4])]
PRICES = [{"name": name, "kind": "float8", "type": "float8"} for name in ("low", "high")]
KINDS = [
    {"name": "word", "kind": "text", "type": "text"},
    {"name": "flag", "kind": "bool", "type": "bool"},
    {"name": "place", "kind": "int8", "type": "int4"},
]
CLASSES: list[list[Any]] = [["high", "low", "mid"], [False, True], [3, 5, 9]]


def goals(task: str) -> tuple[list[dict[str, Any]], list[Any]]:
    return (PRICES, [FIRST, SECOND]) if task == "regression" else (KINDS, [WORDS, FLAGS, PLACES])


def fitted(task: str, **given: Any) -> Fit:
    targets, columns = goals(task)
    return job(floats(3), list(NUMBERS.T), columns, task=task, targets=targets, **given).fit()


class Trained:
    """A model of several targets, and the estimator that it has to answer as."""

    def __init__(self, algorithm: str, task: str) -> None:
        def kept(library: Any, estimator: Any, *rest: Any) -> Exported:
            self.estimator = estimator
            return export(library, estimator, *rest)

        hyperparams = {ROUNDS[algorithm]: 5} if algorithm in ROUNDS else {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fitting, "export", kept)
            self.fit = fitted(task, algorithm=algorithm, hyperparams=hyperparams)
        self.model = Model.load(self.fit.artifact)
        self.header, self.payload = unpack(self.fit.artifact)
        self.type = np.float64 if algorithms.get(algorithm).double else np.float32

    def expected(self) -> list[Any]:
        """What the estimator, or each target's own, says of the fresh rows."""
        rows, method = FRESH.astype(self.type), METHODS[self.model.task]
        if isinstance(self.estimator, PerTarget):
            return [np.asarray(getattr(one, method)(rows)) for one in self.estimator.estimators]
        return list(np.asarray(getattr(self.estimator, method)(rows)).T)


@cache
def on(algorithm: str, task: str) -> Trained:
    return Trained(algorithm, task)


@pytest.mark.parametrize(("algorithm", "task"), EVERY)
def test_answers_as_the_estimators(algorithm: str, task: str) -> None:
    found = on(algorithm, task)
    answers = np.array([found.model.joint_array(row) for row in FRESH.tolist()])
    expected = found.expected()
    assert answers.shape == (len(FRESH), len(expected))
    assert isinstance(found.estimator, PerTarget) == (task == "classification" or algorithm not in TOGETHER)
    for i, scores in enumerate(expected):
        if task == "regression":
            bound = TOLERANCE * float(scores.std())
            np.testing.assert_allclose(answers[:, i], scores.ravel(), rtol=ROUNDING, atol=bound)
        else:
            numbers: list[Any] = [0, 1, 2] if i == 0 else CLASSES[i]
            assert answers[:, i].tolist() == [float(numbers[at]) for at in scores.argmax(axis=1)]
    row = FRESH[0].tolist()
    named = {"c2": row[2], "c0": row[0], "c1": row[1]}
    assert found.model.joint_row(named) == found.model.joint_array(row)


@pytest.mark.parametrize(("algorithm", "task"), EVERY)
def test_survives_its_artifact(algorithm: str, task: str) -> None:
    found = on(algorithm, task)
    again = pack(found.header, bytes(found.payload))
    assert again == found.fit.artifact
    assert [target["name"] for target in found.header["targets"]] == [one["name"] for one in goals(task)[0]]
    assert found.header["classes"] == (CLASSES if task == "classification" else None)
    assert found.fit.result["classes"] == found.header["classes"]
    assert found.fit.result["format"] == found.header["format"]


@pytest.mark.parametrize(("algorithm", "task"), EVERY)
def test_metrics_are_means(algorithm: str, task: str) -> None:
    found = on(algorithm, task).fit.result["metrics"]
    own = found["targets"]
    assert list(own) == [one["name"] for one in goals(task)[0]]
    for name in {"r2", "mean_squared_error"} if task == "regression" else {"f1", "accuracy", "mcc"}:
        assert found[name] == pytest.approx(np.mean([figures[name] for figures in own.values()]))


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_one_number_is_refused_and_says_what_to_ask(task: str) -> None:
    model = on("linear", task).model
    row = FRESH[0].tolist()
    for ask in (model.predict_array, model.predict_many, model.proba_array, model.label_array):
        with pytest.raises(Problem) as caught:
            ask(row)
        assert caught.value.error is WrongTask
        said = str(caught.value.named(project="p", model_id=1))
        assert said.startswith(f'model 1 of project "p" is a joint {task} model and has no ')
        assert said.endswith(": ask pgml.predict_joint")
    with pytest.raises(Problem, match="components"):
        model.decompose_array(row)


def test_one_target_gives_an_array_of_one() -> None:
    one = Model.load(job(floats(3), list(NUMBERS.T), PLACES).fit().artifact)
    row = FRESH[0].tolist()
    assert one.joint_array(row) == [one.predict_array(row)]
    assert one.joint_row({"c0": row[0], "c1": row[1], "c2": row[2]}) == [one.predict_array(row)]


def test_regression_metrics_are_those_of_scikit_learn() -> None:
    found = on("random_forest", "regression")
    test = found.fit.division.test
    answers = np.array([found.model.joint_array(row) for row in test.features.tolist()])
    figures = found.fit.result["metrics"]
    assert figures["r2"] == pytest.approx(metrics.r2_score(test.target, answers))
    assert figures["mean_absolute_error"] == pytest.approx(metrics.mean_absolute_error(test.target, answers))
    assert figures["mean_squared_error"] == pytest.approx(metrics.mean_squared_error(test.target, answers))


def test_a_target_that_does_not_vary_has_no_part_in_r2() -> None:
    made = job(floats(3), list(NUMBERS.T), [FIRST, np.ones(COUNT)], task="regression", targets=PRICES)
    found = made.fit().result["metrics"]
    assert found["r2"] == found["targets"]["low"]["r2"]
    assert "r2" not in found["targets"]["high"]
    assert found["mean_absolute_error"] > 0


def test_equal_targets_get_equal_models() -> None:
    """Each target's model is the one that it would get alone; the rows' hashes differ, so the split is by order."""
    alone = job(
        floats(3),
        list(NUMBERS.T),
        FLAGS,
        target=KINDS[1] | {"name": "flag"},
        algorithm="xgboost",
        sampling="last",
    ).fit()
    joint = fitted("classification", algorithm="xgboost", sampling="last")
    assert joint.result["metrics"]["targets"]["flag"] == {
        name: figure for name, figure in alone.result["metrics"].items() if not name.endswith("_time")
    }


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"models": []}, "empty"),
    ({"models": [{"format": "onnx", "size": 3}]}, "should have 3 bytes"),
    ({"models": None}, "incomplete"),
    ({"models": "onnx"}, "incomplete"),
    ({"targets": KINDS[:2]}, "classes for 3 of 2 targets|argument"),
    ({"classes": [[1, 2]]}, "argument"),
    ({"classes": 3}, "incomplete"),
    ({"format": "onnx"}, "refuses"),
]


@pytest.mark.parametrize(("change", "reason"), BROKEN)
def test_a_broken_header_is_refused(change: dict[str, Any], reason: str) -> None:
    found = on("lightgbm", "classification")
    with pytest.raises(ValueError, match=reason):
        Model.load(pack({**found.header, **change}, bytes(found.payload)))


JUNK: list[Any] = [None, 0, -1, 2.5, True, "x", [], {}, [[]], [None], [1, 2], [{}], [[1], [2], [3]], 10**30]


@pytest.mark.parametrize("key", ["format", "models", "targets", "classes", "fields", "transform", "task"])
def test_junk_in_a_header_is_refused_or_harmless(key: str) -> None:
    found = on("lightgbm", "classification")
    for junk in JUNK:
        try:
            model = Model.load(pack({**found.header, key: junk}, bytes(found.payload)))
            model.joint_array(FRESH[0].tolist())
        except (ValueError, Problem):
            continue


def test_broken_sizes_and_payloads_are_refused() -> None:
    found = on("lightgbm", "classification")
    payload = bytes(found.payload)
    for cut in (0, 1, len(payload) // 2, len(payload) - 1):
        with pytest.raises(ValueError, match="bytes, and have"):
            Model.load(pack(found.header, payload[:cut]))
    models = found.header["models"]
    for changed, reason in (
        (
            [{**models[0], "size": -1}, {**models[1], "size": models[0]["size"] + models[1]["size"] + 1}],
            "bytes",
        ),
        (
            [{**models[0], "size": models[0]["size"] - 1}, {**models[1], "size": models[1]["size"] + 1}],
            "another length than its head says",
        ),
        ([{**models[0], "format": "joint"}, models[1]], "joint itself"),
        ([{**models[0], "format": "pickle"}, models[1]], '"pickle" is not known'),
        (
            [{**models[0], "size": 0.5}, {**models[1], "size": models[0]["size"] + models[1]["size"] - 0.5}],
            "incom",
        ),
    ):
        with pytest.raises(ValueError, match=reason):
            Model.load(pack({**found.header, "models": [*changed, models[2]]}, payload))


def test_a_model_with_other_classes_than_its_header_says() -> None:
    found = on("linear", "classification")
    model = Model.load(pack({**found.header, "classes": [[1, 2], [1, 2], [1, 2]]}, bytes(found.payload)))
    with pytest.raises(Problem) as caught:
        model.joint_array(FRESH[0].tolist())
    assert "gives 8 scores, expected 6" in str(caught.value.named(project="p", model_id=1))


def test_errors_name_the_target() -> None:
    with pytest.raises(FitFailed, match='failed: target "low": ValueError'):
        fitted("regression", algorithm="hist_gradient_boosting", hyperparams={"loss": "poisson"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("turnout.training.export.disagreement", lambda *_, **__: "it answers otherwise")
        with pytest.raises(ExportFailed, match='target "word": linear: it answers otherwise'):
            fitted("classification")
    constant = [WORDS, np.ones(COUNT, bool), PLACES]
    with pytest.raises(UnusableData, match='its target column "flag" has one class only, "true"'):
        job(floats(3), list(NUMBERS.T), constant, targets=KINDS).fit()
    holes = np.where(np.arange(COUNT) == 3, np.nan, SECOND)
    with pytest.raises(UnusableData, match='its target column "high" is NaN or infinite in a row'):
        job(floats(3), list(NUMBERS.T), [FIRST, holes], task="regression", targets=PRICES).fit()


def test_texts_are_encoded_by_every_target() -> None:
    field = {"name": "color", "type": "text", "size": None, "kind": "text"}
    colors = RNG.choice(["blue", "green", "red"], COUNT).tolist()
    preprocess = {"color": {"encode": "target"}}
    for task, width in (("regression", 2), ("classification", 3 + 1 + 3)):
        targets, columns = goals(task)
        made = job([field], [colors], columns, task=task, targets=targets, preprocess=preprocess)
        fit = made.fit()
        table = unpack(fit.artifact)[0]["transform"][0]["encode"]
        assert table["width"] == width
        train = fit.division.train.target
        prior = train.mean(axis=0) if task == "regression" else [np.mean(train[:, 1])]
        known = table["unknown"] if task == "regression" else table["unknown"][3:4]
        assert known == pytest.approx(prior)
        assert len(Model.load(fit.artifact).joint_row({"color": "red"})) == len(targets)


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_search_over_all_targets(task: str) -> None:
    targets, columns = goals(task)
    search = {
        "search": "grid",
        "search_params": {"n_estimators": [1, 20]},
        "search_args": {"cv": 3},
        "key_metric": "r2" if task == "regression" else "f1",
    }
    header = described(floats(3), task=task, algorithm="xgboost", targets=targets) | search
    made = Job(header)
    filled = job(floats(3), list(NUMBERS.T), columns, task=task, algorithm="xgboost", targets=targets)
    made._dataset = filled._dataset
    found = made.fit().result
    record = found["metrics"]["search_results"]
    assert found["hyperparams"]["n_estimators"] == [1, 20][record["best_index"]]
    assert all(score is not None for score in record["mean_test_score"])
    json.dumps(found, allow_nan=False)


def test_what_explains_them() -> None:
    """Shares of each target's own, where each has an estimator; else by permutation, which scales don't matter to."""
    own = on("xgboost", "regression").fit.result["importance"]
    assert own["method"] == "gain"
    shares = {field["name"]: field["importance"] for field in own["fields"]}
    assert sum(shares.values()) == pytest.approx(1)
    assert min(shares.values()) > 0.05
    together = on("random_forest", "regression").fit.result["importance"]
    assert together["method"] == "permutation (r2)"
    assert all(field["importance"] > 0.05 for field in together["fields"])
    for found in (on("xgboost", "regression"), on("linear", "regression"), on("linear", "classification")):
        assert found.fit.result["explanation"]["reason"].startswith("it answers for several targets")
        assert found.fit.explanation == b""
