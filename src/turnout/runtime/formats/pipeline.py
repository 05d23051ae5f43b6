"""A whole pipeline of scikit-learn in skops' format, asked with columns as it was trained on them.

Where nothing else answers the same: for texts, dates and transformations that are no table and no arithmetic. Only
types of a fixed list are built.
"""

from __future__ import annotations

import numpy as np

from turnout.errors import UnusableRow
from turnout.runtime.formats.trusted import PIPELINES
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EPOCH = np.datetime64("2000-01-01T00:00:00", "us")
_MICROSECONDS = 86_400e6
_TEXTS, _TIMES = ("text", "enum"), ("date", "timestamp", "timestamptz")


class PipelinePredictor:
    """An estimator that is given what it was trained on: a frame, a matrix, or texts."""

    __slots__ = ("_fields", "_rows", "_scores", "_width")

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:  # noqa: ARG002
        # skops imports all of scikit-learn, which the rest of this module does without
        from turnout.runtime.formats.skops import load

        estimator = load(bytes(payload), PIPELINES)
        self._fields: list[dict[str, Any]] = header["fields"]
        self._rows: str = header["rows"]
        self._scores = scores_by(estimator, header["method"])
        self._width = len(self._fields)

    def one(self, buffer: list[Any]) -> list[float]:
        """The scores of one row."""
        scores: list[float] = self.many(buffer, 1)[0].tolist()
        return scores

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix."""
        columns = [buffer[i :: self._width] for i in range(self._width)]
        try:
            found = self._scores(asked(columns, self._fields, self._rows))
        except Exception as error:
            # whatever the estimator's parts raise over values that they were not trained on
            raise Problem(UnusableRow, reason=" ".join(str(error).split())[:300]) from None
        return np.asarray(found, np.float32).reshape(count, -1)


def asked(columns: list[Any], fields: list[dict[str, Any]], rows: str) -> Any:
    """What an estimator is asked about.

    Parameters
    ----------
    columns
        For each field its values: numbers with NaN for missing ones, texts or none, days since 2000 for dates.
    rows
        ``frame``, ``matrix``, or ``texts`` for a single column of them.
    """
    given = [_column(values, field["type"]) for values, field in zip(columns, fields, strict=True)]
    if rows == "frame":
        import pandas

        return pandas.DataFrame({field["name"]: part for field, part in zip(fields, given, strict=True)})
    if rows == "texts":
        return given[0]
    if all(part.dtype.kind in "fb" for part in given):
        return np.column_stack([part.astype(np.float64) for part in given])
    return np.column_stack([part.astype(object) for part in given])


def _column(values: Any, kind: str) -> Any:
    if kind in _TEXTS:
        found = np.empty(len(values), object)
        # missing as pandas has it in a column of texts
        found[:] = [np.nan if value is None else value for value in values]
        return found
    numbers = np.asarray(values, np.float64)
    if kind == "bool" and not np.isnan(numbers).any():
        return numbers != 0
    if kind in _TIMES:
        missing = np.isnan(numbers)
        micros = np.rint(np.where(missing, 0.0, numbers) * _MICROSECONDS).astype("timedelta64[us]")
        return np.where(missing, np.datetime64("NaT"), _EPOCH + micros).astype("datetime64[ns]")
    return numbers


def scores_by(estimator: Any, method: str) -> Any:
    """What gives an estimator's scores as a matrix.

    Parameters
    ----------
    method
        ``predict``, ``transform``, ``predict_proba``, or ``classes``: 1 for the class that it predicts, 0 for others.
    """
    if method == "classes":
        return lambda rows: _chosen(estimator, rows)
    ask = getattr(estimator, method)
    return lambda rows: _matrix(ask(rows))


def _matrix(found: Any) -> Any:
    # several targets are a list of matrices, and sparse is what a transformation may answer
    if isinstance(found, list):
        return np.hstack([np.asarray(part, np.float64) for part in found])
    if hasattr(found, "toarray"):
        found = found.toarray()
    scores = np.asarray(found, np.float64)
    return scores.reshape(len(scores), -1)


def _chosen(estimator: Any, rows: Any) -> Any:
    said = np.asarray(estimator.predict(rows))
    classes = estimator.classes_
    if isinstance(classes, list):
        return np.hstack([(said[:, [i]] == own[None, :]) for i, own in enumerate(classes)]).astype(np.float64)
    return (said.reshape(-1, 1) == np.asarray(classes)[None, :]).astype(np.float64)


FORMAT = PipelinePredictor
