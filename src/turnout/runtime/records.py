"""Rows whose values reach the predictor as they are: texts as texts, numbers in double precision.

For models that bring a transformation of their own, which no table of ours says exactly. A row is a list with one
value a field; several rows are one list, one after the other.
"""

from __future__ import annotations

from turnout.errors import InvalidFeature
from turnout.runtime.columns import Column
from turnout.runtime.problem import Problem
from turnout.runtime.transform import Transform
from turnout.runtime.values import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Records(Transform):
    """Turns what a caller gives into values as the model was trained on them.

    A field's entry may have a table, whose keys are then the values that the model takes, and may say that a missing
    value is an error; nothing else.
    """

    __slots__ = ()

    def __init__(self, header: dict[str, Any]) -> None:
        super().__init__(header)
        self.width = self.num_features
        if any(column.size != 1 or column.scaling for column in self.columns):
            raise ValueError("its values should reach it as they are, and have sizes or scales")

    exact = True

    def buffer(self) -> list[Any]:
        """A list."""
        return []

    def arithmetic(self) -> None:
        """There is none."""
        return

    def array(self, values: list[Any]) -> list[Any]:  # type: ignore[override]
        """One row from an array of numbers in the order of the fields."""
        self._refuse_texts()
        given = flat(values)
        if len(given) != self.num_features:
            raise self._wrong_number(len(given))
        return self.values(given)

    def arrays(self, values: list[Any]) -> tuple[list[Any], int]:  # type: ignore[override]
        """Several rows from one flat array, or from an array of rows, and how many they are."""
        given = flat(values)
        rows, rest = divmod(len(given), self.num_features)
        if rest:
            raise self._wrong_number(len(given), expected=f"a multiple of {self.num_features}")
        size = self.num_features
        found: list[Any] = []
        for start in range(0, rows * size, size):
            found += self.array(given[start : start + size])
        return found, rows

    def values(self, values: Sequence[Any]) -> list[Any]:  # type: ignore[override]
        """One row from a value for each column, in the order of the fields."""
        return [self._value(column, value) for column, value in zip(self.columns, values, strict=True)]

    def _value(self, column: Column, value: Any) -> Any:
        if not column.text:
            return self._number(column, value)
        if value is not None and not isinstance(value, str):
            raise Problem(InvalidFeature, column=column.name, value=repr(value), expected="a text")
        if value is None and column.impute[0] == "error":
            raise _missing(column, "a text")
        if column.tables is not None and value is not None:
            if value not in column.tables[0]["values"]:
                value = value.rstrip(" ")
            # refuses what the model does not know
            column.encode(value)
        return value

    def _number(self, column: Column, value: Any) -> float:
        found = self._field(column, value)[0]
        if found - found == 0.0:
            if column.tables is not None:
                column.encode_numbers([found])
            return found
        if found == found:  # noqa: PLR0124  only NaN differs from itself
            raise Problem(InvalidFeature, column=column.name, value=value, expected="a finite number")
        if column.impute[0] == "error":
            raise _missing(column, "a number")
        return found


def _missing(column: Column, expected: str) -> Problem:
    return Problem(InvalidFeature, column=column.name, value="missing", expected=expected)
