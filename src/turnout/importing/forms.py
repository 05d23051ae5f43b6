"""The ways in which a model may be served, the fastest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.runtime.formats.trees import CATEGORIES, FEATURE, LEAF
from turnout.runtime.labels import label_text
from turnout.training.libraries import library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from turnout.importing.answers import Asking
    from turnout.importing.knowledge import Known
    from turnout.importing.subject import Subject

_LIBRARIES = ("xgboost", "lightgbm", "catboost")


@dataclass(frozen=True)
class Form:
    """A way: a name for what is said of it, and what makes what the header says more and the payload."""

    name: str
    make: Callable[[], tuple[dict[str, Any], bytes]]


def of(subject: Subject, asking: Asking) -> Iterator[Form]:
    """Every way in which a model might be served."""
    if not {*asking.kinds} & {"text", "time"}:
        yield from _plain(subject, asking)
    yield Form("pipeline", lambda: _pipeline(subject, asking))


def _plain(subject: Subject, asking: Asking) -> Iterator[Form]:
    """Numbers, as they are, in front of what training exports such an estimator to."""
    transform = [{"impute": None if may else "error"} for may in asking.missing]
    for name, kind, make in exports(subject.estimator, subject.width):

        def made(kind: str = kind, make: Any = make) -> tuple[dict[str, Any], bytes]:
            payload, extra = make()
            return {"transform": transform, **extra, "format": kind}, payload

        yield Form(name, made)


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
    if _library(subject.final) == "sklearn" or subject.final is not subject.estimator:
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
