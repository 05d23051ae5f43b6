"""The tables that predictions are written into: found or made as the caller, and filled chunk by chunk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnout.catalog import relations
from turnout.catalog.query import load
from turnout.errors import InvalidArgument, UnusableTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from turnout.catalog.relations import Relation
    from turnout.catalog.session import Session

_Q = load("targets")
_TYPES = {
    "prediction": "pg_catalog.float4",
    "label": "pg_catalog.text",
    "probabilities": "pg_catalog.float4[]",
}
# what pgml._answers takes for a chunk
_PARAMETERS = (
    "pg_catalog.text",
    "pg_catalog.text",
    "pg_catalog.float4[]",
    "pg_catalog.text[]",
    "pg_catalog.text",
)


def find_or_make(session: Session, asked: str, key: str) -> Relation:
    """The table that the caller means; a new one, with a key of this type, where there is none.

    Raises
    ------
    InvalidArgument
        If there is none, and the name is not one as SQL writes it, or of a schema that does not exist.
    """
    found = relations.look(session, asked)
    if found is not None:
        return found
    name = _new_name(session, asked)
    columns = "".join(f", {column} {type_}" for column, type_ in _TYPES.items())
    _make(session, asked, f"create table {name} (key {key}{columns})")
    made = relations.look(session, name)
    if made is None:
        raise UnusableTable(table=asked, reason="a trigger has removed it as soon as it was made")
    return made


def _make(session: Session, asked: str, statement: str) -> None:
    try:
        session.run(statement)
    except Exception as error:
        if getattr(error, "sqlstate", None) != "3F000":
            raise
    else:
        return
    raise InvalidArgument(
        argument="target_table",
        value=f'"{asked}", which has no schema to be made in',
        expected="a table in a schema that exists: create the schema first, or name another one",
    )


def _new_name(session: Session, asked: str) -> str:
    try:
        parts = [row["part"] for row in session.rows(_Q["parts"], asked)]
    except Exception as error:
        if getattr(error, "sqlstate", None) != "22023":
            raise
        parts = []
    if not 1 <= len(parts) <= 2:
        raise InvalidArgument(
            argument="target_table",
            value=f'"{asked}", which does not exist',
            expected="a name as SQL writes it: table or schema.table, in double quotes where it has capitals or blanks",
        )
    return ".".join(parts)


def check(session: Session, table: Relation, key: str, *, classifies: bool) -> list[str]:
    """The columns of a table that will be filled.

    Raises
    ------
    UnusableTable
        Naming each column that is missing, or whose type cannot take the values.
    """
    wanted = {"key": key, **_TYPES}
    present = {column.name: column for column in table.columns}
    problems = [
        f'it has no column "{name}" ({_shown(wanted[name])})'
        for name in ("key", "prediction")
        if name not in present
    ]
    filled = [name for name in wanted if name in present and (classifies or name in ("key", "prediction"))]
    problems += [
        f'its column "{name}" is of type {present[name].declared}, not {_shown(wanted[name])}'
        for name in filled
        if not session.one(_Q["fits"], wanted[name], table.id, name)["fits"]
    ]
    if problems:
        raise UnusableTable(table=table.asked, reason="; ".join(problems))
    return filled


def _shown(type_: str) -> str:
    return {"pg_catalog.float4": "real", "pg_catalog.text": "text", "pg_catalog.float4[]": "real[]"}.get(
        type_, type_
    )


def writer(session: Session, table: Relation, key: str, filled: list[str]) -> Callable[..., int]:
    """What inserts a chunk, given what `pgml._answers` takes; how many rows that were."""
    values = [f"answers.key::{key}" if name == "key" else f"answers.{name}" for name in filled]
    return session.prepared(
        f"insert into {table.name} ({', '.join(filled)}) select {', '.join(values)}"
        " from pgml._answers($1, $2, $3, $4, $5) as answers",
        _PARAMETERS,
    )
