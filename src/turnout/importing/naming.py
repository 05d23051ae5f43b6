"""What training would call an estimator, and the hyperparameters that it has."""

from __future__ import annotations

import json
from typing import Any

_MOST, _LONGEST = 200, 1000


def algorithm_of(estimator: Any) -> str | None:
    """The name of the algorithm that trains such an estimator; none if none does."""
    from turnout.training.algorithms import get, names

    kind = type(estimator)
    for known, name in (("XGBoosted", "xgboost"), ("LightGBMed", "lightgbm")):
        if kind.__name__ == known:
            return name
    for name in names():
        for path in get(name).estimators.values():
            module, _, own = path.partition(":")
            if own == kind.__name__ and module.split(".")[0] == kind.__module__.split(".")[0]:
                return name
    return None


def hyperparams_of(estimator: Any) -> dict[str, Any]:
    """The parameters that are plain values."""
    if not hasattr(estimator, "get_params"):
        return {}
    try:
        given = estimator.get_params(deep=False)
    except Exception:
        # an estimator of another version may lack what its constructor takes
        return {}
    return {name: value for name, value in list(given.items())[:_MOST] if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return value - value == 0.0
    return isinstance(value, bool | int | str) and len(json.dumps(value)) < _LONGEST
