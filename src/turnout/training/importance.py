"""How much each field matters to a model: by its own account, or by what it loses without the field."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.columns import columns_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from turnout.domain.metrics import Metric
    from turnout.runtime.columns import Column

    Numbers = NDArray[Any]

REPEATS = 3
ROWS = 2000
FEWEST_ROWS = 50
# what may be looked at before there are fewer rows, or no figures: numbers of rows that are answered, pairs of a row
# and a training row, pairs of rows; a few seconds each
MOST_NUMBERS = 1 << 26
MOST_PAIRS = 1 << 26
MOST_DISTANCES = 1 << 23


@dataclass(frozen=True, kw_only=True)
class Permutation:
    """What is asked for while the values of a field are exchanged among the test rows.

    Parameters
    ----------
    rows
        All test rows, prepared.
    scores
        The answers of the exported model.
    figures
        The metrics of answers for the test rows with these indexes.
    metric
        By which the project's models are compared.
    compared
        With how many training rows the model compares each row; 0 if it doesn't.
    paired
        Whether the figures come of the distances of all rows to each other.
    """

    rows: Numbers
    scores: Callable[[Numbers], Numbers]
    figures: Callable[[Numbers, Numbers], dict[str, float]]
    metric: Metric
    seed: int
    paired: bool = False
    compared: int = 0

    def run(self, columns: list[Column]) -> dict[str, Any]:
        """What the key metric loses, on average over a few permutations of each field's values."""
        count = self._count(REPEATS * len(columns))
        if count < min(FEWEST_ROWS, len(self.rows)):
            return _none(f"exchanging the values of {len(columns)} columns in turn would take too long")
        rng = np.random.default_rng(self.seed % 2**63)
        chosen = rng.permutation(len(self.rows))[:count]
        rows = self.rows[chosen]
        whole = self._figure(chosen, rows)
        if whole is None:
            return _none(f"the test rows give no {self.metric.name}")
        lost = np.zeros(len(columns))
        for _ in range(REPEATS):
            order = rng.permutation(count)
            for place, column in enumerate(columns):
                exchanged = rows.copy()
                part = slice(column.start, column.start + column.width)
                exchanged[:, part] = rows[order, part]
                lost[place] += self._lost(whole, self._figure(chosen, exchanged))
        fields = [_field(column.name, value) for column, value in zip(columns, lost / REPEATS, strict=True)]
        return {"method": f"permutation ({self.metric.name})", "fields": fields, "rows": count}

    def _lost(self, whole: float, figure: float | None) -> float:
        if not self.metric.greater_is_better:
            return 0.0 if figure is None else figure - whole
        # without a figure, as where a single cluster is left, everything is lost
        return whole - (figure or 0.0)

    def _count(self, passes: int) -> int:
        """How many rows there is time for."""
        counts: list[int] = [ROWS, len(self.rows), MOST_NUMBERS // (passes * self.rows.shape[1])]
        if self.compared:
            counts.append(MOST_PAIRS // (passes * self.compared))
        if self.paired:
            counts.append(isqrt(MOST_DISTANCES // passes))
        return min(counts)

    def _figure(self, chosen: Numbers, rows: Numbers) -> float | None:
        return self.figures(chosen, self.scores(rows)).get(self.metric.name)


def importance(
    header: dict[str, Any], own: Callable[[], tuple[str, Numbers] | None], permutation: Permutation
) -> dict[str, Any]:
    """What the catalog keeps: a method with a figure for each field, or why there is none.

    Parameters
    ----------
    header
        The artifact's, of which ``fields`` and ``transform`` are read.
    own
        The library's name of what it measures, and a number for each input; none if it measures nothing.
    """
    columns = columns_of(header)
    try:
        found = own()
        return permutation.run(columns) if found is None else _summed(header, columns, *found)
    except Exception as error:
        # whatever goes wrong here, the model is none the worse for it
        return _none(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")


def _summed(header: dict[str, Any], columns: list[Column], method: str, given: Numbers) -> dict[str, Any]:
    """Shares of the whole: the numbers of a field are added up."""
    numbers = np.nan_to_num(np.asarray(given, np.float64))
    total = numbers.sum()
    if total > 0:
        numbers = numbers / total
    fields = []
    for field, column in zip(header["fields"], columns, strict=True):
        part = numbers[column.start : column.start + column.width]
        elements = column.by_element(part.tolist()) if field.get("size") else None
        fields.append(_field(column.name, part.sum(), elements))
    return {"method": method, "fields": fields}


def _field(name: str, value: float, elements: list[float] | None = None) -> dict[str, Any]:
    return {"name": name, "importance": float(np.nan_to_num(value)), "elements": elements}


def _none(reason: str) -> dict[str, Any]:
    return {"method": None, "reason": reason}
