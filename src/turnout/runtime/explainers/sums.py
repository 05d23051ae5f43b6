"""The shape of contributions: a line for each sum."""

from __future__ import annotations

import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def by_sum(found: Any, inputs: int) -> list[list[float]]:
    """The contributions to each sum for one row, of whichever shape its library gives them.

    >>> by_sum([[[1, 2, 3], [4, 5, 6]]], 2)
    [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    """
    lines: list[list[float]] = np.asarray(found, np.float64).reshape(-1, inputs + 1).tolist()
    return lines
