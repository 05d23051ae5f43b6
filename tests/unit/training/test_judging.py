"""Champion and challenger: on the same rows where neither has trained on them, and said so where not."""

from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import floats, job, trained
from turnout.training.fit import Fit
from turnout.training.judging import judge

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(600, 3)).astype(np.float32)
CLASSES = (ROWS[:, 0] + RNG.normal(size=600) * 0.3 > 0).astype(int) + (ROWS[:, 1] > 0)


def judged(challenger: Fit, champion: Fit, metric: str = "f1", **change: Any) -> dict[str, Any]:
    return judge(challenger, metric, {**champion.result["split"], **change}, champion.artifact)


def test_the_same_rows_twice() -> None:
    champion, challenger = trained(ROWS, CLASSES), trained(ROWS, CLASSES, algorithm="svm")
    found = judged(challenger, champion)
    assert found["basis"] == "shared_test_rows"
    assert found["rows"] == challenger.result["rows"]["test"]
    assert found["challenger"] == challenger.result["metrics"]["f1"]
    assert found["champion"] == champion.result["metrics"]["f1"]
    assert judged(champion, champion, "log_loss")["champion"] == champion.result["metrics"]["log_loss"]


def test_a_grown_table_and_another_test_size() -> None:
    champion = trained(ROWS[:300], CLASSES[:300], test_size=0.1)
    challenger = trained(ROWS, CLASSES, test_size=0.5)
    found = judged(challenger, champion)
    assert found["basis"] == "shared_test_rows"
    assert 0 < found["rows"] < challenger.result["rows"]["test"]


def test_columns_in_another_order_and_other_preprocessing() -> None:
    champion = trained(ROWS, CLASSES, preprocess={"c0": {"scale": "standard"}})
    fields = [floats(3)[i] for i in (2, 0, 1)]
    challenger = job(fields, [ROWS[:, i] for i in (2, 0, 1)], CLASSES).fit()
    found = judged(challenger, champion)
    assert found["champion"] == champion.result["metrics"]["f1"]
    assert found["rows"] == challenger.result["rows"]["test"]


@pytest.mark.parametrize(
    ("given", "change", "reason"),
    [
        ({"sampling": "last"}, {}, "doesn't tell"),
        ({"seed": 2}, {}, "doesn't tell"),
        ({}, {"thresholds": {"0": 0, "1": 0, "2": 0}}, "trained on all of these"),
        ({"task": "regression"}, {}, "another task"),
    ],
)
def test_rows_that_cannot_be_shared(given: dict[str, Any], change: dict[str, Any], reason: str) -> None:
    goal = CLASSES.astype(float) if given.get("task") else CLASSES
    found = judged(trained(ROWS, CLASSES), trained(ROWS, goal, **given), **change)
    assert found["basis"] == "own_scores"
    assert found["champion"] is None
    assert reason in found["reason"]


def test_a_champion_with_other_columns() -> None:
    found = judged(trained(ROWS, CLASSES), trained(ROWS[:, :2], CLASSES))
    assert (found["basis"], found["reason"]) == ("own_scores", "the champion has other columns")


def test_a_champion_without_a_split() -> None:
    fit = trained(ROWS, CLASSES)
    assert judge(fit, "f1", None, fit.artifact)["basis"] == "own_scores"


def test_a_champion_that_never_met_a_class_misses_its_rows() -> None:
    known = CLASSES < 2
    champion = trained(ROWS[known], CLASSES[known])
    found = judged(trained(ROWS, CLASSES, algorithm="random_forest"), champion, "accuracy")
    assert found["basis"] == "shared_test_rows"
    assert found["champion"] < 0.8 < found["challenger"]


def test_texts_that_the_champion_never_met() -> None:
    fields = [*floats(1), {"name": "colour", "type": "text", "size": None, "kind": "text"}]
    ordinal = {"colour": {"encode": {"ordinal": ["a", "b"]}}}
    names = ["ab"[int(c > 0)] for c in CLASSES]
    champion = job(fields, [ROWS[:300, 2], names[:300]], CLASSES[:300], preprocess=ordinal).fit()
    unlike = ["abc"[c] for c in CLASSES]
    challenger = job(fields, [ROWS[:, 2], unlike], CLASSES).fit()
    found = judged(challenger, champion)
    assert found["basis"] == "own_scores"


def test_regressions_are_judged_by_numbers() -> None:
    goal = ROWS[:, 0].astype(float)
    champion = trained(ROWS, goal, task="regression", algorithm="xgboost", hyperparams={"n_estimators": 3})
    challenger = trained(ROWS, goal, task="regression")
    found = judged(challenger, champion, "mean_squared_error")
    assert found["challenger"] < found["champion"]
