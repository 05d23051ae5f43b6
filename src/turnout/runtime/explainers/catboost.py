"""CatBoost's own contributions (``ShapValues``), from its binary format."""

from __future__ import annotations

import catboost
import numpy as np

from turnout.runtime.explainers.sums import by_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class CatBoostExplainer:
    """A model on one thread."""

    __slots__ = ("_model",)

    def __init__(self, payload: memoryview, header: dict[str, Any]) -> None:  # noqa: ARG002
        self._model = catboost.CatBoost()
        try:
            self._model.load_model(blob=bytes(payload))
        except catboost.CatBoostError as error:
            raise ValueError(f"CatBoost refuses it: {' '.join(str(error).split())}") from None

    def contributions(self, buffer: array[float]) -> list[list[float]]:
        """Numbers in double precision."""
        row = np.frombuffer(buffer, np.float32).reshape(1, -1)
        pool = catboost.Pool(row, thread_count=1)
        found = self._model.get_feature_importance(pool, type="ShapValues", thread_count=1)
        return by_sum(found, row.shape[1])


FORMAT = CatBoostExplainer
