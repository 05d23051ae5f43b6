"""The body of a request for predictions, and of its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from turnout.input_errors import InvalidBody, InvalidValue
from turnout.runtime.cells import shown
from turnout.runtime.table import Table

Block = tuple[str, Any, list[str] | None, Any]
"""What an error calls it, its id if it has one, its fields if it says them, its rows (or what stands for them)."""

# bodies for which it is worth the time to find out why they are no JSON
_LOOKED_AT = 1 << 20
_NOTHING: Mapping[str, Any] = {}
_NO_ROWS = (str, int, float, dict)
_NOT_JSON = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def blocks(body: bytes, elsewhere: Mapping[str, Any] = _NOTHING) -> list[Block]:
    """The blocks of rows in a request's body.

    Parameters
    ----------
    body
        JSON.
    elsewhere
        By the texts that stand for them, rows that are not in this JSON.

    Raises
    ------
    InvalidBody, InvalidValue
        If it is not as it should be, saying what and where.
    """
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        problem = _not_json(body, error)
    else:
        return _blocks(request, elsewhere)
    raise problem


def answer(table: Table, asked: list[Block]) -> bytes:
    """The body that answers.

    Raises
    ------
    TurnoutError
        If a row cannot be answered, saying which and why.
    """
    predictions: list[dict[str, Any]] = []
    warnings: list[str] = []
    for name, own_id, fields, rows in asked:
        plan = table.plan(fields, name)
        values = table.answers(plan, rows, name)
        if own_id is None:
            predictions.append({"fields": table.fields, "values": values})
        else:
            predictions.append({"id": own_id, "fields": table.fields, "values": values})
        if plan.warnings:
            warnings += plan.warnings
    if warnings:
        return orjson.dumps({"predictions": predictions, "system": system(warnings)})
    return orjson.dumps({"predictions": predictions})


def system(warnings: list[str]) -> dict[str, Any]:
    """The part of an answer that says what callers should know."""
    return {"warnings": [{"message": text} for text in warnings]}


def not_json_rows(piece: bytes, name: str, fields: list[str] | None, start: int) -> Exception | None:
    """What is wrong with some of a block's rows if that is a number that JSON doesn't have."""
    try:
        rows = json.loads(piece)
    except (ValueError, RecursionError):
        return None
    return _not_finite(name, fields, rows, start)


def _blocks(request: Any, elsewhere: Mapping[str, Any] = _NOTHING) -> list[Block]:
    if not isinstance(request, dict):
        raise InvalidBody(reason=f"it is {shown(request)}, expected an object")
    given = request.get("input_data")
    if not isinstance(given, list) or not given:
        raise InvalidBody(reason=f"input_data is {_seen(given)}, expected an array of at least one object")
    return [_block(one, f"input_data[{at}]", elsewhere) for at, one in enumerate(given)]


def _block(given: Any, name: str, elsewhere: Mapping[str, Any]) -> Block:
    if not isinstance(given, dict):
        raise InvalidBody(reason=f"{name} is {shown(given)}, expected an object")
    own_id, fields, rows = given.get("id"), given.get("fields"), given.get("values")
    if own_id is not None and not isinstance(own_id, (str, int)):
        raise InvalidBody(reason=f"{name}: id is {shown(own_id)}, expected a text")
    if type(rows) is str:
        rows = elsewhere.get(rows, rows)
    if not rows or isinstance(rows, _NO_ROWS):
        raise InvalidBody(reason=f"{name}: values is {_seen(rows)}, expected an array of at least one row")
    if fields is not None and (type(fields) is not list or not fields):
        raise InvalidBody(reason=f"{name}: fields is {_seen(fields)}, expected an array of column names")
    return name, own_id, fields, rows


def _seen(value: Any) -> str:
    if value is None:
        return "missing"
    return "empty" if value == [] else shown(value)


def _not_json(body: bytes, error: Exception) -> Exception:
    """Why a body cannot be read: NaN, which others' JSON has, is named where it stands."""
    if not body:
        return InvalidBody(reason="it is empty")
    if len(body) <= _LOOKED_AT:
        try:
            asked = _blocks(json.loads(body))
        except (ValueError, RecursionError, InvalidBody):
            asked = []
        for name, _, fields, rows in asked:
            found = _not_finite(name, fields, rows, 0)
            if found is not None:
                return found
    return InvalidBody(reason=f"it is not JSON: {error}")


def _not_finite(name: str, fields: list[str] | None, rows: list[Any], start: int) -> Exception | None:
    for at, row in enumerate(rows, start):
        for place, value in enumerate(row if isinstance(row, list) else ()):
            if isinstance(value, float) and value - value != 0.0:
                written = f"{_NOT_JSON[str(value)]}, which is not JSON"
                if not fields or place >= len(fields):
                    where = f"row {at}, value {place} (counted from 0) of {name}"
                    return InvalidBody(reason=f"{where} is {written}")
                return InvalidValue(
                    row=at,
                    block=name,
                    column=fields[place],
                    value=written,
                    expected="a number, or null where it is missing",
                )
    return None
