"""One input column of a model, with what was fitted for it at training."""

from __future__ import annotations

from turnout.errors import InvalidFeature
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAN = float("nan")


class Column:
    """A field of the signature and its entry of the transform, laid out for the predictor's input.

    Attributes
    ----------
    start : int
        Where its numbers begin in the predictor's input.
    width : int
        How many numbers it has there; an encoded text may have more than one.
    size : int
        How many numbers it has in a caller's array.
    encoding : dict or None
        The table of a text column.
    impute : list
        Per number: none where NaN stays, ``"error"``, or the number to put.
    scaling : list of (shift, scale)
        Per number; empty if nothing is scaled.
    """

    __slots__ = ("encoding", "impute", "name", "scaling", "size", "start", "width")

    def __init__(self, field: dict[str, Any], entry: dict[str, Any], start: int) -> None:
        self.name: str = field["name"]
        self.size: int = field.get("size") or 1
        self.encoding: dict[str, Any] | None = entry.get("encode")
        self.start = start
        self.width = self.size if self.encoding is None else int(self.encoding["width"])
        self.impute = _spread(entry.get("impute"), self.width)
        self.scaling = _scaling(entry, self.width)

    def names(self) -> list[str]:
        """A name for each number of the predictor's input."""
        if self.size > 1:
            return [f"{self.name}[{i}]" for i in range(1, self.size + 1)]
        return [self.name] * self.width

    def label(self) -> str:
        """The name as a signature writes it."""
        return f"{self.name}[{self.size}]" if self.size > 1 else self.name

    def known(self, text: str) -> Any:
        """A text's entry in the table; in a row, a ``char(n)`` ends in blanks that mean nothing."""
        table: dict[str, Any] = self.encoding or {}
        values: dict[str, Any] = table["values"]
        return values[text] if text in values else values.get(text.rstrip(" "), table["unknown"])

    def encode(self, value: Any) -> list[float]:
        """The numbers that stand for a text."""
        table: dict[str, Any] = self.encoding or {}
        if value is None:
            found = table["missing"]
        elif isinstance(value, str):
            found = self.known(value)
        else:
            raise Problem(InvalidFeature, column=self.name, value=repr(value), expected="a text")
        if found is None:
            shown = "missing" if value is None else f'"{value}"'
            raise Problem(InvalidFeature, column=self.name, value=shown, expected=_known(table["values"]))
        return [_NAN if number is None else number for number in found]


def columns_of(header: dict[str, Any]) -> list[Column]:
    """The columns of an artifact's header, each beginning where the one before ended."""
    columns: list[Column] = []
    start = 0
    for field, entry in zip(header["fields"], header["transform"], strict=True):
        column = Column(field, entry, start)
        columns.append(column)
        start += column.width
    return columns


def _spread(value: Any, width: int) -> list[Any]:
    return list(value) if isinstance(value, list) else [value] * width


def _scaling(entry: dict[str, Any], width: int) -> list[tuple[float, float]]:
    if entry.get("scale") is None:
        return []
    shifts, scales = _spread(entry["shift"], width), _spread(entry["scale"], width)
    return [(float(shift), float(scale)) for shift, scale in zip(shifts, scales, strict=True)]


def _known(values: dict[str, Any]) -> str:
    names = [f'"{name}"' for name in list(values)[:10]]
    more = f" or {len(values) - 10} more" if len(values) > 10 else ""
    return "one of " + ", ".join(names) + more
