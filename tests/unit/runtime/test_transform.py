"""One row's preprocessing: what is accepted, what is refused, and to the bit what training does."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.headers import COLOURS, entry, field, header
from turnout.errors import InvalidFeature, MissingFeature, TurnoutError, WrongNumberOfFeatures
from turnout.runtime.problem import Problem
from turnout.runtime.transform import Transform
from turnout.training import preprocessing

PLAIN = header((field("a"), entry()), (field("b", size=2), entry()))
TEXT = header((field("a"), entry(impute="error")), (field("colour", "text"), entry(encode=COLOURS)))


def problem(call: Any, *args: Any) -> tuple[type[TurnoutError], str]:
    with pytest.raises(Problem) as caught:
        call(*args)
    named = caught.value.named(project="p", model_id=1)
    return type(named), str(named)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2.0, True],
        [1, [2, 1]],
        [[1], [[2, 1]]],
        [Decimal(1), Decimal("2.0"), 1],
    ],
)
def test_arrays_of_any_number_and_depth(values: list[Any]) -> None:
    assert Transform(PLAIN).array(values).tolist() == [1, 2, 1]


def test_null_and_nan_stay_nan_without_imputation() -> None:
    buffer = Transform(PLAIN).array([None, math.nan, 3])
    assert np.isnan(buffer[:2]).all()
    assert buffer[2] == 3


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, 2], r"expects 3 features (a, b[2]), but got 2"),
        ([1, 2, "3"], 'feature "b[2]" of model 1 of project "p" is \'3\', expected a number'),
        ([1, math.inf, 3], 'feature "b[1]" of model 1 of project "p" is inf'),
        ([1, 1e300, 3], 'feature "b[1]" of model 1 of project "p" is 1e+300'),
        ([1, -(10**400), 3], 'feature "b[1]" of model 1'),
        ([1, None, -math.inf], 'feature "b[2]" of model 1'),
    ],
)
def test_refused_arrays(values: list[Any], message: str) -> None:
    assert message in problem(Transform(PLAIN).array, values)[1]


def test_missing_value_where_the_algorithm_needs_one() -> None:
    strict = Transform(header((field("a"), entry(impute="error"))))
    assert problem(strict.array, [None])[0] is InvalidFeature
    assert problem(strict.row, {"a": "NaN"})[0] is InvalidFeature


def test_rows_by_name_with_more_columns_than_needed() -> None:
    row = {"id": 7, "b": [2, 3], "a": 1, "z": None}
    assert Transform(PLAIN).row(row).tolist() == [1, 2, 3]


def test_rows_by_position_where_a_row_has_no_names() -> None:
    assert Transform(PLAIN).row({"f1": 1, "f2": [2, 3]}).tolist() == [1, 2, 3]
    assert problem(Transform(PLAIN).row, {"f1": 1})[0] is WrongNumberOfFeatures
    assert problem(Transform(PLAIN).row, {})[0] is WrongNumberOfFeatures


def test_missing_column_is_named_with_what_came() -> None:
    kind, message = problem(Transform(PLAIN).row, {"a": 1, "c": 2})
    assert kind is MissingFeature
    assert 'expects a column "b", but got: a, c' in message


@pytest.mark.parametrize("value", ["12.5", "", {"x": 1}, [1, 2]])
def test_rows_with_something_else_than_a_number(value: Any) -> None:
    assert problem(Transform(PLAIN).row, {"a": value, "b": [1, 2]})[0] is InvalidFeature


@pytest.mark.parametrize("value", [[1], [1, 2, 3], 1])
def test_array_columns_of_another_length(value: Any) -> None:
    assert "expected an array of 2 numbers" in problem(Transform(PLAIN).row, {"a": 1, "b": value})[1]


def test_texts_are_encoded_from_rows_only() -> None:
    transform = Transform(TEXT)
    assert transform.row({"a": 1, "colour": "blue"}).tolist() == [1, 0, 1]
    assert transform.row({"a": 1, "colour": None}).tolist() == [1, 0.5, 0.5]
    unknown = problem(transform.row, {"a": 1, "colour": "green"})
    assert unknown[0] is InvalidFeature
    assert 'is "green", expected one of "red", "blue"' in unknown[1]
    assert "expected a text" in problem(transform.row, {"a": 1, "colour": 3})[1]
    assert "expected a row" in problem(transform.array, [1, 2])[1]


def test_many_rows_in_one_array() -> None:
    buffer, rows = Transform(PLAIN).arrays([1, 2, 3, 4, 5, 6])
    assert rows == 2
    assert buffer.tolist() == [1, 2, 3, 4, 5, 6]
    scaled = Transform(header((field("a"), entry(impute=9.0, shift=1.0, scale=2.0))))
    assert scaled.arrays([1, None, [3]])[0].tolist() == [0, 16, 4]
    assert problem(Transform(PLAIN).arrays, [1, 2, 3, 4])[0] is WrongNumberOfFeatures


def test_scaling_out_of_range_is_refused() -> None:
    transform = Transform(header((field("a"), entry(shift=0.0, scale=1e30))))
    assert problem(transform.array, [1e20])[0] is InvalidFeature


FLOATS = st.floats(width=32, allow_infinity=False)
IMPUTES = st.none() | st.floats(
    width=32, allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6
)
SHIFTS = st.floats(min_value=-1e6, max_value=1e6)
SCALES = st.floats(min_value=1e-6, max_value=1e6)
ENTRIES = st.builds(
    lambda impute, scaling: entry(impute=impute, shift=scaling and scaling[0], scale=scaling and scaling[1]),
    IMPUTES,
    st.none() | st.tuples(SHIFTS, SCALES),
)


@given(
    st.lists(
        st.tuples(ENTRIES, FLOATS.filter(lambda x: abs(x) < 1e20 or math.isnan(x))), min_size=1, max_size=6
    )
)
def test_training_gives_the_same_bits(columns: list[tuple[dict[str, Any], float]]) -> None:
    head = header(*((field(f"c{i}"), e) for i, (e, _) in enumerate(columns)))
    values = [value for _, value in columns]
    one = Transform(head).array(list(values))
    raw = np.array([values], np.float32)
    many = preprocessing.apply(head, raw, {}, relation="t")
    np.testing.assert_array_equal(np.array(one, np.float32), many[0])
    named = {f"c{i}": None if math.isnan(value) else value for i, value in enumerate(values)}
    np.testing.assert_array_equal(np.array(Transform(head).row(named), np.float32), many[0])
    np.testing.assert_array_equal(raw[0], np.array(values, np.float32))


@given(
    st.lists(
        st.tuples(FLOATS.filter(lambda x: abs(x) < 1e20), st.sampled_from(["red", "blue", None])), min_size=1
    ),
    st.tuples(SHIFTS, SCALES),
)
def test_training_encodes_alike(rows: list[tuple[float, str | None]], scaling: tuple[float, float]) -> None:
    shift, scale = scaling
    head = header(
        (field("colour", "text"), entry(encode=COLOURS, shift=[shift, 0.0], scale=[scale, 1.0])),
        (field("a"), entry(impute=1.0)),
    )
    texts = ["blue", "red"]
    raw = np.array([[-1 if text is None else texts.index(text), number] for number, text in rows], np.float32)
    many = preprocessing.apply(head, raw, {"colour": texts}, relation="t")
    for (number, text), row in zip(rows, many, strict=True):
        np.testing.assert_array_equal(
            np.array(Transform(head).row({"a": number, "colour": text}), np.float32), row
        )
