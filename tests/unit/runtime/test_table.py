"""Rows as they come over HTTP: matched by name, repaired where that is safe, and refused with row and column."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.training.jobs import floats, job, trained
from turnout.errors import TurnoutError
from turnout.input_errors import (
    InvalidRow,
    InvalidValue,
    MissingColumns,
    NoAnswerForRow,
    RepeatedColumn,
)
from turnout.runtime.model import Model
from turnout.runtime.table import PLANS, Table

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(300, 3)).astype(np.float32)
NAMES = ["c0", "c1", "c2"]


def fitted(goal: Any, **described: Any) -> Model:
    return Model.load(trained(ROWS, goal, **described).artifact)


MODEL = fitted([("low", "high")[int(x > 0)] for x in ROWS[:, 0]], algorithm="xgboost",
               target={"kind": "text", "type": "text"})  # fmt: skip
SCALED = fitted(ROWS[:, 0].tolist(), task="regression",
                preprocess={name: {"scale": "standard", "impute": "mean"} for name in NAMES})  # fmt: skip


def mixed() -> Model:
    """A model of a text, a date, a boolean, an array of two numbers and a number that must be there."""
    fields: list[dict[str, Any]] = [
        {"name": "colour", "type": "text", "size": None, "kind": "text"},
        {"name": "day", "type": "date", "size": None, "kind": "date"},
        {"name": "member", "type": "bool", "size": None, "kind": "bool"},
        {"name": "place", "type": "float4", "size": 2, "kind": "float4"},
        {"name": "age", "type": "int4", "size": None, "kind": "float4"},
    ]
    place = ROWS[:, :2]
    columns = [
        [("red", "green", "blue")[i % 3] for i in range(300)],
        list(range(8000, 8300)),
        [i % 2 for i in range(300)],
        place,
        [float(i % 50) for i in range(300)],
    ]
    made = job(fields, columns, [int(x > 0) for x in place[:, 0]], chunks=1, preprocess={
        "colour": {"encode": {"ordinal": ["red", "green", "blue"]}}, "age": {"impute": "error"},
    })  # fmt: skip
    return Model.load(made.fit().artifact)


MIXED = mixed()


def ask(table: Table, fields: list[str] | None, *rows: Any) -> list[list[Any]]:
    return table.answers(table.plan(fields, "input_data[0]"), list(rows), "input_data[0]")


def refused(table: Table, fields: list[str] | None, *rows: Any) -> TurnoutError:
    with pytest.raises(TurnoutError) as caught:
        ask(table, fields, *rows)
    return caught.value


def test_a_class_comes_with_its_probabilities() -> None:
    table = Table(MODEL)
    assert table.fields == ["prediction", "probability"]
    ((label, probabilities),) = ask(table, NAMES, [3.0, 0.0, 0.0])
    assert label == "high"
    assert MODEL.classes is not None
    assert MODEL.classes[int(np.argmax(probabilities))] == "high"
    assert probabilities == MODEL.proba_array([3.0, 0.0, 0.0])


@settings(deadline=None)
@given(st.permutations([*NAMES, "id", "other"]), st.integers(1, 40), st.sampled_from([MODEL, SCALED]))
def test_columns_come_in_any_order_beside_others(names: list[str], count: int, model: Model) -> None:
    table = Table(model)
    rows = ROWS[:count].tolist()
    given_rows = [[row[NAMES.index(name)] if name in NAMES else "?" for name in names] for row in rows]
    assert ask(table, names, *given_rows) == ask(table, NAMES, *rows) == ask(table, None, *rows)
    (warning,) = table.plan(names, "input_data[0]").warnings
    assert '"id"' in warning
    assert '"other"' in warning
    assert not table.plan(NAMES, "input_data[0]").warnings


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(st.none(), st.floats(-1e6, 1e6, width=32), st.integers(-9, 9), st.booleans()),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=12,
    ),
    st.data(),
    st.sampled_from([MODEL, SCALED]),
)  # fmt: skip
def test_texts_of_numbers_are_those_numbers_and_rows_answer_as_alone(
    rows: list[list[Any]], data: st.DataObject, model: Model
) -> None:
    table = Table(model)
    expected = [ask(table, NAMES, row)[0] for row in rows]
    assert ask(table, NAMES, *rows) == expected
    texts = [
        [f" {float(x)!r} " if x is not None and data.draw(st.booleans()) else x for x in row] for row in rows
    ]
    assert ask(table, NAMES, *texts) == expected


def test_many_rows_answer_as_alone() -> None:
    rows = np.tile(ROWS, (8, 1)).tolist()
    for model in (MODEL, SCALED):
        table = Table(model)
        assert ask(table, NAMES, *rows) == [ask(table, NAMES, row)[0] for row in rows]


def test_nulls_are_imputed_or_refused() -> None:
    assert ask(Table(MODEL), NAMES, [None, 0, 0]) == ask(Table(MODEL), NAMES, ["NaN", 0, 0])
    table = Table(MIXED)
    error = refused(table, ["colour", "day", "member", "place", "age"], ["red", 1, True, [0, 1], None])
    assert isinstance(error, InvalidValue)
    assert error.message == (
        'row 0 (counted from 0) of input_data[0]: column "age" is missing, expected a number'
    )


def test_texts_dates_booleans_and_arrays() -> None:
    table = Table(MIXED)
    names = ["age", "place", "member", "day", "colour", "row_id"]
    plain = ask(table, names, [5, [1.5, 0.25], True, "2022-01-31", "red", 17])
    assert plain == ask(table, names, ["5", ["1.5", 0.25], "true", "2022-01-31", "red", None])
    assert plain == ask(table, names, [5.0, [[1.5], [0.25]], 1, "2022-01-31", "red", {}])
    row = {"colour": "red", "day": "2022-01-31", "member": True, "place": [1.5, 0.25], "age": 5}
    assert plain[0][1] == MIXED.proba_row(row)


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ([1, [1, 2], True, "soon", "red"], "day", '"soon"'),
        ([1, [1, 2], True, {}, "red"], "day", "an object"),
        ([1, [1, 2], True, "2022-01-31", "mauve"], "colour", '"mauve"'),
        ([1, [1, 2], True, "2022-01-31", 7], "colour", "7"),
        ([1, [1, 2], True, "2022-01-31", [["red"]]], "colour", "an array of 1"),
        ([1, [1, 2], "maybe", "2022-01-31", "red"], "member", '"maybe"'),
        ([1, [1, 2, 3], True, "2022-01-31", "red"], "place", "an array of 3"),
        ([1, 4, True, "2022-01-31", "red"], "place", "an array of 1"),
        ([1, [1, "x"], True, "2022-01-31", "red"], "place", '"x"'),
        (["", [1, 2], True, "2022-01-31", "red"], "age", '""'),
        (["1_0", [1, 2], True, "2022-01-31", "red"], "age", '"1_0"'),
        (["٣", [1, 2], True, "2022-01-31", "red"], "age", '"٣"'),
        ([{"a": 1}, [1, 2], True, "2022-01-31", "red"], "age", "an object"),
        ([1e300, [1, 2], True, "2022-01-31", "red"], "age", "1e+300"),
        (["Infinity", [1, 2], True, "2022-01-31", "red"], "age", "inf"),
    ],
)
def test_what_is_no_value_is_named_with_row_and_column(row: list[Any], column: str, value: str) -> None:
    table = Table(MIXED)
    names = ["age", "place", "member", "day", "colour"]
    good = [1, [1, 2], True, "2022-01-31", "red"]
    for before in (0, 1, 5):
        error = refused(table, names, *[good] * before, row, good)
        assert isinstance(error, InvalidValue)
        assert error.details["row"] == before
        assert error.details["column"] == column
        assert error.details["value"] == value


def test_arrays_nested_without_end_are_refused() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    table = Table(MIXED)
    names = ["age", "place", "member", "day", "colour"]
    for at in range(5):
        row: list[Any] = [1, [1, 2], True, "2022-01-31", "red"]
        row[at] = deep
        assert isinstance(refused(table, names, row), InvalidValue)
    assert isinstance(refused(Table(MODEL), NAMES, [deep, 0, 0]), InvalidValue)


@pytest.mark.parametrize("row", [[1, 2], [1, 2, 3, 4], [], 5, "abc", None, {"c0": 1, "c1": 2, "c2": 3}])
def test_ragged_rows_are_named(row: Any) -> None:
    for count in (0, 1, 3):
        error = refused(Table(MODEL), NAMES, *[[1, 2, 3]] * count, row)
        assert isinstance(error, InvalidRow)
        assert error.details["row"] == count
        assert "expected an array of 3 values" in error.message


def test_missing_and_repeated_columns_are_named() -> None:
    table = Table(MODEL)
    error = refused(table, ["c1", "id"], [1, 2])
    assert isinstance(error, MissingColumns)
    assert '"c0", "c2"' in error.message
    assert '"c1", "id"' in error.message
    error = refused(table, [*NAMES, "c1"], [1, 2, 3, 4])
    assert isinstance(error, RepeatedColumn)
    assert '"c1"' in error.message
    # what the model doesn't know may come as often as it likes
    assert ask(table, ["x", *NAMES, "x"], [0, 1, 2, 3, 0]) == ask(table, NAMES, [1, 2, 3])


def test_plans_are_bounded() -> None:
    table = Table(MODEL)
    for i in range(5 * PLANS):
        ask(table, [*NAMES, f"x{i}"], [1, 2, 3, 4])
    assert len(table._plans) == PLANS
    ask(table, [*NAMES, *(f"x{i}" for i in range(10_000))], [1] * 10_003)
    assert len(table._plans) == PLANS


def test_a_model_of_one_column() -> None:
    model = Model.load(trained(ROWS[:, :1], ROWS[:, 0].tolist(), task="regression").artifact)
    table = Table(model)
    assert ask(table, ["id", "c0"], ["?", 2.0], ["?", "3"]) == ask(table, None, [2.0], [3.0])


@pytest.mark.parametrize(
    ("values", "target"),
    [
        ((False, True), {"kind": "bool", "type": "bool"}),
        ((-3, 7), {"kind": "int8", "type": "int4"}),
        ((0.5, 2.0), {"kind": "float8", "type": "float8"}),
    ],
)
def test_classes_are_what_they_were(values: tuple[Any, Any], target: dict[str, str]) -> None:
    table = Table(fitted([values[int(x > 0)] for x in ROWS[:, 0]], target=target))
    found = ask(table, NAMES, [-3, 0, 0], [3, 0, 0])
    assert [answer[0] for answer in found] == list(values)
    assert type(found[1][0]) is type(values[1]) or found[1][0] == 2


def test_regression_clustering_decomposition() -> None:
    for task, algorithm, kind in (
        ("regression", "linear", float),
        ("clustering", "kmeans", int),
        ("decomposition", "pca", list),
    ):
        goal = ROWS[:, 0].tolist()
        table = Table(fitted(goal, task=task, algorithm=algorithm))
        assert table.fields == ["prediction"]
        for rows in ([[1, 2, 3]], [[1, 2, 3]] * 3):
            for answer in ask(table, NAMES, *rows):
                assert len(answer) == 1
                assert type(answer[0]) is kind


def test_several_targets_at_once() -> None:
    kinds = [{"name": name, "kind": "text", "type": "text"} for name in ("size", "side")]
    goals = [
        [("s", "m", "l")[int(x > 0) + int(x > 1)] for x in ROWS[:, 0]],
        [("a", "b")[int(x > 0)] for x in ROWS[:, 1]],
    ]
    model = Model.load(job(floats(3), list(ROWS.T), goals, targets=kinds).fit().artifact)
    table = Table(model)
    assert table.fields == ["prediction", "probability"]
    for rows in ([[3, -3, 0]], [[3, -3, 0]] * 2):
        labels, probabilities = ask(table, NAMES, *rows)[-1]
        assert labels == ["l", "a"]
        assert [len(each) for each in probabilities] == [3, 2]
    numbers = [{"name": name, "kind": "float8", "type": "float8"} for name in ("p", "q")]
    made = job(
        floats(3),
        list(ROWS.T),
        [ROWS[:, 0].tolist(), ROWS[:, 1].tolist()],
        targets=numbers,
        task="regression",
    )
    table = Table(Model.load(made.fit().artifact))
    assert table.fields == ["prediction"]
    assert ask(table, NAMES, [3, -3, 0])[0][0] == pytest.approx([3, -3], abs=1e-4)


def test_an_answer_that_is_no_number_names_its_row() -> None:
    table = Table(fitted((ROWS[:, 0] * 1e6).tolist(), task="regression"))
    for before in (0, 2):
        error = refused(table, NAMES, *[[1, 1, 1]] * before, [3e38, 0, 0])
        assert isinstance(error, NoAnswerForRow)
        assert error.details["row"] == before
