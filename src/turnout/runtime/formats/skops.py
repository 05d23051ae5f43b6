"""scikit-learn estimators in skops' format, where nothing else fits: only types of a fixed list are built."""

from __future__ import annotations

import numpy as np
import skops.io

from turnout.runtime.formats.shapes import METHODS, in_parts, rows_at_once
from turnout.runtime.formats.tree_bounds import check_trees
from turnout.runtime.formats.trusted import TRUSTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class SkopsPredictor:
    """An estimator of scikit-learn; a classifier answers with its probabilities, a decomposition with components."""

    __slots__ = ("_at_once", "_order", "_scores", "_type")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:  # noqa: ARG002
        estimator = load(bytes(payload))
        self._at_once = rows_at_once(header)
        # where the estimator's inputs are in a row, if not in their order
        self._order: list[int] | None = header.get("order")
        self._type = np.float64 if header.get("double") else np.float32
        self._scores = getattr(estimator, METHODS[header["task"]])

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        rows = np.frombuffer(buffer, np.float32).reshape(count, -1).astype(self._type, copy=False)
        if self._order is not None:
            rows = rows[:, self._order]
        return np.asarray(in_parts(self._scores, rows, self._at_once), dtype=np.float32).reshape(count, -1)


def load(payload: bytes, trusted: frozenset[str] = TRUSTED) -> Any:
    """The estimator, if everything in it is on the list.

    Raises
    ------
    ValueError
        If the payload is broken or asks for a type that is not on the list.
    """
    try:
        asked = set(skops.io.get_untrusted_types(data=payload))
        strange = sorted(asked - trusted)
        if strange:
            raise ValueError(f"it asks for types that are not trusted: {', '.join(strange)}")
        estimator = skops.io.loads(payload, trusted=sorted(asked))
        check_trees(estimator)
    except ValueError:
        raise
    except Exception as error:
        # a broken archive fails in zipfile, json or skops, whichever reads it first
        raise ValueError(f"skops refuses it: {error}") from None
    return estimator


FORMAT = SkopsPredictor
