"""scikit-learn: it knows its own hyperparameters; trees, linear combinations, ONNX or skops serve what it fits."""

from __future__ import annotations

import re
import warnings
from importlib import import_module
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn
from sklearn.utils import get_tags
from sklearn.utils._param_validation import InvalidParameterError

from turnout.runtime.formats import predictor_of
from turnout.training.libraries import estimator_class
from turnout.training.libraries.names import MOST, at_most, blamed, check_large, check_names, invalid
from turnout.training.linear_models import linear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm
    from turnout.training.libraries import Explains, Export

FOLDS = 3
MOST_MEMBERS = 1_000_000
SEED = 0


def check(entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Names by the constructor, values by scikit-learn's own validation."""
    kind = estimator_class(entry.estimators[task])
    known = _made(kind).get_params(deep=False)
    check_names(entry, given, [*known, *entry.ignores])
    defaults = {"random_state": SEED, **entry.defaults}
    params = {name: value for name, value in defaults.items() if name in known}
    params |= {name: value for name, value in given.items() if name not in entry.ignores}
    check_large(entry, params)
    for name in _integers(kind) & params.keys():
        # a forest is as large from the start
        at_most(entry, name, params[name], MOST_MEMBERS if name == "n_estimators" else MOST)
    try:
        _made(kind, **params)._validate_params()
    except InvalidParameterError as error:
        raise _refused(entry, error) from None
    return params


def build(entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:
    """The estimator, calibrated if it is a classifier without probabilities of its own."""
    estimator = _made(estimator_class(entry.estimators[task]), **params)
    if task != "classification" or hasattr(estimator, "predict_proba"):
        return estimator
    return _calibrated(estimator, target)


def takes_several(estimator: Any) -> bool:
    """As the estimator says itself."""
    return bool(get_tags(estimator).target_tags.multi_output)


def blame(entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
    """scikit-learn says itself when a parameter is to blame; and a fit's error may name one that is set."""
    if isinstance(error, InvalidParameterError):
        return _refused(entry, error)
    numbers = {name: value for name, value in params.items() if not isinstance(value, str)}
    return blamed(entry, numbers, {}, readable(error))


def readable(error: Exception) -> str:
    """The message in one line."""
    return " ".join(str(error).split())


def exports(estimator: Any, width: int) -> Iterator[Export]:
    """Flat trees or linear combinations, ONNX in float32, ONNX that computes in double, and skops."""
    from turnout.training.flat import from_sklearn, linear

    if from_sklearn.is_ensemble(estimator):
        yield "trees", "trees", lambda: (from_sklearn.trees_of(estimator), {})
    else:
        yield "linear", "linear", lambda: (linear.from_sklearn(estimator), {})
    yield "onnx", "onnx", lambda: (_onnx(estimator, width), {})
    yield "onnx in double", "onnx", lambda: (_onnx(estimator, width, double=True), {})
    yield "skops", "skops", lambda: (_skops(estimator), {})


def importance(estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:
    """Of what is linear, coefficients times spreads; of trees, how much purer their splits make the nodes."""
    found = linear(estimator)
    if found is not None:
        return "coefficient", found.importance(rows)
    impurity = getattr(estimator, "feature_importances_", None)
    return None if impurity is None else ("impurity", impurity)


def explains(estimator: Any, rows: NDArray[Any]) -> Explains | None:
    """The coefficients of what is linear."""
    found = linear(estimator)
    return None if found is None else ("coefficients", lambda: (found.payload(rows), {}))


def preload() -> None:
    """What every export tries first."""
    import_module("turnout.training.flat.from_sklearn")
    import_module("turnout.training.flat.linear")
    predictor_of("trees")


def version() -> dict[str, str]:
    """Name and version."""
    return {"name": "scikit-learn", "version": sklearn.__version__}


def _onnx(estimator: Any, width: int, *, double: bool = False) -> bytes:
    from turnout.training import onnx_models

    return onnx_models.from_sklearn(estimator, width, double=double)


def _skops(estimator: Any) -> bytes:
    from turnout.training import skops_models

    return skops_models.dump(estimator)


def _integers(kind: Any) -> set[str]:
    """The hyperparameters that may be integers but no other numbers, or only such as are below 1; but for seeds."""
    found = set()
    for name, constraints in kind._parameter_constraints.items():
        types = (
            {getattr(each, "type", each) for each in constraints} if constraints != "no_validation" else set()
        )
        if Integral in types and Real not in types:
            found.add(name)
    return found


def _made(kind: Any, **params: Any) -> Any:
    """An estimator, without its announcement that a later version won't have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return kind(**params)


def _calibrated(estimator: Any, target: NDArray[Any]) -> Any:
    """Probabilities by Platt's sigmoid over cross-validated scores.

    Where a class has a single row, no fold can hold it out, and the scores of the training rows have to do.
    """
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    folds = min(FOLDS, int(np.bincount(target).min()))
    if folds < 2:
        return CalibratedClassifierCV(estimator, method="sigmoid", cv=_Resubstitution(), ensemble=False)
    cv = StratifiedKFold(folds, shuffle=True, random_state=SEED)
    return CalibratedClassifierCV(estimator, method="sigmoid", cv=cv, ensemble=False)


class _Resubstitution:
    """One fold that trains and tests on all rows."""

    def split(self, rows: Any, target: Any = None, groups: Any = None) -> Iterator[tuple[Any, Any]]:  # noqa: ARG002
        """All rows, twice."""
        every = np.arange(len(rows))
        yield every, every

    def get_n_splits(self, *_: Any) -> int:
        """One."""
        return 1


def _refused(entry: Algorithm, error: Exception) -> TurnoutError:
    found = re.match(
        r"The '(\w+)' parameter of \w+ (must be .*?)\.? Got (.*) instead\.?$", str(error), re.DOTALL
    )
    if not found:
        return invalid(entry, "?", str(error))
    name, wanted, got = found.groups()
    return invalid(entry, name, f"is {got}, and {wanted}")
