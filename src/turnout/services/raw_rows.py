"""Some rows of a relation as they left the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.training import preprocessing
from turnout.training.description import Field
from turnout.training.texts import Texts
from turnout.training.wire import put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.catalog.session import Row
    from turnout.domain import columns

    Matrix = NDArray[np.float32]


class RawRows:
    """A chunk of a relation: keys, and a column for every number and text that a model asks for.

    Parameters
    ----------
    fields
        The columns, in the order of the model's signature.
    row
        ``n``, ``keys`` and the columns ``c0``, ``c1``, ... as `turnout.catalog.reading` gives them.
    """

    def __init__(self, fields: Sequence[columns.Field], row: Row) -> None:
        self.keys: str = row["keys"]
        self._fields = [Field.read(field.described()) for field in fields]
        self._texts = {field.name: Texts() for field in self._fields if field.kind == "text"}
        self._matrix = np.empty((row["n"], sum(field.width for field in self._fields)), np.float32)
        start = 0
        for i, field in enumerate(self._fields):
            part = self._matrix[:, start : start + field.width]
            put(memoryview(row[f"c{i}"]), field, self._texts.get(field.name), part)
            start += field.width

    def __len__(self) -> int:
        return len(self._matrix)

    def infinite(self) -> int | None:
        """The first row with a number that is infinite, or beyond four bytes; none if there is none."""
        # one pass for all: a sum is not finite if one of its numbers isn't
        if np.isfinite(self._matrix.sum(dtype=np.float64)):
            return None
        found = np.isinf(self._matrix).any(axis=1)
        return int(found.argmax()) if found.any() else None

    def prepared(self, header: dict[str, Any]) -> Matrix:
        """The predictor's input.

        Raises
        ------
        UnusableData
            If a value is missing or unknown.
        """
        return self._apply(header, len(self._matrix))

    def first_unusable(self, header: dict[str, Any]) -> int:
        """The first of the rows of which not all can be prepared."""
        good, bad = 0, len(self._matrix)
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                self._apply(header, middle)
            except UnusableData:
                bad = middle
            else:
                good = middle
        return bad - 1

    def _apply(self, header: dict[str, Any], count: int) -> Matrix:
        texts = {name: texts.values for name, texts in self._texts.items()}
        return preprocessing.apply(header, self._matrix[:count], texts, relation="")

    def row(self, place: int) -> dict[str, Any]:
        """One row by the names of its columns, as a caller of a prediction would give it."""
        found: dict[str, Any] = {}
        start = 0
        for field in self._fields:
            found[field.name] = self._value(field, self._matrix[place, start : start + field.width].tolist())
            start += field.width
        return found

    def _value(self, field: Field, values: list[float]) -> Any:
        if field.kind == "text":
            code = int(values[0])
            return None if code < 0 else self._texts[field.name].values[code]
        return values if field.size else values[0]
