"""From scores to answers: a number as it is, a class by its probability, of one target or of several."""

from __future__ import annotations

from turnout.errors import BrokenArtifact, NoAnswer
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Answer = Callable[[list[float]], float]


def answer_by(classes: list[Any] | None) -> Answer:
    """What makes an answer of scores: of a number, or of one probability per class.

    >>> answer_by(None)([2.5]), answer_by([3, 5])([0.2, 0.8]), answer_by(["no", "yes"])([0.2, 0.8])
    (2.5, 5.0, 1.0)
    """
    numbers = class_numbers(classes)
    expected = 1 if numbers is None else len(numbers)

    def answer(scores: list[float]) -> float:
        if len(scores) != expected:
            raise Problem(BrokenArtifact, reason=f"it gives {len(scores)} scores, expected {expected}")
        best = max(scores)
        if best - best != 0.0:
            raise Problem(NoAnswer)
        return best if numbers is None else numbers[scores.index(best)]

    return answer


class Answers:
    """What makes an answer for each of several targets, whose scores come one after the other.

    >>> Answers(2, [["no", "yes"], [7, 8, 9]]).of([0.2, 0.8, 0.1, 0.1, 0.8])
    [1.0, 9.0]
    """

    __slots__ = ("_parts", "_width")

    def __init__(self, targets: int, classes: list[list[Any]] | None) -> None:
        self._parts: list[tuple[int, int, Answer]] = []
        start = 0
        for own in [None] * targets if classes is None else classes:
            end = start + (1 if own is None else len(own))
            self._parts.append((start, end, answer_by(own)))
            start = end
        self._width = start
        if len(self._parts) != targets:
            raise ValueError(f"it has classes for {len(self._parts)} of {targets} targets")

    def of(self, scores: list[float]) -> list[float]:
        """One answer per target."""
        if len(scores) != self._width:
            raise Problem(BrokenArtifact, reason=f"it gives {len(scores)} scores, expected {self._width}")
        return [answer(scores[start:end]) for start, end, answer in self._parts]


def class_numbers(classes: list[Any] | None) -> list[float] | None:
    """What is answered for each class: the class itself where it is a number, its index where they are texts."""
    if classes is None:
        return None
    if any(isinstance(value, str) for value in classes):
        return [float(i) for i in range(len(classes))]
    return [float(value) for value in classes]
