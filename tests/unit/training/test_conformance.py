"""What every algorithm keeps, for every task that it is for; nobody asks for its name."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import chunk, described, floats, job
from turnout.errors import InvalidArgument, NotSupported, WrongTask
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.formats.shapes import METHODS
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem
from turnout.training import algorithms
from turnout.training import fit as fitting
from turnout.training.export import ROUNDING, TOLERANCE, Exported, export
from turnout.training.job import Job

EVERY = [(name, task) for name in algorithms.names() for task in algorithms.get(name).estimators]
# a decomposition has several numbers for an answer, and tests of its own
PAIRS = [(name, task) for name, task in EVERY if task != "decomposition"]
CLASSIFIERS = [name for name, task in PAIRS if task == "classification"]
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
COUNT = 160
RNG = np.random.default_rng(4)
NUMBERS = RNG.normal(size=(COUNT, 3)).astype(np.float32)
FRESH = RNG.normal(size=(50, 3)).astype(np.float32)
COLORS = RNG.choice(["blue", "green", "red"], COUNT).tolist()
FLAGS = RNG.random(COUNT) < 0.5
SIGNAL = NUMBERS[:, 0] + 0.5 * NUMBERS[:, 1] + 0.3 * (np.array(COLORS) == "red") + 0.2 * FLAGS
NOISE = RNG.normal(scale=0.1, size=COUNT)
MIXED = [
    *floats(3),
    {"name": "color", "type": "text", "size": None, "kind": "text"},
    {"name": "flag", "type": "bool", "size": None, "kind": "bool"},
]


class Trained:
    """A model, and the estimator that it has to answer as."""

    def __init__(self, fields: list[dict[str, Any]], columns: list[Any], goal: Any, **given: Any) -> None:
        def kept(library: Any, estimator: Any, *rest: Any) -> Exported:
            self.estimator = estimator
            return export(library, estimator, *rest)

        algorithm = given["algorithm"]
        hyperparams = {ROUNDS[algorithm]: 10} if algorithm in ROUNDS else {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fitting, "export", kept)
            fit = job(fields, columns, goal, hyperparams=hyperparams, **given).fit()
        self.artifact = fit.artifact
        self.explanation = fit.explanation
        self.result = fit.result
        self.double = algorithms.get(algorithm).double
        self.model = Model.load(self.artifact)

    def expected(self, rows: Any) -> Any:
        """The estimator's own scores for rows as the predictor gets them, one or more for each."""
        rows = np.asarray(rows, np.float64 if self.double else np.float32)
        scores = getattr(self.estimator, METHODS[self.model.task])
        return np.asarray(scores(rows)).reshape(len(rows), -1)

    def labels(self, rows: Any) -> list[int]:
        """The indexes of the estimator's own classes."""
        rows = np.asarray(rows, np.float64 if self.double else np.float32)
        return [int(index) for index in np.ravel(self.estimator.predict(rows))]


def near(got: Any, expected: Any, *, classifies: bool) -> None:
    scale = 1.0 if classifies else float(np.std(expected)) or 1.0
    np.testing.assert_allclose(got, expected, rtol=ROUNDING, atol=TOLERANCE * scale)


@cache
def on_numbers(algorithm: str, task: str) -> Trained:
    """Three numbers; classes that are integers and don't begin at 0."""
    goal = SIGNAL + NOISE
    if task == "classification":
        goal = np.array([3, 5, 9])[np.digitize(goal, [-0.4, 0.4])]
    return Trained(floats(3), list(NUMBERS.T), goal, algorithm=algorithm, task=task)


@cache
def on_mixed(algorithm: str, task: str) -> Trained:
    """A missing value to impute, a text column and a boolean; classes that are texts."""
    columns = [*NUMBERS.T.copy(), COLORS, FLAGS]
    columns[0][::9] = np.nan
    goal: Any = SIGNAL + NOISE
    target = None
    if task == "classification":
        goal = np.where(goal > 0, "yes", "no").tolist()
        target = {"kind": "text", "type": "text"}
    preprocess = {"c0": {"impute": "mean"}}
    return Trained(MIXED, columns, goal, algorithm=algorithm, task=task, target=target, preprocess=preprocess)


@pytest.mark.parametrize(("algorithm", "task"), PAIRS)
def test_answers_as_the_estimator(algorithm: str, task: str) -> None:
    found = on_numbers(algorithm, task)
    rows, model = FRESH.tolist(), found.model
    expected = found.expected(FRESH)
    answers = [model.predict_array(row) for row in rows]
    if task == "clustering":
        assert answers == expected[:, 0].tolist()
        assert found.result["metrics"].keys() == {"silhouette", "fit_time", "score_time"}
        return
    if task == "regression":
        near(answers, expected[:, 0], classifies=False)
        return
    assert found.result["classes"] == model.classes == [3, 5, 9]
    assert answers == [[3, 5, 9][index] for index in found.labels(FRESH)]
    probabilities = [model.proba_array(row) for row in rows]
    near(probabilities, expected, classifies=True)
    np.testing.assert_allclose(np.sum(probabilities, axis=1), 1, atol=1e-6)
    assert [model.label_array(row) for row in rows] == [str(int(answer)) for answer in answers]


@pytest.mark.parametrize(("algorithm", "task"), PAIRS)
def test_one_or_many_an_array_or_a_row(algorithm: str, task: str) -> None:
    found = on_numbers(algorithm, task)
    rows, model = FRESH.tolist(), found.model
    answers = [model.predict_array(row) for row in rows]
    assert [model.predict_row({"c2": c, "c0": a, "c1": b}) for a, b, c in rows] == answers
    together = model.predict_many([value for row in rows for value in row])
    if task != "regression":
        assert together == answers
    else:
        near(together, answers, classifies=False)


@pytest.mark.parametrize(("algorithm", "task"), PAIRS)
def test_survives_its_artifact(algorithm: str, task: str) -> None:
    found = on_numbers(algorithm, task)
    header, payload = unpack(found.artifact)
    again = pack(header, bytes(payload))
    assert again == found.artifact
    assert Model.load(again).predict_array(FRESH[0].tolist()) == found.model.predict_array(FRESH[0].tolist())
    assert header["algorithm"] == algorithm
    assert found.result["format"] == header["format"]


@pytest.mark.parametrize(("algorithm", "task"), PAIRS)
def test_texts_and_missing_values(algorithm: str, task: str) -> None:
    found = on_mixed(algorithm, task)
    model = found.model
    mean = unpack(found.artifact)[0]["transform"][0]["impute"]
    row: dict[str, Any] = {"c0": 0.5, "c1": -1.0, "c2": 2.0, "color": "green", "flag": True}
    hole = {**row, "c0": None}
    strange = {**row, "color": "purple"}
    prepared = [[0.5, -1, 2, 0, 1, 0, 1], [mean, -1, 2, 0, 1, 0, 1], [0.5, -1, 2, 0, 0, 0, 1]]
    expected = found.expected(prepared)
    given = [row, hole, strange]
    assert model.predict_row(hole) == model.predict_row({**row, "c0": mean})
    if task == "clustering":
        assert [model.predict_row(one) for one in given] == expected[:, 0].tolist()
        return
    if task == "regression":
        near([model.predict_row(one) for one in given], expected[:, 0], classifies=False)
        return
    labels = found.labels(prepared)
    assert model.classes == ["no", "yes"]
    assert [model.predict_row(one) for one in given] == labels
    assert [model.label_row(one) for one in given] == [["no", "yes"][label] for label in labels]
    near([model.proba_row(one) for one in given], expected, classifies=True)


@pytest.mark.parametrize(
    ("algorithm", "task"), [pair for pair in PAIRS if algorithms.get(pair[0]).takes_missing]
)
def test_missing_values_that_the_estimator_understands(algorithm: str, task: str) -> None:
    found = on_numbers(algorithm, task)
    rows = np.where(np.random.default_rng(1).random(FRESH.shape) < 0.4, np.nan, FRESH).astype(np.float32)
    given = [[None if np.isnan(value) else value for value in row] for row in rows.tolist()]
    expected = found.expected(rows)
    if task == "regression":
        near([found.model.predict_array(row) for row in given], expected[:, 0], classifies=False)
    else:
        near([found.model.proba_array(row) for row in given], expected, classifies=True)


@pytest.mark.parametrize("algorithm", CLASSIFIERS)
def test_boolean_classes(algorithm: str) -> None:
    found = Trained(
        floats(3),
        list(NUMBERS.T),
        SIGNAL > 0,
        algorithm=algorithm,
        task="classification",
        target={"kind": "bool", "type": "bool"},
    )
    assert found.model.classes == [False, True]
    answers = [found.model.predict_array(row) for row in FRESH.tolist()]
    assert answers == found.labels(FRESH)
    assert {*answers} == {0, 1}
    assert found.model.label_array([3, 3, 0]) == "true"
    assert found.result["metrics"]["f1"] > 0.6


@pytest.mark.parametrize("algorithm", [name for name, task in EVERY if task == "decomposition"])
def test_components(algorithm: str) -> None:
    found = on_numbers(algorithm, "decomposition")
    components = [found.model.decompose_array(row) for row in FRESH.tolist()]
    near(components, found.expected(FRESH), classifies=False)
    assert found.result["metrics"]["cumulative_explained_variance"] == pytest.approx(1)
    firsts = [row[0] for row in components]
    assert [found.model.predict_array(row) for row in FRESH.tolist()] == firsts
    assert found.model.predict_many(FRESH.ravel().tolist()) == pytest.approx(firsts, rel=1e-5, abs=1e-6)
    with pytest.raises(Problem) as caught:
        found.model.proba_array(FRESH[0].tolist())
    assert caught.value.error is WrongTask
    with pytest.raises(Problem) as caught:
        on_numbers("linear", "regression").model.decompose_array(FRESH[0].tolist())
    assert caught.value.error is WrongTask


def test_fewer_components_explain_less() -> None:
    shares = []
    for count in (1, 2, 3):
        made = job(
            floats(3),
            list(NUMBERS.T),
            np.zeros(COUNT),
            algorithm="pca",
            task="decomposition",
            hyperparams={"n_components": count, "whiten": True},
        )
        metrics = made.fit().result["metrics"]
        shares.append(metrics["cumulative_explained_variance"])
    assert 0 < shares[0] < shares[1] < shares[2] <= 1


@pytest.mark.parametrize(
    ("algorithm", "nearest"), [("dbscan", "mean_shift"), ("optics", "mean_shift"), ("spectral", "kmeans")]
)
def test_algorithms_that_cannot_answer_for_other_rows(algorithm: str, nearest: str) -> None:
    with pytest.raises(NotSupported, match=f"not trained on; {nearest} is the nearest that has"):
        algorithms.get(algorithm, "clustering")


def test_without_a_target_nothing_is_encoded_by_it() -> None:
    with pytest.raises(InvalidArgument, match="this task has no target"):
        job(
            MIXED,
            [*NUMBERS.T, COLORS, FLAGS],
            np.zeros(COUNT),
            algorithm="kmeans",
            task="clustering",
            preprocess={"color": {"encode": "target"}},
        )


def test_a_search_finds_how_many_clusters_there_are() -> None:
    rows = np.vstack([RNG.normal(center, 1, size=(60, 3)) for center in (0, 6, 12)])
    header = described(floats(3), task="clustering", algorithm="kmeans")
    search = {"search": "grid", "search_params": {"n_clusters": [1, 2, 3, 4]}, "key_metric": "silhouette"}
    made = Job({**header, **search})
    made.rows(*chunk(floats(3), list(rows.T)))
    result = made.fit().result
    assert result["hyperparams"]["n_clusters"] == 3
    scores = result["metrics"]["search_results"]["mean_test_score"]
    assert scores[0] is None
    assert max(scores[1:]) == scores[2]
