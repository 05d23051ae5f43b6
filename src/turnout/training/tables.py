"""Fitting the tables of a column that is encoded: one for its values, or one for each element of an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.training import encoding
from turnout.training.imputing import imputed
from turnout.training.levels import levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from turnout.training.choices import Choice
    from turnout.training.description import Description, Field
    from turnout.training.parts import Part

    Matrix = NDArray[np.float32]

ONE_HOT_UP_TO = 32
# of one column; its table has the square of it in numbers
MOST_ONE_HOT = 1000


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What was fitted.

    Parameters
    ----------
    tables
        One for each element.
    values
        The numbers that they give for the training rows.
    crossed
        Those that training rows get instead, where a row's own target is not to be in them.
    """

    tables: list[dict[str, Any]]
    values: Matrix
    crossed: Matrix | None


def fit_tables(
    description: Description,
    field: Field,
    choice: Choice,
    train: Part,
    values: Matrix,
    *,
    texts: list[str] | None,
    classes: Sequence[int],
    takes_missing: bool,
) -> Tables:
    """The tables of one column.

    Parameters
    ----------
    values
        Of the training rows: codes into ``texts``, or numbers where that is none.
    """
    found = []
    for i in range(field.width):
        codes, names = (values[:, i].astype(np.int64), texts) if texts is not None else levels(values[:, i])
        fit = _TableFit(
            description, field, choice, texts=names, numbers=texts is None, classes=classes, takes_missing=takes_missing
        )  # fmt: skip
        found.append(fit.run(codes, train))
    crossed = [one.crossed for one in found if one.crossed is not None]
    return Tables(
        tables=[one.tables[0] for one in found],
        values=np.hstack([one.values for one in found]),
        crossed=np.hstack(crossed) if crossed else None,
    )


class _TableFit:
    """The table of one column of codes."""

    def __init__(
        self,
        description: Description,
        field: Field,
        choice: Choice,
        *,
        texts: list[str],
        numbers: bool,
        classes: Sequence[int],
        takes_missing: bool,
    ) -> None:
        self.relation = description.relation
        self.supervised = bool(description.targets)
        self.seed = description.seed
        self.field = field
        self.choice = choice
        self.texts = texts
        self.order: Any = float if numbers else str
        self.classes = classes
        self.takes_missing = takes_missing

    def run(self, codes: NDArray[np.int64], train: Part) -> Tables:
        table, crossed = self._table(codes, train)
        if self.choice.impute is not None:
            table["missing"] = self._missing(table, codes)
        return Tables(tables=[table], values=_by_code(table, self.texts)[codes], crossed=crossed)

    def _table(self, codes: NDArray[np.int64], train: Part) -> tuple[dict[str, Any], Matrix | None]:
        present = np.unique(codes[codes >= 0])
        few = len(present) <= ONE_HOT_UP_TO or not self.supervised
        encode = self.choice.encode or ("one_hot" if few else "target")
        if encode == "ordinal":
            missing: list[None] | None = [None] if self.takes_missing else None
            return encoding.ordinal(self.choice.ordinal, missing=missing), None
        if encode == "one_hot":
            self._refuse_too_many(len(present))
            return encoding.one_hot(self._ordered(present)), None
        return encoding.by_target(codes, self.texts, train.target, self.classes, self.seed)

    def _refuse_too_many(self, values: int) -> None:
        if values > MOST_ONE_HOT:
            reason = f'column "{self.field.name}" has {values} different values, too many for one_hot ({MOST_ONE_HOT})'
            hint = "target encodes any number of values, where there is a target; leave identifiers out, with a view"
            raise UnusableData(relation=self.relation, reason=reason, hint=hint)

    def _ordered(self, codes: NDArray[np.int64]) -> list[str]:
        return sorted((self.texts[code] for code in codes.tolist()), key=self.order)

    def _missing(self, table: dict[str, Any], codes: NDArray[np.int64]) -> list[float] | None:
        if self.choice.impute == "error":
            return None
        known = codes[codes >= 0]
        if self.choice.impute == "mode" and len(known):
            counts = np.bincount(known)
            most = self._ordered(np.flatnonzero(counts == counts.max()))
            found: list[float] = table["values"].get(most[0], table["unknown"])
            return found
        values = _by_code(table, self.texts)[known]
        imputes = [imputed(self.choice.impute or "zero", values[:, i]) for i in range(table["width"])]
        return [value if value is not None else 0.0 for value in imputes]


def _by_code(table: dict[str, Any], texts: list[str]) -> Matrix:
    gone = [np.nan] * table["width"]
    rows = [table["values"].get(text, table["unknown"]) or gone for text in texts]
    last = table["missing"] or gone
    rows.append([np.nan if value is None else value for value in last])
    return np.array(rows, np.float32).reshape(-1, table["width"])
