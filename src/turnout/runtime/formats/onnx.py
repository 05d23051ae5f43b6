"""ONNX models in onnxruntime: one float32 input ``features``, one float32 output ``scores``."""

from __future__ import annotations

import numpy as np
import onnxruntime

from turnout.runtime.formats.shapes import in_parts, rows_at_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any

_OUTPUTS = ["scores"]


class OnnxPredictor:
    """A session of onnxruntime that neither spins nor speaks."""

    __slots__ = ("_at_once", "_run")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:
        self._run = session_of(payload, threads).run
        self._at_once = rows_at_once(header)

    def one(self, buffer: array[float]) -> list[float]:
        """The scores of one row."""
        row = np.frombuffer(buffer, np.float32).reshape(1, -1)
        scores: list[float] = self._run(_OUTPUTS, {"features": row})[0].ravel().tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        rows = np.frombuffer(buffer, np.float32).reshape(count, -1)
        return in_parts(self._scores, rows, self._at_once)

    def _scores(self, rows: Any) -> Any:
        return self._run(_OUTPUTS, {"features": rows})[0].reshape(len(rows), -1)


def session_of(payload: memoryview, threads: int) -> Any:
    """A model, loaded.

    Raises
    ------
    ValueError
        If onnxruntime refuses it.
    """
    try:
        return onnxruntime.InferenceSession(
            bytes(payload), _options(threads), providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # onnxruntime's exceptions share no base class
        raise ValueError(f"onnxruntime refuses it: {error}") from None


def _options(threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


FORMAT = OnnxPredictor
