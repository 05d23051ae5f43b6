"""Tables that turn the values of a column, texts or numbers as texts, into the numbers that a model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training.targets import one_by_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FOLDS = 5
SMOOTHING = 10.0


def one_hot(values: Sequence[str]) -> dict[str, Any]:
    """One number per text, 1 for the one that it is; all are 0 for an unknown or missing text.

    >>> one_hot(["green", "red"])["values"]
    {'green': [1.0, 0.0], 'red': [0.0, 1.0]}
    """
    width = max(len(values), 1)
    table = {value: [float(i == at) for i in range(width)] for at, value in enumerate(values)}
    return {"width": width, "values": table, "unknown": [0.0] * width, "missing": [0.0] * width}


def ordinal(values: Sequence[str], *, missing: list[None] | None) -> dict[str, Any]:
    """The place in a given order, from 1; any other text is an error.

    >>> ordinal(["low", "high"], missing=None)["values"]
    {'low': [1.0], 'high': [2.0]}
    """
    table = {value: [float(place)] for place, value in enumerate(values, 1)}
    return {"width": 1, "values": table, "unknown": None, "missing": missing}


def by_target(
    codes: NDArray[np.int64], texts: Sequence[str], target: NDArray[Any], classes: Sequence[int], seed: int
) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """The target's mean per text, one number per class where there are more than two; of each target, if several.

    A text's mean is drawn towards the mean of all rows as if ten more rows had that (m-estimate; Micci-Barreca,
    "A preprocessing scheme for high-cardinality categorical attributes", 2001). An unknown text gets the mean of
    all rows, a missing one counts as a text of its own. The training rows are crossed: each gets a mean that was
    computed without the rows of its own fold, so that a model can't read its target back.

    Returns
    -------
    dict, matrix
        The table, and the numbers for the training rows.
    """
    goals = _goals(target, classes)
    folds = np.random.default_rng(seed % 2**63).integers(0, FOLDS, len(codes))
    crossed = np.empty(goals.shape, np.float32)
    for fold in range(FOLDS):
        own = folds == fold
        crossed[own] = _means(codes[~own], goals[~own], len(texts))[codes[own]]
    means = _means(codes, goals, len(texts)).tolist()
    seen = set(np.unique(codes).tolist())
    prior = goals.mean(axis=0).tolist()
    table = {texts[code]: means[code] for code in sorted(seen - {-1})}
    missing = means[-1] if -1 in seen else prior
    return {"width": goals.shape[1], "values": table, "unknown": prior, "missing": missing}, crossed


def _goals(target: NDArray[Any], classes: Sequence[int]) -> NDArray[np.float64]:
    """What is averaged, a column for each: the target, whether it is the second class, or which class it is."""
    columns = one_by_one(target)
    counts = classes or [0] * len(columns)
    return np.hstack([_goal(column, count) for column, count in zip(columns, counts, strict=True)])


def _goal(target: NDArray[Any], classes: int) -> NDArray[np.float64]:
    goal: NDArray[np.float64] = target.astype(np.float64)[:, None]
    return (goal == np.arange(classes)).astype(np.float64) if classes > 2 else goal


def _means(codes: NDArray[np.int64], goals: NDArray[np.float64], texts: int) -> NDArray[np.float64]:
    """Smoothed means by code; the last row is for missing texts."""
    prior = goals.mean(axis=0) if len(goals) else np.zeros(goals.shape[1])
    at = np.where(codes < 0, texts, codes)
    counts = np.bincount(at, minlength=texts + 1)[:, None]
    sums = np.stack([np.bincount(at, weights=column, minlength=texts + 1) for column in goals.T], axis=1)
    found: NDArray[np.float64] = (sums + SMOOTHING * prior) / (counts + SMOOTHING)
    return found
