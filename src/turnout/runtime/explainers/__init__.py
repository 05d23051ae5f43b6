"""What a library says each input has contributed to an answer: a module for each format that can be asked."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any, Protocol

    class Explainer(Protocol):
        """Explains rows that the transform has prepared."""

        def __init__(self, payload: memoryview, header: dict[str, Any]) -> None: ...

        def contributions(self, buffer: array[float]) -> list[list[float]]:
            """For each sum that the model makes, a number per input, and at the end what the sum begins with."""
            ...


MODULES = {
    "coefficients": "turnout.runtime.explainers.coefficients",
    "xgboost": "turnout.runtime.explainers.xgboost",
    "lightgbm": "turnout.runtime.explainers.lightgbm",
    "catboost": "turnout.runtime.explainers.catboost",
}


def explainer_of(name: str) -> type[Explainer]:
    """The explainer class of a format.

    Raises
    ------
    ValueError
        If no library explains this format.
    """
    if name not in MODULES:
        raise ValueError(f'its format "{name}" explains nothing; expected one of: {", ".join(MODULES)}')
    found: type[Explainer] = import_module(MODULES[name]).FORMAT
    return found
