"""What a model answers for rows made of what it knows: the truth that its artifact is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.importing import samples
from turnout.importing.refusal import Refused
from turnout.runtime.formats.pipeline import asked, scores_by

if TYPE_CHECKING:
    from turnout.importing.sources import Known
    from turnout.importing.subject import Subject

_FEWEST = 20
_KINDS = {
    "text": "text",
    "enum": "text",
    "bool": "bool",
    "date": "time",
    "timestamp": "time",
    "timestamptz": "time",
}
_FAR = 123456.75
_NEVER_SEEN = "\u2063never seen"


class Asking:
    """A model, asked.

    Attributes
    ----------
    rows, sample
        Rows by name, one of which nothing is missing in, and ``expected``, the model's scores for them.
    missing, unknown
        Of each column, whether a value may be missing, and whether a text may be one that was never met.
    targets
        How many there are.
    warnings
        What the caller should know.
    """

    def __init__(self, subject: Subject, fields: list[dict[str, Any]], known: list[Known]) -> None:
        self.fields = fields
        self.known = known
        self.kinds = [_KINDS.get(field["type"], "number") for field in fields]
        self.warnings: list[str] = []
        self._rows = subject.rows
        self._scores = scores_by(subject.estimator, subject.method)
        drawn, expected = self._drawn()
        usual = drawn[0]
        self.missing = self._may(usual, lambda kind: np.nan if kind != "text" else None)
        self.unknown = self._may(usual, lambda kind: _NEVER_SEEN if kind == "text" else _FAR)
        if any(self.missing):
            holed = samples.with_holes(drawn, self.missing)
            more = self._answered(holed)
            if more is not None:
                drawn, expected = drawn + holed, np.concatenate([expected, more])
        if any(kind == "text" and may for kind, may in zip(self.kinds, self.unknown, strict=True)):
            strange = [
                [
                    _NEVER_SEEN if k == "text" and may else v
                    for v, k, may in zip(row, self.kinds, self.unknown, strict=True)
                ]
                for row in drawn[:20]
            ]
            more = self._answered(strange)
            if more is not None:
                drawn, expected = drawn + strange, np.concatenate([expected, more])
        finite = np.isfinite(expected).all(axis=1)
        if finite.sum() < _FEWEST:
            raise Refused("it gives no finite answer for rows made of what it knows")
        names = [field["name"] for field in fields]
        self.expected = expected[finite]
        self.rows = [
            dict(zip(names, row, strict=True)) for row, good in zip(drawn, finite, strict=True) if good
        ]
        self.sample = next(row for row in self.rows if not any(value is None for value in row.values()))
        self.targets = subject.targets or self.expected.shape[1]
        self._check(subject)

    def answer(self, rows: list[list[Any]]) -> Any:
        """The model's scores."""
        columns = [
            [_given(value, kind) for value in column]
            for column, kind in zip(zip(*rows, strict=True), self.kinds, strict=True)
        ]
        return np.asarray(self._scores(asked(columns, self.fields, self._rows)), np.float64).reshape(
            len(rows), -1
        )

    def _answered(self, rows: list[list[Any]]) -> Any:
        try:
            return self.answer(rows)
        except MemoryError:
            raise
        except Exception:
            # a model may refuse some rows in any way it likes
            return None

    def _drawn(self) -> tuple[list[list[Any]], Any]:
        rows = samples.rows(self.known, self.kinds)
        try:
            return rows, self.answer(rows)
        except MemoryError:
            raise
        except Exception as error:
            first = error
        # some take no negative numbers
        rows = [[abs(value) if isinstance(value, float) else value for value in row] for row in rows]
        found = self._answered(rows)
        if found is None:
            reason = " ".join(str(first).split())[:300]
            raise Refused(
                f"it cannot answer for rows made of what it knows: {type(first).__name__}: {reason}"
            ) from None
        return rows, found

    def _may(self, usual: list[Any], put: Any) -> list[bool]:
        """Of each column, whether something unusual in it gets a finite answer."""
        everywhere = [put(kind) for kind in self.kinds]
        if self._good(everywhere):
            return [True] * len(usual)
        return [self._good([*usual[:at], put(kind), *usual[at + 1 :]]) for at, kind in enumerate(self.kinds)]

    def _good(self, row: list[Any]) -> bool:
        found = self._answered([row])
        return found is not None and bool(np.isfinite(found).all())

    def _check(self, subject: Subject) -> None:
        """Whether it answers with as many scores as it says."""
        classes = subject.classes
        if classes is None:
            return
        each = classes if isinstance(classes[0], list) else [classes]
        wanted = sum(map(len, each))
        if self.expected.shape[1] != wanted:
            raise Refused(f"it gives {self.expected.shape[1]} scores for {wanted} classes")
        if subject.method == "classes":
            self.warnings.append(
                "it has no probabilities: the class that it predicts is given 1, and the others 0"
            )


def _given(value: Any, kind: str) -> Any:
    if value is None:
        return None if kind == "text" else np.nan
    return value
