"""Rows to check with: of the values that a model has met, about the bounds of its trees, and with some missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from turnout.importing.sources import Known

ROWS = 600
SWEPT = 60
_NEAREST = 1e-30
_HOLES = 0.15
_PLENTY = (-1000.0, -10.0, -1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 100.0, 1000.0)

Row = list[Any]


def rows(columns: list[Known], kinds: list[str]) -> list[Row]:
    """Rows without missing values: drawn at random, and one row with each column in turn put to what matters there."""
    random = np.random.default_rng(0)
    pools = [_pool(known, kind, random) for known, kind in zip(columns, kinds, strict=True)]
    count = max(100, min(ROWS, 400_000 // max(len(pools), 1)))
    drawn = [
        [pool[i] for pool, i in zip(pools, places, strict=True)] for places in _places(pools, count, random)
    ]
    usual = drawn[0]
    for at, pool in enumerate(pools[:200]):
        step = max(1, len(pool) // SWEPT)
        drawn += [[*usual[:at], value, *usual[at + 1 :]] for value in pool[::step]]
    return drawn


def with_holes(given: list[Row], may: list[bool]) -> list[Row]:
    """Some rows again, with values missing in the columns where they may be."""
    random = np.random.default_rng(1)
    chosen = given[:200]
    holes = random.random((len(chosen), len(may))) < _HOLES
    found = [
        [None if hole and allowed else value for value, hole, allowed in zip(row, holes[i], may, strict=True)]
        for i, row in enumerate(chosen)
    ]
    alone = [
        [None if i == at and may[at] else value for i, value in enumerate(chosen[0])]
        for at in range(len(may))
    ]
    return found + alone[:200]


def _places(pools: list[list[Any]], count: int, random: Any) -> Any:
    return np.column_stack([random.integers(0, len(pool), count) for pool in pools]).tolist()


def _pool(known: Known, kind: str, random: Any) -> list[Any]:
    if kind == "text":
        return _texts(known, random)
    if kind == "bool":
        return [0.0, 1.0]
    if kind == "time":
        return sorted(set(known.values)) or [0.0, 8000.0, 9000.5]
    return _numbers(known, random)


def _texts(known: Known, random: Any) -> list[Any]:
    found: list[Any] = list(dict.fromkeys(value for value in known.values if isinstance(value, str)))
    words = known.words
    if words:
        for length in (1, 2, 3, 5, 8, 13):
            for _ in range(20):
                chosen = random.integers(0, len(words), length).tolist()
                found.append(" ".join(words[i] for i in chosen))
        found += ["", "A word that nobody has met, ÄÖÜ ß 123!"]
    return found or ["a", "b"]


def _numbers(known: Known, random: Any) -> list[float]:
    found = [value for value in known.values if isinstance(value, float)]
    if found and not known.points and not known.near:
        return _rounded(found)
    for center, spread in known.near:
        found += [*(center + spread * random.normal(size=40)).tolist(), center]
    if known.points:
        found += _about(np.array(known.points))
    if not known.near and not known.points:
        found += [*_PLENTY, *random.normal(size=30).tolist()]
    return _rounded(found)


def _about(bounds: Any) -> list[float]:
    """Each bound as float32 has it, the next ones to it, and what lies between two of them."""
    with np.errstate(over="ignore"):
        near = bounds.astype(np.float32)
        below, above = np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))
        order = np.sort(bounds)
        between = (order[1:] + order[:-1]) / 2
        outside = [order[0] - 1, order[-1] + 1, order[0] - np.ptp(order), order[-1] + np.ptp(order)]
    found: list[float] = np.concatenate([near, below, above, between, outside]).astype(float).tolist()
    return found


def _rounded(values: list[float]) -> list[float]:
    """As a row of Turnout's carries them: float32."""
    with np.errstate(over="ignore"):
        found = np.array(values, np.float64).astype(np.float32).astype(float)
    # LightGBM takes what is nearer to zero than any measurement for zero
    kept = np.isfinite(found) & ((found == 0) | (np.abs(found) > _NEAREST))
    finite: list[float] = found[kept].tolist()
    return finite or [0.0]
