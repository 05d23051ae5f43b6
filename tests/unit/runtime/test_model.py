"""A loaded model's answers, whatever the classes are."""

from typing import Any

import numpy as np
import pytest

from tests.unit.training.jobs import trained
from turnout.errors import NoAnswer, WrongTask
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(200, 3)).astype(np.float32)
LOW = [-3.0, 0.0, 0.0]
HIGH = [3.0, 0.0, 0.0]


def fitted(goal: list[Any], **described: Any) -> Model:
    return Model.load(trained(ROWS, goal, **described).artifact)


@pytest.mark.parametrize(
    ("values", "described", "answers", "labels", "classes"),
    [
        (("small", "big"), {"kind": "text", "type": "text"}, (1.0, 0.0), ("small", "big"), ["big", "small"]),
        ((0, 1), {"kind": "bool", "type": "bool"}, (0.0, 1.0), ("false", "true"), [False, True]),
        ((-3, 7), {"kind": "int8", "type": "int4"}, (-3.0, 7.0), ("-3", "7"), [-3, 7]),
        ((0.5, 2.0), {"kind": "float8", "type": "float8"}, (0.5, 2.0), ("0.5", "2"), [0.5, 2]),
    ],
)
def test_class_values_by_the_targets_type(
    values: tuple[Any, Any],
    described: dict[str, str],
    answers: tuple[float, float],
    labels: tuple[str, str],
    classes: list[Any],
) -> None:
    model = fitted([values[int(x > 0)] for x in ROWS[:, 0]], target=described)
    assert model.classes == classes
    assert (model.predict_array(LOW), model.predict_array(HIGH)) == answers
    assert (model.label_array(LOW), model.label_array(HIGH)) == labels
    assert model.label_row({"c0": -3, "c1": 0, "c2": 0}) == labels[0]
    probabilities = model.proba_array(HIGH)
    assert len(probabilities) == 2
    assert sum(probabilities) == pytest.approx(1)
    assert (
        classes[int(np.argmax(probabilities))]
        == classes[int(np.argmax(model.proba_row({"f1": 3, "f2": 0, "f3": 0})))]
    )


def test_many_rows_answer_as_one_by_one() -> None:
    model = fitted([int(x > 0) + int(x > 1) for x in ROWS[:, 0]], algorithm="xgboost")
    expected = [model.predict_array(row.tolist()) for row in ROWS]
    assert model.predict_many(ROWS.ravel().tolist()) == expected
    assert model.predict_many([]) == []
    assert model.num_features == 3
    assert model.size > 1000


def test_a_regression_has_neither_probabilities_nor_labels() -> None:
    model = fitted(ROWS[:, 0].tolist(), task="regression")
    assert model.predict_array(HIGH) == pytest.approx(3, abs=1e-4)
    for ask in (model.proba_array, model.label_array):
        with pytest.raises(Problem) as caught:
            ask(HIGH)
        assert caught.value.error is WrongTask


def test_no_answer_is_ever_nan_or_infinite() -> None:
    model = fitted((ROWS[:, 0] * 1e6).tolist(), task="regression")
    with pytest.raises(Problem) as caught:
        model.predict_array([3e38, 0, 0])
    assert caught.value.error is NoAnswer


def test_a_broken_artifact_says_why() -> None:
    header, payload = unpack(trained(ROWS, [int(x > 0) for x in ROWS[:, 0]]).artifact)
    for change, reason in (
        ({"format": "pickle"}, "format"),
        ({"fields": None}, "incomplete"),
        ({"transform": []}, "shorter|longer|incomplete"),
    ):
        with pytest.raises(ValueError, match=reason):
            Model.load(pack({**header, **change}, bytes(payload)))
    with pytest.raises(ValueError, match="shorter than its own head"):
        Model.load(pack(header, b"no model"))
    with pytest.raises(ValueError, match="onnxruntime refuses"):
        Model.load(pack({**header, "format": "onnx"}, b"no model"))
