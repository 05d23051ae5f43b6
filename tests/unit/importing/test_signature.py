"""What the caller declares against what the model knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from tests.unit.importing.honest import FRAME, NUMBERS
from tests.unit.importing.uploads import dumped, uploaded
from turnout.importing.refusal import Refused
from turnout.importing.signature import fields_of, normal, targets_of
from turnout.upload_errors import UnusableUpload


def schema(**types: str) -> dict[str, Any]:
    """As IBM's client sends it."""
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    return {"input": [{"id": "1", "type": "struct", "fields": fields}], "output": []}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("double", "float8"), ("float64", "float8"), ("Float", "float8"), ("float32", "float4"), ("object", "text"),
        ("string", "text"), ("varchar(255)", "text"), ("integer", "int8"), ("int64", "int8"), ("bigint", "int8"),
        ("int32", "int4"), ("boolean", "bool"), ("date", "date"), ("timestamp", "timestamp"),
        ("datetime64[ns]", "timestamp"), ("datetime64[ns, UTC]", "timestamptz"), ("decimal(10, 2)", "numeric"),
        ("ndarray", None), (None, None), (3, None),
    ],
)  # fmt: skip
def test_types_are_normalised(given: Any, expected: str | None) -> None:
    assert normal(given) == expected


def test_without_a_schema_the_model_names_its_columns() -> None:
    fields, warnings = fields_of({}, None, ["age", "sex"], [None, "text"])
    assert [(field["name"], field["type"]) for field in fields] == [("age", "float8"), ("sex", "text")]
    assert warnings == []


def test_without_any_names_they_are_numbered() -> None:
    fields, _ = fields_of({}, None, None, [None, None])
    assert [field["name"] for field in fields] == ["f1", "f2"]


def test_the_models_order_stands_and_other_columns_are_no_inputs() -> None:
    given = schema(id="integer", sex="string", age="integer", risk="string")
    fields, warnings = fields_of(given, "risk", ["age", "sex"], [None, "text"])
    assert [(field["name"], field["type"]) for field in fields] == [("age", "int8"), ("sex", "text")]
    assert warnings == [
        "the model was not trained on these columns of the schema, which are no inputs: id, risk"
    ]


def test_the_label_is_no_input_of_a_model_without_names() -> None:
    fields, _ = fields_of(schema(a="double", b="double", y="double"), "y", None, [None, None])
    assert [field["name"] for field in fields] == ["a", "b"]


@pytest.mark.parametrize(
    ("given", "names", "kinds", "reason"),
    [
        (
            schema(age="double"),
            ["age", "sex"],
            [None, "text"],
            "lacks columns that the model was trained on: sex",
        ),
        (schema(a="double"), None, [None, None], r"1 columns \(a\), and the model takes 2"),
        (
            schema(age="string"),
            ["age"],
            ["number"],
            'column "age" is string, and the model takes it as a number',
        ),
        (schema(sex="double"), ["sex"], ["text"], 'column "sex" is double, and the model takes it as a text'),
    ],
)
def test_contradictions_name_the_columns(given: Any, names: Any, kinds: Any, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        fields_of(given, None, names, kinds)


@pytest.mark.parametrize("odd", [None, [], "text", {"input": "x"}, {"input": [{"fields": [1, {"name": 2}]}]}])
def test_odd_schemas_say_nothing(odd: Any) -> None:
    fields, _ = fields_of(odd, None, ["a"], [None])
    assert [field["name"] for field in fields] == ["a"]


def test_targets() -> None:
    assert targets_of({}, "risk", ["no", "yes"], 1) == [{"name": "risk", "type": "text"}]
    several = targets_of({}, None, None, 2)
    assert [target["name"] for target in several] == ["target_1", "target_2"]


@pytest.mark.slow
def test_a_contradiction_is_a_refusal(tmp_path: Path) -> None:
    model = LinearRegression().fit(FRAME[["age", "amount"]], NUMBERS)
    with pytest.raises(UnusableUpload, match="trained on: amount"):
        uploaded(tmp_path, dumped(model), schemas=schema(age="double"), label_column="y")
    found = uploaded(
        tmp_path, dumped(model), schemas=schema(amount="double", y="double", age="integer"), label_column="y"
    )
    assert [(field["name"], field["type"]) for field in found.signature["fields"]] == [
        ("age", "int8"),
        ("amount", "float8"),
    ]
    assert found.signature["targets"] == [{"name": "y", "type": "float8"}]
