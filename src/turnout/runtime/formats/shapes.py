"""The shape of scores: a column of numbers, or one column per class."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# how scikit-learn calls what a model of each task answers
METHODS = {
    "regression": "predict",
    "classification": "predict_proba",
    "clustering": "predict",
    "decomposition": "transform",
}


def probabilities(scores: Any, count: int, classes: list[Any] | None) -> Any:
    """A matrix of ``count`` rows; a binary classifier's single probability becomes two."""
    matrix = np.asarray(scores, dtype=np.float32).reshape(count, -1)
    if classes is not None and matrix.shape[1] == 1:
        return np.hstack([1 - matrix, matrix])
    return matrix


def rows_at_once(header: dict[str, Any]) -> int | None:
    """How many rows a model is to be given at a time; none for all of them.

    Raises
    ------
    ValueError
        If that is no number of rows.
    """
    found: int | None = header.get("rows_at_once")
    if found is not None and (not isinstance(found, int) or found < 1):
        raise ValueError(f"it takes {found!r} rows at once")
    return found


def in_parts(scores: Callable[[Any], Any], rows: Any, at_once: int | None) -> Any:
    """The scores of many rows, no more than ``at_once`` of them at a time."""
    if at_once is None or len(rows) <= at_once:
        return scores(rows)
    starts = range(0, len(rows), at_once)
    return np.concatenate([scores(rows[start : start + at_once]) for start in starts])
