"""The rows with which an exported model is compared with its estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.columns import columns_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

MOST = 10_000
FEW = 1_000
_HOLES = 0.1


def check_rows(header: dict[str, Any], test: Matrix, train: Matrix, *, takes_missing: bool) -> Matrix:
    """Held-out rows, training rows where those are few, and some of them again with zeros, and with values missing.

    The last two only where a caller's NULL can reach the estimator, whether or not any was trained with: zeros, since
    some hyperparameters make them missing values.
    """
    rows = test[:MOST]
    if len(rows) < FEW:
        rows = np.concatenate([rows, train[: FEW - len(rows)]])
    holes = np.array([impute is None for column in columns_of(header) for impute in column.impute], np.bool_)
    if not takes_missing or not holes.any():
        return np.ascontiguousarray(rows)
    pierced = rows[:FEW].copy()
    chosen = (np.random.default_rng(0).random(pierced.shape) < _HOLES) & holes
    zeroed = pierced.copy()
    pierced[chosen], zeroed[chosen] = np.nan, 0
    return np.concatenate([rows, pierced, zeroed])
