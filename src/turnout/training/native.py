"""XGBoost's and LightGBM's own files, from whoever wrote them, as artifacts."""

from __future__ import annotations

import json
import os
import sys
from array import array
from dataclasses import dataclass
from typing import Any, BinaryIO

import lightgbm
import numpy as np
import xgboost

from turnout import __version__
from turnout.domain.postgresml import NotCarried, Row, classes_of, fields_of, target_of, transform_of
from turnout.runtime import artifact
from turnout.runtime.model import Model
from turnout.training import xgboost_binary

# version 2.0.0 put the numbers of features and classes before a model
_COUNTS = 16
# as XGBoost's JSON and UBJSON begin
_DOCUMENT = b"{"


@dataclass(frozen=True, kw_only=True)
class Booster:
    """A model that its library has read.

    Attributes
    ----------
    classes
        How many it answers for; 1 for one number.
    extra
        What the artifact's header says beside.
    """

    payload: bytes
    features: int
    classes: int
    extra: dict[str, Any]


def read(algorithm: str, data: bytes) -> Booster:
    """Read a file of PostgresML's Rust runtime.

    Raises
    ------
    NotCarried
        If it is broken, or of a kind that is not read; the message says which.
    """
    reader = {"xgboost": _xgboost, "lightgbm": _lightgbm}[algorithm]
    try:
        return reader(data)
    except ValueError as error:
        reason = str(error)
    try:
        return reader(data[_COUNTS:])
    except ValueError:
        raise NotCarried(f"its file cannot be read: {reason}") from None


def _xgboost(data: bytes) -> Booster:
    document = data if data.startswith(_DOCUMENT) else json.dumps(xgboost_binary.read(data)).encode()
    booster = xgboost.Booster({"verbosity": 0})
    try:
        booster.load_model(bytearray(document))
        configuration = json.loads(booster.save_config())["learner"]
        payload = bytes(booster.save_raw("ubj"))
    except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:
        raise ValueError(f"XGBoost refuses it: {str(error).splitlines()[0]}") from None
    objective = configuration["objective"]["name"]
    if not objective.startswith(("reg:squarederror", "reg:logistic", "binary:logistic", "multi:softprob")):
        raise ValueError(f"its objective is {objective}, which is not read")
    classes = int(configuration["learner_model_param"]["num_class"])
    # PostgresML's matrices take a 0 for a missing value, when it trains as when it predicts
    return Booster(
        payload=payload,
        features=booster.num_features(),
        classes=classes or (2 if objective.startswith("binary:") else 1),
        extra={"missing": 0.0},
    )


def _lightgbm(data: bytes) -> Booster:
    if not data.startswith(b"tree\n") or b"\nend of trees" not in data:
        raise ValueError("it is not LightGBM's text format, or not all of it")
    text = data.rstrip(b"\0").decode("utf-8", "replace")
    try:
        booster = lightgbm.Booster(model_str=text)
    except lightgbm.basic.LightGBMError as error:
        raise ValueError(f"LightGBM refuses it: {error}") from None
    objective = text.partition("\nobjective=")[2].partition("\n")[0].split(" ")[0]
    classes = booster.num_model_per_iteration()
    return Booster(
        payload=text.encode(),
        features=booster.num_feature(),
        classes=2 if objective == "binary" else classes,
        extra={},
    )


def made(task: str, algorithm: str, snapshot: Row, rewritten_by: int | None, data: bytes) -> bytes:
    """The artifact of a file, loaded and asked once before it counts.

    Raises
    ------
    NotCarried
        If it cannot be read, does not fit the columns on record, or gives no answer.
    """
    booster = read(algorithm, data)
    _check_task(task, booster.classes)
    header = {
        "version": artifact.VERSION,
        "algorithm": algorithm,
        "task": task,
        "fields": fields_of(snapshot),
        "targets": [target_of(snapshot)],
        "classes": classes_of(snapshot, booster.classes) if task == "classification" else None,
        "transform": transform_of(snapshot, rewritten_by=rewritten_by),
        "library": {"name": algorithm, "from": "PostgresML", "by": f"turnout {__version__}"},
        **booster.extra,
        "format": algorithm,
    }
    packed = artifact.pack(header, booster.payload)
    _check_answers(header, booster, Model.load(packed))
    return packed


def _check_task(task: str, classes: int) -> None:
    if (task == "classification" and classes == 1) or (task == "regression" and classes > 2):
        what = "one number" if classes == 1 else f"{classes} classes"
        raise NotCarried(f"it answers with {what}, and its project is a {task}")


def _check_answers(header: dict[str, Any], booster: Booster, model: Model) -> None:
    sizes = [field["size"] or 1 for field in header["fields"]]
    width = sum(
        entry["encode"]["width"] if "encode" in entry else size
        for entry, size in zip(header["transform"], sizes, strict=True)
    )
    if width != booster.features:
        raise NotCarried(f"it takes {booster.features} numbers, and its columns on record are {width}")
    rows = [float(value) for value in (0, 1, -1, 0.5) for _ in range(width)]
    scores = np.asarray(model.scores(array("f", rows), 4))
    if not np.isfinite(scores).all() or scores.shape != (4, len(header["classes"] or [None])):
        raise NotCarried("asked for an answer, it gives none")


def _serve(given: BinaryIO, answer: BinaryIO) -> None:
    """Answer jobs until there are no more: as many bytes as eight say before them, and so are the answers."""
    while size := given.read(8):
        job, data = artifact.unpack(given.read(int.from_bytes(size, "little")))
        try:
            found = made(job["task"], job["algorithm"], job["snapshot"], job["rewritten_by"], bytes(data))
        except NotCarried as reason:
            found = str(reason).encode()
        answer.write(len(found).to_bytes(8, "little") + found)
        answer.flush()


if __name__ == "__main__":
    # what libraries print is not to end up among the answers
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers)
