"""Numbers, booleans, dates and arrays encoded: their tables, and what is refused."""

from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import floats, job
from turnout.errors import InvalidFeature, UnusableData
from turnout.runtime.artifact import unpack
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem
from turnout.training.fit import Fit

RNG = np.random.default_rng(11)
COUNT = 300
CODES = RNG.integers(0, 4, COUNT)
# a number that says nothing by its size
NUMBERS = np.array([0.1, 70, -3, 1e15], np.float32)[CODES]
OTHER = RNG.normal(size=COUNT).astype(np.float32)
TARGET = np.array([0, 1, 1, 0])[CODES]
LABELS = ["-3", "0.10000000149011612", "70", "999999986991104"]


def fit(
    encode: Any, *, values: Any = NUMBERS, kind: str = "float4", size: int | None = None, **given: Any
) -> Fit:
    travels = kind if kind in ("date", "timestamp") else "float4"
    fields = [{"name": "n", "type": kind, "size": size, "kind": travels}, *floats(1)]
    return job(fields, [values, OTHER], TARGET, preprocess={"n": {"encode": encode, **given}}).fit()


def table(found: Fit) -> Any:
    return unpack(found.artifact)[0]["transform"][0]["encode"]


def test_one_hot_numbers() -> None:
    found = fit("one_hot")
    assert list(table(found)["values"]) == LABELS
    assert found.result["metrics"]["accuracy"] == 1
    model = Model.load(found.artifact)
    for number, label in ((0.1, 0), (70, 1), (-3, 1), (1e15, 0)):
        assert model.predict_array([number, 0]) == model.predict_row({"n": number, "c0": 0}) == label
    # never seen, and missing: neither
    assert model.proba_array([7, 0]) == model.proba_row({"n": None, "c0": 0}) == model.proba_array([None, 0])
    assert model.predict_many([[0.1, 0], [70, 0]]) == [0, 1]
    with pytest.raises(Problem, match="InvalidFeature"):
        model.predict_array([np.inf, 0])
    with pytest.raises(Problem, match="InvalidFeature"):
        model.predict_row({"n": 1e300, "c0": 0})


def test_numbers_by_the_target_are_crossed() -> None:
    noise = RNG.integers(0, 2, COUNT)
    found = job(
        floats(1), [np.arange(COUNT) // 2], noise, preprocess={"c0": {"encode": "target"}}, algorithm="random_forest"
    ).fit()  # fmt: skip
    assert found.result["metrics"]["accuracy"] < 0.7
    means = table(fit("target"))["values"]
    assert [means[label] > [0.5] for label in LABELS] == [True, False, True, False]


def test_ordinal_numbers_booleans_and_dates() -> None:
    found = fit({"ordinal": [0.1, 1e15, -3, 70]})
    assert [table(found)["values"][label] for label in LABELS] == [[3], [1], [4], [2]]
    with pytest.raises(Problem) as caught:
        Model.load(found.artifact).predict_array([4, 0])
    assert caught.value.error is InvalidFeature
    assert "is 4, expected one of 0.1000" in str(caught.value.named(project="p", model_id=1))
    with pytest.raises(UnusableData, match='column "n" is -3 in some rows, expected one of 70'):
        fit({"ordinal": [70, 0.1, 1e15]})
    flags = fit({"ordinal": [True, False]}, values=TARGET, kind="bool")
    assert table(flags)["values"] == {"1": [1], "0": [2]}
    assert Model.load(flags.artifact).predict_row({"n": True, "c0": 0}) == 1
    dates = fit({"ordinal": ["2000-01-02", "2000-01-01"]}, values=TARGET, kind="date")
    assert table(dates)["values"] == {"1": [1], "0": [2]}
    model = Model.load(dates.artifact)
    assert model.predict_row({"n": "2000-01-02", "c0": 0}) == model.predict_array([1, 0]) == 1
    with pytest.raises(Problem) as caught:
        model.predict_array([60, 0])
    assert 'is "2000-03-01", expected one of "2000-01-02", "2000-01-01"' in str(
        caught.value.named(project="p", model_id=1)
    )


def test_each_element_of_an_array_has_its_own_table() -> None:
    pairs = np.stack([NUMBERS, np.where(CODES == 1, np.nan, CODES)], axis=1)
    found = fit("one_hot", values=pairs, size=2, scale="standard")
    first, second = table(found)
    assert (list(first["values"]), list(second["values"])) == (LABELS, ["0", "2", "3"])
    model = Model.load(found.artifact)
    assert model.num_features == 3
    assert model.predict_array([70, None, 0]) == model.predict_row({"n": [70, None], "c0": 0}) == 1
    order = fit({"ordinal": [0, 1, 2, 3]}, values=np.stack([CODES, CODES], axis=1), size=2)
    with pytest.raises(Problem) as caught:
        Model.load(order.artifact).predict_array([1, 9, 0])
    assert 'feature "n[2]"' in str(caught.value.named(project="p", model_id=1))


@pytest.mark.parametrize("impute", ["min", "max", "median", "mode", "zero"])
def test_missing_numbers_are_imputed_in_the_table(impute: str) -> None:
    values = np.where(np.arange(COUNT) % 5 == 0, np.nan, NUMBERS)
    values[:150:2] = 70
    found = table(fit("one_hot", values=values, impute=impute))
    expected = {"max": [1.0] * 4, "mode": found["values"]["70"]}
    assert found["missing"] == expected.get(impute, [0.0] * 4)


def test_missing_values_are_counted_over_all_rows() -> None:
    values = NUMBERS.copy()
    values[::10] = np.nan
    for encode in ("native", {"ordinal": [0.1, 70, -3, 1e15]}):
        with pytest.raises(UnusableData, match='column "n" has no value in 30 rows'):
            fit(encode, values=values)
    with pytest.raises(UnusableData, match='column "n" has no value in 30 rows'):
        fit("one_hot", values=values, impute="error")
    pairs = np.stack([values, values], axis=1)
    with pytest.raises(UnusableData, match='column "n" has no value in 30 rows'):
        fit("native", values=pairs, size=2)
    texts = [{"name": "w", "type": "text", "size": None, "kind": "text"}]
    with pytest.raises(UnusableData, match='column "w" has no value in 30 rows'):
        job(
            texts,
            [[None if i % 10 == 0 else "x" for i in range(COUNT)]],
            TARGET,
            preprocess={"w": {"impute": "error"}},
        ).fit()


def test_too_many_values_for_one_hot() -> None:
    rows = np.arange(1500)
    with pytest.raises(
        UnusableData, match=r'"c0" has 11\d\d different values, too many for one_hot \(1000\)'
    ) as caught:
        job(floats(1), [rows], rows % 2, preprocess={"c0": {"encode": "one_hot"}}).fit()
    assert "target encodes any number" in caught.value.advice


def test_no_value_at_all() -> None:
    found = fit("one_hot", values=np.full(COUNT, np.nan))
    assert table(found) == {"width": 1, "values": {}, "unknown": [0.0], "missing": [0.0]}
