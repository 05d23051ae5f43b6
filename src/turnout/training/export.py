"""From a fitted estimator to an artifact that answers as the estimator does.

The formats of its library are tried in turn. One is taken if, on the rows it is checked with, every score is
near the estimator's, and every class is the same but where the estimator's two best are as near as that. Near is
within ``TOLERANCE`` (times the answers' spread for a regression), and beyond it ``ROUNDING`` times the answer: what
some hundred additions in float32 lose. Where each of several targets has an estimator, each has a format of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import ExportFailed
from turnout.runtime import artifact
from turnout.runtime.formats import predictor_of
from turnout.runtime.formats.joint import headers_of
from turnout.training.flat import NoForm
from turnout.training.joint import PerTarget, parts, widths

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
    if isinstance(estimator, PerTarget):
        served = _side_by_side(library, estimator, header, rows, answers)
    else:
        served = _served(library, estimator, header, rows, answers)
    return Exported(
        data=artifact.pack({**header, **served.extra}, served.payload),
        format=served.extra["format"],
        predictor=served.predictor,
        refused=served.refused,
    )


@dataclass(frozen=True, kw_only=True)
class _Served:
    """A payload, what its format adds to the header, and what predicts with both."""

    extra: dict[str, Any]
    payload: bytes
    predictor: Predictor
    refused: dict[str, str]


def _served(
    library: Library, estimator: Any, header: dict[str, Any], rows: Matrix, answers: NDArray[Any]
) -> _Served:
    refused: dict[str, str] = {}
    for name, kind, make in library.exports(estimator, rows.shape[1]):
        try:
            payload, extra = make()
            extra = {**extra, "format": kind}
            predictor = predictor_of(kind)(memoryview(payload), {**header, **extra}, 0)
            reason = disagreement(
                answers,
                predictor.many(rows, len(rows)),
                classifies=header["classes"] is not None,
                joint=len(header["targets"]) > 1,
            )
        except NoForm as error:
            reason = str(error)
        except Exception as error:
            # converters raise whatever they come across; the next format may do
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        if reason is None:
            return _Served(extra=extra, payload=payload, predictor=predictor, refused=refused)
        refused[name] = reason
    raise ExportFailed(
        algorithm=header["algorithm"], reason="; ".join(f"{k}: {v}" for k, v in refused.items())
    )


def _side_by_side(
    library: Library, estimator: PerTarget, header: dict[str, Any], rows: Matrix, answers: NDArray[Any]
) -> _Served:
    """Each target's estimator in the first format that answers alike, one after the other."""
    headers = headers_of(header)
    width = widths(len(headers), [len(classes) for classes in header["classes"] or []])
    found: list[_Served] = []
    refused: dict[str, str] = {}
    for one, inner, part in zip(estimator.estimators, headers, parts(answers, width), strict=True):
        name = inner["targets"][0]["name"]
        try:
            served = _served(library, one, inner, rows, part)
        except ExportFailed as error:
            reason = f'target "{name}": {error.details["reason"]}'
            raise ExportFailed(algorithm=header["algorithm"], reason=reason) from None
        found.append(served)
        refused |= {f"{name}: {kind}": reason for kind, reason in served.refused.items()}
    models = [{**served.extra, "size": len(served.payload)} for served in found]
    extra = {"format": "joint", "models": models}
    payload = b"".join(served.payload for served in found)
    predictor = predictor_of("joint")(memoryview(payload), {**header, **extra}, 0)
    return _Served(extra=extra, payload=payload, predictor=predictor, refused=refused)


def disagreement(expected: NDArray[Any], got: Any, *, classifies: bool, joint: bool = False) -> str | None:
    """How a format's scores differ from the estimator's; none where they agree.

    Parameters
    ----------
    joint
        Whether each column is a target of its own, with a spread of its own.
    """
    expected = np.asarray(expected, np.float64).reshape(len(expected), -1)
    got = np.asarray(got, np.float64)
    if got.shape != expected.shape:
        return f"its scores have shape {got.shape}, expected {expected.shape}"
    if not np.isfinite(got).all():
        return f"{int((~np.isfinite(got)).any(axis=1).sum())} of {len(got)} rows get no finite answer"
    bound = TOLERANCE * (1.0 if classifies else _scales(expected) if joint else _scale(expected))
    apart = np.abs(got - expected)
    allowed = bound + ROUNDING * np.abs(expected)
    if (apart > allowed).any():
        worst = np.unravel_index(int((apart - allowed).argmax()), apart.shape)
        return f"row {worst[0]} of {len(got)} scores {got[worst]:g}, expected {expected[worst]:g}"
    return _other_classes(expected, got, TOLERANCE) if classifies else None


def _scale(expected: NDArray[np.float64]) -> float:
    return float(expected.std()) or float(np.abs(expected).max()) or 1.0


def _scales(expected: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([_scale(column) for column in expected.T])


def _other_classes(expected: NDArray[np.float64], got: NDArray[np.float64], bound: float) -> str | None:
    theirs, ours = expected.argmax(axis=1), got.argmax(axis=1)
    rows = np.arange(len(got))
    margin = expected[rows, theirs] - expected[rows, ours]
    wrong = int((margin > 2 * bound).sum())
    return f"{wrong} of {len(got)} rows get another class" if wrong else None
