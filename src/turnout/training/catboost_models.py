"""CatBoost's own formats, without what differs from one fit to the next."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

# CatBoost writes these itself; the time and an identifier made at random are among them
_FITS_OWN = ("train_finish_time", "model_guid")


def dump(estimator: Any) -> bytes:
    """The model in CatBoost's binary format."""
    metadata = estimator.get_metadata()
    for name in _FITS_OWN:
        if name in metadata.keys():  # noqa: SIM118  it can't be asked itself
            del metadata[name]
    return _written(estimator, "cbm")


def prediction_type(estimator: Any) -> str | None:
    """What its answers are made of the trees' sums by; none for a classifier."""
    if hasattr(estimator, "predict_proba"):
        return None
    found: str = estimator._get_default_prediction_type()
    return found


def as_json(estimator: Any) -> bytes:
    """The model as CatBoost writes it for readers."""
    return _written(estimator, "json")


def _written(estimator: Any, kind: str) -> bytes:
    """What CatBoost writes to a file; it knows no other way for most of its formats."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        estimator.save_model(str(path), format=kind)
        return path.read_bytes()
