"""Linear models, exactly: a coefficient times how far the input is from its mean, which needs no library.

These are the Shapley values of a linear model whose inputs are taken as independent (Lundberg and Lee, "A unified
approach to interpreting model predictions", 2017); a sum begins with the answer at the means.
"""

from __future__ import annotations

from turnout.runtime.json_reader import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Any


class LinearExplainer:
    """Coefficients (sums x inputs), one base for each sum, one mean for each input."""

    __slots__ = ("_bases", "_coefficients", "_means")

    def __init__(self, payload: memoryview, header: dict[str, Any]) -> None:  # noqa: ARG002
        given = read_json(bytes(payload).decode())
        self._coefficients: list[list[float]] = given["coefficients"]
        self._bases: list[float] = given["bases"]
        self._means: list[float] = given["means"]

    def contributions(self, buffer: array[float]) -> list[list[float]]:
        """Numbers in double precision."""
        return [
            [c * (x - mean) for c, x, mean in zip(coefficients, buffer, self._means, strict=True)] + [base]
            for coefficients, base in zip(self._coefficients, self._bases, strict=True)
        ]


FORMAT = LinearExplainer
