"""Sums of trees as flat arrays, walked without an array library.

The payload, little-endian and without gaps:

========  ==============================  =======================================================================
type      how many                        what
========  ==============================  =======================================================================
uint32    10                              version (1), link, numbers in a row, outputs, trees, nodes, rows of leaves,
                                          sets, words of members, whether sums are made in single precision
float64   1 + outputs                     a factor for all sums, and what is added to each after it
uint32    trees                           the root of each tree
uint32    trees                           the output that it adds to, 2**32 - 1 for all of them
12 bytes  nodes                           a float32, a word, a uint32
float32   rows of leaves x outputs        what leaves say that add to all outputs
uint32    sets + 1                        where the words of each set of categories begin
uint32    words of members                32 categories each
float64   outputs                         of the links ``nearest`` and ``median`` only, the label or the weight of each
========  ==============================  =======================================================================

A node's word is a feature and five marks: a leaf (2**31); a missing value goes left (2**30); the float is the number
of a set (2**29), whose members go left, or right (2**28); a value that equals the float goes left too (2**27). A row
goes left where its value is less than the float. A node's last number is its left child, and the right one comes after
it. A leaf's float is what it adds, or its last number is the row of leaves that it adds.

A sum is made in the order of the trees: in float64, or in float32 beginning with what is added to it, as XGBoost does,
and then the factor has no meaning. The compiled walker, ``runtime/_sums.c``, does the same.
"""

from __future__ import annotations

from array import array as floats
from struct import pack, unpack

from turnout.runtime.formats.links import LINKS, NOTED, scores_of
from turnout.runtime.formats.sums import COMPILED, PlainSums, SumsPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
LEAF, MISSING_LEFT, CATEGORIES, MEMBERS_RIGHT, OR_EQUAL = 1 << 31, 1 << 30, 1 << 29, 1 << 28, 1 << 27
FEATURE = OR_EQUAL - 1
WHOLE_ROW = (1 << 32) - 1
_HEAD = 40
# nodes for which there is memory to have Python's own numbers, which it takes out of a list in a third of the time
_AS_LISTS = 1 << 18


class PlainTrees(PlainSums):
    """The walker without a compiler.

    Raises
    ------
    ValueError
        If the payload is broken: of another length than it says, or with an index out of range.
    """

    __slots__ = (
        "_base", "_children", "_factor", "_leaves", "_members", "_outputs", "_roots", "_sets", "_single", "_values",
        "_words",
    )  # fmt: skip

    def __init__(self, payload: memoryview) -> None:
        if len(payload) < _HEAD:
            raise ValueError("it is shorter than its own head")
        version, link, width, outputs, trees, nodes, rows, sets, members, single = payload[:_HEAD].cast("I")
        if version != VERSION:
            raise ValueError(f"its layout has version {version}, and this Turnout reads version {VERSION}")
        if link >= len(LINKS):
            raise ValueError("it has a link that is not known")
        name = LINKS[link]
        lengths = (
            8 * (1 + outputs),
            4 * trees,
            4 * trees,
            12 * nodes,
            4 * rows * outputs,
            4 * (sets + 1),
            4 * members,
            8 * outputs if name in NOTED else 0,
        )
        if outputs == 0 or len(payload) != _HEAD + sum(lengths):
            raise ValueError("it has another length than its head says")
        if single > 1 or not 0 < width <= FEATURE or (name in ("sigmoid", "logistic") and outputs != 1):
            raise ValueError("its head does not hold together")
        parts, start = [], _HEAD
        for length in lengths:
            parts.append(payload[start : start + length])
            start += length
        numbers, roots, targets = list(parts[0].cast("d")), parts[1].cast("I"), parts[2].cast("I")
        every, table = parts[3].cast("f"), parts[3].cast("I")
        self._leaves, self._sets, self._members = parts[4].cast("f"), parts[5].cast("I"), parts[6].cast("I")
        self._factor, self._base = numbers[0], numbers[1:]
        self._roots = list(zip(roots, targets, strict=True))
        kept: Any = list if nodes <= _AS_LISTS else memoryview
        self._values, self._words, self._children = kept(every[0::3]), kept(table[1::3]), kept(table[2::3])
        self._outputs, self.width, self._single = outputs, width, bool(single)
        self._scores = scores_of(name, list(parts[7].cast("d")))
        self.scores = 2 if name == "sigmoid" else 1 if name in NOTED else outputs
        self._check(nodes, rows, sets, members)

    def _check(self, nodes: int, rows: int, sets: int, members: int) -> None:
        starts = self._sets.tolist()
        if starts[0] != 0 or starts[-1] != members or starts != sorted(starts):
            raise ValueError("it has a set of categories out of range")
        for at, (value, word, child) in enumerate(
            zip(self._values, self._words, self._children, strict=True)
        ):
            if word & LEAF:
                if word != LEAF:
                    raise ValueError("it has a leaf that asks for something")
                if child and child >= rows:
                    raise ValueError("it has a leaf beyond its table of leaves")
            elif not at < child < nodes - 1:
                raise ValueError("it has a node that leads nowhere")
            elif word & FEATURE >= self.width:
                raise ValueError("it has a node that asks for a feature that there is not")
            elif _set_of(value) >= sets if word & CATEGORIES else value != value:  # noqa: PLR0124  only NaN does
                raise ValueError("it has a node with nothing to compare with")
        for root, target in self._roots:
            if root >= nodes or (rows == 0 if target == WHOLE_ROW else target >= self._outputs):
                raise ValueError("it has a tree out of range")

    def _sums(self, row: list[float]) -> list[float]:
        sums: Any = floats("f", self._base) if self._single else [0.0] * self._outputs
        values, words, children = self._values, self._words, self._children
        for root, target in self._roots:
            at = root
            word = words[at]
            while word < LEAF:
                value = row[word & FEATURE]
                bound = values[at]
                # the common cases here, and the rest in a function, whose call takes as long as three of them
                if word & CATEGORIES or value != value or value == bound:  # noqa: PLR0124  only NaN does
                    at = children[at] + self._right(word, value, bound)
                elif value < bound:
                    at = children[at]
                else:
                    at = children[at] + 1
                word = words[at]
            if target == WHOLE_ROW:
                start = children[at] * self._outputs
                for i, value in enumerate(self._leaves[start : start + self._outputs]):
                    sums[i] += value
            else:
                sums[target] += values[at]
        if self._single:
            return list(sums)
        factor = self._factor
        return [total * factor + base for total, base in zip(sums, self._base, strict=True)]

    def _right(self, word: int, value: float, bound: float) -> bool:
        """Whether a row goes right where its value is missing, looked for in a set, or the bound itself."""
        if value != value:  # noqa: PLR0124  only NaN differs from itself
            return not word & MISSING_LEFT
        if word & CATEGORIES:
            return self._is_member(value, bound) == bool(word & MEMBERS_RIGHT)
        return not word & OR_EQUAL

    def _is_member(self, value: float, numbered: float) -> bool:
        number = _set_of(numbered)
        start, end = self._sets[number], self._sets[number + 1]
        if not 0 <= value < 32 * (end - start):
            return False
        return bool(self._members[start + int(value) // 32] >> int(value) % 32 & 1)


def _set_of(numbered: float) -> int:
    """The number of a set, which a node has in place of a float."""
    found: int = unpack("<I", pack("<f", numbered))[0]
    return found


class TreesPredictor(SumsPredictor):
    """Sums of trees."""

    __slots__ = ()

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:  # noqa: ARG002
        super().__init__(COMPILED.trees(payload) if COMPILED else PlainTrees(payload), threads)


FORMAT = TreesPredictor
