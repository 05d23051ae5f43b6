"""How a column leaves the database: one aggregate per column and chunk, in binary where it is a number.

All names that stand in these expressions are qualified, since they run with the caller's search_path.
"""

from turnout.domain.columns import Field

_CASTS = {
    "float4": ("pg_catalog.float4", "pg_catalog.float4send", "'NaN'::pg_catalog.float4"),
    "float8": ("pg_catalog.float8", "pg_catalog.float8send", "'NaN'::pg_catalog.float8"),
    "int8": ("pg_catalog.int8", "pg_catalog.int8send", "0::pg_catalog.int8"),
    "bool": ("pg_catalog.int4::pg_catalog.int8", "pg_catalog.int8send", "0::pg_catalog.int8"),
}
# dates leave as PostgreSQL keeps them; a missing one as a number that is none of theirs
_MISSING = {"date": "80000001", "timestamp": "8000000000000001"}
_EMPTY = "''::pg_catalog.bytea"


def aggregate(field: Field) -> str:
    """The expression whose value holds a whole chunk of a column, a missing value as NaN.

    A bytea of big-endian numbers, dates as `turnout.training.wire` reads them; for text, a JSON array as UTF-8 bytes.
    """
    if field.kind == "text":
        texts = f"pg_catalog.json_agg({field.quoted}::pg_catalog.text)::pg_catalog.text"
        return f"pg_catalog.convert_to({texts}, 'UTF8')"
    return f"pg_catalog.string_agg({_binary(field)}, {_EMPTY})"


def keys(quoted: str) -> str:
    """The expression that writes a chunk of a column of any type as an array of texts."""
    return f"pg_catalog.array_agg({quoted}::pg_catalog.text)::pg_catalog.text"


def nulls(field: Field) -> str:
    """The expression that counts a column's missing values."""
    return f"pg_catalog.count(*) filter (where {field.quoted} is null)"


def other_lengths(field: Field) -> str:
    """The expression that counts the arrays whose length is not the field's."""
    length = f"pg_catalog.cardinality({field.quoted})"
    return f"pg_catalog.count(*) filter (where {length} operator(pg_catalog.<>) {field.size})"


def _binary(field: Field) -> str:
    if field.kind in _MISSING:
        return _dates(field)
    cast, send, missing = _CASTS[field.kind]
    # boolean has no cast to float: it goes through an integer
    through = "::pg_catalog.int4" if field.type == "bool" else ""
    if field.size is None:
        return f"{send}(coalesce({field.quoted}{through}::{cast}, {missing}))"
    array = f"{field.quoted}{'::pg_catalog.int4[]' if through else ''}::{cast}[]"
    nan = "7fc00000" if field.kind == "float4" else "7ff8000000000000"
    return _elements(array, f"{send}(coalesce(e, {missing}))", nan, field.size)


def _dates(field: Field) -> str:
    send, missing = f"pg_catalog.{field.type}_send", _MISSING[field.kind]
    absent = f"pg_catalog.decode('{missing}', 'hex')"
    if field.size is None:
        return f"coalesce({send}({field.quoted}), {absent})"
    array = f"{field.quoted}::pg_catalog.{field.type}[]"
    return _elements(array, f"coalesce({send}(e), {absent})", missing, field.size)


def _elements(array: str, sent: str, missing: str, size: int) -> str:
    elements = f"pg_catalog.string_agg({sent}, {_EMPTY})"
    absent = f"pg_catalog.decode(pg_catalog.repeat('{missing}', {size}), 'hex')"
    return f"coalesce((select {elements} from pg_catalog.unnest({array}) as e), {absent})"
