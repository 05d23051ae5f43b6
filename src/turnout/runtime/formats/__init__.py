"""The serving formats: each in a module of its own, imported when the first model of that format is loaded."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any, Protocol

    class Predictor(Protocol):
        """Answers for rows that the transform has prepared."""

        def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None: ...

        def one(self, buffer: array[float]) -> list[float]:
            """The scores of one row: a number, or one probability per class."""
            ...

        def many(self, buffer: Any, count: int) -> Any:
            """The scores of ``count`` rows, as rows of lists or a matrix."""
            ...


MODULES = {
    "trees": "turnout.runtime.formats.trees",
    "linear": "turnout.runtime.formats.linear",
    "onnx": "turnout.runtime.formats.onnx",
    "xgboost": "turnout.runtime.formats.xgboost",
    "lightgbm": "turnout.runtime.formats.lightgbm",
    "catboost": "turnout.runtime.formats.catboost",
    "skops": "turnout.runtime.formats.skops",
    "onnx columns": "turnout.runtime.formats.onnx_columns",
    "pipeline": "turnout.runtime.formats.pipeline",
    "joint": "turnout.runtime.formats.joint",
}


def predictor_of(name: str) -> type[Predictor]:
    """The predictor class of a format.

    Raises
    ------
    ValueError
        If this version doesn't know the format.
    """
    if name not in MODULES:
        raise ValueError(f'its format "{name}" is not known; expected one of: {", ".join(MODULES)}')
    found: type[Predictor] = import_module(MODULES[name]).FORMAT
    return found
