"""LightGBM: it accepts any name, so names are checked here; trees or its own format serve what it fits."""

from __future__ import annotations

import json
import re
from ctypes import byref, c_int64, create_string_buffer
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import lightgbm

from turnout.runtime.formats import predictor_of
from turnout.training.libraries import estimator_class
from turnout.training.libraries.lightgbm_names import REFUSED
from turnout.training.libraries.names import (
    blamed,
    check_large,
    check_names,
    invalid,
    positive_integer,
    told_apart,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm
    from turnout.training.libraries import Explains, Export

SEED = 0
_CLASSES = ("binary", "multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr")


def check(entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Names by LightGBM's own list of parameters and aliases."""
    constructor = estimator_class(entry.estimators[task])().get_params()
    check_names(entry, given, {*constructor, *aliases()})
    # the constructor's defaults would win over a parameter that is given by another of its names
    preferred = {aliases().get(name, name): name for name in constructor}
    params: dict[str, Any] = {"random_state": SEED, "verbosity": -1}
    seen: dict[str, str] = {}
    for name, value in given.items():
        wanted = aliases().get(name, name)
        if wanted in REFUSED:
            raise invalid(entry, name, REFUSED[wanted])
        if wanted in seen:
            raise invalid(entry, name, f"is another name of {seen[wanted]}, which is given too")
        seen[wanted] = name
        params[preferred.get(wanted, wanted)] = value
    check_large(entry, params)
    positive_integer(entry, params, "n_estimators")
    _check_objective(entry, task, params)
    return told_apart(params, besides="")


def build(entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:  # noqa: ARG001
    """The estimator."""
    return estimator_class(entry.estimators[task])(**params)


def takes_several(estimator: Any) -> bool:  # noqa: ARG001
    """It takes one target."""
    return False


def blame(entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
    """An error that names one of the given hyperparameters, or its text, is about it."""
    others: dict[str, list[str]] = {}
    for name in params:
        wanted = aliases().get(name, name)
        others[name] = [other for other, of in aliases().items() if of == wanted]
    return blamed(entry, params, others, readable(error))


def readable(error: Exception) -> str:
    """The message in one line, without the place in LightGBM's sources."""
    return re.sub(r" at \S+\.\w+, line \d+ ?", "", " ".join(str(error).split()))


def exports(estimator: Any, width: int) -> Iterator[Export]:  # noqa: ARG001
    """Flat trees, then LightGBM's own text."""
    yield "trees", "trees", lambda: (_flat(estimator), {})
    yield "lightgbm", "lightgbm", lambda: _own(estimator)


def importance(estimator: Any, rows: NDArray[Any]) -> tuple[str, NDArray[Any]] | None:  # noqa: ARG001
    """The total gain of all splits by an input."""
    return "gain", estimator.booster_.feature_importance("gain")


def explains(estimator: Any, rows: NDArray[Any]) -> Explains | None:  # noqa: ARG001
    """Its own text."""
    return "lightgbm", lambda: _own(estimator)


def preload() -> None:
    """treelite."""
    import_module("turnout.training.flat.from_treelite")
    import_module("treelite")
    predictor_of("trees")


def version() -> dict[str, str]:
    """Name and version."""
    return {"name": "lightgbm", "version": lightgbm.__version__}


def _own(estimator: Any) -> tuple[bytes, dict[str, Any]]:
    return estimator.booster_.model_to_string().encode(), {}


def _flat(estimator: Any) -> bytes:
    import treelite

    from turnout.training.flat.from_treelite import from_treelite

    model = treelite.frontend.from_lightgbm(estimator.booster_)
    return from_treelite(model, classifies=hasattr(estimator, "classes_"))


@cache
def aliases() -> dict[str, str]:
    """Every name that LightGBM knows, with the one that it stands for."""
    lib = lightgbm.basic._LIB
    size = c_int64(0)
    buffer = create_string_buffer(1 << 20)
    lightgbm.basic._safe_call(lib.LGBM_DumpParamAliases(c_int64(len(buffer)), byref(size), buffer))
    dump: dict[str, list[str]] = json.loads(buffer.value.decode())
    return {name: wanted for wanted, others in dump.items() for name in (wanted, *others)}


def _check_objective(entry: Algorithm, task: str, params: dict[str, Any]) -> None:
    objective = params.get("objective")
    if objective is None:
        return
    if not isinstance(objective, str) or (objective in _CLASSES) != (task == "classification"):
        raise invalid(entry, "objective", f"is {objective!r}, which is not made for {task}")
