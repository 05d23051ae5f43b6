"""LightGBM: it accepts any name, so names are checked here; ONNX or its own format serve what it fits."""

from __future__ import annotations

import json
import re
from ctypes import byref, c_int64, create_string_buffer
from functools import cache
from typing import TYPE_CHECKING, Any

import lightgbm

from turnout.training.libraries import estimator_class
from turnout.training.libraries.lightgbm_names import REFUSED
from turnout.training.libraries.names import check_names, invalid, positive_integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.errors import TurnoutError
    from turnout.training.algorithms import Algorithm
    from turnout.training.libraries import Export

SEED = 0
_CLASSES = ("binary", "multiclass", "softmax", "multiclassova", "multiclass_ova", "ova", "ovr")


def check(entry: Algorithm, task: str, given: dict[str, Any]) -> dict[str, Any]:
    """Names by LightGBM's own list of parameters and aliases."""
    constructor = estimator_class(entry.estimators[task])().get_params()
    check_names(entry, given, {*constructor, *aliases()})
    for name in given:
        wanted = aliases().get(name, name)
        if wanted in REFUSED:
            raise invalid(entry, name, REFUSED[wanted])
    params = {"random_state": SEED, "verbosity": -1}
    positive_integer(entry, given, "n_estimators")
    _check_objective(entry, task, given)
    return _without_twins(params, given) | given


def build(entry: Algorithm, task: str, params: dict[str, Any], target: NDArray[Any]) -> Any:  # noqa: ARG001
    """The estimator."""
    return estimator_class(entry.estimators[task])(**params)


def blame(entry: Algorithm, params: dict[str, Any], error: Exception) -> TurnoutError | None:
    """An error that names one of the given hyperparameters is about it."""
    text = str(error).strip()
    for name, value in params.items():
        wanted = aliases().get(name, name)
        if any(re.search(rf"\b{re.escape(word)}\b", text) for word in (name, wanted)):
            return invalid(entry, name, f"is {value!r}: {text}")
    return None


def exports(estimator: Any, width: int) -> Iterator[Export]:
    """ONNX, then LightGBM's own text."""
    from turnout.training import onnx_models

    yield "onnx", "onnx", lambda: (onnx_models.from_lightgbm(estimator, width), {})
    yield "lightgbm", "lightgbm", lambda: (estimator.booster_.model_to_string().encode(), {})


def version() -> dict[str, str]:
    """Name and version."""
    return {"name": "lightgbm", "version": lightgbm.__version__}


@cache
def aliases() -> dict[str, str]:
    """Every name that LightGBM knows, with the one that it stands for."""
    lib = lightgbm.basic._LIB
    size = c_int64(0)
    buffer = create_string_buffer(1 << 20)
    lightgbm.basic._safe_call(lib.LGBM_DumpParamAliases(c_int64(len(buffer)), byref(size), buffer))
    dump: dict[str, list[str]] = json.loads(buffer.value.decode())
    return {name: wanted for wanted, others in dump.items() for name in (wanted, *others)}


def _without_twins(params: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Our defaults, but for those that are given under another name."""
    named = {aliases().get(name, name) for name in given}
    return {name: value for name, value in params.items() if aliases().get(name, name) not in named}


def _check_objective(entry: Algorithm, task: str, given: dict[str, Any]) -> None:
    for name, objective in given.items():
        if aliases().get(name, name) != "objective" or objective is None:
            continue
        if not isinstance(objective, str) or (objective in _CLASSES) != (task == "classification"):
            raise invalid(entry, name, f"is {objective!r}, which is not made for {task}")
