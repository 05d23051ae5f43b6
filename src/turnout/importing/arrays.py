"""Arrays and their types as pickles describe them, made by numpy's public constructors from checked descriptions.

numpy's own way, ``__setstate__`` on an empty array or type, trusts what it is told; here nothing is made that has
another size than its bytes, or a field beyond its end.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from turnout.importing.refusal import Refused

_MOST_DIMENSIONS = 32
_KINDS = frozenset("biufcSUOMmV")


class Stand:
    """Stands for something while a pickle is read, until its state says what it is.

    An object that is used before its state has come is known to the memo, and replaced there.
    """

    def finished(self, state: Any) -> Any:
        """What it stands for."""
        raise NotImplementedError


class Dtype(Stand):
    """The type of an array, from its letter; its state says the order of bytes, and fields."""

    def __init__(self, letter: Any, *rest: Any) -> None:
        if (
            not isinstance(letter, str)
            or len(letter) > 24
            or len(rest) > 2
            or letter[:1] not in _KINDS | {"b"}
        ):
            raise Refused("it has an array of a type that is not known")
        self._letter = letter

    def finished(self, state: Any) -> Any:
        """A type of numpy."""
        if not isinstance(state, tuple) or not 8 <= len(state) <= 9:
            raise Refused("it has an array of a broken type")
        _, order, shape, names, fields, size, _, _, *metadata = state
        if order not in ("<", "|", "="):
            raise Refused("it has numbers in big-endian order; write it on a machine as they are today")
        if shape is not None:
            raise Refused("it has an array of arrays, which no model needs")
        try:
            if names is not None:
                return _structured(names, fields, size)
            return self._plain(metadata)
        except (TypeError, ValueError, KeyError) as error:
            raise Refused(f"it has an array of a broken type: {error}") from None

    def _plain(self, metadata: list[Any]) -> Any:
        if self._letter[0] in "Mm" and metadata and metadata[0] is not None:
            unit, count = metadata[0][1][0], metadata[0][1][1]
            name = unit.decode() if isinstance(unit, bytes) else str(unit)
            if count != 1 or not name.isalpha():
                raise Refused("it has times in a unit that is not known")
            return np.dtype(f"{self._letter}[{name}]")
        return np.dtype(self._letter)


def _structured(names: Any, fields: Any, size: Any) -> Any:
    if not isinstance(names, tuple) or not isinstance(fields, dict) or set(names) != set(fields):
        raise Refused("it has a table with broken columns")
    formats = [fields[name][0] for name in names]
    offsets = [fields[name][1] for name in names]
    if any(not isinstance(kind, np.dtype) or kind.hasobject or kind.names for kind in formats):
        raise Refused("it has a table of something else than numbers")
    # numpy looks whether the fields lie within the size
    return np.dtype(
        {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": int(size)},
    )


class Array(Stand):
    """An array, whose state has its shape, type and numbers."""

    def finished(self, state: Any) -> Any:
        """An array of numpy."""
        if not isinstance(state, tuple) or len(state) != 5:
            raise Refused("it has a broken array")
        _, shape, dtype, fortran, data = state
        count = checked_count(shape, dtype)
        if dtype.hasobject:
            if not isinstance(data, list) or len(data) != count or dtype.kind != "O" or dtype.names:
                raise Refused("it has an array of objects that are not there")
            flat = np.empty(count, object)
            flat[:] = data
        else:
            if not isinstance(data, bytes | bytearray) or len(data) != count * dtype.itemsize:
                raise Refused("it has an array whose size is not that of its numbers")
            flat = np.frombuffer(bytes(data), dtype).copy() if count else np.empty(0, dtype)
        return flat.reshape(shape, order="F" if fortran else "C")


def empty_array(kind: Any, shape: Any, letter: Any) -> Array:  # noqa: ARG001
    """What numpy's ``_reconstruct`` is asked for."""
    if kind is not np.ndarray:
        raise Refused("it has an array of a kind that is not known")
    return Array()


def from_buffer(data: Any, dtype: Any, shape: Any, order: Any = "C") -> Any:
    """What numpy's ``_frombuffer`` is asked for, by pickles of protocol 5."""
    if order not in ("C", "F"):
        raise Refused("it has an array in an order that is not known")
    if getattr(dtype, "hasobject", True):
        raise Refused("it has objects where there should be numbers")
    return Array().finished((1, shape, dtype, order == "F", bytes(data)))


def scalar(dtype: Any, data: Any = b"") -> Any:
    """A single number of numpy."""
    if not isinstance(dtype, np.dtype) or dtype.hasobject or dtype.names or not isinstance(data, bytes | str):
        raise Refused("it has a number of a type that is not known")
    raw = data.encode("latin-1") if isinstance(data, str) else data
    if len(raw) != dtype.itemsize:
        raise Refused("it has a number of another size than its type")
    return np.frombuffer(raw, dtype)[0] if raw else dtype.type()


def checked_count(shape: Any, dtype: Any) -> int:
    """How many numbers an array of that shape has.

    Raises
    ------
    Refused
        If the shape or the type is none.
    """
    if not isinstance(dtype, np.dtype) or not isinstance(shape, tuple) or len(shape) > _MOST_DIMENSIONS:
        raise Refused("it has an array without a shape or a type")
    sizes = [int(size) for size in shape if isinstance(size, int | np.integer) and not isinstance(size, bool)]
    if len(sizes) != len(shape) or any(size < 0 for size in sizes):
        raise Refused(f"it has an array of the shape {shape!r:.60}")
    count = math.prod(sizes)
    if count and not dtype.itemsize:
        raise Refused("it has an array of numbers without a size")
    return count
