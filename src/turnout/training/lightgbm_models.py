"""LightGBM's thresholds as float32, so that a serving format in float32 divides alike."""

from __future__ import annotations

import copy
import re
from typing import Any

import lightgbm
import numpy as np

_THRESHOLDS = re.compile(r"^threshold=(.*)$", re.MULTILINE)


def with_float_thresholds(estimator: Any) -> Any:
    """A copy whose thresholds are float32: for float32 features ``x <= t`` exactly if ``x <= t`` rounded down."""
    text = estimator.booster_.model_to_string()
    rounded = copy.copy(estimator)
    rounded._Booster = lightgbm.Booster(model_str=_resized(_THRESHOLDS.sub(_round_down, text)))
    return rounded


def _round_down(found: re.Match[str]) -> str:
    exact = np.array(found[1].split(), np.float64)
    near = exact.astype(np.float32)
    down = np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
    return "threshold=" + " ".join(repr(float(value)) for value in down)


def _resized(text: str) -> str:
    """The text without the sizes of its trees, which have changed; LightGBM then reads tree by tree."""
    return re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE)
