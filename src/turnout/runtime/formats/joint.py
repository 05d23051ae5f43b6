"""Several targets, each with a model of its own: the payloads one after the other, each in a format of its own.

The header's ``models`` has an entry for each target: the format, the size of its payload, and what else its format
reads from a header.
"""

from __future__ import annotations

import numpy as np

from turnout.runtime.formats import predictor_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any

    from turnout.runtime.formats import Predictor


class JointPredictor:
    """The scores of the first target's model, then those of the second's."""

    __slots__ = ("_predictors",)

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        models: list[dict[str, Any]] = header["models"]
        sizes = [model["size"] for model in models]
        if min(sizes) < 0 or sum(sizes) != len(payload):
            raise ValueError(f"its models should have {sum(sizes)} bytes, and have {len(payload)}")
        self._predictors: list[Predictor] = []
        start = 0
        for inner, model in zip(headers_of(header), models, strict=True):
            if model["format"] == "joint":
                raise ValueError("one of its models is joint itself")
            part = payload[start : start + model["size"]]
            self._predictors.append(predictor_of(model["format"])(part, {**inner, **model}, threads))
            start += model["size"]

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        return [score for predictor in self._predictors for score in predictor.one(buffer)]

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        return np.hstack([np.asarray(predictor.many(buffer, count)) for predictor in self._predictors])


def headers_of(header: dict[str, Any]) -> list[dict[str, Any]]:
    """A header for the model of each target."""
    targets = header["targets"]
    classes = header["classes"] or [None] * len(targets)
    return [
        {**header, "targets": [target], "classes": own} for target, own in zip(targets, classes, strict=True)
    ]


FORMAT = JointPredictor
