"""Arrays as PostgreSQL reads them, many numbers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_SMALLEST, _LARGEST = -60, 60
_DIGITS = np.frombuffer(b"".join(b"%04d" % i for i in range(10_000)), np.uint32)
_EXPONENTS = np.frombuffer(b"".join(b"e%+03d" % i for i in range(_SMALLEST, _LARGEST + 1)), np.uint32)
_POWERS = np.array([10.0**i for i in range(_SMALLEST, _LARGEST + 1)])
_COMMA, _MINUS, _ZERO = b",-0"


def reals(values: NDArray[np.float32]) -> str:
    """The array of finite numbers of four bytes, as ``{0.25,...}``, each exact when it is read back.

    Nine significant digits tell apart all numbers of four bytes, even if the last of them is not the nearest. They
    are written for all numbers together, in a twentieth of the time that Python takes for one after the other.
    """
    if not len(values):
        return "{}"
    sizes = np.abs(values).astype(np.float64)
    orders = np.zeros(len(sizes))
    np.log10(sizes, out=orders, where=sizes > 0)
    exponents = np.floor(orders).astype(np.int64) - 8
    digits = np.rint(sizes * _POWERS[-exponents - _SMALLEST]).astype(np.int64)
    # a comma and a sign in place of two leading zeros, twelve digits and all, then the exponent
    groups = np.empty((len(sizes), 4), np.uint32)
    groups[:, 0] = _DIGITS[digits // 10**8]
    groups[:, 1] = _DIGITS[digits // 10**4 % 10**4]
    groups[:, 2] = _DIGITS[digits % 10**4]
    groups[:, 3] = _EXPONENTS[exponents - _SMALLEST]
    written = groups.view(np.uint8)
    written[:, 0] = _COMMA
    written[:, 1] = np.where(np.signbit(values), _MINUS, _ZERO)
    return "{" + written.tobytes()[1:].decode("ascii") + "}"


def of(values: Iterable[Any]) -> str:
    """The array of texts that hold nothing but letters and digits."""
    return "{" + ",".join(values) + "}"
