"""Numbers as callers write them: nested arrays, NULL, booleans, and the texts that stand for NaN in JSON."""

from __future__ import annotations

from array import array

from turnout.errors import InvalidFeature
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAN = float("nan")
_INFINITY = float("inf")
_TEXTS = {"NaN": _NAN, "Infinity": _INFINITY, "-Infinity": -_INFINITY}


def flat(values: list[Any]) -> list[Any]:
    """The elements of an array of any depth, in order.

    >>> flat([[1, 2], [3, [4]]])
    [1, 2, 3, 4]
    """
    if not any(isinstance(value, list) for value in values):
        return values
    found: list[Any] = []
    for value in values:
        if isinstance(value, list):
            found.extend(flat(value))
        else:
            found.append(value)
    return found


def numbers(values: list[Any], names: list[str]) -> array[float]:
    """Numbers rounded to float32 from what ``array`` alone refuses: nested lists, nulls, integers out of range."""
    elements = flat(values)
    return array("f", [number(element, names[i % len(names)]) for i, element in enumerate(elements)])


def number(value: Any, column: str) -> float:
    """One number; a null is NaN, a text is an error."""
    if value is None:
        return _NAN
    if not isinstance(value, str | bytes):
        try:
            return float(value)
        except OverflowError:
            return _INFINITY if value > 0 else -_INFINITY
        except (TypeError, ValueError):
            pass
    raise Problem(InvalidFeature, column=column, value=repr(value), expected="a number")


def row_number(value: Any, column: str) -> float:
    """One number of a JSON row, where ``to_json`` writes NaN and the infinities as texts."""
    if isinstance(value, str) and value in _TEXTS:
        return _TEXTS[value]
    return number(value, column)
