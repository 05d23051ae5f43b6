"""The rows of a training: which columns, as what, and their way to the process that trains."""

from collections.abc import Callable
from dataclasses import dataclass

from turnout.catalog import reading, relations
from turnout.catalog.relations import Column, Relation
from turnout.catalog.session import Session
from turnout.domain import columns
from turnout.domain.choices import UNSUPERVISED
from turnout.domain.columns import Field
from turnout.errors import InvalidArgument, NullTarget, UnknownColumn, UnsupportedColumn, UnusableData
from turnout.runtime.labels import label_text

Send = Callable[[int, list[bytes]], None]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A relation with the fields that are read from it."""

    relation: Relation
    features: tuple[Field, ...]
    targets: tuple[Field, ...]


def check_targets(names: tuple[str, ...]) -> None:
    """Refuse names of targets that no relation can have.

    Raises
    ------
    InvalidArgument
        If there is none, or one is missing or comes twice.
    """
    expected = "the names of the columns to predict"
    wrong = ""
    if not names:
        wrong = "an empty array"
    elif any(name is None for name in names):
        wrong = "an array with a NULL in it"
    elif not all(isinstance(name, str) for name in names):
        wrong = "an array of arrays"
    elif twice := sorted({name for name in names if names.count(name) > 1}):
        wrong, expected = f'an array with "{twice[0]}" in it twice', "each target once"
    if wrong:
        raise InvalidArgument(argument="y_column_name", value=wrong, expected=expected)


def check_test_size(size: float | None) -> None:
    """Refuse a size of the test part that no relation can have.

    Raises
    ------
    InvalidArgument
        If it is neither a share nor a number of rows.
    """
    if size is not None and not (0 < size < 1 or 1 < size < float("inf")):
        raise InvalidArgument(
            argument="test_size",
            value=label_text(size),
            expected="a share of the rows between 0 and 1, or a number of rows above 1",
        )


def describe(session: Session, asked: str, targets: tuple[str, ...], *, task: str) -> Rows:
    """Find a relation and decide how each of its columns is read; a task without a target leaves its column out.

    Raises
    ------
    UnknownRelation, UnknownColumn, UnsupportedColumn, UnusableData
        If there is no such relation or target, or a column cannot be trained on.
    """
    return fields_of(session, relations.find(session, asked), targets, task=task)


def fields_of(session: Session, relation: Relation, targets: tuple[str, ...], *, task: str) -> Rows:
    """Decide how each column of a relation is read, as `describe` does."""
    by_name = {column.name: column for column in relation.columns}
    for name in targets:
        if name not in by_name:
            raise UnknownColumn(column=name, relation=relation.name, columns=", ".join(by_name))
    wanted = [column for column in relation.columns if column.name not in targets]
    if not wanted:
        raise UnusableData(relation=relation.name, reason="it has no column but its target")
    return Rows(
        relation=relation,
        features=tuple(_feature(session, relation, column) for column in wanted),
        targets=()
        if task in UNSUPERVISED
        else tuple(_target(by_name[name], classifies=task == "classification") for name in targets),
    )


def _feature(session: Session, relation: Relation, column: Column) -> Field:
    size = relations.first_length(session, relation, column) if column.is_array else None
    if size == 0:
        raise UnusableData(relation=relation.name, reason=f'the arrays of column "{column.name}" are empty')
    return columns.feature(column.name, column.quoted, column.declared, column.type, size)


def _target(column: Column, *, classifies: bool) -> Field:
    return columns.target(
        column.name,
        column.quoted,
        column.declared,
        column.type,
        is_array=column.is_array,
        classifies=classifies,
    )


def send(session: Session, rows: Rows, to: Send) -> int:
    """Read all rows in one snapshot and hand them on chunk by chunk; how many there were.

    Raises
    ------
    NullTarget, UnsupportedColumn, UnusableData
        If a target is missing, arrays differ in length, or there are no rows.
    """
    if rows.relation.in_blocks:
        return _send(session, rows, to)
    copied = relations.copy(session, rows.relation)
    count = _send(session, Rows(relation=copied, features=rows.features, targets=rows.targets), to)
    relations.drop(session, copied)
    return count


def _send(session: Session, rows: Rows, to: Send) -> int:
    count = session.in_one_snapshot(lambda: _read(session, rows, to))
    if count == 0:
        raise UnusableData(relation=rows.relation.asked, reason="it has no rows")
    return count


def _read(session: Session, rows: Rows, to: Send) -> int:
    fields = (*rows.features, *rows.targets)
    arrays = [field for field in rows.features if field.size is not None]
    wanted = [("pg_catalog.count(*)", "n")]
    wanted += [(reading.aggregate(field), f"c{i}") for i, field in enumerate(fields)]
    wanted += [(reading.nulls(field), f"nulls{i}") for i, field in enumerate(rows.targets)]
    wanted += [(reading.other_lengths(field), f"lengths{i}") for i, field in enumerate(arrays)]
    count = 0
    missing = [0] * len(rows.targets)
    for chunk in relations.chunks(session, rows.relation, wanted):
        if not chunk["n"]:
            continue
        for i, field in enumerate(arrays):
            if chunk[f"lengths{i}"]:
                raise UnsupportedColumn(
                    column=field.name,
                    type="an array of changing length",
                    role="a feature",
                    hint=f"{chunk[f'lengths{i}']} of {chunk['n']} rows have another length than the first row's"
                    f" {field.size}",
                )
        count += chunk["n"]
        missing = [total + chunk[f"nulls{i}"] for i, total in enumerate(missing)]
        if not any(missing):
            to(chunk["n"], [chunk[f"c{i}"] for i in range(len(fields))])
    for field, nulls in zip(rows.targets, missing, strict=True):
        if nulls:
            raise NullTarget(count=nulls, rows=count, relation=rows.relation.asked, column=field.name)
    return count
