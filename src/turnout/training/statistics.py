"""What a column holds, for ``pgml.snapshots``: exact figures over all rows, one column after the other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.labels import label_text
from turnout.runtime.moments import written

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 20
CATEGORIES = 100
LONGEST = 100
_BLOCK = 1 << 16
_TIMES = ("date", "timestamp", "timestamptz")
_FIGURES = ("min", "max", "mean", "stddev", "median", "edges", "histogram", "ventiles")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What is stored of a column, and what decides whether it can be trained on.

    Parameters
    ----------
    figures
        As ``pgml.snapshots`` keeps them.
    missing
        Rows that lack a value, or one in an array.
    infinite
        Values that are infinite, or out of the range of real.
    """

    figures: dict[str, Any]
    missing: int
    infinite: int = 0


def of_texts(codes: NDArray[Any], texts: list[str]) -> Summary:
    """The summary of a column of texts.

    Parameters
    ----------
    codes
        Each row's text as its place in ``texts``; -1 for none.
    """
    counts = np.bincount(codes.astype(np.int64) + 1, minlength=len(texts) + 1)
    missing = int(counts[0])
    figures = {"distinct": len(texts), "missing": missing, **_categories(texts, counts[1:])}
    return Summary(figures=figures, missing=missing)


def of_numbers(values: NDArray[Any], kind: str, *, categories: bool = False) -> Summary:
    """The summary of a column of numbers, which are sorted in place.

    Parameters
    ----------
    values
        Rows, or rows x elements of an array.
    kind
        The signature's type; dates are written as dates.
    categories
        Whether to count every value.
    """
    incomplete = int(np.isnan(values).any(axis=1).sum()) if values.ndim > 1 else None
    flat = values.reshape(-1)
    flat.sort()
    known, missing = _known(flat)
    rows = missing if incomplete is None else incomplete
    figures: dict[str, Any] = _figures(known, kind) if len(known) else dict.fromkeys(_FIGURES)
    figures |= {"distinct": _distinct(known), "missing": missing}
    if categories:
        found, counts = np.unique(known, return_counts=True)
        figures |= _categories([_name(value, kind) for value in found.tolist()], counts)
    return Summary(figures=figures, missing=rows, infinite=len(flat) - len(known) - missing)


def _known(ordered: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """What is finite, and how many are NaN, which stand last."""
    if ordered.dtype.kind != "f":
        return ordered, 0
    infinity = ordered.dtype.type(np.inf)
    start, stop = np.searchsorted(ordered, -infinity, "right"), np.searchsorted(ordered, infinity)
    missing = len(ordered) - int(np.searchsorted(ordered, infinity, "right"))
    return ordered[start:stop], missing


def _figures(known: NDArray[Any], kind: str) -> dict[str, Any]:
    low, high = float(known[0]), float(known[-1])
    with np.errstate(over="ignore"):
        mean = float(known.mean(dtype=np.float64))
    # written so that it cannot overflow
    share = np.arange(BINS + 1) / BINS
    edges = np.maximum.accumulate(np.clip(low * (1 - share) + high * share, low, high))
    places = np.searchsorted(known, _not_less(edges[1:-1], known.dtype))
    ventiles = _quantiles(known, np.arange(1, BINS) / BINS)
    found = {
        "min": low,
        "max": high,
        "mean": mean,
        "median": ventiles[BINS // 2 - 1],
        "edges": edges.tolist(),
        "ventiles": ventiles,
    }
    readable = {name: _readable(figure, kind) for name, figure in found.items()}
    counts = np.diff(np.concatenate([[0], places, [len(known)]])).tolist()
    return {**readable, "stddev": _finite(_deviation(known, mean)), "histogram": counts}


def _deviation(known: NDArray[Any], mean: float) -> float:
    """Block by block, since in double it would take twice the column."""
    squares = 0.0
    with np.errstate(over="ignore"):
        for start in range(0, len(known), _BLOCK):
            apart = known[start : start + _BLOCK].astype(np.float64)
            apart -= mean
            apart *= apart
            squares += float(apart.sum())
    return math.sqrt(squares / len(known))


def _not_less(edges: NDArray[np.float64], kind: np.dtype[Any]) -> NDArray[Any]:
    """The smallest numbers of a type that are not less than these: compared in double, a column would be copied."""
    if kind != np.float32:
        return edges
    rounded = edges.astype(np.float32)
    return np.where(rounded < edges, np.nextafter(rounded, np.float32(np.inf)), rounded)


def _quantiles(known: NDArray[Any], shares: NDArray[np.float64]) -> list[float]:
    """Linear between two neighbours, as numpy does it, but of what is sorted."""
    places = shares * (len(known) - 1)
    below = np.floor(places).astype(np.int64)
    lower = known[below].astype(np.float64)
    upper = known[np.minimum(below + 1, len(known) - 1)].astype(np.float64)
    share = places - below
    found: list[float] = (lower * (1 - share) + upper * share).tolist()
    return found


def _distinct(known: NDArray[Any]) -> int:
    return int(np.count_nonzero(known[1:] != known[:-1])) + 1 if len(known) else 0


def _categories(names: list[str], counts: NDArray[Any]) -> dict[str, Any]:
    """The most frequent values with their counts, and how many rows have another one."""
    pairs = sorted(zip(names, counts.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    categories: dict[str, int] = {}
    for name, count in pairs[:CATEGORIES]:
        short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
        categories[short] = categories.get(short, 0) + count
    return {"categories": categories, "others": sum(count for _, count in pairs[CATEGORIES:])}


def _name(value: float, kind: str) -> str:
    return label_text(bool(value)) if kind == "bool" else label_text(value)


def _readable(figure: Any, kind: str) -> Any:
    """As JSON has it: no infinity, and dates as texts."""
    if isinstance(figure, list):
        return [_readable(one, kind) for one in figure]
    return written(figure, kind) if kind in _TIMES else _finite(figure)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
