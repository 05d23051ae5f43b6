"""The training and the test part of a dataset, as matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.dataset import Dataset

    Matrix = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some rows: raw features, targets (values, or class indexes), hashes."""

    features: Matrix
    target: NDArray[Any]
    hashes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.target)


def divide(
    dataset: Dataset, target: NDArray[Any], hashes: NDArray[np.uint64], test: NDArray[np.bool_]
) -> tuple[Part, Part]:
    """Training and test part; the dataset's chunks are used up, so that features are held only once."""
    width = dataset.chunks[0].shape[1]
    held_out = int(test.sum())
    matrices = (np.empty((len(test) - held_out, width), np.float32), np.empty((held_out, width), np.float32))
    filled = [0, 0]
    start = 0
    chunks = dataset.chunks
    chunks.reverse()
    while chunks:
        chunk = chunks.pop()
        mask = test[start : start + len(chunk)]
        for side, rows in enumerate((~mask, mask)):
            places = np.flatnonzero(rows)
            end = filled[side] + len(places)
            # no place is out of range, and looking for that would take a copy
            np.take(chunk, places, axis=0, out=matrices[side][filled[side] : end], mode="clip")
            filled[side] = end
        start += len(chunk)
    train = Part(features=matrices[0], target=target[~test], hashes=hashes[~test])
    return train, Part(features=matrices[1], target=target[test], hashes=hashes[test])
