"""Headers that nobody's training wrote: refused when the model is loaded, before a row falls over them."""

from typing import Any

import numpy as np
import pytest

from tests.unit.runtime.headers import COLOURS, entry, field, header
from tests.unit.training.jobs import trained
from turnout.errors import BrokenArtifact
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.columns import columns_of
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem

ROWS = np.random.default_rng(5).normal(size=(200, 3)).astype(np.float32)
CLASSES = [int(x > 0) for x in ROWS[:, 0]]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ((field("a"), entry(impute="x")), "imputes 'x'"),
        ((field("a"), entry(impute=1e300)), "imputes 1e"),
        ((field("a", size=2), entry(impute=[1.0])), "1 numbers where there should be 2"),
        ((field("a", size=2), entry(scale=[1.0] * 2, shift=[0.0] * 3)), "3 numbers where"),
        ((field("a", size=-1), entry()), "has -1 numbers"),
        (({"name": ["a"], "type": "float4"}, entry()), "called \\['a'\\]"),
        ((field("a", "text"), entry(encode={**COLOURS, "values": {"red": [1.0]}})), "entry for \"red\" that is not 2"),
        ((field("a", "text"), entry(encode={**COLOURS, "missing": ["x", 1.0]})), "entry for \"missing\""),
        ((field("a", "text"), entry(encode={**COLOURS, "unknown": [1e300, 0.0]})), "entry for \"unknown\""),
        ((field("a", size=2), entry(encode=[COLOURS])), "a field of 2 numbers has 1 tables"),
    ],
)  # fmt: skip
def test_columns_that_do_not_hold_together(
    column: tuple[dict[str, Any], dict[str, Any]], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        columns_of(header(column))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"classes": {"a": 1, "b": 2}}, "its classes are no list"),
        ({"fields": [field("a", size=3)], "transform": [entry(impute=[0.0])]}, "1 numbers where there"),
    ],
)
def test_models_that_do_not_hold_together(change: dict[str, Any], reason: str) -> None:
    own, payload = unpack(trained(ROWS, CLASSES).artifact)
    with pytest.raises(ValueError, match=reason):
        Model.load(pack({**own, **change}, bytes(payload)))


@pytest.mark.parametrize("rows", ["x", 0, [1]])
def test_rows_at_once_are_a_number_of_rows(rows: object) -> None:
    own, payload = unpack(trained(ROWS, CLASSES, algorithm="knn").artifact)
    assert own["format"] in ("onnx", "skops")
    with pytest.raises(ValueError, match="rows at once"):
        Model.load(pack({**own, "rows_at_once": rows}, bytes(payload)))


@pytest.mark.parametrize("classes", [[0], [0, 1, 2], None])
def test_classes_that_the_scores_do_not_fit(classes: list[int] | None) -> None:
    own, payload = unpack(trained(ROWS, CLASSES, algorithm="knn").artifact)
    model = Model.load(pack({**own, "classes": classes}, bytes(payload)))
    for ask in (model.predict_array, model.predict_many):
        with pytest.raises(Problem) as caught:
            ask([1.0, 2.0, 3.0])
        assert caught.value.error is BrokenArtifact
