"""Metrics as scikit-learn computes them, and left out where they mean nothing."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from turnout.training import scoring

SCORES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**32)), min_size=1, max_size=60)


@given(SCORES)
def test_classification_as_scikit_learn(rows: list[tuple[int, int]]) -> None:
    truth = np.array([label for label, _ in rows])
    scores = np.stack([np.random.default_rng(seed).dirichlet([1, 1, 1]) for _, seed in rows])
    answers = scores.argmax(axis=1)
    found = scoring.classification(truth, scores)
    macro = {"average": "macro", "zero_division": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "f1": metrics.f1_score(truth, answers, **macro),
            "precision": metrics.precision_score(truth, answers, **macro),
            "recall": metrics.recall_score(truth, answers, **macro),
            "accuracy": metrics.accuracy_score(truth, answers),
            "mcc": metrics.matthews_corrcoef(truth, answers),
        }
        if (truth < 3).all():
            expected["log_loss"] = metrics.log_loss(truth, scores, labels=[0, 1, 2])
        if set(truth.tolist()) == {0, 1, 2}:
            expected["roc_auc"] = metrics.roc_auc_score(truth, scores, multi_class="ovr")
    assert found == pytest.approx(expected)


def test_probabilities_that_leave_the_interval_by_a_bit() -> None:
    scores = np.array([[-1e-7, 1 + 1e-7], [1 + 1e-7, 0]], np.float32)
    found = scoring.classification(np.array([1, 0]), scores)
    assert found["log_loss"] == pytest.approx(0, abs=1e-6)
    assert found["roc_auc"] == 1


def test_constant_truth_has_no_r2() -> None:
    scores = np.array([[1.0], [2.0]])
    assert scoring.regression(np.array([1.0, 1.0]), scores) == {
        "mean_absolute_error": 0.5,
        "mean_squared_error": 0.5,
    }
    assert scoring.regression(np.array([1.0, 3.0]), scores)["r2"] == pytest.approx(0.5)
