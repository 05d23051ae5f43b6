"""What a client downloads: the archive that it would have uploaded."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

_NAMES = {
    "onnx": "model.onnx",
    "xgboost_ubj": "model.ubj",
    "xgboost_json": "model.json",
    "lightgbm_text": "model.txt",
    "catboost_cbm": "model.cbm",
}


def restored(source: bytes, source_format: str) -> bytes:
    """A gzip tar with one member: the file as it came, or a pickle of what came as one."""
    if source_format == "skops":
        value = _loaded(source)
        name, data = _name(value), _pickled(value)
    else:
        name, data = _NAMES[source_format], source
    return gzip.compress(_tar(name, data), 6, mtime=0)


def _loaded(source: bytes) -> Any:
    from turnout.runtime.formats.skops import load
    from turnout.runtime.formats.trusted import PIPELINES

    return load(source, PIPELINES)


def _name(value: Any) -> str:
    """As IBM's client calls it: a booster comes in an estimator that was not fitted itself."""
    from turnout.importing.natives import is_fitted_wrapper

    booster = hasattr(value, "get_booster") and not is_fitted_wrapper(value)
    return "xgboost_model.pkl" if booster else "scikit_model.pkl"


def _pickled(value: Any) -> bytes:
    import joblib

    file = io.BytesIO()
    joblib.dump(value, file)
    return file.getvalue()


def _tar(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo(f"./{name}")
        member.size = len(data)
        member.mode = 0o644
        tar.addfile(member, io.BytesIO(data))
    return file.getvalue()
