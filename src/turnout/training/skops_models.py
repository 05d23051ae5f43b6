"""skops' format for what nothing else serves."""

from __future__ import annotations

import zipfile
from typing import Any

import skops.io


def dump(estimator: Any) -> bytes:
    """The estimator's archive."""
    data: bytes = skops.io.dumps(estimator, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    return data
