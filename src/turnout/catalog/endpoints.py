"""Endpoints and their history: the one row that a switch changes, and the row that says that it did."""

import json
from dataclasses import dataclass
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("endpoints")
_DEPLOYMENTS = load("deployments")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What callers hold: its live model, and how often it was switched."""

    id: int
    name: str
    project_id: int | None
    model_id: int | None
    revision: int
    strict: bool


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A model that a strategy has chosen."""

    id: int
    algorithm: str

    @classmethod
    def from_row(cls, row: Row | None) -> "Candidate | None":
        return cls(id=row["id"], algorithm=row["algorithm"]) if row else None


def lock(session: Session, project_id: int) -> Endpoint:
    """The endpoint of a project, locked until the transaction ends; predictions go on meanwhile."""
    row = session.first(_Q["lock"], project_id)
    assert row is not None
    return Endpoint(**row)


def live_model(session: Session, project_id: int) -> int | None:
    """The id of the live model, without a lock: it may change any moment."""
    row = session.first(_Q["of_project"], project_id)
    return row["model_id"] if row else None


def switch(
    session: Session,
    endpoint: Endpoint,
    *,
    model_id: int | None,
    strategy: str,
    reason: str | None,
    judgement: dict[str, Any] | None = None,
) -> None:
    """Point a locked endpoint to a model, or to none, and write that into the history."""
    revision = endpoint.revision + 1
    session.rows(_Q["switch"], endpoint.id, model_id, revision)
    session.rows(
        _DEPLOYMENTS["insert"],
        endpoint.id,
        endpoint.project_id,
        model_id,
        strategy,
        revision,
        endpoint.model_id,
        reason,
        json.dumps(judgement) if judgement else None,
    )


def deployments(session: Session, endpoint: Endpoint) -> int:
    """How many deployments an endpoint has had."""
    row = session.first(_DEPLOYMENTS["count"], endpoint.id)
    return int(row["deployments"]) if row else 0


def best_score(
    session: Session, project_id: int, *, metric: str, greater_is_better: bool, algorithm: str | None
) -> Candidate | None:
    row = session.first(_DEPLOYMENTS["best_score"], project_id, metric, algorithm, greater_is_better)
    return Candidate.from_row(row)


def most_recent(session: Session, project_id: int, *, algorithm: str | None) -> Candidate | None:
    return Candidate.from_row(session.first(_DEPLOYMENTS["most_recent"], project_id, algorithm))


def before(session: Session, endpoint: Endpoint, *, algorithm: str | None) -> Candidate | None:
    """What a rollback chooses."""
    row = session.first(
        _DEPLOYMENTS["rollback"], endpoint.id, endpoint.revision, endpoint.model_id, algorithm
    )
    return Candidate.from_row(row)
