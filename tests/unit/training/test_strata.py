"""The groups of a stratified split over several targets: shares kept, the rare ones together, and told apart later."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.training.jobs import floats, job
from turnout.errors import UnusableData
from turnout.training import strata
from turnout.training.classes import Classes
from turnout.training.hashing import finish
from turnout.training.judging import judge
from turnout.training.split import Split, draw, unseen

TARGETS = [
    {"name": "a", "kind": "int8", "type": "int4"},
    {"name": "b", "kind": "text", "type": "text"},
]


def encoded(values: list[Any]) -> tuple[Classes, NDArray[np.int64]]:
    found, indexes = np.unique(np.array(values), return_inverse=True)
    return Classes(found.tolist()), indexes.astype(np.int64)


def grouped(
    *targets: list[Any], share: float = 0.25
) -> tuple[list[Classes], list[NDArray[np.int64]], NDArray[np.int64], list[str]]:
    every, columns = map(list, zip(*map(encoded, targets), strict=True))
    found, labels = strata.groups(every, columns, share)
    assert found is not None
    return every, columns, found, labels


def drawn(hashes: NDArray[np.uint64], group: Any, labels: list[str]) -> tuple[Split, NDArray[np.bool_]]:
    return draw(
        sampling="stratified",
        test_size=0.25,
        seed=1,
        hashes=hashes,
        classes=group,
        labels=labels,
        relation="t",
        columns="x",
    )


def hashes(count: int) -> NDArray[np.uint64]:
    return finish(np.arange(count, dtype=np.uint64), 1)


def test_one_target_or_none() -> None:
    assert strata.groups([], [np.zeros(3)], 0.25) == (None, [])  # type: ignore[list-item]
    _, columns, found, labels = grouped(["x", "y", "x"])
    assert found is columns[0]
    assert labels == ["x", "y"]


def test_every_combination_keeps_its_share() -> None:
    a, b = [0] * 80 + [1] * 40, (["x"] * 20 + ["y"] * 20) * 3
    _, _, found, labels = grouped(a, b)
    assert labels == ['["0","x"]', '["0","y"]', '["1","x"]', '["1","y"]']
    _, mask = drawn(hashes(120), found, labels)
    assert np.bincount(found[mask]).tolist() == [10, 10, 5, 5]


def test_rare_combinations_are_one_group() -> None:
    a, b = [0] * 40 + [1] * 40 + [0, 1, 1], ["x"] * 40 + ["y"] * 40 + ["y", "x", "x"]
    _, _, found, labels = grouped(a, b)
    assert labels == ['["0","x"]', '["1","y"]', strata.REST]
    assert found[-3:].tolist() == [2, 2, 2]


def test_a_class_of_a_single_row_stays_in_training() -> None:
    a, b = [0] * 40 + [1] * 40 + [2], ["x"] * 40 + ["y"] * 41
    _, _, found, labels = grouped(a, b)
    assert labels[-1] == '["2","y"]'
    _, mask = drawn(hashes(81), found, labels)
    assert not mask[-1]


def test_the_most_common_ones_only() -> None:
    values = np.repeat(np.arange(strata.MOST + 5), 8).tolist() + [7] * 4
    _, _, found, labels = grouped(values, values)
    assert len(labels) == strata.MOST + 1
    assert labels[7] == '["7","7"]'
    assert (found == strata.MOST).sum() == 40


@given(st.data())
def test_never_a_row_that_the_champion_trained_on(data: st.DataObject) -> None:
    count = data.draw(st.integers(8, 80))
    a = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    b = data.draw(st.lists(st.sampled_from("xyz"), min_size=count, max_size=count))
    earlier = data.draw(st.integers(4, count))
    _, _, group, labels = grouped(a[:earlier], b[:earlier])
    try:
        champion, test = drawn(hashes(earlier), group, labels)
        every, columns, group, labels = grouped(a, b)
        challenger, _ = drawn(hashes(count), group, labels)
    except UnusableData:
        return
    names = strata.labels_of(every, columns, champion.thresholds)
    mask = unseen(hashes(count), names, champion.as_json(), challenger)
    assert mask is not None
    assert (mask[:earlier] == test).all()


RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(400, 3)).astype(np.float32)
FIRST = (ROWS[:, 0] > 0).astype(int) + (ROWS[:, 1] > 0)
SECOND = np.where(ROWS[:, 1] + RNG.normal(size=400) * 0.3 > 0, "yes", "no")


def trained(count: int = 400, **given: Any) -> Any:
    given = {"targets": TARGETS, **given}
    columns = [FIRST[:count], SECOND[:count].tolist()]
    if given["targets"][0]["name"] != "a":
        columns.reverse()
    return job(floats(3), list(ROWS[:count].T), columns, **given).fit()


def judged(challenger: Any, champion: Any, metric: str = "f1") -> dict[str, Any]:
    return judge(challenger, metric, champion.result["split"], champion.artifact)


def test_both_are_judged_on_the_same_rows() -> None:
    champion, challenger = trained(), trained(algorithm="xgboost")
    found = judged(challenger, champion)
    assert found["basis"] == "shared_test_rows"
    assert found["rows"] == challenger.result["rows"]["test"]
    assert found["challenger"] == pytest.approx(challenger.result["metrics"]["f1"])
    assert found["champion"] == pytest.approx(champion.result["metrics"]["f1"])
    assert judged(champion, champion, "log_loss")["champion"] == champion.result["metrics"]["log_loss"]


def test_a_grown_table() -> None:
    champion, challenger = trained(200), trained()
    assert {'["0","no"]', '["2","yes"]'} < champion.result["split"]["thresholds"].keys()
    found = judged(challenger, champion)
    assert found["basis"] == "shared_test_rows"
    assert 0 < found["rows"] < challenger.result["rows"]["test"]


def test_a_champion_that_knows_fewer_classes() -> None:
    keep = FIRST < 2
    columns = [FIRST[keep], SECOND[keep].tolist()]
    champion = job(floats(3), list(ROWS[keep].T), columns, targets=TARGETS).fit()
    found = judged(trained(), champion, "accuracy")
    assert found["basis"] == "shared_test_rows"
    assert found["champion"] < found["challenger"]


def test_other_targets() -> None:
    alone = job(floats(3), list(ROWS.T), FIRST, target=TARGETS[0]).fit()
    for champion in (alone, trained(targets=TARGETS[::-1])):
        assert judged(trained(), champion)["reason"] == "the champion has other targets"


def test_targets_have_no_order_in_the_split() -> None:
    assert trained().result["split"]["columns"] == trained(targets=TARGETS[::-1]).result["split"]["columns"]
    assert (
        trained().division.test.hashes.tolist()
        == trained(targets=TARGETS[::-1]).division.test.hashes.tolist()
    )


def test_a_class_may_be_called_as_all_rows_are() -> None:
    stars = np.where(FIRST > 0, "*", "no").tolist()
    target = {"kind": "text", "type": "text"}
    champion = job(floats(3), list(ROWS[:300].T), stars[:300], target=target).fit()
    challenger = job(floats(3), list(ROWS.T), stars, target=target).fit()
    labels = ["*"] * len(challenger.division.test)
    bounds = {"*": 0, "no": (1 << 64) - 1}
    split = {**champion.result["split"], "thresholds": bounds}
    mask = unseen(challenger.division.test.hashes, labels, split, challenger.division.split)
    assert mask is not None
    assert not mask.any()
    mask = unseen(challenger.division.test.hashes, ["no"] * len(labels), split, challenger.division.split)
    assert mask is not None
    assert mask.all()
