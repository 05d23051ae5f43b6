"""Metrics of a served model: of the artifact's own answers, so what is reported is what is answered."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn import metrics

from turnout.training import joint
from turnout.training.targets import one_by_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.runtime.formats import Predictor

    Numbers = NDArray[Any]

ROWS_AT_ONCE = 65_536
# rows whose distances to each other are all measured
MOST_PAIRED = 5_000


def scores_of(predictor: Predictor, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The predictor's scores, some rows at a time."""
    parts = [
        np.asarray(
            predictor.many(rows[start : start + ROWS_AT_ONCE], len(rows[start : start + ROWS_AT_ONCE]))
        )
        for start in range(0, len(rows), ROWS_AT_ONCE)
    ]
    return np.concatenate(parts)


def clustering(rows: Numbers, scores: Numbers) -> dict[str, float]:
    """How near rows are to their own cluster and how far from the next, from -1 to 1; none for a single cluster."""
    labels = scores[:, 0].astype(np.int64)
    chosen = np.random.default_rng(0).permutation(len(rows))[:MOST_PAIRED]
    rows, labels = rows[chosen], labels[chosen]
    if not 2 <= len(np.unique(labels)) < len(rows):
        return {}
    return _finite({"silhouette": metrics.silhouette_score(rows, labels)})


def decomposition(rows: Numbers, back: Numbers) -> dict[str, float]:
    """The share of the rows' variance that is still there when they are put together again."""
    exact = rows.astype(np.float64)
    total = ((exact - exact.mean(axis=0)) ** 2).sum()
    if not total > 0:
        return {}
    return _finite({"cumulative_explained_variance": 1 - ((exact - back) ** 2).sum() / total})


def task_metrics(
    truth: Numbers, scores: Numbers, *, targets: Sequence[str], classes: Sequence[int]
) -> dict[str, Any]:
    """The metrics of a regression or a classification; of several targets their means, and each one's own.

    Parameters
    ----------
    truth, scores
        As `regression` or `classification` take them; for several targets side by side.
    classes
        How many classes each target has; empty for numbers.

    Notes
    -----
    A metric that some target has no figure for is left out; but r2, which a constant truth leaves out whatever
    the model, is the mean over the others.
    """
    figures = classification if classes else regression
    if truth.ndim == 1:
        return figures(truth, scores)
    columns = one_by_one(truth)
    parts = joint.parts(scores, joint.widths(len(targets), classes))
    found = [figures(column, part) for column, part in zip(columns, parts, strict=True)]
    constant = [column.min() == column.max() for column in columns]
    means = {
        name: float(np.mean([one[name] for one in found if name in one]))
        for name in sorted(set().union(*found))
        if all(name in one or (name == "r2" and same) for one, same in zip(found, constant, strict=True))
    }
    return _finite(means) | {"targets": dict(zip(targets, found, strict=True))}


def regression(truth: Numbers, scores: Numbers) -> dict[str, float]:
    """Metrics of a regression; r2 is left out where the truth is constant."""
    answers = scores[:, 0].astype(np.float64)
    found = {
        "mean_absolute_error": metrics.mean_absolute_error(truth, answers),
        "mean_squared_error": metrics.mean_squared_error(truth, answers),
    }
    if len(truth) > 1 and truth.min() < truth.max():
        found["r2"] = metrics.r2_score(truth, answers)
    return _finite(found)


def classification(truth: Numbers, scores: Numbers) -> dict[str, float]:
    """Metrics of a classification.

    Parameters
    ----------
    truth
        Each row's class as an index; at or beyond the number of columns for a class that the model doesn't know.
    scores
        Probabilities, rows x classes.

    Notes
    -----
    roc_auc needs every class among the rows, log_loss needs every row's class in the model; they are left out
    otherwise.
    """
    found = _from_classes(truth, scores.argmax(axis=1))
    return _finite(found | _from_probabilities(truth, scores.astype(np.float64)))


def _from_classes(truth: Numbers, answers: Numbers) -> dict[str, float]:
    """Macro averages over the classes that occur; all from one confusion matrix, for a pass each takes a while."""
    size = int(max(truth.max(), answers.max())) + 1
    matrix = np.bincount(truth * size + answers, minlength=size * size).reshape(size, size).astype(np.float64)
    right, real, said = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
    occurs = real + said > 0
    total = matrix.sum()
    return {
        "f1": _share(2 * right, real + said)[occurs].mean(),
        "precision": _share(right, said)[occurs].mean(),
        "recall": _share(right, real)[occurs].mean(),
        "accuracy": right.sum() / total,
        "mcc": _correlation(
            right.sum() * total - real @ said, total**2 - real @ real, total**2 - said @ said
        ),
    }


def _share(part: Numbers, whole: Numbers) -> Numbers:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _correlation(together: float, real: float, said: float) -> float:
    """Matthews' coefficient for several classes (Gorodkin, 2004); 0 where one class is all there is."""
    return float(together / np.sqrt(real * said)) if real * said > 0 else 0.0


def _from_probabilities(truth: Numbers, scores: NDArray[np.float64]) -> dict[str, float]:
    count = scores.shape[1]
    scores = scores.clip(0.0, 1.0)
    sums = scores.sum(axis=1, keepdims=True)
    if (truth >= count).any() or not (sums > 0).all():
        return {}
    scores = scores / sums
    likely = scores[np.arange(len(truth)), truth].clip(np.finfo(np.float64).eps)
    found = {"log_loss": -np.log(likely).mean()}
    if len(np.unique(truth)) == count:
        if count == 2:
            found["roc_auc"] = metrics.roc_auc_score(truth, scores[:, 1])
        else:
            found["roc_auc"] = metrics.roc_auc_score(truth, scores, multi_class="ovr", average="macro")
    return found


def _finite(found: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}
