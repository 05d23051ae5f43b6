"""How a class is written as text, the same for training, history and predictions."""

from __future__ import annotations


def label_text(value: object) -> str:
    """The text of a class, as PostgreSQL would print the value.

    >>> [label_text(v) for v in ("red", True, 3, 3.0, 2.5)]
    ['red', 'true', '3', '3', '2.5']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)
