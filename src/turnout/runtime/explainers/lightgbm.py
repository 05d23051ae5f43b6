"""LightGBM's own contributions (``pred_contrib``), from its text."""

from __future__ import annotations

import lightgbm
import numpy as np

from turnout.runtime.explainers.sums import by_sum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class LightGBMExplainer:
    """A booster on one thread."""

    __slots__ = ("_booster",)

    def __init__(self, payload: memoryview, header: dict[str, Any]) -> None:  # noqa: ARG002
        try:
            self._booster = lightgbm.Booster(model_str=bytes(payload).decode())
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(f"LightGBM refuses it: {error}") from None

    def contributions(self, buffer: array[float]) -> list[list[float]]:
        """Numbers in double precision."""
        row = np.frombuffer(buffer, np.float32).reshape(1, -1)
        return by_sum(self._booster.predict(row, pred_contrib=True, num_threads=1), row.shape[1])


FORMAT = LightGBMExplainer
