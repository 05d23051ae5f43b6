"""XGBoost's own contributions (``pred_contribs``), from its UBJSON."""

from __future__ import annotations

import numpy as np
import xgboost

from turnout.runtime.explainers.sums import by_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class XGBoostExplainer:
    """A booster on one thread."""

    __slots__ = ("_booster", "_missing")

    def __init__(self, payload: memoryview, header: dict[str, Any]) -> None:
        self._booster = xgboost.Booster({"nthread": 1, "verbosity": 0})
        try:
            self._booster.load_model(bytearray(payload))
        except xgboost.core.XGBoostError as error:
            raise ValueError(f"XGBoost refuses it: {str(error).splitlines()[0]}") from None
        missing = header.get("missing")
        self._missing = float("nan") if missing is None else float(missing)

    def contributions(self, buffer: array[float]) -> list[list[float]]:
        """Numbers that were added up in float32."""
        row = np.frombuffer(buffer, np.float32).reshape(1, -1)
        matrix = xgboost.DMatrix(row, missing=self._missing, nthread=1)
        return by_sum(self._booster.predict(matrix, pred_contribs=True), row.shape[1])


FORMAT = XGBoostExplainer
