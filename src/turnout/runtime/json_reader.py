"""JSON without the ``json`` module, which imports ``re``: that alone would double a session's first prediction."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BLANKS = " \t\n\r"
_CONSTANTS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class _Options:
    """What CPython's scanner asks its decoder for."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = _CONSTANTS.__getitem__


def _with_scanner(scan: Callable[[str, int], tuple[Any, int]]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        stripped = text.strip(_BLANKS)
        try:
            value, end = scan(stripped, 0)
        except StopIteration as stop:
            raise ValueError(f"not JSON: nothing that is a value at character {stop.value}") from None
        if end != len(stripped):
            raise ValueError(f"not JSON: something follows the value at character {end}")
        return value

    return read


def _reader() -> Callable[[str], Any]:
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads
    return _with_scanner(make_scanner(_Options()))  # type: ignore[arg-type]


read_json: Callable[[str], Any] = _reader()
"""The value of a JSON text: keys keep their order, the last of equal keys wins, NaN and Infinity are taken."""
