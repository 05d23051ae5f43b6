"""Linear combinations, by plain arithmetic.

The payload, little-endian and without gaps:

========  =================  ====================================================================================
type      how many           what
========  =================  ====================================================================================
uint32    4                  version (1), link, numbers in a row, outputs
float64   outputs            what is added to each sum
float64   numbers x outputs  coefficients: those of the first number for every output, of the second, ...
float64   outputs            of the links ``nearest`` and ``median`` only, the label or the weight of each output
========  =================  ====================================================================================

A sum is made in float64 in the order of the numbers. The compiled twin, ``runtime/_sums.c``, does the same.
"""

from __future__ import annotations

from turnout.runtime.formats.links import LINKS, NOTED, scores_of
from turnout.runtime.formats.sums import COMPILED, PlainSums, SumsPredictor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSION = 1
_HEAD = 16


class PlainLinear(PlainSums):
    """The arithmetic without a compiler.

    Raises
    ------
    ValueError
        If the payload is of another length than it says, or has a weight that is none.
    """

    __slots__ = ("_base", "_coefficients")

    def __init__(self, payload: memoryview) -> None:
        if len(payload) < _HEAD:
            raise ValueError("it is shorter than its own head")
        version, link, width, outputs = payload[:_HEAD].cast("I")
        if version != VERSION:
            raise ValueError(f"its layout has version {version}, and this Turnout reads version {VERSION}")
        if link >= len(LINKS):
            raise ValueError("it has a link that is not known")
        name = LINKS[link]
        notes = outputs if name in NOTED else 0
        if outputs == 0 or len(payload) != _HEAD + 8 * (outputs + outputs * width + notes):
            raise ValueError("it has another length than its head says")
        if width == 0 or (name in ("sigmoid", "logistic") and outputs != 1):
            raise ValueError("its head does not hold together")
        numbers: list[float] = list(payload[_HEAD:].cast("d"))
        self._base = numbers[:outputs]
        self._coefficients = [numbers[outputs * i : outputs * (i + 1)] for i in range(1, width + 1)]
        self._scores = scores_of(name, numbers[outputs * (width + 1) :])
        self.width = width
        self.scores = 2 if name == "sigmoid" else 1 if notes else outputs

    def _sums(self, row: list[float]) -> list[float]:
        sums = [0.0] * len(self._base)
        for x, coefficients in zip(row, self._coefficients, strict=True):
            for i, coefficient in enumerate(coefficients):
                sums[i] += coefficient * x
        return [total + base for total, base in zip(sums, self._base, strict=True)]


class LinearPredictor(SumsPredictor):
    """Linear combinations."""

    __slots__ = ()

    def __init__(self, payload: memoryview, header: dict[str, Any], threads: int) -> None:  # noqa: ARG002
        super().__init__(COMPILED.linear(payload) if COMPILED else PlainLinear(payload), threads)


FORMAT = LinearPredictor
