"""From a fitted estimator to an artifact that answers as the estimator does.

The formats of its library are tried in turn. One is taken if, on the rows it is checked with, every score is
near the estimator's, and every class is the same but where the estimator's two best are as near as that. Near is
within ``TOLERANCE`` (times the answers' spread for a regression), and beyond it ``ROUNDING`` times the answer: what
some hundred additions in float32 lose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import ExportFailed
from turnout.runtime import artifact
from turnout.runtime.formats import predictor_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.runtime.formats import Predictor
    from turnout.training.libraries import Library

    Matrix = NDArray[np.float32]

TOLERANCE = 1e-5
ROUNDING = 2e-6


@dataclass(frozen=True, kw_only=True)
class Exported:
    """The artifact, what predicts with it, and why earlier formats were refused."""

    data: bytes
    format: str
    predictor: Predictor
    refused: dict[str, str] = field(default_factory=dict)


def export(
    library: Library, estimator: Any, header: dict[str, Any], rows: Matrix, answers: NDArray[Any]
) -> Exported:
    """The artifact in the first format that answers alike.

    Parameters
    ----------
    header
        The artifact's header but for its format.
    rows, answers
        Rows x inputs to check with, and the estimator's scores for them.

    Raises
    ------
    ExportFailed
        If no format does.
    """
    refused: dict[str, str] = {}
    for name, kind, make in library.exports(estimator, rows.shape[1]):
        try:
            payload, extra = make()
            full = {**header, **extra, "format": kind}
            predictor = predictor_of(kind)(memoryview(payload), full, 0)
            reason = disagreement(
                answers, predictor.many(rows, len(rows)), classifies=header["classes"] is not None
            )
        except Exception as error:
            # converters raise whatever they come across; the next format may do
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if reason is None:
            data = artifact.pack(full, payload)
            return Exported(data=data, format=kind, predictor=predictor, refused=refused)
        refused[name] = reason
    raise ExportFailed(
        algorithm=header["algorithm"], reason="; ".join(f"{k}: {v}" for k, v in refused.items())
    )


def disagreement(expected: NDArray[Any], got: Any, *, classifies: bool) -> str | None:
    """How a format's scores differ from the estimator's; none where they agree."""
    expected = np.asarray(expected, np.float64).reshape(len(expected), -1)
    got = np.asarray(got, np.float64)
    if got.shape != expected.shape:
        return f"its scores have shape {got.shape}, expected {expected.shape}"
    if not np.isfinite(got).all():
        return f"{int((~np.isfinite(got)).any(axis=1).sum())} of {len(got)} rows get no finite answer"
    bound = TOLERANCE * (1.0 if classifies else _scale(expected))
    apart = np.abs(got - expected)
    allowed = bound + ROUNDING * np.abs(expected)
    if (apart > allowed).any():
        worst = np.unravel_index(int((apart - allowed).argmax()), apart.shape)
        return f"row {worst[0]} of {len(got)} scores {got[worst]:g}, expected {expected[worst]:g}"
    return _other_classes(expected, got, bound) if classifies else None


def _scale(expected: NDArray[np.float64]) -> float:
    return float(expected.std()) or float(np.abs(expected).max()) or 1.0


def _other_classes(expected: NDArray[np.float64], got: NDArray[np.float64], bound: float) -> str | None:
    theirs, ours = expected.argmax(axis=1), got.argmax(axis=1)
    rows = np.arange(len(got))
    margin = expected[rows, theirs] - expected[rows, ours]
    wrong = int((margin > 2 * bound).sum())
    return f"{wrong} of {len(got)} rows get another class" if wrong else None
