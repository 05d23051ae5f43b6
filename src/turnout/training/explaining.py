"""What is kept with a model so that its answers can be explained: checked, as its export is."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, softmax

from turnout.runtime import artifact
from turnout.runtime.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from turnout.training.export import Exported

    Numbers = NDArray[Any]
    # a format, and a maker of payload and extra header
    Explains = tuple[str, Callable[[], tuple[bytes, dict[str, Any]]]]

# so many answers are put together again from contributions
CHECKED = 4
TOLERANCE = 1e-4
_NOBODY = (
    "the algorithms that explain a row are xgboost, xgboost_random_forest, lightgbm and catboost, and those whose "
    "answers are made of coefficients, as linear"
)
_SEVERAL = "it answers for several targets, and a row is explained for one: train a model for that alone"


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What the catalog keeps, and the bytes of a second file where the artifact itself doesn't do."""

    kept: dict[str, Any]
    data: bytes = b""


def explained(
    explains: Explains | None, header: dict[str, Any], exported: Exported, rows: Numbers
) -> Explained:
    """What explains a model's answers, or why nothing does.

    Parameters
    ----------
    explains
        What the library has for it; none if it has nothing.
    header
        The artifact's header.
    rows
        Prepared rows, for whose answers the contributions have to add up.
    """
    if len(header["targets"]) > 1:
        return Explained(kept={"reason": _SEVERAL})
    if explains is None:
        return Explained(kept={"reason": _NOBODY})
    kind, make = explains
    try:
        own = exported.format == kind
        data = exported.data if own else _packed(header, kind, *make())
        unit = _unit(Explanation.load(data), header, exported, rows[:CHECKED])
    except Exception as error:
        # a library refuses some of its own models; the model is none the worse for it
        return Explained(kept={"reason": f"{kind} has no contributions for it: {_line(error)}"})
    if unit is None:
        return Explained(kept={"reason": f"the contributions that {kind} gives do not add up to its answers"})
    kept = {"format": kind, "unit": unit, "bytes": 0 if own else len(data)}
    kept |= {"path": "model" if own else "explanation", "sha256": artifact.digest(data)}
    return Explained(kept=kept, data=b"" if own else data)


def _packed(header: dict[str, Any], kind: str, payload: bytes, extra: dict[str, Any]) -> bytes:
    return artifact.pack({**header, **extra, "format": kind}, payload)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _unit(explanation: Explanation, header: dict[str, Any], exported: Exported, rows: Numbers) -> str | None:
    """The unit of the sums, told by what makes answers of them; none if nothing known does."""
    sums = np.array([explanation.sums(array("f", row.tolist())) for row in rows])
    answers = np.asarray(exported.predictor.many(np.ascontiguousarray(rows), len(rows)), np.float64)
    for unit, link in _links(header, sums.shape[1]):
        if _near(link(sums), answers, classifies=header["classes"] is not None):
            return unit
    return None


def _links(header: dict[str, Any], width: int) -> list[tuple[str, Callable[[Numbers], Numbers]]]:
    classes = header["classes"]
    if classes is None:
        name = header["targets"][0]["name"]
        known: list[tuple[str, Callable[[Numbers], Numbers]]] = [
            (name, lambda sums: sums),
            (f"log({name})", np.exp),
            ("log-odds", expit),
        ]
        return known if width == 1 else []
    if width == 1 and len(classes) == 2:
        return [("log-odds", lambda sums: np.hstack([expit(-sums), expit(sums)]))]
    if width == len(classes):
        return [("log-odds", lambda sums: softmax(sums, axis=1)), ("log-odds", _one_against_the_rest)]
    return []


def _one_against_the_rest(sums: Numbers) -> Numbers:
    each = expit(sums)
    shared: Numbers = each / each.sum(axis=1, keepdims=True)
    return shared


def _near(got: Numbers, answers: Numbers, *, classifies: bool) -> bool:
    if got.shape != answers.shape:
        return False
    scale = 1.0 if classifies else float(np.abs(answers).max()) or 1.0
    return bool(np.allclose(got, answers, rtol=TOLERANCE, atol=TOLERANCE * scale))
