"""The ways in which a model may be served, the fastest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.importing.prepared import prepared, rearranged
from turnout.runtime.formats.trees import CATEGORIES, FEATURE, LEAF
from turnout.runtime.labels import label_text
from turnout.training.flat import NoForm
from turnout.training.libraries import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from turnout.importing.answers import Asking
    from turnout.importing.sources import Known
    from turnout.importing.subject import Subject

_LIBRARIES = ("xgboost", "lightgbm", "catboost")


@dataclass(frozen=True)
class Form:
    """A way: a name for what is said of it, and what makes what the header says more and the payload."""

    name: str
    make: Callable[[], tuple[dict[str, Any], bytes]]


def of(subject: Subject, asking: Asking) -> Iterator[Form]:
    """Every way in which a model might be served."""
    if hasattr(subject.estimator, "session"):
        yield Form("onnx", lambda: _onnx(subject, asking))
        return
    if hasattr(subject.estimator, "steps"):
        yield from _prepared(subject, asking)
    if not {*asking.kinds} & {"text", "time"}:
        yield from _plain(subject, asking)
    yield Form("pipeline", lambda: _pipeline(subject, asking))


def _plain(subject: Subject, asking: Asking) -> Iterator[Form]:
    """Numbers, as they are, in front of what training exports such an estimator to."""
    zeros = zero_for_missing(subject.estimator)
    transform: list[dict[str, Any]] = [
        {"impute": "error" if not may else 0.0 if at in zeros else None}
        for at, may in enumerate(asking.missing)
    ]
    for name, kind, make in exports(subject.estimator, subject.width):

        def made(kind: str = kind, make: Any = make) -> tuple[dict[str, Any], bytes]:
            payload, extra = make()
            return {"transform": transform, **extra, "format": kind}, payload

        yield Form(name, made)


def _prepared(subject: Subject, asking: Asking) -> Iterator[Form]:
    """Tables and arithmetic of ours, in front of what training exports what comes after them to."""
    try:
        found = prepared(subject.estimator, asking)
    except NoForm as reason:
        refused = NoForm(str(reason))

        def refuse() -> tuple[dict[str, Any], bytes]:
            raise refused

        yield Form("tables", refuse)
        return
    zeros = zero_for_missing(found.rest)
    for at, place in enumerate(found.places):
        if at in zeros:
            _put_zero(found.transform, place)
    for name, kind, make in exports(found.rest, len(found.places)):

        def made(kind: str = kind, make: Any = make) -> tuple[dict[str, Any], bytes]:
            payload, extra = make()
            payload, more = rearranged(kind, payload, found)
            return {"transform": found.transform, **extra, **more, "format": kind}, payload

        yield Form(f"tables and {name}", made)


def _put_zero(transform: list[dict[str, Any]], place: int) -> None:
    """In a column that is a number, at a place in what all columns give."""
    start = 0
    for entry in transform:
        if start == place and "encode" not in entry and entry["impute"] is None:
            # put before it is shifted and scaled
            entry["impute"] = entry.get("shift", 0.0)
        start += entry["encode"]["width"] if "encode" in entry else 1


def zero_for_missing(estimator: Any) -> set[int]:
    """The inputs that LightGBM takes a zero for where they are missing, as no row was without them at training."""
    if not hasattr(estimator, "booster_"):
        return set()
    document = estimator.booster_.dump_model()
    waiting = [tree["tree_structure"] for tree in document["tree_info"]]
    found, others = set(range(document["max_feature_idx"] + 1)), set()
    while waiting:
        node = waiting.pop()
        if "split_feature" in node:
            if node["missing_type"] != "None" or node["decision_type"] != "<=":
                others.add(node["split_feature"])
            waiting += [node["left_child"], node["right_child"]]
    return found - others


def exports(estimator: Any, width: int) -> Iterator[Any]:
    """What training exports an estimator to."""
    yield from library(_library(estimator)).exports(without_names(estimator), width)


def _library(estimator: Any) -> str:
    if hasattr(estimator, "booster_"):
        return "lightgbm"
    if hasattr(estimator, "get_booster"):
        return "xgboost"
    module = type(estimator).__module__.split(".")[0]
    return module if module in _LIBRARIES else "sklearn"


def without_names(estimator: Any) -> Any:
    """An estimator of XGBoost's whose booster takes a matrix without the names of its columns."""
    if not hasattr(estimator, "get_booster"):
        return estimator
    booster = estimator.get_booster().copy()
    booster.feature_names = booster.feature_types = None
    return _Nameless(booster, estimator)


class _Nameless:
    """As much of an estimator of XGBoost's as its export asks for."""

    def __init__(self, booster: Any, estimator: Any) -> None:
        self._booster = booster
        self.missing = float("nan") if estimator.missing is None else estimator.missing
        if hasattr(estimator, "classes_"):
            self.classes_ = estimator.classes_

    def get_booster(self) -> Any:
        return self._booster


def _onnx(subject: Subject, asking: Asking) -> tuple[dict[str, Any], bytes]:
    """A file of ONNX's, with our names for what goes in and comes out."""
    from turnout.training import onnx_models

    found = subject.estimator
    if subject.names is not None:
        payload = onnx_models.renamed(found.model, found.scores, features=None)
        header = {"format": "onnx columns", "values": "as they are", "inputs": subject.names}
    else:
        payload = onnx_models.renamed(found.model, found.scores, features=found.inputs[0].name)
        header = {"format": "onnx"}
    return {**header, "transform": [_entry(asking, at) for at in range(len(asking.fields))]}, payload


def _pipeline(subject: Subject, asking: Asking) -> tuple[dict[str, Any], bytes]:
    """The whole of it, as it is, in skops' format."""
    import copy
    import zipfile

    import skops.io

    found = copy.copy(subject.estimator)
    if hasattr(found, "calibrated_classifiers_"):
        found.cv = found.estimator = None
    payload = skops.io.dumps(found, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    header = {
        "format": "pipeline",
        "values": "as they are",
        "rows": subject.rows,
        "method": subject.method,
        "transform": [_entry(asking, at) for at in range(len(asking.fields))],
    }
    return header, payload


def _entry(asking: Asking, at: int) -> dict[str, Any]:
    """What is refused in a column before the model is asked."""
    entry: dict[str, Any] = {"impute": None if asking.missing[at] else "error"}
    known = [label_text(value) for value in dict.fromkeys(asking.known[at].values)]
    if known and not asking.unknown[at]:
        entry["encode"] = {
            "width": 1,
            "values": {value: [0.0] for value in known},
            "unknown": None,
            "missing": [0.0],
        }
    return entry


def note_splits(subject: Subject, known: list[Known]) -> None:
    """Where the trees of a booster split, which only its library or its flat form says."""
    if (
        hasattr(subject.estimator, "session")
        or _library(subject.final) == "sklearn"
        or subject.final is not subject.estimator
    ):
        return
    try:
        payload = next(
            make() for name, _, make in exports(subject.estimator, subject.width) if name == "trees"
        )[0]
    except Exception:
        # without a flat form there is nothing to learn from it
        return
    for at, bounds in splits(payload).items():
        if at < len(known):
            known[at].points += bounds


def splits(payload: bytes) -> dict[int, list[float]]:
    """The bounds of flat trees, by feature."""
    head = np.frombuffer(payload, "<u4", 10)
    outputs, trees, nodes = int(head[3]), int(head[4]), int(head[5])
    start = 40 + 8 * (1 + outputs) + 8 * trees
    table = np.frombuffer(
        payload, np.dtype([("value", "<f4"), ("word", "<u4"), ("child", "<u4")]), nodes, start
    )
    inner = table[(table["word"] & (LEAF | CATEGORIES)) == 0]
    features = inner["word"] & FEATURE
    return {
        int(at): np.unique(inner["value"][features == at]).astype(float).tolist()
        for at in np.unique(features)
    }
