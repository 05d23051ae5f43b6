"""skops' format for what nothing else serves."""

from __future__ import annotations

import copy
import zipfile
from typing import Any

import skops.io


def dump(estimator: Any) -> bytes:
    """The estimator's archive, without what only its fit needed."""
    fitted = copy.copy(estimator)
    if hasattr(fitted, "calibrated_classifiers_"):
        fitted.cv = fitted.estimator = None
    data: bytes = skops.io.dumps(fitted, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    return data
