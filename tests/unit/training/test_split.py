"""The split: reproducible, blind to order, duplicates together, shares kept, and never a trained row to test with."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.training.jobs import chunk, described, floats
from turnout.errors import InvalidArgument, TurnoutError, UnknownChoice, UnusableData
from turnout.training.dataset import Dataset
from turnout.training.description import Description
from turnout.training.split import Split, draw, unseen

Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]


def hashes_of(
    rows: list[list[float]], target: list[int], seed: int = 1, order: list[int] | None = None
) -> Hashes:
    """What a dataset makes of rows, its columns in any order."""
    matrix = np.array(rows, np.float64).reshape(len(rows), -1)
    order = order if order is not None else list(range(matrix.shape[1]))
    header = described([floats(matrix.shape[1])[i] for i in order], seed=seed)
    dataset = Dataset(Description.read(header))
    dataset.add(
        len(rows), *_sent([*header["fields"], *header["targets"]], [matrix[:, i] for i in order], target)
    )
    return dataset.hashes[0]


def _sent(fields: list[dict[str, Any]], columns: list[Any], target: list[int]) -> tuple[list[int], bytes]:
    header, payload = chunk(fields, [*columns, target])
    return header["lengths"], payload


def drawn(
    hashes: Hashes,
    classes: list[int] | None = None,
    sampling: str = "random",
    size: float = 0.25,
    seed: int = 1,
) -> tuple[Split, Mask]:
    count = max(classes) + 1 if classes else 0
    return draw(
        sampling=sampling,
        test_size=size,
        seed=seed,
        hashes=hashes,
        classes=np.array(classes, np.int64) if classes else None,
        labels=[str(i) for i in range(count)],
        relation="public.t",
        columns="x",
    )


ROWS = st.lists(st.lists(st.integers(0, 6).map(float), min_size=2, max_size=2), min_size=2, max_size=60)


@given(ROWS, st.integers(0, 2**63 - 1), st.randoms())
def test_hash_is_blind_to_the_order_of_rows_and_columns(
    rows: list[list[float]], seed: int, random: Any
) -> None:
    target = [int(a) % 3 for a, _ in rows]
    hashes = hashes_of(rows, target, seed)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = hashes_of([rows[i] for i in order], [target[i] for i in order], seed, order=[1, 0])
    np.testing.assert_array_equal(hashes[order], shuffled)


def test_hash_is_the_same_for_ever() -> None:
    assert hashes_of([[1, 2], [3, 4]], [0, 1]).tolist() == [12628034013202224246, 15148758130734040881]


def test_zeros_and_nans_are_one_and_columns_are_not_exchangeable() -> None:
    zeros = hashes_of([[0.0, 1], [-0.0, 1], [float("nan"), 1], [-float("nan"), 1], [1, 0]], [0] * 5)
    assert zeros[0] == zeros[1] != zeros[4]
    assert zeros[2] == zeros[3] != zeros[0]
    assert hashes_of([[0, 1]], [0])[0] != hashes_of([[0, 1]], [1])[0]
    assert hashes_of([[0, 1]], [0], seed=1)[0] != hashes_of([[0, 1]], [0], seed=2)[0]


@given(ROWS, st.sampled_from([0.1, 0.25, 0.5, 0.9]))
def test_duplicates_stay_together_and_the_count_is_near(rows: list[list[float]], size: float) -> None:
    hashes = hashes_of(rows, [0] * len(rows))
    if len(set(hashes.tolist())) < 2:
        with pytest.raises(UnusableData):
            drawn(hashes, size=size)
        return
    try:
        split, mask = drawn(hashes, size=size)
    except UnusableData:
        assert np.ceil(size * len(rows)) >= len(rows)
        return
    assert not set(hashes[mask].tolist()) & set(hashes[~mask].tolist())
    assert mask.any()
    assert not mask.all()
    assert split.thresholds.keys() == {"*"}
    largest = np.unique(hashes, return_counts=True)[1].max()
    assert abs(int(mask.sum()) - np.ceil(size * len(rows))) <= largest


def test_exact_count_without_duplicates() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 1000, np.uint64)
    assert drawn(hashes)[1].sum() == 250
    assert drawn(hashes, size=10)[1].sum() == 10
    assert drawn(hashes, size=0.0001)[1].sum() == 1


@given(st.lists(st.integers(0, 3), min_size=12, max_size=200), st.integers(0, 2**32))
def test_stratified_keeps_every_classs_share(classes: list[int], seed: int) -> None:
    hashes = np.random.default_rng(seed).integers(0, 2**64, len(classes), np.uint64)
    sizes = np.bincount(classes)
    if not (sizes > 1).any():
        return
    split, mask = drawn(hashes, classes, "stratified")
    for index, size in enumerate(sizes.tolist()):
        held_out = int(mask[np.array(classes) == index].sum())
        if size < 2:
            assert held_out == 0
        else:
            assert 1 <= held_out < size
            assert abs(held_out - 0.25 * size) <= 1 + 4 / len(classes)
    again = drawn(hashes[::-1].copy(), classes[::-1], "stratified")
    assert again[0] == split
    np.testing.assert_array_equal(again[1][::-1], mask)


def test_stratified_regression_is_random() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 100, np.uint64)
    np.testing.assert_array_equal(drawn(hashes, None, "stratified")[1], drawn(hashes)[1])


@pytest.mark.parametrize(("sampling", "expected"), [("first", [0, 1, 2]), ("last", [7, 8, 9])])
def test_first_and_last_go_by_arrival(sampling: str, expected: list[int]) -> None:
    split, mask = drawn(np.arange(10, dtype=np.uint64), sampling=sampling)
    assert np.flatnonzero(mask).tolist() == expected
    assert split.thresholds == {}


@pytest.mark.parametrize("size", [0, -1, 1, 2.5, float("inf"), float("nan")])
def test_test_sizes_that_mean_nothing(size: float) -> None:
    with pytest.raises(InvalidArgument, match="test_size"):
        drawn(np.arange(10, dtype=np.uint64), size=size)


@pytest.mark.parametrize(("size", "rows"), [(10, 10), (11, 10), (0.99, 3), (0.25, 1)])
def test_test_sizes_that_leave_nothing(size: float, rows: int) -> None:
    with pytest.raises(UnusableData, match="leaves none to train on"):
        drawn(np.arange(rows, dtype=np.uint64), size=size)


def test_equal_rows_only() -> None:
    with pytest.raises(UnusableData, match="too few different"):
        drawn(np.full(10, 7, np.uint64))
    with pytest.raises(UnusableData, match="too few different"):
        drawn(np.full(10, 7, np.uint64), [0] * 10, "stratified")


def test_unknown_sampling() -> None:
    with pytest.raises(UnknownChoice, match="expected one of: random"):
        drawn(np.arange(10, dtype=np.uint64), sampling="middle")


@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), min_size=4, max_size=40),
        min_size=2,
        max_size=4,
    ),
    st.lists(
        st.tuples(st.sampled_from(["random", "stratified"]), st.sampled_from([0.2, 0.5, 3])),
        min_size=4,
        max_size=4,
    ),
)
def test_growing_tables_never_judge_with_rows_that_were_trained_on(
    steps: list[list[tuple[int, int]]], ways: list[tuple[str, float]]
) -> None:
    """Each training sees all rows so far, duplicates included; any later one may judge any earlier one."""
    rows: list[tuple[int, int]] = []
    champions: list[tuple[dict[str, Any], set[int]]] = []
    for step, (sampling, size) in zip(steps, ways, strict=False):
        rows += step
        hashes = hashes_of([[a, 1] for a, _ in rows], [c for _, c in rows])
        classes = np.unique([c for _, c in rows], return_inverse=True)[1].tolist()
        labels = [str(c) for _, c in rows]
        try:
            split, mask = draw(
                sampling=sampling, test_size=size, seed=1, hashes=hashes, classes=np.array(classes),
                labels=sorted(set(labels)), relation="t", columns="x",
            )  # fmt: skip
        except TurnoutError:
            continue
        for champion, trained in champions:
            fresh = unseen(hashes[mask], [labels[i] for i in np.flatnonzero(mask)], champion, split)
            assert fresh is not None
            assert not trained & set(hashes[mask][fresh].tolist())
            assert not set(hashes[~mask].tolist()) & set(hashes[mask][fresh].tolist())
        champions.append((split.as_json(), set(hashes[~mask].tolist())))


def test_champions_whose_split_tells_nothing() -> None:
    hashes = np.arange(10, dtype=np.uint64)
    mine, _ = drawn(hashes)
    theirs = mine.as_json()
    assert unseen(hashes, [], theirs, mine) is not None
    changes: list[dict[str, Any]] = [{"seed": 2}, {"thresholds": {}}, {"columns": "y"}]
    for change in changes:
        assert unseen(hashes, [], {**theirs, **change}, mine) is None
    assert unseen(hashes, [], None, mine) is None
    assert unseen(hashes, [], {}, mine) is None


def test_a_class_that_the_champion_never_met_is_unseen() -> None:
    hashes = np.array([1, 2, 2**64 - 1], np.uint64)
    mine = Split(sampling="stratified", seed=1, test_size=0.5, thresholds={"a": 2, "b": 2}, columns="x")
    theirs = {**mine.as_json(), "thresholds": {"a": 2}}
    found = unseen(hashes, ["a", "a", "b"], theirs, mine)
    assert found is not None
    assert found.tolist() == [True, False, True]
