"""The shape of scores: a column of numbers, or one column per class."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def probabilities(scores: Any, count: int, classes: list[Any] | None) -> Any:
    """A matrix of ``count`` rows; a binary classifier's single probability becomes two."""
    matrix = np.asarray(scores, dtype=np.float32).reshape(count, -1)
    if classes is not None and matrix.shape[1] == 1:
        return np.hstack([1 - matrix, matrix])
    return matrix
