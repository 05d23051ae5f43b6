"""Preprocessing: what can be asked for, what is fitted, and what is refused."""

from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import floats, job
from turnout.errors import InvalidArgument, TurnoutError, UnknownChoice, UnknownColumn, UnusableData
from turnout.runtime.artifact import unpack
from turnout.runtime.model import Model
from turnout.training.fit import Fit

RNG = np.random.default_rng(3)
COUNT = 400
NUMBER = RNG.normal(5, 3, COUNT).astype(np.float32)
OTHER = RNG.normal(size=COUNT).astype(np.float32)
COLOURS = RNG.choice(["red", "green", "blue"], COUNT).tolist()
TARGET = [int(a > 5) + 2 * int(c == "red") for a, c in zip(NUMBER, COLOURS, strict=True)]
TEXT = {"name": "colour", "type": "text", "size": None, "kind": "text"}
FIELDS = [*floats(2), TEXT]


def fit(
    preprocess: dict[str, Any] | None = None,
    *,
    colours: Any = None,
    number: Any = None,
    goal: Any = None,
    **given: Any,
) -> Fit:
    columns = [NUMBER if number is None else number, OTHER, COLOURS if colours is None else colours]
    return job(FIELDS, columns, TARGET if goal is None else goal, preprocess=preprocess, **given).fit()


def entries(found: Fit) -> list[dict[str, Any]]:
    transform: list[dict[str, Any]] = unpack(found.artifact)[0]["transform"]
    return transform


def with_missing(values: Any, every: int = 7) -> Any:
    copy = list(values)
    copy[::every] = [None if isinstance(copy[0], str) else np.nan] * len(copy[::every])
    return copy


@pytest.mark.parametrize(
    ("preprocess", "kind", "message"),
    [
        (
            {"x": {}},
            UnknownColumn,
            'column "x" does not exist in relation "public.t"; it has: c0, c1, colour',
        ),
        ({"target": {}}, UnknownColumn, 'column "target" does not exist'),
        (
            {"c0": {"imput": "mean"}},
            UnknownChoice,
            'key "imput" does not exist; expected one of: encode, impute, scale',
        ),
        ({"c0": {"impute": "average"}}, UnknownChoice, "error, mean, median, mode, min, max, zero"),
        ({"c0": {"scale": "log"}}, UnknownChoice, "preserve, standard"),
        ({"c0": {"scale": None}}, UnknownChoice, "preserve, standard"),
        ({"c0": {"impute": ["mean"]}}, UnknownChoice, "mean"),
        ({"colour": {"encode": "hash"}}, UnknownChoice, "native, target, one_hot"),
        ({"c0": {"encode": "one-hot"}}, UnknownChoice, "native, target, one_hot"),
        ({"colour": {"encode": "native"}}, InvalidArgument, "since it is text"),
        ({"colour": {"encode": {"ordinal": ["a", "a"]}}}, InvalidArgument, "different texts"),
        ({"colour": {"encode": {"ordinal": [1]}}}, InvalidArgument, "different texts"),
        ({"c0": {"encode": {"ordinal": ["1"]}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": [1, 1.00000000001]}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": [1, 1e39]}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": [10**400]}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": [True, False]}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": []}}}, InvalidArgument, "different numbers"),
        ({"c0": {"encode": {"ordinal": "1"}}}, InvalidArgument, "different numbers"),
        ({"c0": "mean"}, InvalidArgument, "an object with encode, impute, scale"),
    ],
)
def test_what_cannot_be_asked_for(preprocess: dict[str, Any], kind: type[TurnoutError], message: str) -> None:
    with pytest.raises(kind) as caught:
        fit(preprocess)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("scale", "spread", "centre"),
    [
        ("standard", lambda x: x.std(), lambda x: x.mean()),
        ("min_max", np.ptp, lambda x: x.min()),
        ("max_abs", lambda x: abs(x).max(), lambda _: 0),
        ("robust", lambda x: np.subtract(*np.quantile(x, [0.75, 0.25])), np.median),
    ],
)
def test_scaling_is_of_the_training_part(scale: str, spread: Any, centre: Any) -> None:
    found = fit({"c0": {"scale": scale}}, sampling="last")
    train = NUMBER[:300].astype(np.float64)
    assert entries(found)[0]["shift"] == pytest.approx(centre(train))
    assert entries(found)[0]["scale"] == pytest.approx(1 / spread(train))
    assert found.result["metrics"]["accuracy"] > 0.9


@pytest.mark.parametrize(
    ("impute", "expected"),
    [("mean", np.mean), ("median", np.median), ("min", np.min), ("max", np.max), ("zero", lambda _: 0)],
)
def test_imputation_is_of_the_training_part(impute: str, expected: Any) -> None:
    number = np.array(with_missing(NUMBER))
    found = fit({"c0": {"impute": impute}}, number=number, sampling="last")
    train = number[:300].astype(np.float64)
    assert entries(found)[0]["impute"] == pytest.approx(expected(train[~np.isnan(train)]), rel=1e-6)
    model = Model.load(found.artifact)
    row = {"c0": None, "c1": 0, "colour": "red"}
    assert model.predict_row(row) == model.predict_row({**row, "c0": entries(found)[0]["impute"]})


def test_the_most_frequent_number() -> None:
    number = np.where(np.arange(COUNT) % 3 == 0, 2.5, NUMBER)
    assert entries(fit({"c0": {"impute": "mode"}}, number=number))[0]["impute"] == 2.5


def test_missing_numbers_without_imputation() -> None:
    number = with_missing(NUMBER)
    with pytest.raises(UnusableData, match=r'column "c0" has no value in \d+ rows.*"impute": "mean"'):
        fit(number=number)
    with pytest.raises(UnusableData, match="no value"):
        fit({"c0": {"impute": "error"}}, number=number, algorithm="xgboost")
    found = fit(number=number, algorithm="xgboost", hyperparams={"n_estimators": 5})
    assert entries(found)[0]["impute"] is None
    assert Model.load(found.artifact).predict_row({"c0": None, "c1": 0, "colour": "red"}) >= 0


def test_nothing_to_impute_from() -> None:
    with pytest.raises(UnusableData, match="no value at all"):
        fit({"c0": {"impute": "mean"}}, number=[np.nan] * COUNT)


def test_infinite_values_are_counted() -> None:
    number = NUMBER.copy()
    number[:3] = np.inf
    with pytest.raises(UnusableData, match='column "c0" has 3 values that are infinite'):
        fit(number=number)


def test_few_texts_become_one_hot() -> None:
    found = fit()
    assert entries(found)[2]["encode"]["values"] == {"blue": [1, 0, 0], "green": [0, 1, 0], "red": [0, 0, 1]}
    assert found.result["metrics"]["accuracy"] > 0.95
    model = Model.load(found.artifact)
    assert model.predict_row({"c0": 9, "c1": 0, "colour": "red"}) == 3
    assert model.predict_row({"c0": 0, "c1": 0, "colour": "blue"}) == 0
    # a text that was never seen, and none at all, are none of the three
    assert model.predict_row({"c0": 9, "c1": 0, "colour": "mauve"}) in (1, 3)
    assert model.predict_row({"c0": 9, "c1": 0, "colour": None}) in (1, 3)


def test_many_texts_become_means_of_the_target() -> None:
    names = [f"{colour} {i % 40}" for i, colour in enumerate(COLOURS)]
    entry = entries(fit(colours=names))[2]["encode"]
    assert entry["width"] == 4
    assert entry["values"]["red 0"][3] > entry["values"]["blue 0"][3]
    assert entry["unknown"] == pytest.approx(
        [sum(t == i for t in TARGET) / COUNT for i in range(4)], abs=0.05
    )


def test_means_of_a_noisy_target_are_no_leak() -> None:
    """Each text occurs once or twice: means that include a row's own target would foretell it perfectly."""
    noise = RNG.integers(0, 2, COUNT).tolist()
    names = [f"name {i // 2}" for i in range(COUNT)]
    found = fit({"colour": {"encode": "target"}}, colours=names, goal=noise, algorithm="random_forest")
    assert found.result["metrics"]["accuracy"] < 0.65


def test_ordinal_texts() -> None:
    order = {"colour": {"encode": {"ordinal": ["red", "green", "blue"]}}}
    found = fit(order)
    assert entries(found)[2]["encode"]["values"] == {"red": [1], "green": [2], "blue": [3]}
    with pytest.raises(UnusableData, match='column "colour" is "blue" in some rows'):
        fit({"colour": {"encode": {"ordinal": ["red", "green"]}}})
    with pytest.raises(UnusableData, match="has no value"):
        fit(order, colours=with_missing(COLOURS))
    tolerant = fit(
        order, colours=with_missing(COLOURS), algorithm="lightgbm", hyperparams={"n_estimators": 5}
    )
    assert entries(tolerant)[2]["encode"]["missing"] == [None]


@pytest.mark.parametrize("impute", ["mean", "median", "min", "max", "zero", "mode"])
def test_missing_texts_are_imputed(impute: str) -> None:
    found = fit({"colour": {"impute": impute, "scale": "standard"}}, colours=with_missing(COLOURS))
    assert len(entries(found)[2]["encode"]["missing"]) == 3
    assert len(entries(found)[2]["scale"]) == 3
    assert found.result["metrics"]["accuracy"] > 0.8


def test_missing_texts_as_an_error() -> None:
    with pytest.raises(UnusableData, match='column "colour" has no value in'):
        fit({"colour": {"impute": "error"}}, colours=with_missing(COLOURS))


def test_arrays_are_prepared_element_by_element() -> None:
    pairs = np.stack([with_missing(NUMBER), OTHER], axis=1).astype(np.float32)
    field = {"name": "pair", "type": "float4", "size": 2, "kind": "float4"}
    choice = {"pair": {"impute": "mean", "scale": "min_max"}}
    found = job([field], [pairs], TARGET, preprocess=choice).fit()
    assert len(entries(found)[0]["impute"]) == len(entries(found)[0]["shift"]) == 2
    model = Model.load(found.artifact)
    assert model.predict_array([5, 0]) == model.predict_row({"pair": [5, 0]})
    assert model.predict_array([None, 0]) == model.predict_row({"pair": [None, 0]})


def test_a_constant_column_is_scaled_to_zero() -> None:
    found = fit({"c0": {"scale": "standard"}}, number=np.full(COUNT, 3.0))
    assert (entries(found)[0]["shift"], entries(found)[0]["scale"]) == (3, 1)
