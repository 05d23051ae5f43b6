"""The coefficients of whatever is linear: regressions, classifiers, and those whose scores are calibrated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Linear:
    """Sums x inputs, and an intercept for each sum."""

    coefficients: Numbers
    intercepts: Numbers

    def importance(self, rows: NDArray[Any]) -> Numbers:
        """How much each input moves the sums: its coefficient's magnitude, averaged over the sums, times its spread."""
        # column by column: all at once would take a copy of the rows in double precision
        spread = np.array([column.std(dtype=np.float64) for column in rows.T])
        found: Numbers = np.abs(self.coefficients).mean(axis=0) * spread
        return found

    def payload(self, rows: NDArray[Any]) -> bytes:
        """What explains its answers, as JSON: the coefficients, the means of the inputs, the sums at the means."""
        means = rows.mean(axis=0, dtype=np.float64)
        bases = self.intercepts + self.coefficients @ means
        found = {"coefficients": self.coefficients, "bases": bases, "means": means}
        return json.dumps({name: values.tolist() for name, values in found.items()}).encode()


def linear(estimator: Any) -> Linear | None:
    """The coefficients of an estimator of scikit-learn; none if it is not linear."""
    if hasattr(estimator, "calibrated_classifiers_"):
        return _calibrated(estimator.calibrated_classifiers_)
    fitted = getattr(estimator, "estimator_", estimator)
    if not hasattr(fitted, "coef_") or not hasattr(fitted, "intercept_"):
        return None
    coefficients = np.atleast_2d(np.asarray(fitted.coef_, np.float64))
    intercepts = np.broadcast_to(np.ravel(fitted.intercept_).astype(np.float64), len(coefficients))
    return Linear(coefficients=coefficients, intercepts=intercepts)


def _calibrated(parts: list[Any]) -> Linear | None:
    """Platt's sigmoid is 1 / (1 + exp(a * score + b)), so the log-odds are linear where the score is."""
    if len(parts) != 1:
        return None
    found = linear(parts[0].estimator)
    calibrators = parts[0].calibrators
    if found is None or len(calibrators) != len(found.coefficients):
        return None
    a = np.array([one.a_ for one in calibrators])
    b = np.array([one.b_ for one in calibrators])
    return Linear(coefficients=-a[:, None] * found.coefficients, intercepts=-(a * found.intercepts + b))
