"""A row explained: what each field has contributed to the sums that a model's answer is made of."""

from __future__ import annotations

from array import array as floats

from turnout.errors import NoAnswer
from turnout.runtime import artifact
from turnout.runtime.columns import columns_of
from turnout.runtime.explainers import explainer_of
from turnout.runtime.labels import label_text
from turnout.runtime.problem import Problem
from turnout.runtime.transform import Transform
from turnout.runtime.values import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from turnout.runtime.explainers import Explainer

    # feature, value, contribution, elements, class, base
    Contribution = tuple[str, str | None, float, list[float] | None, str | None, float]


class Explanation:
    """What explains the answers of one model."""

    __slots__ = ("_columns", "_explainer", "_fields", "_labels", "_transform")

    def __init__(self, header: dict[str, Any], explainer: Explainer) -> None:
        self._fields: list[dict[str, Any]] = header["fields"]
        self._columns = columns_of(header)
        self._transform = Transform(header)
        self._explainer = explainer
        classes: list[Any] | None = header["classes"]
        self._labels = None if classes is None else [label_text(value) for value in classes]

    @staticmethod
    def load(data: bytes) -> Explanation:
        """Read what a training has kept for this.

        Raises
        ------
        ValueError
            If it is broken or not what this version reads.
        """
        header, payload = artifact.unpack(data)
        try:
            return Explanation(header, explainer_of(header["format"])(payload, header))
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"it is incomplete: {error!r}") from None

    def of_array(self, values: list[Any]) -> list[Contribution]:
        """The contributions for one array of features."""
        buffer = self._transform.array(values)
        elements, given, start = flat(values), [], 0
        for field, column in zip(self._fields, self._columns, strict=True):
            part = elements[start : start + column.size]
            given.append(part if field.get("size") else part[0])
            start += column.size
        return self._contributions(buffer, given)

    def of_row(self, row: dict[str, Any]) -> list[Contribution]:
        """The contributions for one row with column names."""
        return self._contributions(self._transform.row(row), self._transform.pick(row))

    def sums(self, buffer: floats[float]) -> list[float]:
        """What the contributions and the base of a prepared row add up to, for each sum."""
        return [sum(line) for line in self._explainer.contributions(buffer)]

    def _contributions(self, buffer: floats[float], given: list[Any]) -> list[Contribution]:
        """By class, and the greatest first."""
        found: list[Contribution] = []
        lines = self._explainer.contributions(buffer)
        if any(value - value != 0.0 for line in lines for value in line):
            raise Problem(NoAnswer)
        for line, label in zip(lines, self._labels_of(len(lines)), strict=True):
            of_class = [
                (*described, label, line[-1])
                for described in map(self._described, self._fields, self._columns, given, [line] * len(given))
            ]
            found.extend(sorted(of_class, key=lambda one: -abs(one[2])))
        return found

    def _labels_of(self, count: int) -> list[str | None]:
        """Whose sums they are: of every class, of the second of two, or of none."""
        if self._labels is None:
            return [None] * count
        return list(self._labels) if count > 1 else [self._labels[1]]

    @staticmethod
    def _described(
        field: dict[str, Any], column: Any, value: Any, line: list[float]
    ) -> tuple[str, str | None, float, list[float] | None]:
        part = line[column.start : column.start + column.width]
        return (
            field["name"],
            value_text(value),
            sum(part),
            column.by_element(part) if field.get("size") else None,
        )


def value_text(value: Any) -> str | None:
    """A feature's value as it came; a fraction as short as it can be and still be the same ``real``.

    >>> [value_text(v) for v in (None, "red", True, 3.0, 0.10000000149011612, [1, None, 2.5])]
    [None, 'red', 'true', '3', '0.1', '{1,NULL,2.5}']
    """
    if value is None:
        return None
    if isinstance(value, list):
        return "{" + ",".join(value_text(element) or "NULL" for element in flat(value)) + "}"
    if isinstance(value, float) and not value.is_integer():
        if value != value:  # noqa: PLR0124  only NaN differs from itself
            return "NaN"
        for digits in range(6, 10):
            text = f"{value:.{digits}g}"
            if floats("f", [float(text)]) == floats("f", [value]):
                return text
    return label_text(value)
