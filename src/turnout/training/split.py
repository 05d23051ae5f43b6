"""The split into training and test rows: seeded, and decided by a hash of each row's values.

A row is a test row exactly if its hash is below a threshold. So equal rows are always on one side, the order
of rows means nothing, and when the table grows, rows below an earlier model's threshold are rows that it never
trained on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import InvalidArgument, UnknownChoice, UnusableData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Mask = NDArray[np.bool_]

SAMPLINGS = ("random", "stratified", "first", "last")
EVERY = "*"
_LARGEST = (1 << 64) - 1


@dataclass(frozen=True, kw_only=True)
class Split:
    """How rows were divided; this is what a snapshot keeps.

    Parameters
    ----------
    thresholds
        The bound of each class's test rows, or one for ``"*"``; empty for `first` and `last`.
    columns
        A fingerprint of the columns that were hashed.
    """

    sampling: str
    seed: int
    test_size: float
    thresholds: dict[str, int]
    columns: str

    def as_json(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "sampling": self.sampling,
            "seed": self.seed,
            "test_size": self.test_size,
            "thresholds": self.thresholds,
            "columns": self.columns,
        }


def test_rows(test_size: float, rows: int, relation: str) -> int:
    """How many rows to hold out: a share below one, a count above.

    >>> test_rows(0.25, 10, "t"), test_rows(4, 10, "t")
    (3, 4)

    Raises
    ------
    InvalidArgument, UnusableData
        If that leaves nothing to train on or nothing to test with.
    """
    if not test_size > 0 or test_size == 1 or math.isinf(test_size):
        raise InvalidArgument(
            argument="test_size",
            value=test_size,
            expected="a share between 0 and 1, or a number of rows above 1",
        )
    if test_size > 1 and not float(test_size).is_integer():
        raise InvalidArgument(argument="test_size", value=test_size, expected="a whole number of rows")
    count = math.ceil(round(test_size * rows, 6)) if test_size < 1 else int(test_size)
    if count >= rows:
        reason = f"it has {_rows(rows)}, and test_size {test_size:g} leaves none to train on"
        raise UnusableData(relation=relation, reason=reason)
    return count


def draw(
    *,
    sampling: str,
    test_size: float,
    seed: int,
    hashes: Hashes,
    classes: NDArray[np.int64] | None,
    labels: list[str],
    relation: str,
    columns: str,
) -> tuple[Split, Mask]:
    """Divide the rows.

    Parameters
    ----------
    classes
        Each row's class as an index into ``labels``, for `stratified`; none where there are no classes.

    Returns
    -------
    Split, mask
        The description, and which rows are test rows.
    """
    if sampling not in SAMPLINGS:
        raise UnknownChoice(what="test_sampling", value=sampling, choices=", ".join(SAMPLINGS))
    count = test_rows(test_size, len(hashes), relation)
    thresholds: dict[str, int] = {}
    if sampling in ("first", "last"):
        mask = _by_order(sampling, count, len(hashes))
    elif sampling == "stratified" and classes is not None:
        mask, thresholds = _by_class(hashes, classes, labels, count)
    else:
        bound = _threshold(hashes, count)
        mask, thresholds = below(hashes, bound), {EVERY: bound}
    if not mask.any() or mask.all():
        reason = f"its {_rows(len(hashes))} are too few different ones to hold any out for the test"
        raise UnusableData(relation=relation, reason=reason)
    split = Split(sampling=sampling, seed=seed, test_size=test_size, thresholds=thresholds, columns=columns)
    return split, mask


def below(hashes: Hashes, bound: int) -> Mask:
    """Which hashes are under a threshold; 2**64 is above them all."""
    if bound > _LARGEST:
        return np.ones(len(hashes), np.bool_)
    return hashes < np.uint64(bound)


def unseen(
    hashes: Hashes, labels: NDArray[np.str_] | list[str], champion: dict[str, Any] | None, mine: Split
) -> Mask | None:
    """Which rows a champion certainly didn't train on, or none where its split can't tell.

    Parameters
    ----------
    labels
        Each row's class as text; ignored if the champion's split has one threshold for all.
    champion
        The champion's split as it was stored.
    mine
        The challenger's split, which made the hashes.
    """
    if not champion or not champion.get("thresholds"):
        return None
    if champion.get("seed") != mine.seed or champion.get("columns") != mine.columns:
        return None
    thresholds: dict[str, int] = champion["thresholds"]
    # a class may be called so, and then has others beside it
    if thresholds.keys() == {EVERY}:
        return below(hashes, int(thresholds[EVERY]))
    mask = np.zeros(len(hashes), np.bool_)
    labels = np.asarray(labels)
    for label in np.unique(labels).tolist():
        rows = labels == label
        mask[rows] = below(hashes[rows], int(thresholds.get(label, _LARGEST + 1)))
    return mask


def _by_order(sampling: str, count: int, rows: int) -> Mask:
    mask = np.zeros(rows, np.bool_)
    if sampling == "first":
        mask[:count] = True
    else:
        mask[rows - count :] = True
    return mask


def _by_class(
    hashes: Hashes, classes: NDArray[np.int64], labels: list[str], count: int
) -> tuple[Mask, dict[str, int]]:
    sizes = np.bincount(classes, minlength=len(labels))
    mask = np.zeros(len(hashes), np.bool_)
    thresholds = {}
    for index, share in enumerate(_shares(sizes, count)):
        rows = np.flatnonzero(classes == index)
        bound = _threshold(hashes[rows], int(share))
        thresholds[labels[index]] = bound
        mask[rows] = below(hashes[rows], bound)
    return mask, thresholds


def _shares(sizes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Each class's test rows: in proportion, the largest remainders rounded up, one at least on each side."""
    exact = sizes * (count / sizes.sum())
    shares = np.floor(exact).astype(np.int64)
    order = np.argsort(shares - exact, kind="stable")
    shares[order[: count - int(shares.sum())]] += 1
    bounded: NDArray[np.int64] = np.clip(shares, np.minimum(1, sizes - 1), sizes - 1)
    return bounded


def _threshold(hashes: Hashes, count: int) -> int:
    """The bound that puts about ``count`` rows below it: equal hashes stay together, and both sides get some."""
    if len(hashes) < 2 or hashes.min() == hashes.max():
        return 0
    count = min(max(count, 1), len(hashes) - 1)
    at = np.partition(hashes, count)[count]
    fewer, more = int((hashes < at).sum()), int((hashes <= at).sum())
    upwards = more < len(hashes) and (fewer == 0 or more - count < count - fewer)
    return int(at) + 1 if upwards else int(at)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
