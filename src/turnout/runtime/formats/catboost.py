"""CatBoost's own binary format, for models that flat trees don't answer alike."""

from __future__ import annotations

import catboost
import numpy as np

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class CatBoostPredictor:
    """A model that answers as the estimator of its task does."""

    __slots__ = ("_kind", "_predict", "_threads")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        model = catboost.CatBoost()
        try:
            model.load_model(blob=bytes(payload))
        except catboost.CatBoostError as error:
            raise ValueError(f"CatBoost refuses it: {' '.join(str(error).split())}") from None
        self._kind = "Probability" if header["classes"] is not None else header["prediction_type"]
        self._predict = model.predict
        self._threads = threads or -1

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        rows = np.frombuffer(buffer, np.float32).reshape(count, -1)
        scores = self._predict(rows, prediction_type=self._kind, thread_count=self._threads)
        return np.asarray(scores, dtype=np.float32).reshape(count, -1)


FORMAT = CatBoostPredictor
