"""The rows of a relation as they arrive: chunks of a float32 matrix, targets, and a hash for every row."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from turnout.training import hashing, statistics
from turnout.training.targets import Target
from turnout.training.texts import Texts
from turnout.training.wire import put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.training.description import Field, Reading
    from turnout.training.statistics import Summary

    Matrix = NDArray[np.float32]

# what the hashes of a task without a target are called by
_NO_TARGET = "target  number"
# columns that are summed up at the same time
_AT_ONCE = 4


class Dataset:
    """What a fit was sent.

    Features stay in the chunks that they came in until the split is known, so that they are never held twice.

    Attributes
    ----------
    chunks : list of matrices
        Raw features, rows x numbers, texts as codes.
    targets : list of Target
        The columns that are to be predicted; none for a task without.
    hashes : list of arrays
        One unsigned 64-bit integer per row.
    texts : dict
        The text columns among the features, by name.
    """

    def __init__(self, reading: Reading) -> None:
        self.fields = reading.fields
        self.rows = 0
        self.chunks: list[Matrix] = []
        self.targets = [Target(field) for field in reading.targets]
        self.hashes: list[NDArray[np.uint64]] = []
        self.texts = {field.name: Texts() for field in self.fields if field.kind == "text"}
        self._seed = reading.seed
        self._classifies = reading.classifies
        self._width = sum(field.width for field in self.fields)

    @property
    def fingerprint(self) -> str:
        """Which columns the hashes cover, and how the targets' values are called."""
        features = (f"{field.name}[{field.width}]" for field in self.fields)
        targets = [target.hashed for target in self.targets] or [_NO_TARGET]
        return hashing.fingerprint([*features, *targets])

    def add(self, count: int, lengths: Sequence[int], payload: bytes | bytearray) -> None:
        """Take a chunk: one buffer per column, features first, then the targets.

        Raises
        ------
        ValueError
            If a buffer has another length than its rows need.
        """
        view, offset = memoryview(payload), 0
        buffers = []
        for length in lengths:
            buffers.append(view[offset : offset + length])
            offset += length
        chunk = np.empty((count, self._width), np.float32)
        total = np.zeros(count, np.uint64)
        start = 0
        for field, buffer in zip(self.fields, buffers, strict=False):
            self._feature(field, buffer, chunk[:, start : start + field.width], total)
            start += field.width
        for target, buffer in zip(self.targets, buffers[len(self.fields) :], strict=True):
            target.add(buffer, count, total)
        self.chunks.append(chunk)
        self.hashes.append(hashing.finish(total, self._seed))
        self.rows += count

    def _feature(self, field: Field, buffer: memoryview, out: Matrix, total: NDArray[np.uint64]) -> None:
        texts = self.texts.get(field.name)
        put(buffer, field, texts, out)
        if texts is not None:
            hashing.add_column(total, texts.bits(out[:, 0].astype(np.int64)), field.name)
            return
        for i in range(field.width):
            hashing.add_column(total, hashing.number_bits(out[:, i]), f"{field.name}[{i}]")

    @cached_property
    def summaries(self) -> dict[str, Summary]:
        """The figures of every column, target included; only before the chunks are used up."""
        starts = accumulate((field.width for field in self.fields), initial=0)
        # each thread holds one column more, in one piece
        with ThreadPoolExecutor(min(_AT_ONCE, os.cpu_count() or 1)) as pool:
            found = pool.map(self._summary, self.fields, starts)
            summaries = dict(zip((field.name for field in self.fields), found, strict=True))
        return summaries | {target.field.name: target.summary(self._classifies) for target in self.targets}

    def _summary(self, field: Field, start: int) -> Summary:
        values = np.concatenate([chunk[:, start : start + field.width] for chunk in self.chunks])
        if field.kind == "text":
            return statistics.of_texts(values[:, 0], self.texts[field.name].values)
        plain = values if field.width > 1 else values[:, 0]
        return statistics.of_numbers(plain, field.type, categories=field.type == "bool")
