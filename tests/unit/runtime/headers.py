"""Headers of artifacts for tests."""

from typing import Any


def field(name: str, kind: str = "float4", size: int | None = None) -> dict[str, Any]:
    return {"name": name, "type": kind, "size": size}


def entry(**given: Any) -> dict[str, Any]:
    return {"encode": None, "impute": None, "shift": None, "scale": None, **given}


def header(*columns: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return {"fields": [f for f, _ in columns], "transform": [e for _, e in columns]}


COLOURS = {
    "width": 2,
    "values": {"red": [1.0, 0.0], "blue": [0.0, 1.0]},
    "unknown": None,
    "missing": [0.5, 0.5],
}
