"""XGBoost: it accepts any name, so names are checked here; trees or its own format serve what it fits."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost

from turnout.runtime.formats import predictor_of
from turnout.training.flat import NoForm
from turnout.training.libraries import estimator_class
from turnout.training.libraries.names import (
    blamed,
    check_large,
    check_names,
    invalid,
    positive_integer,
    told_apart,
)
from turnout.training.libraries.xgboost_names import ALIASES, NAMES, REFUSED, TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm
    from turnout.training.libraries import Explains, Export

SEED = 0
_CLASSES = ("binary:logistic", "binary:logitraw", "binary:hinge", "multi:softmax", "multi:softprob")
_NUMBERS = ("reg:", "count:poisson")


def check(entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Names by a list, and objectives by whether they fit the task."""
    constructor = estimator_class(entry.estimators[task])().get_params()
    check_names(
        entry, given, ({*constructor, *NAMES, *ALIASES} - {*REFUSED}) | (REFUSED.keys() & given.keys())
    )
    for name, reason in REFUSED.items():
        if name in given:
            raise invalid(entry, name, reason)
    params: dict[str, Any] = {"random_state": SEED, "verbosity": 0}
    for name, value in given.items():
        params[_canonical(entry, name, given)] = value
    check_large(entry, params)
    positive_integer(entry, params, "n_estimators")
    _check_texts(entry, params)
    _check_objective(entry, task, params)
    return told_apart(params, besides="random_state")


def build(entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:  # noqa: ARG001
    """The estimator; XGBoost itself chooses binary or multi-class by the number of classes."""
    return estimator_class(entry.estimators[task])(**params)


def takes_several(estimator: Any) -> bool:  # noqa: ARG001
    """It would grow trees for each target, as one model for each does."""
    return False


def blame(entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
    """An error that names one of the given hyperparameters, or its text, is about it."""
    others = {name: [alias for alias, of in ALIASES.items() if of == name] for name in params}
    return blamed(entry, params, others, readable(error))


def exports(estimator: Any, width: int) -> Iterator[Export]:  # noqa: ARG001
    """Flat trees, then XGBoost's own UBJSON."""
    yield "trees", "trees", lambda: (_flat(estimator), {})
    yield "xgboost", "xgboost", lambda: _own(estimator)


def importance(estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:
    """The total gain of all splits by an input; a linear booster has none."""
    if estimator.booster == "gblinear":
        return None
    gains = estimator.get_booster().get_score(importance_type="total_gain")
    return "gain", np.array([gains.get(f"f{i}", 0.0) for i in range(rows.shape[1])])


def explains(estimator: Any, rows: NDArray[Any]) -> Explains | None:  # noqa: ARG001
    """Its own format."""
    return "xgboost", lambda: _own(estimator)


def preload() -> None:
    """treelite."""
    import_module("turnout.training.flat.from_treelite")
    import_module("treelite")
    predictor_of("trees")


def version() -> dict[str, str]:
    """Name and version."""
    return {"name": "xgboost", "version": xgboost.__version__}


def _flat(estimator: Any) -> bytes:
    import treelite

    from turnout.training.flat.from_treelite import from_treelite

    if estimator.missing == estimator.missing:
        raise NoForm(f"{estimator.missing} stands for a missing value")
    model = treelite.frontend.from_xgboost(estimator.get_booster())
    return from_treelite(model, classifies=hasattr(estimator, "classes_"))


def _own(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    missing = estimator.missing
    extra = {} if missing is None or missing != missing else {"missing": float(missing)}  # noqa: PLR0124
    return bytes(estimator.get_booster().save_raw("ubj")), extra


def _canonical(entry: Algorithm, name: str, given: dict[str, Any]) -> str:
    wanted = ALIASES.get(name, name)
    if wanted != name and wanted in given:
        raise invalid(entry, name, f"is another name of {wanted}, which is given too")
    return wanted


def _check_objective(entry: Algorithm, task: str, params: dict[str, Any]) -> None:
    objective = params.get("objective")
    if objective is None:
        return
    allowed = _CLASSES if task == "classification" else _NUMBERS
    if not isinstance(objective, str) or not objective.startswith(allowed):
        raise invalid(entry, "objective", f"is {objective!r}, expected for {task}: {', '.join(allowed)}")
    if objective.startswith("multi:") or objective == "binary:logitraw":
        # softmax and logitraw answer without probabilities; the library picks the probabilistic twin itself
        del params["objective"]


def readable(error: Exception) -> str:
    """The message without the place in XGBoost's sources."""
    text = " ".join(str(error).split("Stack trace")[0].split())
    return re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", text)


def _check_texts(entry: Algorithm, params: dict[str, Any]) -> None:
    """Refuse a text where a number belongs; XGBoost's own message wouldn't name it."""
    for name, value in params.items():
        if isinstance(value, str) and name not in TEXTS:
            raise invalid(entry, name, f"is {value!r}, expected a number")
