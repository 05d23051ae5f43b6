"""Assets: the models of a space, under names of their own. What they say may change; their revisions don't."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("assets")
After = tuple[str, UUID] | None


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A model in a space, as it is or as one of its revisions was. The times are ISO 8601, in UTC.

    Attributes
    ----------
    entity
        What its makers say of it: type, software_spec, schemas, label_column, tags, ...
    model_id
        The model that it holds; none before its content has come.
    revision
        None for the asset as it is at the moment.
    """

    id: UUID
    space_id: UUID
    name: str
    entity: dict[str, Any]
    model_id: int | None
    owner_id: UUID
    revision: int | None
    created_at: str
    updated_at: str
    committed_at: str

    @classmethod
    def from_row(cls, row: Row) -> "Asset":
        return cls(**{**row, "entity": json.loads(row["entity"])})


def insert(
    session: Session,
    *,
    space_id: object,
    name: str,
    entity: Mapping[str, Any],
    model_id: int | None,
    owner_id: object,
) -> UUID:
    """Store an asset; its id. Over SQL, ids come and go as texts."""
    row = session.one(_Q["insert"], space_id, name, json.dumps(entity), model_id, owner_id)
    return UUID(str(row["id"]))


def by_id(session: Session, asset_id: UUID, revision: int | None = None) -> Asset | None:
    """An asset as it is, or as a revision of it was."""
    if revision is None:
        row = session.first(_Q["by_id"], asset_id)
    else:
        row = session.first(_Q["revision"], asset_id, revision)
    return Asset.from_row(row) if row else None


def page(
    session: Session, space_id: UUID, *, name: str | None, tag: str | None, after: After, limit: int
) -> list[Asset]:
    """One page of the assets of a space, the newest first."""
    rows = session.rows(_Q["page"], space_id, name, tag, *(after or (None, None)), limit)
    return [Asset.from_row(row) for row in rows]


def count(session: Session, space_id: UUID, *, name: str | None, tag: str | None) -> int:
    """How many assets there are on all pages."""
    return int(session.one(_Q["count"], space_id, name, tag)["assets"])


def lock(session: Session, asset_id: UUID, *, removal: bool = False) -> bool:
    """Let nobody else change an asset until the transaction ends; whether it is still there.

    Parameters
    ----------
    removal
        Wait for everybody who deploys it, too.
    """
    return session.first(_Q["lock_for_removal" if removal else "lock"], asset_id) is not None


def keep(session: Session, asset_id: UUID) -> bool:
    """Hold an asset until the transaction ends, so that its model is not removed; whether it is still there.

    Who deploys it holds it first, and then reads which model that is.
    """
    return session.first(_Q["keep"], asset_id) is not None


def lock_space(session: Session, space_id: UUID) -> list[UUID]:
    """Every asset of a space, to be removed."""
    return [row["id"] for row in session.rows(_Q["lock_space"], space_id)]


def update(session: Session, asset_id: UUID, name: str, entity: Mapping[str, Any]) -> None:
    """Change what an asset says of itself."""
    session.rows(_Q["update"], asset_id, name, json.dumps(entity))


def set_model(session: Session, asset_id: UUID, model_id: int) -> None:
    """Let an asset hold another model."""
    session.rows(_Q["set_model"], asset_id, model_id)


def revise(session: Session, asset_id: UUID, user_id: UUID) -> int:
    """Keep an asset as it is at the moment, as its next revision; the revision."""
    return int(session.one(_Q["revise"], asset_id, user_id)["revision"])


def revisions(session: Session, asset_id: UUID, *, below: int | None, limit: int) -> list[Asset]:
    """Revisions of an asset, the newest first."""
    return [Asset.from_row(row) for row in session.rows(_Q["revisions"], asset_id, below, limit)]


def count_revisions(session: Session, asset_id: UUID) -> int:
    """How many revisions an asset has."""
    return int(session.one(_Q["count_revisions"], asset_id)["revisions"])


def models(session: Session, asset_id: UUID) -> list[int]:
    """Every model that an asset or one of its revisions holds."""
    return [row["model_id"] for row in session.rows(_Q["models"], asset_id)]


def deployments(session: Session, asset_id: UUID) -> list[str]:
    """What answers by an asset, or is about to: online deployments by serving name or id."""
    return [row["name"] for row in session.rows(_Q["deployments"], asset_id)]


def delete(session: Session, asset_id: UUID) -> None:
    """Remove an asset with its revisions; the models stay."""
    session.rows(_Q["delete"], asset_id)
