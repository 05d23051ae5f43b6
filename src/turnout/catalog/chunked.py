"""The rows of a relation in chunks, through one cursor: in one snapshot, and with memory for one chunk at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnout.catalog.relations import CHUNK_BLOCKS, beyond_double
from turnout.errors import UnusableRelation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from turnout.catalog.relations import Relation
    from turnout.catalog.session import Row, Session

CHUNK_ROWS = 32_768
# what the numbers of one chunk may take; of large arrays, a block holds many rows, which lead to values elsewhere
_CHUNK_BYTES = 16 << 20
_MOST_ROWS_IN_A_BLOCK = 291


def rows(
    session: Session,
    relation: Relation,
    wanted: Sequence[tuple[str, str]],
    *,
    columns: Sequence[str],
    row_bytes: int,
) -> Iterator[Row]:
    """Aggregates over the rows of a relation, some ten thousand rows at a time, all as one query sees them.

    Nothing is written: this works for whatever can be selected from in a transaction that only reads, and on a
    standby. All aggregates of a chunk meet its rows in the same order.

    Parameters
    ----------
    wanted
        Aggregate expressions over the columns, with the names of their results.
    columns
        The quoted columns that they use.
    row_bytes
        How much of a chunk's size one row takes, at least.
    """
    expressions = ", ".join(f"{expression} as {name}" for expression, name in wanted)
    if relation.in_blocks:
        sql = _by_blocks(relation, expressions, _at_most(CHUNK_BLOCKS, row_bytes * _MOST_ROWS_IN_A_BLOCK))
    else:
        sql = _by_rows(relation, expressions, columns, _at_most(CHUNK_ROWS, row_bytes))
    try:
        yield from session.stream(sql, 1)
    except Exception as error:
        if not beyond_double(error):
            raise
    else:
        return
    raise UnusableRelation(
        relation=relation.asked, reason="it has a number out of the range of double precision"
    )


def _at_most(usual: int, size: int) -> int:
    return max(1, min(usual, _CHUNK_BYTES // max(size, 1)))


def _by_blocks(relation: Relation, expressions: str, blocks: int) -> str:
    """A range of blocks is found without looking at the others."""
    first = "turnout_range.first_block"
    return f"""
        select turnout_chunk.*
        from pg_catalog.generate_series(
          0::pg_catalog.int8,
          greatest(
            (pg_catalog.pg_relation_size({relation.id}::pg_catalog.oid::pg_catalog.regclass)
              operator(pg_catalog.-) 1)
              operator(pg_catalog./) pg_catalog.current_setting('block_size')::pg_catalog.int8,
            0::pg_catalog.int8),
          {blocks}::pg_catalog.int8
        ) as turnout_range (first_block)
        cross join lateral (
          select {expressions}
          from {relation.name} as turnout_row
          where turnout_row.ctid operator(pg_catalog.>=) pg_catalog.concat('(', {first}, ',0)')::pg_catalog.tid
            and turnout_row.ctid operator(pg_catalog.<)
              pg_catalog.concat('(', {first} operator(pg_catalog.+) {blocks}, ',0)')::pg_catalog.tid
        ) as turnout_chunk
    """


def _by_rows(relation: Relation, expressions: str, columns: Sequence[str], count: int) -> str:
    """The rows are numbered as they come, and sorted by their chunk: on disk, where they are many.

    The ordered count keeps PostgreSQL from hashing, which would hold all chunks in memory at once.
    """
    part = "turnout_part"
    while any(part == column.strip('"') for column in columns):
        part += "_"
    return f"""
        select {expressions}, pg_catalog.count({part} order by {part}) as turnout_sorted
        from (
          select {", ".join(dict.fromkeys(columns))},
            (pg_catalog.row_number() over () operator(pg_catalog.-) 1) operator(pg_catalog./) {count} as {part}
          from {relation.name} as turnout_row
        ) as turnout_row
        group by {part}
    """
