"""CatBoost: it accepts few wrong names, but many that reach beyond the fit; trees or its own format serve it."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from turnout.runtime.formats import predictor_of
from turnout.training import hidden
from turnout.training.libraries import estimator_class
from turnout.training.libraries.catboost_names import ALIASES, INSIDE, LOSSES, REFUSED
from turnout.training.libraries.names import (
    blamed,
    check_large,
    check_names,
    invalid,
    positive_integer,
    told_apart,
)

# it can't be imported without pandas
hidden.show()
import catboost  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm
    from turnout.training.libraries import Explains, Export

SEED = 0
_QUIET = {"logging_level": "Silent", "allow_writing_files": False}


def check(entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Names by the constructor, but for those that a fit from SQL can't have."""
    check_names(entry, given, [*_names(entry, task), *entry.ignores, *(REFUSED.keys() & {*given})])
    params: dict[str, Any] = {"random_seed": SEED}
    seen: dict[str, str] = {}
    for name, value in given.items():
        if name in REFUSED:
            raise invalid(entry, name, REFUSED[name])
        wanted = ALIASES.get(name, name)
        if wanted in seen:
            raise invalid(entry, name, f"is another name of {seen[wanted]}, which is given too")
        seen[wanted] = name
        if name not in entry.ignores:
            params[wanted] = value
    check_large(entry, params)
    positive_integer(entry, params, "iterations")
    _check_loss(entry, task, params)
    return told_apart(params, besides="random_seed")


def build(entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:  # noqa: ARG001
    """The estimator, which neither speaks nor writes files."""
    return estimator_class(entry.estimators[task])(**params, **_QUIET)


def takes_several(estimator: Any) -> bool:  # noqa: ARG001
    """It takes several with a loss of their own only."""
    return False


def blame(entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
    """An error that names one of the given hyperparameters, or its text, is about it."""
    others = {name: [name.capitalize(), *INSIDE.get(name, ())] for name in params}
    for alias, name in ALIASES.items():
        others.get(name, []).append(alias)
    return blamed(entry, params, others, readable(error))


def readable(error: Exception) -> str:
    """The message in one line, without the place in CatBoost's sources."""
    return re.sub(r"^\S+\.\w+:\d+: ", "", " ".join(str(error).split()))


def exports(estimator: Any, width: int) -> Iterator[Export]:  # noqa: ARG001
    """Flat trees, then CatBoost's own binary format."""
    yield "trees", "trees", lambda: (_flat(estimator), {})
    yield "catboost", "catboost", lambda: _own(estimator)


def importance(estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:  # noqa: ARG001
    """How much the answer changes, on average, as an input does."""
    return "prediction values change", estimator.get_feature_importance()


def explains(estimator: Any, rows: NDArray[Any]) -> Explains | None:  # noqa: ARG001
    """Its own binary format."""
    return "catboost", lambda: _own(estimator)


def preload() -> None:
    """What the export needs."""
    import_module("turnout.training.flat.from_catboost")
    predictor_of("trees")


def version() -> dict[str, str]:
    """Name and version."""
    return {"name": "catboost", "version": catboost.__version__}


def _flat(estimator: Any) -> bytes:
    from turnout.training import catboost_models
    from turnout.training.flat.from_catboost import from_catboost

    kind = catboost_models.prediction_type(estimator)
    return from_catboost(catboost_models.as_json(estimator), prediction_type=kind)


def _own(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    from turnout.training import catboost_models

    kind = catboost_models.prediction_type(estimator)
    return catboost_models.dump(estimator), {"prediction_type": kind} if kind else {}


def _names(entry: Algorithm, task: str) -> set[str]:
    signature = inspect.signature(estimator_class(entry.estimators[task]).__init__)
    return {*signature.parameters} - {"self", *REFUSED, *entry.ignores}


def _check_loss(entry: Algorithm, task: str, params: dict[str, Any]) -> None:
    loss = params.get("loss_function")
    if loss is None:
        return
    if not isinstance(loss, str) or loss.split(":")[0] not in LOSSES[task]:
        raise invalid(entry, "loss_function", f"is {loss!r}, expected for {task}: {', '.join(LOSSES[task])}")
