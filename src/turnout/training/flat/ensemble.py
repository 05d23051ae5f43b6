"""Trees of any library, and the payload of the format ``trees`` made from them (runtime/formats/trees.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import pack
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.formats.links import LINKS
from turnout.runtime.formats.trees import (
    CATEGORIES,
    LEAF,
    MEMBERS_RIGHT,
    MISSING_LEFT,
    OR_EQUAL,
    VERSION,
    WHOLE_ROW,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NODE = np.dtype([("value", "<f4"), ("word", "<u4"), ("child", "<u4")])


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One tree, its nodes numbered in any way from a root at 0.

    Parameters
    ----------
    leaf
        Which nodes are leaves.
    feature, threshold, left, right, missing_left
        One entry a node, of no meaning for leaves. A row goes left where its value is below the threshold.
    or_equal
        Whether it goes left too where it is the threshold.
    value
        What each leaf adds: one number a node, or a row of one number for each output.
    target
        The output that a single number is added to.
    sets
        For nodes that look into a set of categories: the set, and whether its members go right.
    """

    leaf: NDArray[np.bool_]
    feature: NDArray[Any]
    threshold: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    missing_left: NDArray[Any]
    or_equal: bool
    value: NDArray[Any]
    target: int = 0
    sets: dict[int, tuple[Sequence[int], bool]] = field(default_factory=dict)


def payload(
    trees: Sequence[Tree],
    *,
    width: int,
    link: str,
    base: NDArray[Any],
    factor: float = 1.0,
    single: bool = False,
    notes: NDArray[Any] | None = None,
) -> bytes:
    """The bytes of an ensemble.

    Parameters
    ----------
    width
        Numbers in a row.
    link
        What makes scores of the sums.
    base
        What is added to the sum of each output, after the sum is multiplied by ``factor``.
    single
        Whether sums are made in float32, from the base on; without a factor.
    notes
        For ``nearest`` the label of each output, for ``median`` its weight.
    """
    base = np.ravel(base).astype("<f8")
    table = _Table(trees, len(base))
    head = (
        VERSION, LINKS.index(link), width, len(base), len(trees), len(table.nodes), len(table.rows),
        len(table.starts) - 1, len(table.members), single,
    )  # fmt: skip
    last = np.asarray([] if notes is None else notes, "<f8")
    parts = (table.roots, table.targets, table.nodes, table.rows, table.starts, table.members, last)
    return b"".join(
        (pack("<10I", *head), pack("<d", factor), base.tobytes(), *(part.tobytes() for part in parts))
    )


class _Table:
    """All trees' nodes in one table, level by level, so that siblings are neighbours and children come later."""

    def __init__(self, trees: Sequence[Tree], outputs: int) -> None:
        sizes = [len(tree.leaf) for tree in trees]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.leaf = np.concatenate([tree.leaf for tree in trees])
        left = np.concatenate([tree.left + start for tree, start in zip(trees, starts, strict=False)])
        right = np.concatenate([tree.right + start for tree, start in zip(trees, starts, strict=False)])
        order = self._order(starts[:-1], left, right)
        place = np.zeros(len(self.leaf), np.int64)
        place[order] = np.arange(len(order))
        words = np.concatenate([_words(tree) for tree in trees])
        self.starts, self.members = np.zeros(1, "<u4"), np.zeros(0, "<u4")
        values = np.concatenate([_values(tree) for tree in trees])
        self._put_sets(trees, starts, words, values)
        self.rows, at = _rows(trees, outputs)
        nodes = np.zeros(len(order), _NODE)
        nodes["value"] = values[order]
        nodes["word"] = words[order]
        nodes["child"] = np.where(self.leaf, at, place[np.where(self.leaf, 0, left)])[order]
        self.nodes = nodes
        self.roots = place[starts[:-1]].astype("<u4")
        wide = [WHOLE_ROW if tree.value.ndim == 2 else tree.target for tree in trees]
        self.targets = np.array(wide, "<u4")

    def _order(self, roots: NDArray[Any], left: NDArray[Any], right: NDArray[Any]) -> NDArray[np.int64]:
        found, level = [], roots
        while len(level):
            found.append(level)
            inner = level[~self.leaf[level]]
            level = np.column_stack([left[inner], right[inner]]).ravel()
        return np.concatenate(found).astype(np.int64)

    def _put_sets(
        self, trees: Sequence[Tree], starts: NDArray[Any], words: NDArray[Any], values: NDArray[Any]
    ) -> None:
        ends, members = [0], []
        for tree, start in zip(trees, starts, strict=False):
            for node, (categories, members_right) in tree.sets.items():
                values[start + node : start + node + 1].view("<u4")[0] = len(ends) - 1
                words[start + node] |= CATEGORIES | (MEMBERS_RIGHT if members_right else 0)
                members.append(_bits(categories))
                ends.append(ends[-1] + len(members[-1]))
        if members:
            self.starts, self.members = np.array(ends, "<u4"), np.concatenate(members)


def _words(tree: Tree) -> NDArray[np.uint32]:
    marks = np.where(
        tree.leaf, LEAF, np.where(tree.missing_left, MISSING_LEFT, 0) | (OR_EQUAL if tree.or_equal else 0)
    )
    features = np.where(tree.leaf, 0, tree.feature)
    return (marks.astype(np.int64) | features.astype(np.int64)).astype("<u4")


def _values(tree: Tree) -> NDArray[np.float32]:
    bounds = _rounded(tree.threshold, down=tree.or_equal)
    added = np.zeros(len(tree.leaf), np.float32) if tree.value.ndim == 2 else tree.value.astype(np.float32)
    return np.where(tree.leaf, added, bounds).astype("<f4")


def _rounded(exact: NDArray[Any], *, down: bool) -> NDArray[np.float32]:
    """For float32 values ``x <= t`` exactly if ``x <= t`` rounded down, and ``x < t`` if ``x < t`` rounded up."""
    # the next one after the largest is infinite, and the one after zero denormal
    with np.errstate(over="ignore", under="ignore"):
        near = np.asarray(exact).astype(np.float32)
        if down:
            return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
        return np.where(near < exact, np.nextafter(near, np.float32(np.inf)), near)


def _rows(trees: Sequence[Tree], outputs: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The rows of leaves that add to all outputs, and for each node which one is its own."""
    rows, places, count = [np.zeros((0, outputs), "<f4")], [], 0
    for tree in trees:
        place = np.zeros(len(tree.leaf), np.int64)
        if tree.value.ndim == 2:
            leaves = np.flatnonzero(tree.leaf)
            place[leaves] = count + np.arange(len(leaves))
            rows.append(tree.value[leaves].astype("<f4"))
            count += len(leaves)
        places.append(place)
    return np.concatenate(rows), np.concatenate(places)


def _bits(categories: Sequence[int]) -> NDArray[np.uint32]:
    words = np.zeros(max(categories, default=0) // 32 + 1, "<u4")
    for category in categories:
        words[category // 32] |= np.uint32(1 << category % 32)
    return words
