"""Columns of numbers as they come from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.moments import MICROSECONDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.description import Field
    from turnout.training.texts import Texts

    Matrix = NDArray[np.float32]

_WIRE: dict[str, np.dtype[Any]] = {
    "float4": np.dtype(">f4"),
    "float8": np.dtype(">f8"),
    "int8": np.dtype(">i8"),
    "bool": np.dtype(">i8"),
    "date": np.dtype(">i4"),
    "timestamp": np.dtype(">i8"),
}
_PER_DAY = {"date": 1.0, "timestamp": MICROSECONDS}


def put(buffer: memoryview, field: Field, texts: Texts | None, out: Matrix) -> None:
    """Write a column into its place among the features: numbers as float32, infinite beyond it, texts as codes."""
    if texts is not None:
        out[:, 0] = texts.read(buffer, len(out))
        return
    with np.errstate(over="ignore"):
        out[:] = numbers(buffer, field, len(out)).reshape(out.shape)


def numbers(buffer: memoryview, field: Field, count: int) -> NDArray[Any]:
    """The numbers of one column, one after the other; dates as days since 2000-01-01.

    Parameters
    ----------
    buffer
        What `turnout.catalog.reading.aggregate` gives for ``count`` rows.

    Raises
    ------
    ValueError
        If the buffer has another length than these rows need.
    """
    kind = _WIRE[field.kind]
    expected = count * field.width * kind.itemsize
    if len(buffer) != expected:
        raise ValueError(
            f'column "{field.name}" came with {len(buffer)} bytes for {count} rows, not {expected}'
        )
    values: NDArray[Any] = np.frombuffer(buffer, kind)
    return _days(values, field.kind) if field.kind in _PER_DAY else values


def _days(values: NDArray[Any], kind: str) -> NDArray[np.float64]:
    """PostgreSQL keeps infinity as the largest number, its opposite as the smallest; the next one stands for NULL."""
    ends = np.iinfo(values.dtype)
    days: NDArray[np.float64] = values.astype(np.float64) / _PER_DAY[kind]
    days[values == ends.max] = np.inf
    days[values == ends.min] = -np.inf
    days[values == ends.min + 1] = np.nan
    return days
