"""Projects and their models as they are seen over HTTP: by uuid, by those who own them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.assets import After
from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("published")


@dataclass(frozen=True, kw_only=True)
class ProjectRow:
    """A project of SQL. The times are ISO 8601, in UTC."""

    id: int
    uid: UUID
    name: str
    task: str
    owner: str
    key_metric: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A model of a project."""

    id: int
    uid: UUID
    project_uid: UUID
    project: str
    task: str
    algorithm: str | None
    hyperparams: dict[str, Any]
    metrics: dict[str, Any]
    signature: dict[str, Any]
    library: dict[str, Any]
    actor: str
    created_at: str

    @classmethod
    def from_row(cls, row: Row) -> "TrainedModel":
        fields = dict(row)
        for name in ("hyperparams", "metrics", "signature", "library"):
            fields[name] = json.loads(row[name]) if row[name] else {}
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a model is, whoever calls it what.

    Attributes
    ----------
    restorable
        Whether it can be downloaded in the form in which it came.
    """

    id: int
    uid: UUID
    task: str
    algorithm: str | None
    library: dict[str, Any]
    predictor: str | None
    artifact_sha256: str
    artifact_bytes: int
    warnings: list[str]
    restorable: bool


def projects(
    session: Session, *, role: str | None, name: str | None, after: After, limit: int
) -> list[ProjectRow]:
    """One page of the projects that a role owns (or, without one, of all), the newest first."""
    rows = session.rows(_Q["page"], role, name, *(after or (None, None)), limit)
    return [ProjectRow(**row) for row in rows]


def count(session: Session, *, role: str | None, name: str | None) -> int:
    """How many projects there are on all pages."""
    return int(session.one(_Q["count"], role, name)["projects"])


def project(session: Session, uid: UUID, *, role: str | None) -> ProjectRow | None:
    """The project with this uid, if a role owns it."""
    row = session.first(_Q["by_uid"], uid, role)
    return ProjectRow(**row) if row else None


def models(session: Session, project_id: int, *, after: After, limit: int) -> list[TrainedModel]:
    """One page of the usable models of a project, the newest first."""
    rows = session.rows(_Q["models"], project_id, *(after or (None, None)), limit)
    return [TrainedModel.from_row(row) for row in rows]


def count_models(session: Session, project_id: int) -> int:
    """How many usable models a project has."""
    return int(session.one(_Q["count_models"], project_id)["models"])


def model(session: Session, uid: UUID) -> TrainedModel | None:
    """The usable model of a project with this uid."""
    row = session.first(_Q["model_by_uid"], uid)
    return TrainedModel.from_row(row) if row else None


def model_by_id(session: Session, model_id: int) -> TrainedModel | None:
    """The model of a project with this id, usable or not."""
    row = session.first(_Q["model_by_id"], model_id)
    return TrainedModel.from_row(row) if row else None


def facts(session: Session, model_ids: Sequence[int]) -> dict[int, Facts]:
    """What these models are."""
    rows = session.rows(_Q["facts"], list(model_ids)) if model_ids else []
    found = {}
    for row in rows:
        fields = dict(row)
        fields["library"] = json.loads(row["library"]) if row["library"] else {}
        fields["warnings"] = json.loads(row["warnings"]) if row["warnings"] else []
        found[row["id"]] = Facts(**fields)
    return found
