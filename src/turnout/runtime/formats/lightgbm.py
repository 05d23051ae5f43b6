"""LightGBM's own format (text), for models that flat trees don't answer alike."""

from __future__ import annotations

import lightgbm
import numpy as np

from turnout.runtime.formats.shapes import probabilities

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class LightGBMPredictor:
    """A booster; a binary one answers with the second class's probability, made into two here."""

    __slots__ = ("_booster", "_classes", "_threads")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        try:
            self._booster = lightgbm.Booster(model_str=bytes(payload).decode())
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(f"LightGBM refuses it: {error}") from None
        self._classes = header["classes"]
        self._threads = threads

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        rows = np.frombuffer(buffer, np.float32).reshape(count, -1)
        scores = self._booster.predict(rows, num_threads=self._threads)
        return probabilities(np.asarray(scores), count, self._classes)


FORMAT = LightGBMPredictor
