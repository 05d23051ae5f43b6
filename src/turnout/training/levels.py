"""The different numbers of a column as texts, which tables are keyed by."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from turnout.runtime.labels import label_text

if TYPE_CHECKING:
    from numpy.typing import NDArray


def levels(values: NDArray[np.float32]) -> tuple[NDArray[np.int64], list[str]]:
    """Each value's code, -1 for NaN, and the texts of the codes, from the smallest number up.

    >>> codes, texts = levels(np.array([2.5, np.nan, 1, 2.5], np.float32))
    >>> codes.tolist(), texts
    ([1, -1, 0, 1], ['1', '2.5'])
    """
    found, codes = np.unique(values, return_inverse=True)
    if len(found) and np.isnan(found[-1]):
        found = found[:-1]
        codes[codes == len(found)] = -1
    return codes.astype(np.int64, copy=False), [label_text(value) for value in found.tolist()]


def level(value: float) -> str:
    """The text of one number, rounded as features are.

    >>> level(0.1), level(True), level(3)
    ('0.10000000149011612', '1', '3')
    """
    return label_text(array("f", [float(value)])[0])
