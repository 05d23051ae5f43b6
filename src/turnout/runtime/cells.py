"""One value of a JSON row, made what its column's reader takes, and as an error shows it."""

from __future__ import annotations

from turnout.errors import InvalidFeature
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.runtime.columns import Column

_TRUTHS = {"true": 1.0, "false": 0.0}
# arrays within arrays; an image has three
_DEEPEST = 16
_LONGEST = 60


def cell(value: Any, column: Column) -> Any:
    """A value as its column reads it: numbers that came as texts become numbers, all else stays.

    Raises
    ------
    Problem
        If it is no value for a column of that type.
    """
    if column.text:
        if value is None or isinstance(value, str):
            return value
        raise Problem(InvalidFeature, column=column.name, value=shown(value), expected="a text")
    read = _moment if column.takes_moments else _number
    if isinstance(value, list):
        return [read(element, column) for element in _elements(value, column, _DEEPEST)]
    return read(value, column)


def shown(value: Any) -> str:
    """A value as an error has it: short, whatever it is.

    >>> shown("a" * 100), shown(None), shown([1, 2]), shown(True), shown(1.5)
    ('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."', 'null', 'an array of 2', 'true', '1.5')
    """
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{shortened(value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return "an object" if isinstance(value, dict) else shortened(repr(value))


def shortened(text: str) -> str:
    """A text of bearable length."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _number(value: Any, column: Column) -> Any:
    if value is None or isinstance(value, (int, float)):
        return value
    found = _of_text(value.strip(), column) if isinstance(value, str) else None
    if found is None:
        expected = "true or false" if column.type == "bool" else "a number"
        if column.size > 1:
            expected = f"an array of {column.size} numbers"
        raise Problem(InvalidFeature, column=column.name, value=shown(value), expected=expected)
    return found


def _moment(value: Any, column: Column) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise Problem(InvalidFeature, column=column.name, value=shown(value), expected=f"a {column.type}")


def _of_text(text: str, column: Column) -> float | None:
    """The number of a text; Python also takes underscores and other alphabets' digits, which are mistakes here."""
    if column.type == "bool" and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _elements(values: list[Any], column: Column, depth: int) -> list[Any]:
    if depth == 0:
        raise Problem(
            InvalidFeature, column=column.name, value="an array that is nested too deeply", expected="numbers"
        )
    found: list[Any] = []
    for value in values:
        if isinstance(value, list):
            found.extend(_elements(value, column, depth - 1))
        else:
            found.append(value)
    return found
