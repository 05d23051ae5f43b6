"""Snapshots: which rows and columns a training has read, and how they were split."""

import json
from dataclasses import dataclass
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("snapshots")


@dataclass(frozen=True, kw_only=True)
class Source:
    """What is asked for: a relation, its targets, and how to split and prepare its rows."""

    relation: str
    targets: tuple[str, ...]
    test_size: float
    sampling: str
    preprocess: dict[str, Any]


def last(session: Session, project_id: int) -> Source | None:
    """What the newest model of a project was trained on: the table of a materialized snapshot, if it has one."""
    row = session.first(_Q["last_of_project"], project_id)
    if row is None:
        return None
    return Source(
        relation=row["relation_name"],
        targets=tuple(row["y_column_name"] or ()),
        test_size=float(row["test_size"]),
        sampling=row["test_sampling"],
        preprocess=json.loads(row["preprocess"]),
    )


def insert(
    session: Session,
    source: Source,
    *,
    columns: Any,
    analysis: dict[str, Any],
    split: dict[str, Any] | None,
    reserved: int | None = None,
) -> int:
    """Store a snapshot; its id, which is the reserved one if its rows were copied to a table."""
    row = session.one(
        _Q["insert"],
        source.relation,
        list(source.targets),
        source.test_size,
        source.sampling,
        json.dumps(columns),
        json.dumps(analysis),
        json.dumps(source.preprocess),
        None if split is None else json.dumps(split),
        reserved,
    )
    return int(row["id"])


def reserve(session: Session) -> int:
    """The id of a snapshot to come, after which its table is called."""
    return int(session.one(_Q["reserve"])["id"])


def of_project(session: Session, project_id: int) -> list[int]:
    """The ids of the snapshots that a project's models were trained on."""
    return [row["id"] for row in session.rows(_Q["of_project"], project_id)]


def delete_unused(session: Session, ids: list[int]) -> None:
    """Remove those of the snapshots that no model refers to any more."""
    session.rows(_Q["delete_unused"], ids)
