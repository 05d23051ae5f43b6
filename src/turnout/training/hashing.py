"""A 64-bit hash of every row's values: the same on every machine, whatever the order of rows and columns.

Each value's float64 bits (one zero, one NaN) are mixed with a salt from its column's name, the results added
up, and the sum mixed with the project's seed. The mixing is splitmix64's finaliser (Steele, Lea and Flood,
"Fast splittable pseudorandom number generators", 2014).
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def text_hash(text: str) -> int:
    """64 bits of a text, by BLAKE2b.

    >>> text_hash("red") == text_hash("red") != text_hash("green")
    True
    """
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def mix(values: Hashes) -> Hashes:
    """Scatter 64-bit integers, in place."""
    values += _GAMMA
    values ^= values >> np.uint64(30)
    values *= _FIRST
    values ^= values >> np.uint64(27)
    values *= _SECOND
    values ^= values >> np.uint64(31)
    return values


def number_bits(values: NDArray[np.generic]) -> Hashes:
    """The float64 bits of numbers, with one zero and one NaN."""
    doubles = values.astype(np.float64)
    doubles += 0.0
    doubles[np.isnan(doubles)] = np.nan
    return doubles.view(np.uint64)


def add_column(total: Hashes, bits: Hashes, column: str) -> None:
    """Add one column's part to the rows' hashes; ``bits`` is used up."""
    bits ^= np.uint64(text_hash(column))
    total += mix(bits)


def finish(total: Hashes, seed: int) -> Hashes:
    """The rows' hashes for one seed, in place."""
    total ^= np.uint64(text_hash(f"seed {seed}"))
    return mix(total)


def fingerprint(columns: Iterable[str]) -> str:
    """A name for the set of hashed columns: hashes over other columns can't be compared."""
    return blake2b("\0".join(sorted(columns)).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
