"""Relations: found as the caller would find them, described, and read column by column."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from turnout.catalog.identifiers import select
from turnout.catalog.query import load
from turnout.catalog.session import Session
from turnout.errors import UnknownRelation, UnusableData

_Q = load("relations")
_COPIES = count(1)
# a chunk is so many blocks of 8 kB: some ten thousand rows, whatever the table's size
CHUNK_BLOCKS = 512


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name, also as SQL quotes it, its type, and whether it holds arrays of that type."""

    name: str
    quoted: str
    type: str
    declared: str
    is_array: bool


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table, view or whatever else can be selected from, by its whole quoted name."""

    id: int
    name: str
    asked: str
    in_blocks: bool
    columns: tuple[Column, ...]


def find(session: Session, asked: str) -> Relation:
    """The relation that the caller means, with the columns that it has now and for the rest of the transaction.

    Raises
    ------
    UnknownRelation
        If the caller's ``search_path`` has none of this name, be it written as in SQL or unquoted.
    """
    found = look(session, asked)
    if found is None:
        raise UnknownRelation(relation=asked)
    # selecting takes the lock that keeps the columns as they are, and needs the caller's right to read
    session.run(select([("1", "one")], found.name, "false"))
    return replace(found, columns=_columns(session, found.id))


def look(session: Session, asked: str) -> Relation | None:
    """The relation that the caller means, as it is at this moment, whether he may read it or not."""
    found = _by_sql_name(session, asked) or session.first(_Q["by_literal_name"], asked)
    described = session.first(_Q["describe"], found["id"]) if found and found["id"] else None
    if not found or not described:
        return None
    return Relation(
        id=found["id"],
        name=described["name"],
        asked=asked,
        in_blocks=described["in_blocks"],
        columns=_columns(session, found["id"]),
    )


def _columns(session: Session, relation_id: int) -> tuple[Column, ...]:
    return tuple(Column(**row) for row in session.rows(_Q["columns"], relation_id))


def _by_sql_name(session: Session, asked: str) -> Any:
    # to_regclass takes these for the number of a relation
    if asked == "-" or not asked.strip("0123456789"):
        return None
    try:
        found = session.first(_Q["by_sql_name"], asked)
    except Exception as error:
        # a name that SQL cannot parse may still be one that nobody has quoted
        if getattr(error, "sqlstate", None) in ("42601", "42602", "0A000"):
            return None
        raise
    return found if found and found["id"] is not None else None


def transaction(session: Session) -> str:
    """What tells the caller's transaction from those before and after it in the same session."""
    found: str = session.one(_Q["transaction"])["began"]
    return found


def element(session: Session, array: str, place: int) -> str | None:
    """One text of an array of texts as PostgreSQL writes it, counted from 0."""
    found: str | None = session.one(_Q["element"], array, place + 1)["element"]
    return found


def first_length(session: Session, relation: Relation, column: Column) -> int:
    """The number of elements of the first array in a column; 0 if there is none."""
    sql = select(
        [(f"pg_catalog.cardinality({column.quoted})", "size")],
        relation.name,
        f"{column.quoted} is not null limit 1",
    )
    rows = list(session.stream(sql, 1))
    return int(rows[0]["size"]) if rows else 0


def chunks(
    session: Session, relation: Relation, wanted: Sequence[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """Aggregates over the rows of a relation, some ten thousand rows at a time, in one snapshot.

    A table is read block range by block range, as the caller and with row security; anything else, a view for
    example, has no blocks, and is copied to a temporary table first.

    Parameters
    ----------
    wanted
        Aggregate expressions over the relation's columns, with the names of their results.
    """
    size = session.first(_Q["blocks"], relation.id)
    blocks = int(size["blocks"]) if size else 0
    for start in range(0, max(blocks, 1), CHUNK_BLOCKS):
        condition = f"ctid operator(pg_catalog.>=) '({start},0)'::pg_catalog.tid"
        # rows of a child table may lie beyond the parent's last block
        if start + CHUNK_BLOCKS < blocks:
            condition += f" and ctid operator(pg_catalog.<) '({start + CHUNK_BLOCKS},0)'::pg_catalog.tid"
        yield from _aggregates(session, relation, select(wanted, relation.name, condition))


def _aggregates(session: Session, relation: Relation, sql: str) -> list[dict[str, Any]]:
    try:
        return [dict(row) for row in session.stream(sql, 1)]
    except Exception as error:
        if not beyond_double(error):
            raise
    raise UnusableData(relation=relation.asked, reason="it has a number out of the range of double precision")


def beyond_double(error: Exception) -> bool:
    """Whether a number could not be read because double precision has none so large."""
    return getattr(error, "sqlstate", None) == "22003" and "double precision" in str(error)


def copy(session: Session, relation: Relation) -> Relation:
    """A temporary table with the rows of a relation that has no blocks of its own."""
    name = f"pg_temp.turnout_rows_{next(_COPIES)}"
    columns = [(column.quoted, column.quoted) for column in relation.columns]
    session.run(
        f"create temporary table {name.partition('.')[2]} on commit drop as " + select(columns, relation.name)
    )
    found = session.one(_Q["by_sql_name"], name)
    return Relation(id=found["id"], name=name, asked=relation.asked, in_blocks=True, columns=relation.columns)


def materialize(session: Session, relation: Relation, snapshot_id: int) -> str:
    """The table ``pgml.snapshot_<id>`` with the rows of a relation, made as the caller; its name."""
    name = f"pgml.snapshot_{int(snapshot_id)}"
    columns = [(column.quoted, column.quoted) for column in relation.columns]
    session.run(f"create table {name} as " + select(columns, relation.name))
    return name


def drop(session: Session, relation: Relation) -> None:
    """Drop a copy."""
    session.run(f"drop table {relation.name}")
