"""Fitting the preprocessing: on the training part only, so that nothing of a test row is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.runtime.columns import columns_of
from turnout.training import encoding
from turnout.training.preprocessing import missing_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from turnout.training.choices import Choice
    from turnout.training.description import Description, Field
    from turnout.training.parts import Part

    Matrix = NDArray[np.float32]

ONE_HOT_UP_TO = 32


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What was fitted for one column, and its numbers for the training rows where those differ from the table's."""

    entry: dict[str, Any]
    crossed: Matrix | None = None


def fit_transform(
    description: Description,
    choices: dict[str, Choice],
    train: Part,
    texts: dict[str, list[str]],
    *,
    classes: int,
    takes_missing: bool,
) -> list[Fitted]:
    """One entry of the artifact's transform for each field.

    Parameters
    ----------
    texts
        The distinct texts of each text column; its features are codes into them.
    classes
        How many classes the target has; 0 for a regression.
    takes_missing
        Whether the algorithm understands NaN.
    """
    found, start = [], 0
    for field in description.fields:
        values = train.features[:, start : start + field.width]
        choice = choices[field.name]
        if field.kind == "text":
            fit = _TextFit(
                description, field, choice, texts=texts[field.name], classes=classes, missing=takes_missing
            )
            found.append(fit.run(values[:, 0].astype(np.int64), train))
        else:
            impute = _imputes(description, field, choice, values, takes_missing)
            found.append(
                Fitted(entry={"encode": None, "impute": impute, **_scaling(choice.scale, values, impute)})
            )
        start += field.width
    return found


class _TextFit:
    """The table of one text column."""

    def __init__(
        self,
        description: Description,
        field: Field,
        choice: Choice,
        *,
        texts: list[str],
        classes: int,
        missing: bool,
    ) -> None:
        self.relation = description.relation
        self.supervised = bool(description.targets)
        self.seed = description.seed
        self.field = field
        self.choice = choice
        self.texts = texts
        self.classes = classes
        self.takes_missing = missing

    def run(self, codes: NDArray[np.int64], train: Part) -> Fitted:
        table, crossed = self._table(codes, train)
        if self.choice.impute is not None:
            table["missing"] = self._missing(table, codes)
        if self.choice.impute == "error" and (codes < 0).any():
            raise UnusableData(
                relation=self.relation, reason=missing_values(self.field.name, int((codes < 0).sum()))
            )
        values = _by_code(table, self.texts)[codes]
        entry = {"encode": table, "impute": None, **_scaling(self.choice.scale, values, None)}
        return Fitted(entry=entry, crossed=crossed)

    def _table(self, codes: NDArray[np.int64], train: Part) -> tuple[dict[str, Any], Matrix | None]:
        present = np.unique(codes[codes >= 0])
        few = len(present) <= ONE_HOT_UP_TO or not self.supervised
        encode = self.choice.encode or ("one_hot" if few else "target")
        if encode == "ordinal":
            return self._ordinal(codes), None
        if encode == "one_hot":
            return encoding.one_hot(sorted(self.texts[code] for code in present.tolist())), None
        return encoding.by_target(codes, self.texts, train.target, self.classes, self.seed)

    def _ordinal(self, codes: NDArray[np.int64]) -> dict[str, Any]:
        table = encoding.ordinal(self.choice.ordinal, missing=[None] if self.takes_missing else None)
        missing = int((codes < 0).sum())
        if missing and not self.takes_missing and self.choice.impute is None:
            raise UnusableData(relation=self.relation, reason=missing_values(self.field.name, missing))
        return table

    def _missing(self, table: dict[str, Any], codes: NDArray[np.int64]) -> list[float] | None:
        if self.choice.impute == "error":
            return None
        known = codes[codes >= 0]
        if self.choice.impute == "mode" and len(known):
            counts = np.bincount(known)
            most = [self.texts[code] for code in np.flatnonzero(counts == counts.max()).tolist()]
            found: list[float] = table["values"].get(min(most), table["unknown"])
            return found
        values = _by_code(table, self.texts)[known]
        imputes = [_impute(self.choice.impute or "zero", values[:, i]) for i in range(table["width"])]
        return [value if value is not None else 0.0 for value in imputes]


def _by_code(table: dict[str, Any], texts: list[str]) -> Matrix:
    gone = [np.nan] * table["width"]
    rows = [table["values"].get(text, table["unknown"]) or gone for text in texts]
    last = table["missing"] or gone
    rows.append([np.nan if value is None else value for value in last])
    return np.array(rows, np.float32).reshape(-1, table["width"])


def _imputes(
    description: Description, field: Field, choice: Choice, values: Matrix, takes_missing: bool
) -> Any:
    asked = choice.impute or (None if takes_missing else "error")
    missing = int(np.isnan(values).any(axis=1).sum())
    if asked == "error" and missing:
        raise UnusableData(relation=description.relation, reason=missing_values(field.name, missing))
    if asked is None or asked == "error":
        return asked
    found = [_impute(asked, values[:, i]) for i in range(field.width)]
    if any(value is None for value in found):
        reason = f'column "{field.name}" has no value at all in the training part, so there is no {asked} to impute'
        raise UnusableData(relation=description.relation, reason=reason)
    return found if field.size else found[0]


def _impute(asked: str, column: NDArray[np.float32]) -> float | None:
    """The number to put where one is missing, rounded to float32 as every native number is."""
    if asked == "zero":
        return 0.0
    known = column[~np.isnan(column)].astype(np.float64)
    if not len(known):
        return None
    return float(np.float32(_IMPUTERS[asked](known)))


def _mode(known: NDArray[np.float64]) -> float:
    values, counts = np.unique(known, return_counts=True)
    return float(values[counts.argmax()])


_IMPUTERS: dict[str, Any] = {
    "mean": np.mean,
    "median": np.median,
    "mode": _mode,
    "min": np.min,
    "max": np.max,
}


def _scaling(asked: str, values: Matrix, impute: Any) -> dict[str, Any]:
    if asked == "preserve":
        return {"shift": None, "scale": None}
    pairs = []
    for i in range(values.shape[1]):
        column = values[:, i].astype(np.float64)
        missing = np.isnan(column)
        put = impute[i] if isinstance(impute, list) else impute
        if isinstance(put, float):
            column[missing] = put
        else:
            column = column[~missing]
        pairs.append(_scale(asked, column) if len(column) else (0.0, 1.0))
    if len(pairs) == 1:
        return {"shift": pairs[0][0], "scale": pairs[0][1]}
    return {"shift": [shift for shift, _ in pairs], "scale": [scale for _, scale in pairs]}


def _scale(asked: str, column: NDArray[np.float64]) -> tuple[float, float]:
    if asked == "standard":
        shift, spread = column.mean(), column.std()
    elif asked == "min_max":
        shift, spread = column.min(), column.max() - column.min()
    elif asked == "max_abs":
        shift, spread = 0.0, np.abs(column).max()
    else:
        low, shift, high = np.quantile(column, [0.25, 0.5, 0.75])
        spread = high - low
    return float(shift), 1.0 / float(spread) if spread > 0 else 1.0


def put_crossed(matrix: Matrix, header: dict[str, Any], fitted: list[Fitted]) -> None:
    """Give the training rows the numbers that were computed without their own targets, scaled alike."""
    for column, found in zip(columns_of(header), fitted, strict=True):
        if found.crossed is None:
            continue
        values = found.crossed.astype(np.float64)
        for i, (shift, scale) in enumerate(column.scaling):
            values[:, i] = (values[:, i] - shift) * scale
        matrix[:, column.start : column.start + column.width] = values
