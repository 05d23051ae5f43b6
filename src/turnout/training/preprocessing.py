"""Applying what was fitted to many rows at once, to the bit as the runtime does it for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.errors import UnusableData
from turnout.runtime.columns import Column, columns_of
from turnout.training.levels import levels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]


def apply(
    header: Mapping[str, Any],
    raw: Matrix,
    texts: Mapping[str, Sequence[str]],
    *,
    relation: str,
    owned: bool = False,
) -> Matrix:
    """The predictor's input for raw rows.

    Parameters
    ----------
    header
        Of which ``fields`` and ``transform`` are read.
    raw
        Rows x numbers in the order of the fields, dates as days, text columns as codes into ``texts``, -1 for missing.
    owned
        Whether ``raw`` may be overwritten.

    Returns
    -------
    matrix of float32
        ``raw`` itself where nothing has to be done.

    Raises
    ------
    UnusableData
        If a value can't be answered for: missing, unknown, or out of range after scaling.
    """
    columns = columns_of(dict(header))
    width = sum(column.width for column in columns)
    encoded = any(column.tables is not None for column in columns)
    if not encoded and not _acts(columns, raw):
        return raw
    out = np.empty((len(raw), width), np.float32) if encoded else raw if owned else raw.copy()
    start = 0
    for column in columns:
        part = out[:, column.start : column.start + column.width]
        given = raw[:, start : start + column.size]
        if column.text:
            part[:] = _encoded(column, 0, given[:, 0].astype(np.int64), texts[column.name], relation)
        elif column.tables is not None:
            _put_encoded(column, given, part, relation)
        elif encoded:
            part[:] = given
        _finish(column, part, relation)
        start += column.size
    return out


def _acts(columns: list[Column], raw: Matrix) -> bool:
    if any(column.scaling for column in columns):
        return True
    return any(value is not None for column in columns for value in column.impute) and bool(
        np.isnan(raw).any()
    )


def _put_encoded(column: Column, given: Matrix, part: Matrix, relation: str) -> None:
    """Encode numbers, each element of an array by its own table."""
    start = 0
    for i, table in enumerate(column.tables or []):
        codes, texts = levels(given[:, i])
        part[:, start : start + table["width"]] = _encoded(column, i, codes, texts, relation)
        start += table["width"]


def _encoded(column: Column, i: int, codes: NDArray[np.int64], texts: Sequence[str], relation: str) -> Matrix:
    table: dict[str, Any] = (column.tables or [])[i]
    width: int = table["width"]
    known: list[Any] = [column.known(text, i) for text in texts]
    known.append(table["missing"])
    for code in np.unique(codes).tolist():
        if known[code] is None:
            shown = "missing" if code < 0 else column.shown(texts[code])
            reason = f'column "{column.name}" is {shown} in some rows, expected {column.expected(i)}'
            raise UnusableData(relation=relation, reason=reason)
    gone = [np.nan] * width
    rows = [gone if found is None else [np.nan if x is None else x for x in found] for found in known]
    return np.array(rows, np.float32).reshape(-1, width)[codes]


def _finish(column: Column, part: Matrix, relation: str) -> None:
    for i, impute in enumerate(column.impute):
        if impute is None:
            continue
        missing = np.isnan(part[:, i])
        if not missing.any():
            continue
        if impute == "error":
            raise UnusableData(relation=relation, reason=missing_values(column.name, int(missing.sum())))
        part[missing, i] = impute
    for i, (shift, scale) in enumerate(column.scaling):
        with np.errstate(over="ignore"):
            part[:, i] = (part[:, i].astype(np.float64) - shift) * scale
        if np.isinf(part[:, i]).any():
            reason = f'column "{column.name}" leaves the range of real when it is scaled'
            raise UnusableData(relation=relation, reason=reason)


def missing_values(column: str, rows: int) -> str:
    """Why rows with missing values can't be trained on, and what to do."""
    some = "1 row" if rows == 1 else f"{rows} rows"
    return (
        f'column "{column}" has no value in {some}, and this algorithm needs one; impute it: '
        f'preprocess => \'{{"{column}": {{"impute": "mean"}}}}\''
    )
