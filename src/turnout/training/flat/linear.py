"""Linear models, calibrated ones too, centres and components, as the payload of the format ``linear``."""

from __future__ import annotations

from struct import pack
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.formats.linear import VERSION
from turnout.runtime.formats.links import LINKS
from turnout.training.flat import NoForm
from turnout.training.linear_models import linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.linear_models import Linear

    Numbers = NDArray[np.float64]

_LOGISTIC_LOSS = "log_loss"


def from_sklearn(estimator: Any) -> bytes:
    """The payload of an estimator.

    Raises
    ------
    NoForm
        If its answers are no function of linear combinations that the format knows.
    """
    if hasattr(estimator, "cluster_centers_") or hasattr(estimator, "subcluster_centers_"):
        return _centers(estimator)
    if hasattr(estimator, "components_"):
        return _components(estimator)
    if hasattr(estimator, "calibrated_classifiers_"):
        return _calibrated(estimator)
    if hasattr(estimator, "classes_"):
        return _classes(estimator)
    if not hasattr(estimator, "predict"):
        raise NoForm("it is neither trees nor linear")
    found = _combination(estimator)
    return payload(found.coefficients, found.intercepts, link="identity")


def payload(coefficients: Numbers, base: Numbers, *, link: str, notes: Numbers | None = None) -> bytes:
    """The bytes of linear combinations.

    Parameters
    ----------
    coefficients
        Outputs x numbers in a row.
    base
        What is added to each output.
    link
        What makes scores of the sums.
    notes
        For ``nearest`` the label of each output, for ``median`` its weight.
    """
    outputs, width = coefficients.shape
    head = pack("<4I", VERSION, LINKS.index(link), width, outputs)
    parts = (base, coefficients.T, notes if notes is not None else np.empty(0))
    return head + b"".join(np.ascontiguousarray(part, "<f8").tobytes() for part in parts)


def _combination(estimator: Any) -> Linear:
    """Its coefficients, if it is linear."""
    parts = getattr(estimator, "calibrated_classifiers_", [])
    kernel = getattr(parts[0].estimator if parts else estimator, "kernel", None)
    if isinstance(kernel, str) and kernel != "linear":
        raise NoForm(f"its kernel is {kernel}, not linear")
    found = linear(estimator)
    if found is None:
        raise NoForm(
            "its classes' scores are votes between pairs of classes"
            if parts
            else "it is neither trees nor linear"
        )
    return found


def _classes(estimator: Any) -> bytes:
    """Logistic regression, and what else has a logistic loss."""
    if getattr(estimator, "loss", _LOGISTIC_LOSS) != _LOGISTIC_LOSS:
        raise NoForm(f"its probabilities come from the loss {estimator.loss}")
    found = _combination(estimator)
    separately = hasattr(estimator, "loss") or getattr(estimator, "solver", "") == "liblinear"
    link = "sigmoid" if len(found.coefficients) == 1 else "ovr" if separately else "softmax"
    return payload(found.coefficients, found.intercepts, link=link)


def _calibrated(estimator: Any) -> bytes:
    """A linear score for each class, through Platt's sigmoid."""
    found = _combination(estimator)
    link = "sigmoid" if len(found.coefficients) == 1 else "ovr"
    return payload(found.coefficients, found.intercepts, link=link)


def _centers(estimator: Any) -> bytes:
    """The nearest centre: |x - c|^2 is smallest where 2cx - |c|^2 is largest."""
    if hasattr(estimator, "subcluster_centers_"):
        centers, labels = estimator.subcluster_centers_.astype(np.float64), estimator.subcluster_labels_
    else:
        centers = estimator.cluster_centers_.astype(np.float64)
        labels = np.arange(len(centers))
    if not len(centers):
        raise NoForm("it has found no cluster")
    return payload(2 * centers, -(centers**2).sum(axis=1), link="nearest", notes=labels.astype(np.float64))


def _components(estimator: Any) -> bytes:
    """Principal components, whitened or not."""
    components = estimator.components_.astype(np.float64)
    if estimator.whiten:
        components = components / np.sqrt(estimator.explained_variance_)[:, None]
    return payload(components, -components @ estimator.mean_.astype(np.float64), link="identity")
