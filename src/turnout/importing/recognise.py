"""What kind of model some bytes are: known by how they begin, whatever their name says."""

from __future__ import annotations

import io
import json
import zipfile

from turnout.importing.refusal import Refused

_PICKLES = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
# what a pickle before protocol 2 begins with, as a rule
_OLD_PICKLES = (b"c", b"(", b"]", b"}", b"I", b"L", b"F", b"S", b"V")
_FOREIGN = {
    b"\x89HDF\r\n\x1a\n": "it is HDF5, as Keras writes it; export it to ONNX",
    b"<?xml": "it is XML, as PMML is; export it to ONNX",
    b"binf": "it is XGBoost's old binary format; load it with the XGBoost that wrote it, and save it as .ubj or .json",
    b"bs64": "it is XGBoost's old binary format; load it with the XGBoost that wrote it, and save it as .ubj or .json",
    b"\x7fELF": "it is a program",
    b"#!": "it is a script",
}
_EXPECTED = "expected a pickle or joblib file, ONNX, skops, XGBoost's JSON or UBJSON, LightGBM's text, or cbm"


def kind_of(data: bytes) -> str:  # noqa: PLR0911  one for each kind
    """``pickle``, ``skops``, ``onnx``, ``xgboost``, ``lightgbm`` or ``catboost``.

    Raises
    ------
    Refused
        If it is none of them.
    """
    if not data:
        raise Refused("it is empty")
    for beginning, reason in _FOREIGN.items():
        if data.startswith(beginning):
            raise Refused(reason)
    if data.startswith(_PICKLES):
        return "pickle"
    if data.startswith(b"PK\x03\x04"):
        return _zip(data)
    if data.startswith(b"tree\n"):
        return "lightgbm"
    if data.startswith(b"CBM1"):
        return "catboost"
    if data.lstrip()[:1] == b"{":
        return _document(data)
    # the first field of an ONNX file is its version, a small number
    if len(data) > 2 and data[0] == 0x08 and 1 <= data[1] <= 32:
        return "onnx"
    if data.startswith(_OLD_PICKLES) and data.rstrip(b"\n").endswith(b"."):
        return "pickle"
    raise Refused(f"nothing that is known begins with the bytes {data[:8].hex(' ')}; {_EXPECTED}")


def _zip(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refused(f"it is a zip archive that is broken or truncated: {error}") from None
    if "schema.json" in names:
        return "skops"
    if any(name.endswith("data.pkl") for name in names):
        raise Refused("it is PyTorch's format; export it to ONNX")
    raise Refused(
        f"it is a zip archive and not skops' format, of whose members there is no schema.json; {_EXPECTED}"
    )


def _document(data: bytes) -> str:
    """XGBoost's JSON or its UBJSON, whose keys begin with their lengths."""
    if data[:2] == b"{L":
        return "xgboost"
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(f"it begins as JSON does, and is broken or truncated: {error}") from None
    if isinstance(document, dict) and isinstance(document.get("learner"), dict):
        return "xgboost"
    raise Refused("it is JSON, and not as XGBoost writes a model: it has no learner")
