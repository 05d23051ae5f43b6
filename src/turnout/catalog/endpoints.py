"""Endpoints and their history: the one row that a switch changes, and the row that says that it did."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.projects import Project
from turnout.catalog.query import load
from turnout.catalog.session import Row, Session
from turnout.errors import NameTaken, UnknownProject

_Q = load("endpoints")
_DEPLOYMENTS = load("deployments")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """What callers hold: its live model, and how often it was switched."""

    id: int
    name: str
    kind: str
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


def require_free(session: Session, name: str) -> None:
    """Refuse a name that an endpoint has already.

    Raises
    ------
    NameTaken
        Naming the kind of endpoint that has it.
    """
    row = session.first(_Q["kind_of"], name)
    if row is not None:
        raise NameTaken(name=name, kind=f"{row['kind']} endpoint")


def remove_history(session: Session, project_id: int) -> None:
    """Remove the deployments of a project whose removal is on record."""
    session.rows(_DEPLOYMENTS["delete"], project_id)


def remove(session: Session, project_id: int) -> None:
    """Remove the endpoint of a project, after its history."""
    session.rows(_Q["delete"], project_id)


def lock(session: Session, project: Project) -> Endpoint:
    """The endpoint of a project, locked until the transaction ends; predictions go on meanwhile.

    The project is held before, in the order in which a training and a deletion take their locks.

    Raises
    ------
    UnknownProject
        If somebody else has deleted it meanwhile.
    """
    kept = session.first(_Q["keep_project"], project.id)
    row = session.first(_Q["lock"], project.id) if kept else None
    if row is None:
        raise UnknownProject(project=project.name)
    return Endpoint(**row)


def lock_by_id(session: Session, endpoint_id: int) -> Endpoint | None:
    """An endpoint, locked until the transaction ends; none if it is not there any more."""
    row = session.first(_Q["lock_by_id"], endpoint_id)
    return Endpoint(**row) if row else None


def try_lock(session: Session, endpoint_id: int) -> Endpoint | None:
    """An endpoint, locked until the transaction ends; none if it has gone, or somebody else has locked it."""
    row = session.first(_Q["try_lock"], endpoint_id)
    return Endpoint(**row) if row else None


def of_project(session: Session, project: Project) -> Endpoint:
    """The endpoint of a project, as it is at the moment.

    Raises
    ------
    UnknownProject
        If somebody else has just deleted it.
    """
    row = session.first(_Q["of_project"], project.id)
    if row is None:
        raise UnknownProject(project=project.name)
    return Endpoint(**row)


def set_strict(session: Session, endpoint: Endpoint, *, strict: bool) -> None:
    """Say whether a model that breaks callers may be deployed with a warning."""
    session.rows(_Q["set_strict"], endpoint.id, strict)


def touch(session: Session, endpoint: Endpoint) -> None:
    """Let a switch fail that is decided on by what was there before, after a model has gone."""
    session.rows(_Q["touch"], endpoint.id)


def switch(
    session: Session,
    endpoint: Endpoint,
    *,
    model_id: int | None,
    strategy: str,
    reason: str | None,
    judgement: dict[str, Any] | None = None,
    checks: dict[str, Any] | None = None,
    user_name: str | None = None,
    asset_id: UUID | None = None,
    asset_revision: int | None = None,
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
        json.dumps(checks) if checks else None,
        user_name,
        asset_id,
        asset_revision,
    )


def last_model(session: Session, endpoint: Endpoint) -> int | None:
    """The model that callers know: the live one, or the one before an undeployment."""
    row = session.first(_DEPLOYMENTS["last_model"], endpoint.id)
    return int(row["model_id"]) if row else None


def timeline(session: Session, project: Project) -> list[Row]:
    """The deployments of a project, each with the time from which and to which it was live."""
    return session.rows(_DEPLOYMENTS["timeline"], project.id)


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
