"""Whether a loaded model answers: it is asked about a row made of its own signature."""

from __future__ import annotations

from turnout.errors import NoAnswer
from turnout.runtime.columns import columns_of
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.runtime.columns import Column
    from turnout.runtime.model import Model

# days since 2000-01-01
_DAY = 9000


def sample(model: Model, number: float = 1.0) -> dict[str, Any]:
    """A row that the model must take: of each column a value of its type, one that training has seen if it is encoded.

    Parameters
    ----------
    model
        Whose signature it is.
    number
        What stands for a plain number; a scaled one is at its mean. A model from elsewhere brings a row itself.
    """
    own: dict[str, Any] | None = model.header.get("sample")
    return own or {column.name: _value(column, number) for column in columns_of(model.header)}


def try_out(model: Model) -> None:
    """Ask a model about sample rows, which also warms it up.

    Raises
    ------
    Problem
        If it has no answer.
    """
    try:
        _ask(model, sample(model))
    except Problem as problem:
        if problem.error is not NoAnswer:
            raise
        # one is far outside of what some models have seen
        _ask(model, sample(model, 0.0))


def _ask(model: Model, row: dict[str, Any]) -> None:
    if len(model.header.get("targets") or []) > 1:
        model.joint_row(row)
        return
    model.predict_row(row)
    if model.classes is not None:
        model.proba_row(row)


def _value(column: Column, number: float) -> Any:
    values = [_element(column, i, number) for i in range(column.size)]
    return values if column.size > 1 else values[0]


def _element(column: Column, i: int, number: float) -> Any:
    if column.tables is not None:
        known = column.tables[i]["values"]
        key = next((key for key, entry in known.items() if entry is not None), None)
        return key if key is None or column.text else float(key)
    if column.text:
        return ""
    if column.scaling:
        return column.scaling[i][0]
    if column.type == "bool":
        return True
    return _DAY if column.type in ("date", "timestamp", "timestamptz") else number
