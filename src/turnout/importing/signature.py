"""The signature of an upload: what the caller declares, what the model knows, and where these contradict."""

from __future__ import annotations

from typing import Any

from turnout.importing.refusal import Refused

_TYPES = {
    "double": "float8", "float64": "float8", "float": "float8", "float8": "float8", "number": "float8",
    "decimal": "numeric", "numeric": "numeric", "real": "float4", "float32": "float4", "float4": "float4",
    "float16": "float4",
    "object": "text", "string": "text", "str": "text", "varchar": "text", "char": "text", "text": "text",
    "category": "text", "bpchar": "text", "enum": "text",
    "integer": "int8", "int": "int8", "int64": "int8", "bigint": "int8", "int8": "int8", "long": "int8",
    "uint8": "int8", "uint16": "int8", "uint32": "int8", "uint64": "int8",
    "int32": "int4", "int4": "int4", "int16": "int2", "smallint": "int2", "int2": "int2", "short": "int2",
    "boolean": "bool", "bool": "bool",
    "date": "date", "timestamp": "timestamp", "datetime": "timestamp", "datetime64": "timestamp",
    "timestamptz": "timestamptz", "timestamp with time zone": "timestamptz",
}  # fmt: skip
# the signature's type where only the model says what kind a column is of
_BY_KIND = {"number": "float8", "text": "text", "bool": "bool", "time": "timestamp"}
_KINDS = {"text": "text", "enum": "text", "date": "time", "timestamp": "time", "timestamptz": "time"}
_NO_SIZE = ("(", "[", "<")


def normal(name: Any) -> str | None:
    """A type as signatures write it; none for what is not known.

    >>> normal("DOUBLE"), normal("varchar(20)"), normal("datetime64[ns]"), normal("ndarray")
    ('float8', 'text', 'timestamp', None)
    """
    if not isinstance(name, str):
        return None
    text = name.strip().lower()
    if "tz" in text or "utc" in text:
        return "timestamptz" if "datetime" in text or "timestamp" in text else None
    for mark in _NO_SIZE:
        text = text.partition(mark)[0].strip()
    return _TYPES.get(text)


def declared_fields(schemas: Any, *names: str) -> list[dict[str, Any]]:
    """The fields of the first of these schemas that has some."""
    if not isinstance(schemas, dict):
        return []
    for name in names:
        found = schemas.get(name)
        for schema in found if isinstance(found, list) else [found]:
            fields = schema.get("fields") if isinstance(schema, dict) else None
            if isinstance(fields, list) and fields:
                return [
                    field
                    for field in fields
                    if isinstance(field, dict) and isinstance(field.get("name"), str)
                ]
    return []


def fields_of(
    schemas: Any, label: str | None, names: list[str] | None, kinds: list[str | None]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The signature's fields, and what to warn of.

    Parameters
    ----------
    label
        The column that was predicted.
    names
        The columns that the model was trained on; none where it knows no names.
    kinds
        Of each column, as far as the model knows.

    Raises
    ------
    Refused
        If the declared columns are not those that the model takes.
    """
    declared = declared_fields(schemas, "input", "training")
    given = {field["name"]: field for field in declared}
    if len(given) < len(declared):
        raise Refused("its schema has a column twice")
    if names is None:
        names, warnings = _by_number(list(given), label, len(kinds))
    else:
        warnings = _by_name(list(given), names)
    return [
        {"name": name, "type": _type(given.get(name), name, kind), "size": None}
        for name, kind in zip(names, kinds, strict=True)
    ], warnings


def _by_number(given: list[str], label: str | None, width: int) -> tuple[list[str], list[str]]:
    if not given:
        return [f"f{i}" for i in range(1, width + 1)], []
    inputs = [name for name in given if name != label]
    if len(inputs) != width:
        raise Refused(
            f"its schema has {len(inputs)} columns ({_listed(inputs)}), and the model takes {width}; it knows no "
            "names, so the schema must have just those, in their order"
        )
    return inputs, []


def _by_name(given: list[str], names: list[str]) -> list[str]:
    if not given:
        return []
    missing = [name for name in names if name not in given]
    if missing:
        raise Refused(
            f"its schema lacks columns that the model was trained on: {_listed(missing)}; it has {_listed(given)}"
        )
    extra = [name for name in given if name not in names]
    if not extra:
        return []
    return [
        f"the model was not trained on these columns of the schema, which are no inputs: {_listed(extra)}"
    ]


def _type(declared: dict[str, Any] | None, name: str, kind: str | None) -> str:
    found = normal(declared.get("type")) if declared else None
    if found is None:
        return _BY_KIND[kind or "number"]
    if kind is not None and _KINDS.get(found, "number") != ("number" if kind == "bool" else kind):
        if kind == "time" and found == "text":
            return _BY_KIND[kind]
        raise Refused(
            f'its schema says that column "{name}" is {declared["type"] if declared else None}, '
            f"and the model takes it as a {kind}"
        )
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def targets_of(
    schemas: Any, label: str | None, classes: list[Any] | None, targets: int
) -> list[dict[str, Any]]:
    """The signature's targets."""
    if targets == 1:
        return [{"name": label or "target", "type": _target_type(classes)}]
    outputs = [field["name"] for field in declared_fields(schemas, "output")]
    named = outputs if len(outputs) == targets else [f"target_{i}" for i in range(1, targets + 1)]
    each = classes if classes is not None else [None] * targets
    return [{"name": name, "type": _target_type(own)} for name, own in zip(named, each, strict=True)]


def _target_type(classes: list[Any] | None) -> str:
    if classes is None:
        return "float8"
    if isinstance(classes[0], str):
        return "text"
    if isinstance(classes[0], bool):
        return "bool"
    return "int8" if isinstance(classes[0], int) else "float8"
