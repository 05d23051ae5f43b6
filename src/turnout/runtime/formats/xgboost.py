"""XGBoost's own format (UBJSON), for models that flat trees don't answer alike."""

from __future__ import annotations

import numpy as np
import xgboost

from turnout.runtime.formats.shapes import probabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class XGBoostPredictor:
    """A booster; a binary one answers with the second class's probability, made into two here."""

    __slots__ = ("_booster", "_classes", "_missing")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        self._booster = xgboost.Booster({"nthread": threads, "verbosity": 0})
        try:
            self._booster.load_model(bytearray(payload))
        except xgboost.core.XGBoostError as error:
            raise ValueError(f"XGBoost refuses it: {str(error).splitlines()[0]}") from None
        missing = header.get("missing")
        self._missing = float("nan") if missing is None else float(missing)
        self._classes = header["classes"]

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        rows = np.frombuffer(buffer, np.float32).reshape(count, -1)
        matrix = xgboost.DMatrix(rows, missing=self._missing)
        return probabilities(self._booster.predict(matrix), count, self._classes)


FORMAT = XGBoostPredictor
