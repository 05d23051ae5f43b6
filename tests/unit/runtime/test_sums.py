"""Trees and linear combinations: compiled and plain answer alike to the bit, and nothing broken is taken."""

from __future__ import annotations

import math
from array import array
from struct import pack
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnout.runtime.formats.linear import PlainLinear
from turnout.runtime.formats.links import LINKS
from turnout.runtime.formats.sums import COMPILED
from turnout.runtime.formats.trees import PlainTrees
from turnout.training.flat import ensemble, linear

WIDTH = 3
NUMBERS = st.floats(-1e3, 1e3, width=32) | st.sampled_from([0.0, -0.0, 1.0, 1e-45, -1e-45, 3.0e38])
VALUES = NUMBERS | st.just(float("nan")) | st.integers(-2, 70).map(float)
# weights that are often equal, and none
WEIGHTS = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1e3)


def outputs_of(link: str, several: int) -> int:
    return 1 if link in ("sigmoid", "logistic") else several


@st.composite
def trees(draw: st.DrawFn, outputs: int, wide: bool) -> ensemble.Tree:
    """A tree grown split by split, with sets of categories here and there."""
    left, right, leaf = [0], [0], [True]
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.sampled_from([i for i, ends in enumerate(leaf) if ends]))
        left[at], right[at], leaf[at] = len(leaf), len(leaf) + 1, False
        left, right, leaf = [*left, 0, 0], [*right, 0, 0], [*leaf, True, True]
    size = len(leaf)
    inner = [i for i, ends in enumerate(leaf) if not ends]
    with_sets = draw(st.lists(st.sampled_from(inner), unique=True)) if inner else []
    categories = st.lists(st.integers(0, 65), unique=True, max_size=5)
    each = st.lists(NUMBERS, min_size=outputs, max_size=outputs) if wide else NUMBERS
    return ensemble.Tree(
        leaf=np.array(leaf),
        feature=np.array(draw(st.lists(st.integers(0, WIDTH - 1), min_size=size, max_size=size))),
        threshold=np.array(draw(st.lists(NUMBERS, min_size=size, max_size=size))),
        left=np.array(left),
        right=np.array(right),
        missing_left=np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size))),
        or_equal=draw(st.booleans()),
        value=np.array(draw(st.lists(each, min_size=size, max_size=size))),
        target=draw(st.integers(0, outputs - 1)),
        sets={node: (draw(categories), draw(st.booleans())) for node in with_sets},
    )


@st.composite
def noted(draw: st.DrawFn, link: str, outputs: int) -> Any:
    """What a link has for each output."""
    if link == "median":
        return np.array(draw(st.lists(WEIGHTS, min_size=outputs, max_size=outputs)))
    return np.arange(outputs, dtype=np.float64) if link == "nearest" else None


@st.composite
def forests(draw: st.DrawFn) -> bytes:
    link = draw(st.sampled_from(LINKS))
    outputs = outputs_of(link, draw(st.integers(1, 4)))
    grown = draw(st.lists(st.booleans().flatmap(lambda wide: trees(outputs, wide)), min_size=1, max_size=11))
    base = draw(st.lists(NUMBERS, min_size=outputs, max_size=outputs))
    factor = draw(st.sampled_from([1.0, 0.1, -2.0]))
    single = draw(st.booleans())
    return ensemble.payload(
        grown,
        width=WIDTH,
        link=link,
        base=np.array(base),
        factor=factor,
        single=single,
        notes=draw(noted(link, outputs)),
    )


@st.composite
def combinations(draw: st.DrawFn) -> bytes:
    link = draw(st.sampled_from(LINKS))
    outputs = outputs_of(link, draw(st.integers(1, 4)))
    size = outputs * WIDTH
    coefficients = np.array(draw(st.lists(NUMBERS, min_size=size, max_size=size))).reshape(outputs, WIDTH)
    base = np.array(draw(st.lists(NUMBERS, min_size=outputs, max_size=outputs)))
    return linear.payload(coefficients, base, link=link, notes=draw(noted(link, outputs)))


ROWS = st.lists(st.lists(VALUES, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=20)


def bits(scores: Any) -> bytes:
    """What can be compared: there is more than one NaN."""
    return array("f", [math.nan if math.isnan(x) else x for x in scores]).tobytes()


def both_ways(compiled: Any, plain: Any, rows: list[list[float]]) -> None:
    matrix = np.array(rows, np.float32)
    assert (compiled.width, compiled.scores) == (plain.width, plain.scores)
    one_by_one = b""
    for row in matrix:
        expected = bits(plain.one(array("f", row)))
        assert bits(compiled.one(array("f", row))) == expected
        one_by_one += expected
    for sums in (compiled, plain):
        scores = bytearray(len(one_by_one))
        sums.many(matrix, scores)
        assert bits(memoryview(scores).cast("f")) == one_by_one


@given(payload=forests(), rows=ROWS)
@settings(max_examples=100, deadline=None)
def test_compiled_trees_answer_as_plain_ones(payload: bytes, rows: list[list[float]]) -> None:
    both_ways(COMPILED.trees(payload), PlainTrees(memoryview(payload)), rows)


@given(payload=combinations(), rows=ROWS)
@settings(max_examples=100, deadline=None)
def test_compiled_combinations_answer_as_plain_ones(payload: bytes, rows: list[list[float]]) -> None:
    both_ways(COMPILED.linear(payload), PlainLinear(memoryview(payload)), rows)


@pytest.mark.parametrize(
    ("weights", "median"),
    [
        ([1.0, 1.0, 1.0], 2.0),
        # half of all is enough
        ([2.0, 1.0, 1.0, 0.0], 1.0),
        ([0.0, 0.0, 1.0], 3.0),
        ([0.0, 0.0, 0.0], 1.0),
        ([1e308, 1e308, 1e308], 2.0),
    ],
)
def test_a_weighted_median(weights: list[float], median: float) -> None:
    said = np.array([[3.0], [1.0], [2.0], [9.0]])[: len(weights)]
    order = [2, 0, 1, 3][: len(weights)]
    payload = linear.payload(said, np.zeros(len(said)), link="median", notes=np.array(weights)[order])
    for sums in (COMPILED.linear(payload), PlainLinear(memoryview(payload))):
        assert sums.one(array("f", [1.0])) == [median]


@pytest.mark.parametrize("weight", [-1.0, math.inf, math.nan])
def test_a_weight_that_is_none_is_refused(weight: float) -> None:
    payload = linear.payload(np.ones((2, 1)), np.zeros(2), link="median", notes=np.array([1.0, weight]))
    for make in (COMPILED.linear, lambda given: PlainLinear(memoryview(given))):
        with pytest.raises(ValueError, match="a weight that is none"):
            make(payload)


def taken(make: Any, payload: bytes) -> Any:
    """The sums, or the reason why there are none."""
    try:
        return make(payload)
    except ValueError as refusal:
        return str(refusal)


def kept_in_bounds(compiled: Any, plain: Any) -> None:
    """Either both refuse, or both answer, in finite time and without a crash."""
    assert isinstance(compiled, str) == isinstance(plain, str), (compiled, plain)
    if not isinstance(compiled, str):
        for value in (0.0, 1e9, float("nan"), -5.0):
            row = array("f", [value] * compiled.width)
            assert len(compiled.one(row)) == compiled.scores


@given(payload=forests(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_trees_are_refused_or_answer(payload: bytes, data: st.DataObject) -> None:
    damaged = bytearray(payload)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) // 4 - 1)) * 4
        word = data.draw(st.integers(0, 2**32 - 1) | st.integers(0, 40) | st.sampled_from([2**31, 2**32 - 1]))
        damaged[at : at + 4] = pack("<I", word)
    damaged = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    # a row of a hundred million numbers is nobody's
    if len(damaged) >= 12 and int.from_bytes(damaged[8:12], "little") > 1 << 16:
        damaged[8:12] = pack("<I", 1 << 16)
    kept_in_bounds(
        taken(COMPILED.trees, bytes(damaged)),
        taken(lambda given: PlainTrees(memoryview(given)), bytes(damaged)),
    )


@given(payload=combinations(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_combinations_are_refused_or_answer(payload: bytes, data: st.DataObject) -> None:
    damaged = bytearray(payload)
    at = data.draw(st.integers(0, 3)) * 4
    damaged[at : at + 4] = pack("<I", data.draw(st.integers(0, 2**32 - 1) | st.integers(0, 12)))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))]
    kept_in_bounds(
        taken(COMPILED.linear, bytes(damaged)),
        taken(lambda given: PlainLinear(memoryview(given)), bytes(damaged)),
    )


@given(payload=st.binary(max_size=200))
def test_bytes_that_are_nothing_are_refused(payload: bytes) -> None:
    assert isinstance(taken(COMPILED.trees, payload), str)
    assert isinstance(taken(COMPILED.linear, payload), str)


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=32))
@settings(max_examples=1000)
def test_a_written_answer_is_read_back_as_the_number(value: float) -> None:
    sums = COMPILED.linear(linear.payload(np.array([[1.0]]), np.zeros(1), link="identity"))
    sums.ready(None, False, None, None)
    assert bits([float(sums.written([value]))]) == bits(sums.one(array("f", [value])))
    assert sums.answer([value]) == value


def test_what_is_no_plain_number_takes_a_closer_look() -> None:
    sums = COMPILED.linear(linear.payload(np.array([[1.0, 1.0]]), np.zeros(1), link="identity"))
    assert sums.answer([1.0, 2.0]) is None
    sums.ready(None, False, None, None)
    assert sums.answer([1, 2.5]) == 3.5
    for values in (
        [1.0],
        [1.0, None],
        [1.0, "2"],
        [1.0, [2.0]],
        [1.0, 1e39],
        [1.0, 10**400],
        (1.0, 2.0),
        None,
    ):
        assert sums.answer(values) is None
    scaled = array("d", [1.0, 0.0]), array("d", [2.0, 1.0])
    sums.ready(None, True, *scaled)
    assert sums.answer([2.0, 2.5]) == 4.5
    # a missing number is the model's business, and this one has no answer to it
    assert sums.answer([None, 1.0]) is None
    for broken in (
        (("a", "b"), False, None, None),
        (None, False, scaled[0], None),
        (None, False, b"1", b"1"),
    ):
        with pytest.raises(ValueError, match=r"one number for each class|come together|for every number"):
            sums.ready(*broken)
        assert sums.answer([2.0, 2.5]) == 4.5
    # a scale that is refused leaves nothing of its shift behind, and both are forgotten where none are given
    sums.ready(None, False, None, None)
    with pytest.raises(ValueError, match="for every number"):
        sums.ready(None, False, scaled[0], b"1")
    assert sums.answer([3.0, 2.5]) == 5.5


def test_buffers_of_another_length_are_refused() -> None:
    sums = COMPILED.linear(linear.payload(np.array([[1.0, 1.0]]), np.zeros(1), link="identity"))
    with pytest.raises(ValueError, match="a row has 2 numbers here"):
        sums.one(array("f", [1.0]))
    with pytest.raises(ValueError, match="a row has 2 numbers here"):
        sums.many(array("f", [1.0] * 3), bytearray(4))
    with pytest.raises(ValueError, match="an answer 1"):
        sums.many(array("f", [1.0] * 4), bytearray(4))
    with pytest.raises(TypeError, match="read-write"):
        sums.many(array("f", [1.0] * 4), bytes(8))


def bush(depth: int, outputs: int | None, rng: np.random.Generator) -> ensemble.Tree:
    """A tree that is full down to a depth, whose leaves add to one output, or to each."""
    inner = 2**depth - 1
    size = 2 * inner + 1
    nodes = np.arange(size)
    return ensemble.Tree(
        leaf=nodes >= inner,
        feature=rng.integers(0, WIDTH, size),
        threshold=rng.normal(size=size),
        left=np.minimum(2 * nodes + 1, size - 1),
        right=np.minimum(2 * nodes + 2, size - 1),
        missing_left=rng.random(size) < 0.5,
        or_equal=True,
        value=rng.normal(size=size if outputs is None else (size, outputs)),
    )


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("holes", [False, True])
def test_large_trees_answer_many_rows_as_one(single: bool, holes: bool) -> None:
    rng = np.random.default_rng(5)
    grown = [bush(13, 2 if place % 2 else None, rng) for place in range(6)]
    payload = ensemble.payload(grown, width=WIDTH, link="softmax", base=np.array([0.1, 0.2]), single=single)
    sums = COMPILED.trees(payload)
    # blocks of rows, the last not full
    rows = rng.normal(size=(300, WIDTH)).astype(np.float32)
    if holes:
        rows[::7, 1] = np.nan
    scores = bytearray(4 * 2 * len(rows))
    sums.many(rows, scores)
    one_by_one = [sums.one(row) for row in rows]
    assert memoryview(scores).cast("f").tolist() == np.ravel(one_by_one).tolist()
    assert len({tuple(one) for one in one_by_one}) > 200
