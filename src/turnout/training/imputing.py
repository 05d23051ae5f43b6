"""What is put where a number is missing, and by what numbers are shifted and scaled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


def imputed(asked: str, column: NDArray[np.float32]) -> float | None:
    """The number to put, rounded to float32 as every number is; none if there is nothing to compute it from."""
    if asked == "zero":
        return 0.0
    known = column[~np.isnan(column)].astype(np.float64)
    if not len(known):
        return None
    return float(np.float32(_IMPUTERS[asked](known)))


def _mode(known: NDArray[np.float64]) -> float:
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])


_IMPUTERS: dict[str, Any] = {
    "mean": np.mean,
    "median": np.median,
    "mode": _mode,
    "min": np.min,
    "max": np.max,
}


def scaling(asked: str, values: Matrix, impute: Any) -> dict[str, Any]:
    """An entry's ``shift`` and ``scale``: a number each, or one for each of several numbers.

    Parameters
    ----------
    impute
        What is put for a missing number, which counts then; NaN is left out where that is no number.
    """
    if asked == "preserve":
        return {"shift": None, "scale": None}
    pairs = []
    for i in range(values.shape[1]):
        column = values[:, i].astype(np.float64)
        missing = np.isnan(column)
        put = impute[i] if isinstance(impute, list) else impute
        if isinstance(put, float):
            column[missing] = put
        else:
            column = column[~missing]
        pairs.append(_scale(asked, column) if len(column) else (0.0, 1.0))
    if len(pairs) == 1:
        return {"shift": pairs[0][0], "scale": pairs[0][1]}
    return {"shift": [shift for shift, _ in pairs], "scale": [scale for _, scale in pairs]}


def _scale(asked: str, column: NDArray[np.float64]) -> tuple[float, float]:
    if asked == "standard":
        shift, spread = column.mean(), column.std()
    elif asked == "min_max":
        shift, spread = column.min(), column.max() - column.min()
    elif asked == "max_abs":
        shift, spread = 0.0, np.abs(column).max()
    else:
        low, shift, high = np.quantile(column, [0.25, 0.5, 0.75])
        spread = high - low
    return float(shift), 1.0 / float(spread) if spread > 0 else 1.0
