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
# the SQLSTATE of a violated unique constraint
_TAKEN = "23505"


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
    """A model that a strategy has chosen, and, for an online deployment, which asset of the space it is."""

    id: int
    algorithm: str | None
    asset_id: UUID | None = None
    asset_revision: int | None = None

    @classmethod
    def from_row(cls, row: Row | None) -> "Candidate | None":
        return cls(**row) if row else None


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


def lock_briefly(session: Session, endpoint_id: int) -> Endpoint | None:
    """As `lock_by_id`, for a process that has nothing to wait for: should it stand still, it loses the lock."""
    session.rows(_Q["hold_briefly"])
    return lock_by_id(session, endpoint_id)


def try_lock(session: Session, endpoint_id: int) -> Endpoint | None:
    """An endpoint, locked until the transaction ends; none if it has gone, or somebody else has locked it."""
    row = session.first(_Q["try_lock"], endpoint_id)
    return Endpoint(**row) if row else None


def by_name(session: Session, name: str) -> Endpoint | None:
    """The endpoint with this name, a project's or an online deployment's, as it is at the moment."""
    row = session.first(_Q["by_name"], name)
    return Endpoint(**row) if row else None


def insert_online(session: Session, name: str) -> int:
    """Make the endpoint of an online deployment; its id.

    Raises
    ------
    NameTaken
        If a project or another deployment has the name.
    """
    row = session.first(_Q["insert_online"], name)
    if row is None:
        require_free(session, name)
        # whoever had it has gone between the two looks
        raise NameTaken(name=name, kind="endpoint")
    return int(row["id"])


def rename(session: Session, endpoint: Endpoint, name: str) -> None:
    """Give a locked endpoint another name.

    Raises
    ------
    NameTaken
        If a project or another deployment has it.
    """
    require_free(session, name)
    try:
        session.rows(_Q["rename"], endpoint.id, name)
    except Exception as error:
        if getattr(error, "sqlstate", None) != _TAKEN:
            raise
        raise NameTaken(name=name, kind="endpoint") from error


def remove_online(session: Session, endpoint: Endpoint) -> None:
    """Remove an endpoint whose removal is on record, after its history."""
    session.rows(_DEPLOYMENTS["delete_of_endpoint"], endpoint.id)
    session.rows(_Q["delete_by_id"], endpoint.id)


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


def timeline(session: Session, endpoint: Endpoint) -> list[Row]:
    """The deployments of an endpoint, each with the time from which and to which it was live."""
    return session.rows(_DEPLOYMENTS["timeline"], endpoint.id)


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


def best_in_space(
    session: Session, space_id: UUID, *, metric: str, greater_is_better: bool, algorithm: str | None
) -> list[Candidate]:
    """The models of a space that can answer and have a figure for a metric, the best first."""
    found = session.rows(_DEPLOYMENTS["best_in_space"], space_id, metric, algorithm, greater_is_better)
    return [Candidate(**row) for row in found]


def recent_in_space(session: Session, space_id: UUID, *, algorithm: str | None) -> list[Candidate]:
    """The models of a space that can answer, the one that came last first."""
    return [Candidate(**row) for row in session.rows(_DEPLOYMENTS["recent_in_space"], space_id, algorithm)]


def before_in_space(session: Session, endpoint: Endpoint, *, algorithm: str | None) -> Candidate | None:
    """What a rollback of an online deployment chooses: its asset has to be there still."""
    row = session.first(
        _DEPLOYMENTS["rollback_in_space"], endpoint.id, endpoint.revision, endpoint.model_id, algorithm
    )
    return Candidate.from_row(row)


def in_space(session: Session, space_id: UUID, model_id: int) -> Candidate | None:
    """A model as the newest asset of a space that it is; none if it is none."""
    return Candidate.from_row(session.first(_DEPLOYMENTS["in_space"], space_id, model_id))
