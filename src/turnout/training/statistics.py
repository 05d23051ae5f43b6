"""Basic statistics of a column, gathered while the rows arrive."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Statistics:
    """Smallest, largest, mean and spread of what has come so far; NaN counts as missing."""

    def __init__(self) -> None:
        self.count = 0
        self.missing = 0
        self.infinite = 0
        self._min = math.inf
        self._max = -math.inf
        self._mean = 0.0
        self._squares = 0.0

    def add(self, values: NDArray[np.float32]) -> None:
        """Take the values of another chunk; Chan's formula joins the chunks' variances."""
        total = float(values.sum(dtype=np.float64))
        if not math.isfinite(total):
            finite = np.isfinite(values)
            missing = int(np.isnan(values).sum())
            self.missing += missing
            self.infinite += int(values.size - missing - finite.sum())
            values = values[finite]
        if values.size:
            self._join(values)

    def _join(self, values: NDArray[np.float32]) -> None:
        size = int(values.size)
        mean = float(values.mean(dtype=np.float64))
        squares = float(values.var(dtype=np.float64)) * size
        apart = mean - self._mean
        count = self.count + size
        self._squares += squares + apart * apart * self.count * size / count
        self._mean += apart * size / count
        self.count = count
        self._min = min(self._min, float(values.min()))
        self._max = max(self._max, float(values.max()))

    def summary(self) -> dict[str, float | int | None]:
        """The figures as they are stored; none where there is no value."""
        if not self.count:
            return {"min": None, "max": None, "mean": None, "stddev": None, "missing": self.missing}
        return {
            "min": self._min,
            "max": self._max,
            "mean": self._mean,
            "stddev": math.sqrt(self._squares / self.count),
            "missing": self.missing,
        }
