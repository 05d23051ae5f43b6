"""From sums to scores: what stands between a model's sums and its answers, in pure Python.

The number of a link is its place in ``LINKS``; the compiled twin, ``_sums.c``, counts alike.
"""

from __future__ import annotations

from array import array
from math import exp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Sums = list[float]

LINKS = ("identity", "logistic", "sigmoid", "sigmoids", "ovr", "softmax", "exponential", "nearest", "median")
# those with one score, and a number for each sum
NOTED = ("nearest", "median")


def scores_of(link: str, notes: list[float]) -> Callable[[Sums], list[float]]:
    """The function from a row's sums to its scores, which are rounded to float32.

    Parameters
    ----------
    link
        ``identity``, ``exponential`` or ``logistic`` (a sigmoid) for numbers; ``sigmoid`` for two classes from one
        sum, ``softmax`` for several, ``sigmoids`` for one probability after the other, ``ovr`` for the same made to add
        up to 1; ``nearest`` for the label of the largest sum, ``median`` for the least sum that has half of all weights
        on it and on what is below.
    notes
        For ``nearest`` the label of each sum, for ``median`` its weight.

    Raises
    ------
    ValueError
        If a weight is negative, infinite or no number.
    """
    if link == "nearest":
        return lambda sums: array("f", [notes[sums.index(max(sums))]]).tolist()
    if link == "median":
        half = _half(notes)
        return lambda sums: array("f", [_median(sums, notes, half)]).tolist()
    plain = _PLAIN[link]
    return lambda sums: array("f", plain(sums)).tolist()


def sigmoid(x: float) -> float:
    """The logistic function, which never overflows.

    >>> sigmoid(0.0), sigmoid(-1000.0), sigmoid(1000.0)
    (0.5, 0.0, 1.0)
    """
    if x >= 0:
        return 1 / (1 + exp(-x))
    small = exp(x)
    return small / (1 + small)


def _exponential(sums: Sums) -> Sums:
    # beyond the range of real long before exp itself overflows
    return [float("inf") if x > 700 else exp(x) for x in sums]


def _ovr(sums: Sums) -> Sums:
    each = [sigmoid(x) for x in sums]
    total = 0.0
    for share in each:
        total += share
    return [share / total if total > 0 else 1 / len(sums) for share in each]


def _half(weights: list[float]) -> float:
    total = 0.0
    for weight in weights:
        if not 0 <= weight < float("inf"):
            raise ValueError("it has a weight that is none")
        total += weight
    return total / 2


def _median(sums: Sums, weights: list[float], half: float) -> float:
    # what is no number comes last
    order = sorted(range(len(sums)), key=lambda i: (sums[i] != sums[i], sums[i]))
    below = 0.0
    for i in order[:-1]:
        below += weights[i]
        if below >= half:
            return sums[i]
    return sums[order[-1]]


def _softmax(sums: Sums) -> Sums:
    most = max(sums)
    each = [exp(x - most) for x in sums]
    total = 0.0
    for share in each:
        total += share
    return [share / total for share in each]


_PLAIN: dict[str, Callable[[Sums], Sums]] = {
    "identity": lambda sums: sums,
    "logistic": lambda sums: [sigmoid(sums[0])],
    "sigmoid": lambda sums: [sigmoid(-sums[0]), sigmoid(sums[0])],
    "sigmoids": lambda sums: [sigmoid(x) for x in sums],
    "ovr": _ovr,
    "softmax": _softmax,
    "exponential": _exponential,
}
