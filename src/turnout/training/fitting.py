"""Fitting the preprocessing: on the training part only, so that nothing of a test row is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.runtime.columns import columns_of
from turnout.training.imputing import imputed, scaling
from turnout.training.preprocessing import missing_values
from turnout.training.tables import fit_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from turnout.training.choices import Choice
    from turnout.training.description import Description, Field
    from turnout.training.parts import Part

    Matrix = NDArray[np.float32]


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
    missing: Mapping[str, int],
    *,
    classes: Sequence[int],
    takes_missing: bool,
) -> list[Fitted]:
    """One entry of the artifact's transform for each field.

    Parameters
    ----------
    texts
        The distinct texts of each text column; its features are codes into them.
    missing
        How many rows of the whole relation lack a value, or one in an array, by column.
    classes
        How many classes each target has; empty for numbers.
    takes_missing
        Whether the algorithm understands NaN.
    """
    found, start = [], 0
    for field in description.fields:
        values = train.features[:, start : start + field.width]
        choice = choices[field.name]
        if _needs_values(field, choice, takes_missing=takes_missing) and missing.get(field.name):
            reason = missing_values(field.name, missing[field.name])
            raise UnusableData(relation=description.relation, reason=reason)
        if field.kind == "text" or choice.encode not in (None, "native"):
            fit = fit_tables(
                description,
                field,
                choice,
                train,
                values,
                texts=texts[field.name] if field.kind == "text" else None,
                classes=classes,
                takes_missing=takes_missing,
            )
            encode = fit.tables if field.size else fit.tables[0]
            entry = {"encode": encode, "impute": None, **scaling(choice.scale, fit.values, None)}
            found.append(Fitted(entry=entry, crossed=fit.crossed))
        else:
            impute = _imputes(description, field, choice, values, takes_missing=takes_missing)
            found.append(
                Fitted(entry={"encode": None, "impute": impute, **scaling(choice.scale, values, impute)})
            )
        start += field.width
    return found


def _needs_values(field: Field, choice: Choice, *, takes_missing: bool) -> bool:
    """Whether a missing value is an error: always, if that is asked for; else where nothing stands for it."""
    if choice.impute is not None:
        return choice.impute == "error"
    plain = field.kind != "text" and choice.encode in (None, "native")
    return not takes_missing and (plain or choice.encode == "ordinal")


def _imputes(
    description: Description, field: Field, choice: Choice, values: Matrix, *, takes_missing: bool
) -> Any:
    asked = choice.impute or (None if takes_missing else "error")
    if asked is None or asked == "error":
        return asked
    found = [imputed(asked, values[:, i]) for i in range(field.width)]
    if any(value is None for value in found):
        reason = f'column "{field.name}" has no value at all in the training part, so there is no {asked} to impute'
        raise UnusableData(relation=description.relation, reason=reason)
    return found if field.size else found[0]


def put_crossed(matrix: Matrix, header: dict[str, Any], fitted: list[Fitted]) -> None:
    """Give the training rows the numbers that were computed without their own targets, scaled alike."""
    for column, found in zip(columns_of(header), fitted, strict=True):
        if found.crossed is None:
            continue
        values = found.crossed.astype(np.float64)
        for i, (shift, scale) in enumerate(column.scaling):
            values[:, i] = (values[:, i] - shift) * scale
        matrix[:, column.start : column.start + column.width] = values
