"""The classes of a target, and each row's class as an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.labels import label_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.description import Field


class Classes:
    """The distinct values of a target in order: texts by code point, numbers by size.

    Attributes
    ----------
    values : list
        Strings, booleans, integers or floats, after the target's type.
    labels : list of str
        The same as texts.
    """

    def __init__(self, values: list[Any]) -> None:
        self.values = values
        self.labels = [label_text(value) for value in values]

    def __len__(self) -> int:
        return len(self.values)

    def among(self, known: Classes) -> NDArray[np.int64]:
        """For each class its index in ``known``, -1 where that doesn't have it."""
        places = {label: i for i, label in enumerate(known.labels)}
        return np.array([places.get(label, -1) for label in self.labels], np.int64)


def encode(field: Field, values: NDArray[Any], texts: list[str]) -> tuple[Classes, NDArray[np.int64]]:
    """The classes of a target and each row's index among them.

    Parameters
    ----------
    values
        The target's numbers, or codes into ``texts`` where it is text.
    """
    found, indexes = np.unique(values, return_inverse=True)
    if field.kind != "text":
        kind = bool if field.type == "bool" or field.kind == "bool" else _number
        return Classes([kind(value) for value in found.tolist()]), indexes.astype(np.int64)
    names = [texts[code] for code in found.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    ranks = np.empty(len(names), np.int64)
    ranks[order] = np.arange(len(names))
    return Classes([names[i] for i in order]), ranks[indexes]


def keep(classes: Classes, indexes: NDArray[np.int64]) -> tuple[Classes, NDArray[np.int64]]:
    """Only the classes that occur among ``indexes``, and a table from old indexes to new ones (-1: gone)."""
    present = np.unique(indexes)
    table = np.full(len(classes), -1, np.int64)
    table[present] = np.arange(len(present))
    return Classes([classes.values[i] for i in present.tolist()]), table


def _number(value: float) -> float | int:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
