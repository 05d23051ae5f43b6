"""Champion and challenger on the same rows, none of which either has trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.runtime.artifact import unpack
from turnout.runtime.formats import predictor_of
from turnout.training import preprocessing, scoring, strata
from turnout.training.classes import Classes
from turnout.training.split import unseen
from turnout.training.targets import one_by_one, side_by_side

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
    targets = _targets(header)
    return {
        "basis": "shared_test_rows",
        "rows": int(mask.sum()),
        "challenger": _figures(fit, targets, ours, fit.division.known, mask).get(metric),
        "champion": _figures(fit, targets, theirs, _classes(header), mask).get(metric),
        "reason": None,
    }


def _apart(reason: str) -> dict[str, Any]:
    return {"basis": "own_scores", "rows": 0, "challenger": None, "champion": None, "reason": reason}


def _rows(
    fit: Fit, header: dict[str, Any], split: dict[str, Any] | None
) -> tuple[NDArray[np.bool_] | None, str]:
    mine, _ = unpack(fit.artifact)
    if reason := _incomparable(header, mine):
        return None, reason
    division = fit.division
    labels = strata.labels_of(
        division.every, one_by_one(division.test.target), (split or {}).get("thresholds") or {}
    )
    mask = unseen(division.test.hashes, labels, split, division.split)
    if mask is None:
        return None, "the champion's split doesn't tell which rows it trained on"
    if not mask.any():
        return None, "the champion trained on all of these test rows"
    return mask, ""


def _signature(header: dict[str, Any]) -> set[tuple[str, int, str]]:
    """What has to be the same for the rows of one model to be rows of the other."""
    return {(f["name"], f.get("size") or 1, _MEANINGS.get(f["type"], "number")) for f in header["fields"]}


def _incomparable(header: dict[str, Any], mine: dict[str, Any]) -> str:
    """Why a champion can't be asked what the challenger is; empty if it can."""
    if header["task"] != mine["task"]:
        return "the champion has another task"
    if not mine["targets"]:
        return f"{mine['task']} has no target that both could be held against"
    if _targets(header) != _targets(mine):
        return "the champion has other targets"
    return "the champion has other columns" if _signature(header) != _signature(mine) else ""


def _targets(header: dict[str, Any]) -> list[str]:
    return [target["name"] for target in header["targets"]]


def _classes(header: dict[str, Any]) -> tuple[Classes, ...]:
    """The classes of each target."""
    if header["classes"] is None:
        return ()
    return tuple(map(Classes, header["classes"] if len(header["targets"]) > 1 else [header["classes"]]))


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


def _figures(
    fit: Fit, targets: list[str], scores: NDArray[Any], classes: tuple[Classes, ...], mask: NDArray[np.bool_]
) -> dict[str, Any]:
    truth = fit.division.test.target[mask]
    if classes:
        columns = zip(fit.division.every, classes, one_by_one(truth), strict=True)
        truth = side_by_side([_known(every, known, column) for every, known, column in columns])
    return scoring.task_metrics(truth, scores, targets=targets, classes=[len(known) for known in classes])


def _known(every: Classes, known: Classes, truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each row's class among those of a model; the others come after them."""
    table = every.among(known)
    strangers = np.flatnonzero(table < 0)
    table[strangers] = len(known) + np.arange(len(strangers))
    return table[truth]
