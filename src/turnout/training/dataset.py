"""The rows of a relation as they arrive: chunks of a float32 matrix, targets, and a hash for every row."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.training import hashing, statistics
from turnout.training.description import Field
from turnout.training.texts import Texts
from turnout.training.wire import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.training.description import Description
    from turnout.training.statistics import Summary

    Matrix = NDArray[np.float32]

# what stands for a target where there is none
_NOTHING = Field(name="", type="", kind="float4")


class Dataset:
    """What a fit was sent.

    Features stay in the chunks that they came in until the split is known, so that they are never held twice.

    Attributes
    ----------
    chunks : list of matrices
        Raw features, rows x numbers, texts as codes.
    targets : list of arrays
        The first target's values, or its codes where it is text; zeros where there is none.
    hashes : list of arrays
        One unsigned 64-bit integer per row.
    texts : dict
        The text columns among the features, by name.
    """

    def __init__(self, description: Description) -> None:
        self.fields = description.fields
        self.target = description.targets[0] if description.targets else _NOTHING
        self.rows = 0
        self.chunks: list[Matrix] = []
        self.targets: list[NDArray[Any]] = []
        self.hashes: list[NDArray[np.uint64]] = []
        self.texts = {field.name: Texts() for field in self.fields if field.kind == "text"}
        self.target_texts = Texts()
        self._seed = description.seed
        self._classifies = description.classifies
        self._width = sum(field.width for field in self.fields)

    @property
    def fingerprint(self) -> str:
        """Which columns the hashes cover, and how the target's values are called."""
        kind = self.target.kind if self.target.kind in ("text", "bool") else "number"
        features = (f"{field.name}[{field.width}]" for field in self.fields)
        return hashing.fingerprint([*features, f"target {self.target.name} {kind}"])

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
        if self.target is _NOTHING:
            self.targets.append(np.zeros(count, np.float32))
        else:
            self._add_target(buffers[len(self.fields)], count, total)
        self.chunks.append(chunk)
        self.hashes.append(hashing.finish(total, self._seed))
        self.rows += count

    def _feature(self, field: Field, buffer: memoryview, out: Matrix, total: NDArray[np.uint64]) -> None:
        if field.kind == "text":
            texts = self.texts[field.name]
            codes = texts.read(buffer, len(out))
            out[:, 0] = codes
            hashing.add_column(total, texts.bits(codes), field.name)
            return
        with np.errstate(over="ignore"):
            out[:] = numbers(buffer, field, len(out)).reshape(out.shape)
        for i in range(field.width):
            hashing.add_column(total, hashing.number_bits(out[:, i]), f"{field.name}[{i}]")

    def _add_target(self, buffer: memoryview, count: int, total: NDArray[np.uint64]) -> None:
        name = f"target {self.target.name}"
        if self.target.kind == "text":
            codes = self.target_texts.read(buffer, count)
            hashing.add_column(total, self.target_texts.bits(codes), name)
            self.targets.append(codes)
            return
        values = numbers(buffer, self.target, count)
        values = values.astype(values.dtype.newbyteorder("="))
        hashing.add_column(total, hashing.number_bits(values), name)
        self.targets.append(values)

    @cached_property
    def summaries(self) -> dict[str, Summary]:
        """The figures of every column, target included; only before the chunks are used up."""
        found, start = {}, 0
        for field in self.fields:
            # one column more at a time, in one piece
            parts = [chunk[:, start : start + field.width] for chunk in self.chunks]
            found[field.name] = self._summary(field, np.concatenate(parts))
            start += field.width
        return found | ({} if self.target is _NOTHING else {self.target.name: self._target_summary()})

    def _summary(self, field: Field, values: Matrix) -> Summary:
        if field.kind == "text":
            return statistics.of_texts(values[:, 0], self.texts[field.name].values)
        plain = values if field.width > 1 else values[:, 0]
        return statistics.of_numbers(plain, field.type, categories=field.type == "bool")

    def _target_summary(self) -> Summary:
        values = np.concatenate(self.targets)
        if self.target.kind == "text":
            return statistics.of_texts(values, self.target_texts.values)
        counted = self.target.type == "bool" or self._classifies
        return statistics.of_numbers(values, self.target.type, categories=counted)
