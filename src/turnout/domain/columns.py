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
}
# these fit into four bytes as they are, or lose there what the matrix would lose anyway; of the others, what is
# too large for four bytes is to be found and named, not to overflow on its way
_FOUR_BYTES = ("bool", "int2", "int4", "float4")

_ADVICE = {
    "uuid": "an identifier says nothing about rows never seen: leave it out of the relation, with a view",
    "json": "make columns of its parts, with a view",
    "jsonb": "make columns of its parts, with a view",
}
_DEFAULT_ADVICE = "cast it to a number or to text, or leave it out, with a view"


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
        How the values travel: big-endian ``float4``, ``float8``, ``int8`` or ``bool`` (as an int8), or ``text``.
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
    if kind is None or (size is not None and kind == "text"):
        advice = _ADVICE.get(base, _DEFAULT_ADVICE)
        raise UnsupportedColumn(column=name, type=declared, role="a feature", hint=advice)
    travels = "text" if kind == "text" else "float4" if kind in _FOUR_BYTES else "float8"
    return Field(name=name, quoted=quoted, type=kind, kind=travels, size=size)


def target(name: str, quoted: str, declared: str, base: str, *, is_array: bool, classifies: bool) -> Field:
    """The field of a target.

    Raises
    ------
    UnsupportedColumn
        If the task cannot predict its type.
    """
    kind = TYPES.get(base)
    if kind is None or is_array or (kind == "text" and not classifies):
        role = f"the target of a {'classification' if classifies else 'regression'}"
        hint = "text can be the target of a classification" if kind == "text" else _DEFAULT_ADVICE
        raise UnsupportedColumn(column=name, type=declared, role=role, hint=hint)
    return Field(name=name, quoted=quoted, type=kind, kind=_target_kind(kind, classifies=classifies))


def _target_kind(kind: str, *, classifies: bool) -> str:
    if kind == "text":
        return "text"
    if not classifies:
        return "float8"
    if kind == "bool":
        return "bool"
    return "int8" if kind in ("int2", "int4", "int8") else "float8"
