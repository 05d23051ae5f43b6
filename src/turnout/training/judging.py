"""Champion and challenger on the same rows, none of which either has trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.runtime.artifact import unpack
from turnout.runtime.formats import predictor_of
from turnout.training import preprocessing, scoring
from turnout.training.classes import Classes
from turnout.training.split import unseen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.fit import Fit

_MEANINGS = {"text": "text", "enum": "text", "date": "days", "timestamp": "days", "timestamptz": "days"}


def judge(fit: Fit, metric: str, split: dict[str, Any] | None, champion: bytes) -> dict[str, Any]:
    """Score both models where that is fair.

    Parameters
    ----------
    fit
        The challenger.
    metric
        By whose figure they are compared.
    split, champion
        The champion's split as its snapshot keeps it, and its artifact.

    Returns
    -------
    dict
        ``basis`` is ``shared_test_rows`` with both figures, or ``own_scores`` with the reason why there
        are none and each model's own held-out figure has to do.
    """
    try:
        header, payload = unpack(champion)
        mask, reason = _rows(fit, header, split)
        if mask is None:
            return _apart(reason)
        theirs = _scores(fit, header, payload, mask)
    except UnusableData as error:
        return _apart(f"the champion can't answer these rows: {error.details['reason']}")
    except ValueError as error:
        return _apart(f"the champion's artifact can't be used: {error}")
    ours = _scores(fit, *unpack(fit.artifact), mask)
    return {
        "basis": "shared_test_rows",
        "rows": int(mask.sum()),
        "challenger": _figure(fit, metric, ours, fit.division.known, mask),
        "champion": _figure(fit, metric, theirs, Classes(header["classes"] or []), mask),
        "reason": None,
    }


def _apart(reason: str) -> dict[str, Any]:
    return {"basis": "own_scores", "rows": 0, "challenger": None, "champion": None, "reason": reason}


def _rows(
    fit: Fit, header: dict[str, Any], split: dict[str, Any] | None
) -> tuple[NDArray[np.bool_] | None, str]:
    mine, _ = unpack(fit.artifact)
    if header["task"] != mine["task"]:
        return None, "the champion has another task"
    if not mine["targets"]:
        return None, f"{mine['task']} has no target that both could be held against"
    if _signature(header) != _signature(mine):
        return None, "the champion has other columns"
    division = fit.division
    labels = [division.every.labels[i] for i in division.test.target.tolist()] if division.every else []
    mask = unseen(division.test.hashes, labels, split, division.split)
    if mask is None:
        return None, "the champion's split doesn't tell which rows it trained on"
    if not mask.any():
        return None, "the champion trained on all of these test rows"
    return mask, ""


def _signature(header: dict[str, Any]) -> set[tuple[str, int, str]]:
    """What has to be the same for the rows of one model to be rows of the other."""
    return {(f["name"], f.get("size") or 1, _MEANINGS.get(f["type"], "number")) for f in header["fields"]}


def _scores(fit: Fit, header: dict[str, Any], payload: memoryview, mask: NDArray[np.bool_]) -> NDArray[Any]:
    raw = np.ascontiguousarray(_columns(fit, header)[mask])
    rows = preprocessing.apply(header, raw, fit.texts, relation="", owned=True)
    return scoring.scores_of(predictor_of(header["format"])(payload, header, 0), rows)


def _columns(fit: Fit, header: dict[str, Any]) -> NDArray[np.float32]:
    """The raw test rows with their columns in the order of the model's fields."""
    mine, _ = unpack(fit.artifact)
    places, start = {}, 0
    for field in mine["fields"]:
        size = field.get("size") or 1
        places[field["name"]] = list(range(start, start + size))
        start += size
    order = [place for field in header["fields"] for place in places[field["name"]]]
    return fit.division.test.features if order == list(range(start)) else fit.division.test.features[:, order]


def _figure(
    fit: Fit, metric: str, scores: NDArray[Any], classes: Classes | None, mask: NDArray[np.bool_]
) -> float | None:
    truth, every = fit.division.test.target[mask], fit.division.every
    if every is None or classes is None:
        return scoring.regression(truth, scores).get(metric)
    table = every.among(classes)
    strangers = np.flatnonzero(table < 0)
    table[strangers] = len(classes) + np.arange(len(strangers))
    return scoring.classification(table[truth], scores).get(metric)
