"""One input column of a model, with what was fitted for it at training."""

from __future__ import annotations

from turnout.errors import InvalidFeature
from turnout.runtime.labels import label_text
from turnout.runtime.problem import Problem
from turnout.runtime.values import row_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_TEXTS = ("text", "enum")
_TIMES = ("date", "timestamp", "timestamptz")
_NAN = float("nan")
# the largest float32
_MOST = 3.4028234663852886e38


class Column:
    """A field of the signature and its entry of the transform, laid out for the predictor's input.

    Attributes
    ----------
    start : int
        Where its numbers begin in the predictor's input.
    width : int
        How many numbers it has there; an encoded value may have more than one.
    size : int
        How many numbers it has in a caller's array.
    tables : list of dict or None
        Of a column that is encoded, the table of each element. Its keys are texts, those of numbers as `label_text`
        writes them after they were rounded to float32.
    text : bool
        Whether its values are texts.
    read : callable
        Makes a number of what a row has there, given that and the column's name.
    impute : list
        Per number: none where NaN stays, ``"error"``, or the number to put.
    scaling : list of (shift, scale)
        Per number; empty if nothing is scaled.
    """

    __slots__ = ("impute", "name", "read", "scaling", "size", "start", "tables", "text", "type", "width")

    def __init__(self, field: dict[str, Any], entry: dict[str, Any], start: int) -> None:
        self.name: str = field["name"]
        self.type: str = field["type"]
        self.size: int = field.get("size") or 1
        if not isinstance(self.name, str) or not isinstance(self.size, int) or self.size < 1:
            raise ValueError(f"a field is called {self.name!r} and has {self.size!r} numbers")
        self.tables: list[dict[str, Any]] | None = _tables(entry.get("encode"))
        self.text = self.type in _TEXTS
        self.read = _reader(self.type)
        self.start = start
        self.width = self.size if self.tables is None else sum(int(table["width"]) for table in self.tables)
        self.impute = [_imputed(value) for value in _spread(entry.get("impute"), self.width)]
        _check(self.tables, self.size)
        self.scaling = _scaling(entry, self.width)

    def names(self) -> list[str]:
        """A name for each number of a caller's array."""
        return [self._element(i) for i in range(self.size)]

    def input_names(self) -> list[str]:
        """A name for each number of the predictor's input."""
        if self.tables is None:
            return self.names()
        return [
            name
            for name, table in zip(self.names(), self.tables, strict=True)
            for _ in range(int(table["width"]))
        ]

    def by_element(self, numbers: list[float]) -> list[float]:
        """The sum for each element of an array, of a number for each of the predictor's inputs."""
        if self.tables is None:
            return numbers
        found, start = [], 0
        for table in self.tables:
            end = start + int(table["width"])
            found.append(sum(numbers[start:end]))
            start = end
        return found

    @property
    def takes_moments(self) -> bool:
        """Whether its values are dates or timestamps, which come as texts."""
        return self.type in _TIMES

    def label(self) -> str:
        """The name as a signature writes it."""
        return f"{self.name}[{self.size}]" if self.size > 1 else self.name

    def known(self, key: str, i: int = 0) -> Any:
        """A value's entry in the table of an element; a ``char(n)`` in a row ends in blanks that mean nothing."""
        table: dict[str, Any] = (self.tables or [])[i]
        values: dict[str, Any] = table["values"]
        return values[key] if key in values else values.get(key.rstrip(" "), table["unknown"])

    def encode(self, value: Any) -> list[float]:
        """The numbers that stand for a text."""
        if value is not None and not isinstance(value, str):
            raise Problem(InvalidFeature, column=self.name, value=repr(value), expected="a text")
        return self._encoded(value, 0)

    def encode_numbers(self, given: list[float]) -> list[float]:
        """The numbers that stand for others, which are rounded to float32 and finite or NaN."""
        found: list[float] = []
        for i, value in enumerate(given):
            missing = value != value  # noqa: PLR0124  only NaN differs from itself
            found += self._encoded(None if missing else label_text(value), i)
        return found

    def _encoded(self, key: str | None, i: int) -> list[float]:
        table: dict[str, Any] = (self.tables or [])[i]
        found = table["missing"] if key is None else self.known(key, i)
        if found is None:
            shown = "missing" if key is None else self.shown(key)
            raise Problem(InvalidFeature, column=self._element(i), value=shown, expected=self.expected(i))
        return [_NAN if number is None else number for number in found]

    def shown(self, key: str) -> str:
        """A key of a table as an error writes it."""
        if self.type in _TIMES:
            from turnout.runtime.moments import written

            return f'"{written(float(key), self.type)}"'
        return f'"{key}"' if self.text else key

    def expected(self, i: int) -> str:
        """The values that an element's table has."""
        values: dict[str, Any] = (self.tables or [])[i]["values"]
        names = [self.shown(key) for key in list(values)[:10]]
        more = f" or {len(values) - 10} more" if len(values) > 10 else ""
        return "one of " + ", ".join(names) + more

    def _element(self, i: int) -> str:
        return f"{self.name}[{i + 1}]" if self.size > 1 else self.name


def columns_of(header: dict[str, Any]) -> list[Column]:
    """The columns of an artifact's header, each beginning where the one before ended."""
    columns: list[Column] = []
    start = 0
    for field, entry in zip(header["fields"], header["transform"], strict=True):
        column = Column(field, entry, start)
        columns.append(column)
        start += column.width
    return columns


def _tables(encoding: Any) -> list[dict[str, Any]] | None:
    return [encoding] if isinstance(encoding, dict) else encoding


def _reader(kind: str) -> Callable[[Any, str], float]:
    if kind not in _TIMES:
        return row_number
    from turnout.runtime.moments import moment

    def read(value: Any, column: str) -> float:
        return moment(value, column, kind)

    return read


def _check(tables: list[dict[str, Any]] | None, size: int) -> None:
    """Refuse tables whose entries have other numbers than they should, before a row falls over them."""
    if tables is not None and len(tables) != size:
        raise ValueError(f"a field of {size} numbers has {len(tables)} tables")
    for table in tables or []:
        width = int(table["width"])
        for key, entry in (
            *table["values"].items(),
            ("missing", table["missing"]),
            ("unknown", table["unknown"]),
        ):
            if entry is None:
                continue
            if len(entry) != width or not all(number is None or _is_number(number) for number in entry):
                raise ValueError(f'its table has an entry for "{key}" that is not {width} numbers')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= _MOST


def _imputed(value: Any) -> Any:
    if value is None or value == "error" or _is_number(value):
        return value
    raise ValueError(f"it imputes {value!r}")


def _spread(value: Any, width: int) -> list[Any]:
    found = list(value) if isinstance(value, list) else [value] * width
    if len(found) != width:
        raise ValueError(f"its transform has {len(found)} numbers where there should be {width}")
    return found


def _scaling(entry: dict[str, Any], width: int) -> list[tuple[float, float]]:
    if entry.get("scale") is None:
        return []
    shifts, scales = _spread(entry["shift"], width), _spread(entry["scale"], width)
    return [(float(shift), float(scale)) for shift, scale in zip(shifts, scales, strict=True)]
