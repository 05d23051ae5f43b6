"""ONNX models with an input for every column, of texts or of numbers, and one output ``scores``."""

from __future__ import annotations

import numpy as np

from turnout.errors import UnusableRow
from turnout.runtime.formats.onnx import session_of
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TYPES: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
}
_TYPES |= {"tensor(int32)": np.int32, "tensor(bool)": np.bool_}


class OnnxColumnsPredictor:
    """A session of onnxruntime; a missing text is an empty one there."""

    __slots__ = ("_names", "_run", "_types", "_width")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        session = session_of(payload, threads)
        types = {given.name: given.type for given in session.get_inputs()}
        self._names: list[str] = header["inputs"]
        self._types = [types[name] for name in self._names]
        self._run = session.run
        self._width = len(self._names)

    def one(self, buffer: list[Any]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        feed = {
            name: _column(buffer[at :: self._width], kind)
            for at, (name, kind) in enumerate(zip(self._names, self._types, strict=True))
        }
        try:
            found = self._run(["scores"], feed)[0]
        except Exception as error:
            # onnxruntime's exceptions share no base class
            raise Problem(UnusableRow, reason=" ".join(str(error).split())[:300]) from None
        return np.asarray(found, np.float32).reshape(count, -1)


def _column(values: Any, kind: str) -> Any:
    if kind == "tensor(string)":
        return np.array(["" if value is None else value for value in values], object).reshape(-1, 1)
    return np.array(values, np.float64).astype(_TYPES[kind]).reshape(-1, 1)


FORMAT = OnnxColumnsPredictor
