"""The targets of a fit: each one's column while rows arrive, and all of them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training import hashing, statistics
from turnout.training.texts import Texts
from turnout.training.wire import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.training.description import Field
    from turnout.training.statistics import Summary


class Target:
    """One target's column as it comes in chunks.

    Attributes
    ----------
    chunks : list of arrays
        Its values, or codes into ``texts`` where it is text.
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.chunks: list[NDArray[Any]] = []
        self.texts = Texts()

    @property
    def hashed(self) -> str:
        """How the column is called among those that a row's hash is made of, and what its values are."""
        kind = self.field.kind if self.field.kind in ("text", "bool") else "number"
        return f"target {self.field.name} {kind}"

    def add(self, buffer: memoryview, count: int, total: NDArray[np.uint64]) -> None:
        """Take another chunk, and add it to the rows' hashes."""
        if self.field.kind == "text":
            values: NDArray[Any] = self.texts.read(buffer, count)
            bits = self.texts.bits(values)
        else:
            values = numbers(buffer, self.field, count)
            values = values.astype(values.dtype.newbyteorder("="))
            bits = hashing.number_bits(values)
        hashing.add_column(total, bits, f"target {self.field.name}")
        self.chunks.append(values)

    def take(self) -> NDArray[Any]:
        """All values; uses the chunks up."""
        values = np.concatenate(self.chunks)
        self.chunks.clear()
        return values

    def summary(self, classifies: bool) -> Summary:
        """Its figures; only before it is taken."""
        values = np.concatenate(self.chunks)
        if self.field.kind == "text":
            return statistics.of_texts(values, self.texts.values)
        counted = self.field.type == "bool" or classifies
        return statistics.of_numbers(values, self.field.type, categories=counted)


def side_by_side(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """One target as it is, several as rows x targets.

    >>> side_by_side([np.array([1, 2]), np.array([3, 4])]).tolist()
    [[1, 3], [2, 4]]
    """
    return columns[0] if len(columns) == 1 else np.column_stack(columns)


def one_by_one(targets: NDArray[Any]) -> list[NDArray[Any]]:
    """The columns that were put side by side.

    >>> [column.tolist() for column in one_by_one(np.array([[1, 3], [2, 4]]))]
    [[1, 2], [3, 4]]
    """
    return [targets] if targets.ndim == 1 else [np.ascontiguousarray(column) for column in targets.T]
