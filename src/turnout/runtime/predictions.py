"""What callers over HTTP get of a model's scores: rows of JSON values, and the names of what is in them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.runtime.model import Model

    # none where a score is missing or not finite
    Finish = Callable[[list[float]], list[Any] | None]


def finisher(model: Model) -> tuple[list[str], Finish]:
    """The names of an answer's fields, and what makes an answer of a row's scores.

    A classifier gives its class, as it was in the training's data, and the probabilities in the order of its classes;
    a regression its number; a clustering the cluster's number; a decomposition an array of components. A
    model of several targets gives arrays with an element for each of them.
    """
    targets = model.header.get("targets") or []
    classes = model.header["classes"]
    if len(targets) > 1:
        return _joint(len(targets), classes)
    if model.task == "decomposition":
        return ["prediction"], _all
    if classes is not None:
        return ["prediction", "probability"], _class(classes)
    return ["prediction"], _cluster if model.task == "clustering" else _number


def _number(scores: list[float]) -> list[Any] | None:
    return scores if len(scores) == 1 and _finite(scores) else None


def _cluster(scores: list[float]) -> list[Any] | None:
    return [int(scores[0])] if len(scores) == 1 and _finite(scores) else None


def _all(scores: list[float]) -> list[Any] | None:
    return [scores] if _finite(scores) else None


def _class(classes: list[Any]) -> Finish:
    count = len(classes)

    def finish(scores: list[float]) -> list[Any] | None:
        total = sum(scores)
        if len(scores) != count or total - total != 0.0:
            return None
        best = max(scores)
        found = classes[scores.index(best)]
        if best > 1.0 or min(scores) < 0.0:
            # sums in float32 leave the interval by a last bit
            scores = [min(max(score, 0.0), 1.0) for score in scores]
        return [found, scores]

    return finish


def _joint(targets: int, classes: list[list[Any]] | None) -> tuple[list[str], Finish]:
    if classes is None:
        return ["prediction"], lambda scores: [scores] if len(scores) == targets and _finite(scores) else None
    parts: list[tuple[int, int, Finish]] = []
    start = 0
    for own in classes:
        parts.append((start, start + len(own), _class(own)))
        start += len(own)

    def finish(scores: list[float]) -> list[Any] | None:
        found = [answer(scores[begin:end]) for begin, end, answer in parts]
        if len(scores) != start or None in found:
            return None
        return [list(column) for column in zip(*found, strict=True)]

    return ["prediction", "probability"], finish


def _finite(scores: list[float]) -> bool:
    total = sum(scores)
    return total - total == 0.0
