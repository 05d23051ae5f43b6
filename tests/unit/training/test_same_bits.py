"""Every type, encoding, imputation and scaling: rows, arrays and training give the same bits."""

from datetime import date
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runtime.headers import header
from turnout.errors import UnusableData
from turnout.runtime.moments import days
from turnout.runtime.transform import Transform
from turnout.training import fitting, preprocessing
from turnout.training.choices import ENCODES, IMPUTES, SCALES, read_choices
from turnout.training.description import Description
from turnout.training.parts import Part

VALUES: dict[str, Any] = {
    "text": st.sampled_from(["low", "", "é 表", 'q"', "high"]),
    "enum": st.sampled_from(["sad", "ok"]),
    "bool": st.booleans(),
    "int4": st.integers(-3, 3) | st.integers(-(2**31), 2**31 - 1),
    "float4": st.sampled_from([0.1, -0.0, 1e15, 1e-20]) | st.floats(-1e6, 1e6),
    "date": st.dates(),
    "timestamp": st.datetimes(),
    "timestamptz": st.datetimes(timezones=st.timezones().filter(lambda zone: zone.key != "localtime")),
}
SIZES = {
    "bool": st.none() | st.integers(1, 3),
    "int4": st.none() | st.integers(1, 3),
    "date": st.none() | st.just(2),
}


def as_json(value: Any) -> Any:
    """What ``to_json`` makes of it."""
    return value.isoformat() if isinstance(value, date) else value


def as_number(kind: str, value: Any) -> float:
    if value is None:
        return np.nan
    return days(value.isoformat(), kind) if isinstance(value, date) else float(value)


@st.composite
def columns(draw: Any) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """A field, what is asked for it, and its values, each a list of elements."""
    kind = draw(st.sampled_from(sorted(VALUES)))
    size = draw(SIZES.get(kind, st.none()))
    text = kind in ("text", "enum")
    field = {"name": "c", "type": kind, "size": size, "kind": "text" if text else "float4"}
    elements = st.lists(st.none() | VALUES[kind], min_size=size or 1, max_size=size or 1)
    rows = draw(st.lists(elements, min_size=2, max_size=12))
    encode = draw(st.sampled_from([None, "ordinal", *ENCODES[text:]]))
    if encode == "ordinal":
        known = [value for row in rows for value in row if value is not None]
        field["kind"] = kind if kind == "date" else field["kind"]
        encode = {"ordinal": _different(kind, known)} if known and "time" not in kind else None
    asked = {"encode": encode, "impute": draw(st.sampled_from([None, *IMPUTES]))}
    asked = {key: value for key, value in asked.items() if value is not None}
    return field, asked | {"scale": draw(st.sampled_from(SCALES))}, rows


def _different(kind: str, values: list[Any]) -> list[Any]:
    if kind in ("text", "enum"):
        return sorted(set(values))
    return [as_json(v) for v in {np.float32(as_number(kind, v)): v for v in values}.values()]


@given(columns(), st.integers(0, 3), st.booleans())
def test_the_same_bits(
    column: tuple[dict[str, Any], dict[str, Any], list[Any]], classes: int, takes_missing: bool
) -> None:
    field, asked, rows = column
    text, kind = field["kind"] == "text", field["type"]
    texts = sorted({value for row in rows for value in row if value is not None}) if text else []

    def raw_number(value: Any) -> float:
        if text:
            return -1 if value is None else texts.index(value)
        return as_number(kind, value)

    raw = np.array([[raw_number(value) for value in row] for row in rows], np.float32)
    missing = sum(None in row for row in rows)
    target = np.arange(len(rows)) % max(classes, 2)
    part = Part(features=raw.copy(), target=target, hashes=np.zeros(len(rows), np.uint64))
    entry = _entry(
        _description(field, asked),
        part,
        texts,
        missing,
        classes=[classes] if classes else [],
        takes_missing=takes_missing,
    )
    if entry is None:
        assert missing
        return
    head = header((field, entry))
    many = preprocessing.apply(head, raw, {"c": texts}, relation="t")
    transform = Transform(head)
    assert transform.width == many.shape[1]
    for row, numbers, expected in zip(rows, raw, many, strict=True):
        given = [as_json(value) for value in row]
        by_row = transform.row({"c": given if field["size"] else given[0]})
        np.testing.assert_array_equal(np.array(by_row, np.float32), expected)
        if not text:
            np.testing.assert_array_equal(np.array(transform.array(numbers.tolist()), np.float32), expected)
    if not text:
        several, count = transform.arrays(raw.reshape(-1).tolist())
        assert count == len(rows)
        np.testing.assert_array_equal(np.array(several, np.float32).reshape(many.shape), many)


def _entry(
    description: Description, part: Part, texts: list[str], missing: int, **given: Any
) -> dict[str, Any] | None:
    """What is fitted; none where missing values can't be trained on."""
    try:
        found = fitting.fit_transform(
            description, read_choices(description), part, {"c": texts}, {"c": missing}, **given
        )
    except UnusableData:
        return None
    return found[0].entry


def _description(field: dict[str, Any], asked: dict[str, Any]) -> Description:
    return Description.read(
        {
            "relation": "t", "task": "regression", "algorithm": "linear", "fields": [field],
            "targets": [{"name": "y", "type": "float4", "kind": "float4"}],
            "split": {"sampling": "random", "seed": 1, "test_size": 0.25}, "preprocess": {"c": asked},
        }
    )  # fmt: skip
