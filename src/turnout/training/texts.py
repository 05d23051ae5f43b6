"""A text column as numbers: each text's code is the order of its first appearance."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from turnout.training.hashing import text_hash

# a float32 holds all codes up to here
MOST = 1 << 24


class Texts:
    """The distinct texts of one column, and their codes and hashes.

    Codes live in the matrix of features itself, so there are ``MOST`` of them at most.
    """

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self._hashes = np.empty(0, np.uint64)

    def read(self, payload: bytes | memoryview, count: int) -> NDArray[np.int64]:
        """The codes of another chunk; -1 for a missing text."""
        values = json.loads(bytes(payload))
        if len(values) != count:
            raise ValueError(f"{len(values)} texts came for {count} rows")
        codes = self.codes
        return np.fromiter(
            (-1 if value is None else codes.setdefault(value, len(codes)) for value in values),
            np.int64,
            count,
        )

    def bits(self, codes: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The hash of each row's text."""
        known = len(self._hashes)
        if known < len(self.codes):
            new = [text_hash(text) for text in list(self.codes)[known:]]
            self._hashes = np.concatenate([self._hashes, np.array(new, np.uint64)])
        missing = np.uint64(text_hash("\0missing"))
        return np.append(self._hashes, missing)[codes]

    @property
    def values(self) -> list[str]:
        """The distinct texts in the order of their codes."""
        return list(self.codes)
