"""The groups whose shares a stratified split keeps: the classes of a target, or what several targets have together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.training.classes import Classes

# the combinations that are too rare to keep a share of their own; no combination is called so
REST = "rest"
# combinations that have a share of their own
MOST = 1000


def groups(
    every: Sequence[Classes], targets: Sequence[NDArray[np.int64]], share: float
) -> tuple[NDArray[np.int64] | None, list[str]]:
    """Each row's group, and what the groups are called; none where the targets are numbers.

    Combinations that would have less than one test row are one group, the last, but for those that have all rows of
    a class, one of which is to stay in the training part.

    Parameters
    ----------
    every, targets
        The classes of each target, and each row's class as an index into them.
    share
        The part of the rows that is held out.
    """
    if not every:
        return None, []
    if len(every) == 1:
        return targets[0], every[0].labels
    # combined step by step, so that the product of many numbers of classes never has to fit into an integer
    group = targets[0]
    for column in targets[1:]:
        _, group = np.unique(group * (int(column.max()) + 1) + column, return_inverse=True)
    _, firsts, sizes = np.unique(group, return_index=True, return_counts=True)
    alone = np.zeros(len(sizes), np.bool_)
    for column in targets:
        alone |= np.bincount(column)[column[firsts]] == sizes
    own = (sizes * share >= 1) | alone
    own[np.argsort(-sizes, kind="stable")[MOST:]] = False
    place = np.where(own, np.cumsum(own) - 1, own.sum())
    labels = [
        called([classes.labels[column[first]] for classes, column in zip(every, targets, strict=True)])
        for first in firsts[own].tolist()
    ]
    return place[group], labels if own.all() else [*labels, REST]


def labels_of(
    every: Sequence[Classes], targets: Sequence[NDArray[np.int64]], thresholds: dict[str, Any]
) -> NDArray[np.str_]:
    """What each row's group is called in a split that was drawn with these thresholds."""
    if not every:
        return np.array([], np.str_)
    columns = [np.array(classes.labels)[column] for classes, column in zip(every, targets, strict=True)]
    if len(columns) == 1:
        return columns[0]
    names = [called(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
    if REST in thresholds:
        names = [name if name in thresholds else REST for name in names]
    return np.array(names)


def called(labels: list[str] | tuple[str, ...]) -> str:
    """The name of a combination.

    >>> called(["red", "1"])
    '["red","1"]'
    """
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"))
