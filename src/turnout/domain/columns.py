"""Which types of columns can be trained on, and how their values travel to the process that trains."""

from dataclasses import dataclass
from typing import Any

from turnout.errors import UnsupportedColumn

# the name of a type in pg_catalog -> the signature's
TYPES = {
    "bool": "bool",
    "int2": "int2",
    "int4": "int4",
    "int8": "int8",
    "float4": "float4",
    "float8": "float8",
    "numeric": "numeric",
    "text": "text",
    "varchar": "text",
    "bpchar": "text",
    "enum": "enum",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
}
# whose values travel as texts
TEXTS = ("text", "enum")
# how the types of dates travel: as PostgreSQL keeps them, in days, or in microseconds, since 2000
_TIMES = {"date": "date", "timestamp": "timestamp", "timestamptz": "timestamp"}
# these fit into four bytes as they are, or lose there what the matrix would lose anyway; of the others, what is
# too large for four bytes is to be found and named, not to overflow on its way
_FOUR_BYTES = ("bool", "int2", "int4", "float4")

_SECONDS = "make a number of it, as extract(epoch from ...), with a view"
_ADVICE = {
    "uuid": "an identifier says nothing about rows never seen: leave it out of the relation, with a view",
    "json": "make columns of its parts, with a view",
    "jsonb": "make columns of its parts, with a view",
    "time": _SECONDS,
    "timetz": _SECONDS,
    "interval": _SECONDS,
}
_DEFAULT_ADVICE = "cast it to a number or to text, or leave it out, with a view"
_TIME_ADVICE = "make a number of it, as extract(epoch from ...) or the days from another date, with a view"
_TEXTS_ADVICE = "give each of its elements a column of its own, with a view"


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of a relation as training reads it.

    Attributes
    ----------
    type
        The signature's name of the type, of the elements for an array.
    size
        The number of elements of an array; none for a single value.
    kind
        How the values travel: big-endian ``float4``, ``float8``, ``int8`` or ``bool`` (as an int8), ``text``, or
        what PostgreSQL itself sends for a ``date`` (days since 2000-01-01, an int4) and a ``timestamp``
        (microseconds since then, an int8).
    """

    name: str
    quoted: str
    type: str
    kind: str
    size: int | None = None

    def described(self) -> dict[str, Any]:
        """What the training process is told."""
        return {"name": self.name, "type": self.type, "kind": self.kind, "size": self.size}


def feature(name: str, quoted: str, declared: str, base: str, size: int | None) -> Field:
    """The field of a feature.

    Raises
    ------
    UnsupportedColumn
        If its type, or its array's, is not one to train on.
    """
    kind = TYPES.get(base)
    if kind is None or (size is not None and kind in TEXTS):
        advice = _TEXTS_ADVICE if kind else _ADVICE.get(base, _DEFAULT_ADVICE)
        raise UnsupportedColumn(column=name, type=declared, role="a feature", hint=advice)
    return Field(name=name, quoted=quoted, type=kind, kind=_feature_kind(kind), size=size)


def _feature_kind(kind: str) -> str:
    if kind in TEXTS:
        return "text"
    return _TIMES.get(kind) or ("float4" if kind in _FOUR_BYTES else "float8")


def target(name: str, quoted: str, declared: str, base: str, *, is_array: bool, classifies: bool) -> Field:
    """The field of a target.

    Raises
    ------
    UnsupportedColumn
        If the task cannot predict its type.
    """
    kind = TYPES.get(base)
    if kind is None or is_array or kind in _TIMES or (kind in TEXTS and not classifies):
        role = f"the target of a {'classification' if classifies else 'regression'}"
        raise UnsupportedColumn(column=name, type=declared, role=role, hint=_target_advice(kind, is_array))
    return Field(name=name, quoted=quoted, type=kind, kind=_target_kind(kind, classifies=classifies))


def _target_advice(kind: str | None, is_array: bool) -> str:
    if kind in _TIMES:
        return _TIME_ADVICE
    return "text can be the target of a classification" if kind in TEXTS and not is_array else _DEFAULT_ADVICE


def _target_kind(kind: str, *, classifies: bool) -> str:
    if kind in TEXTS:
        return "text"
    if not classifies:
        return "float8"
    if kind == "bool":
        return "bool"
    return "int8" if kind in ("int2", "int4", "int8") else "float8"
