"""The preprocessing of one row, in pure Python, exactly as training did it.

A number is rounded to float32, looked up in its column's table if it has one, imputed if it is missing, then
``(x - shift) * scale`` in double, rounded to float32 again. Training does the same with numpy; a test holds that both
give the same bits.
"""

from __future__ import annotations

from array import array as floats

from turnout.errors import InvalidFeature, MissingFeature, WrongNumberOfFeatures
from turnout.runtime.columns import Column, columns_of
from turnout.runtime.problem import Problem
from turnout.runtime.values import flat, numbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_INFINITE = (float("inf"), -float("inf"))


class Transform:
    """Turns what a caller gives, an array or a row, into the predictor's input.

    Parameters
    ----------
    header
        The artifact's header, of which ``fields`` and ``transform`` are read.

    Attributes
    ----------
    columns : list of Column
        What was fitted for each field.
    num_features : int
        Numbers in an array that holds one row, text columns counted once.
    width : int
        Numbers in the predictor's input.
    """

    __slots__ = (
        "_encodes", "_imputes", "_input_names", "_names", "_scaled", "_text", "columns", "num_features", "width",
    )  # fmt: skip

    # whether values reach the predictor as they are
    exact = False

    def __init__(self, header: dict[str, Any]) -> None:
        self.columns = columns_of(header)
        self.num_features = sum(column.size for column in self.columns)
        self._text = [column for column in self.columns if column.text]
        self._encodes = any(column.tables is not None for column in self.columns)
        self._input_names = [name for column in self.columns for name in column.input_names()]
        self._names = [name for column in self.columns for name in column.names()]
        self._imputes = [value for column in self.columns for value in column.impute]
        self._scaled = [
            (column.start + i, shift, scale)
            for column in self.columns
            for i, (shift, scale) in enumerate(column.scaling)
        ]
        self.width = len(self._input_names)

    def buffer(self) -> Any:
        """What prepared rows are put into, one after the other."""
        return floats("f")

    def arithmetic(self) -> tuple[bool, tuple[floats[float], floats[float]] | None] | None:
        """All that there is to do for an array, where that is arithmetic: none if there is something to look up.

        Returns
        -------
        bool, pair of arrays
            Whether every missing number is left to the predictor; a shift and a scale for each number, none if
            nothing is scaled.
        """
        if self._text or self._encodes:
            return None
        takes_missing = all(impute is None for impute in self._imputes)
        if not self._scaled:
            return takes_missing, None
        shifts, scales = floats("d", [0.0]) * self.width, floats("d", [1.0]) * self.width
        for i, shift, scale in self._scaled:
            shifts[i], scales[i] = shift, scale
        return takes_missing, (shifts, scales)

    def array(self, values: list[Any]) -> floats[float]:
        """One row from an array of numbers in the order of the fields, arrays among them flattened."""
        buffer = self._rounded(values)
        if len(buffer) != self.num_features:
            raise self._wrong_number(len(buffer))
        if self._encodes:
            buffer = self._encoded(buffer, values)
        total = sum(buffer)
        if total - total != 0.0:
            self._mend(buffer, values)
        if self._scaled:
            self._scale(buffer)
        return buffer

    def arrays(self, values: list[Any]) -> tuple[floats[float], int]:
        """Several rows from one flat array, or from an array of rows, and how many they are."""
        buffer = self._rounded(values)
        rows, rest = divmod(len(buffer), self.num_features)
        if rest:
            raise self._wrong_number(len(buffer), expected=f"a multiple of {self.num_features}")
        if rows > 1 and isinstance(values[0], list) and len(flat(values[0])) != self.num_features:
            raise self._wrong_number(len(flat(values[0])))
        total = sum(buffer)
        if not (self._scaled or self._encodes) and total - total == 0.0:
            return buffer, rows
        size = self.num_features
        several = floats("f")
        plain = flat(values)
        for start in range(0, rows * size, size):
            several.extend(self.array(plain[start : start + size]))
        return several, rows

    def row(self, row: dict[str, Any]) -> floats[float]:
        """One row from names and values, as ``to_json`` writes a record."""
        return self.values(self.pick(row))

    def values(self, values: Sequence[Any]) -> floats[float]:
        """One row from a value for each column, in the order of the fields."""
        given: list[float] = []
        for column, value in zip(self.columns, values, strict=True):
            if column.tables is None:
                given.extend(self._field(column, value))
            elif column.text:
                given.extend(column.encode(value))
            else:
                given.extend(self._encoded_field(column, value))
        buffer = floats("f", given)
        total = sum(buffer)
        if total - total != 0.0:
            self._mend(buffer, given)
        if self._scaled:
            self._scale(buffer)
        return buffer

    def _refuse_texts(self) -> None:
        """Refuse an array where a text would have to be in it."""
        if self._text:
            column = self._text[0]
            raise Problem(
                InvalidFeature,
                column=column.name,
                value="part of an array",
                expected=f"a row, since this column is {'text' if column.type == 'text' else 'an enum'}",
            )

    def _rounded(self, values: list[Any]) -> floats[float]:
        self._refuse_texts()
        try:
            return floats("f", values)
        except (TypeError, OverflowError):
            return numbers(values, self._names)

    def _encoded(self, buffer: floats[float], values: list[Any]) -> floats[float]:
        """The predictor's input for numbers of which some have tables."""
        for i, value in enumerate(buffer):
            if value in _INFINITE:
                raise _infinite(self._names[i], flat(values)[i])
        given, at = list(buffer), 0
        encoded: list[float] = []
        for column in self.columns:
            part = given[at : at + column.size]
            encoded += part if column.tables is None else column.encode_numbers(part)
            at += column.size
        return floats("f", encoded)

    def _encoded_field(self, column: Column, value: Any) -> list[float]:
        given = self._field(column, value)
        part = list(floats("f", given))
        for name, number, was in zip(column.names(), part, given, strict=True):
            if number in _INFINITE:
                raise _infinite(name, was)
        return column.encode_numbers(part)

    def _mend(self, buffer: floats[float], given: list[Any]) -> None:
        """Fill in what is missing, and refuse what is infinite."""
        for i, value in enumerate(buffer):
            if value - value == 0.0:
                continue
            if value == value:  # noqa: PLR0124  only NaN differs from itself
                raise _infinite(self._input_names[i], flat(given)[i])
            if self._imputes[i] == "error":
                raise Problem(
                    InvalidFeature, column=self._input_names[i], value="missing", expected="a number"
                )
            if self._imputes[i] is not None:
                buffer[i] = self._imputes[i]

    def _scale(self, buffer: floats[float]) -> None:
        for i, shift, scale in self._scaled:
            given = buffer[i]
            buffer[i] = (given - shift) * scale
            if buffer[i] - buffer[i] != 0.0 and given == given:  # noqa: PLR0124  NaN stays NaN
                raise _infinite(self._input_names[i], given)

    def _field(self, column: Column, value: Any) -> list[float]:
        if column.size == 1 and not isinstance(value, list):
            return [column.read(value, column.name)]
        elements = flat(value) if isinstance(value, list) else [value]
        if value is None:
            elements = [None] * column.size
        if len(elements) != column.size:
            raise Problem(
                InvalidFeature,
                column=column.name,
                value=f"an array of {len(elements)}",
                expected=f"an array of {column.size} numbers" if column.size > 1 else "a number",
            )
        return [column.read(element, column.name) for element in elements]

    def pick(self, row: dict[str, Any]) -> list[Any]:
        """The values in the order of the fields: by name, or by position where a ROW() has no names."""
        try:
            return [row[column.name] for column in self.columns]
        except KeyError:
            pass
        if all(name == f"f{i}" for i, name in enumerate(row, 1)):
            if len(row) != len(self.columns):
                raise self._wrong_number(len(row), expected=len(self.columns))
            return list(row.values())
        missing = next(column.name for column in self.columns if column.name not in row)
        raise Problem(MissingFeature, column=missing, got=", ".join(row) or "nothing")

    def _wrong_number(self, got: int, expected: int | str | None = None) -> Problem:
        names = [column.label() for column in self.columns]
        if len(names) > 12:
            names = [*names[:10], "...", names[-1]]
        return Problem(
            WrongNumberOfFeatures, expected=expected or self.num_features, names=", ".join(names), got=got
        )


def _infinite(column: str, value: object) -> Problem:
    return Problem(
        InvalidFeature, column=column, value=value, expected="a finite number within the range of real"
    )
