"""Spaces: who sees what is decided by their members."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session
from turnout.space_errors import UnknownSpace

_Q = load("spaces")


@dataclass(frozen=True, kw_only=True)
class Space:
    """A place for models and their deployments. The times are ISO 8601, in UTC."""

    id: UUID
    name: str
    entity: dict[str, Any]
    creator_id: UUID
    created_at: str
    updated_at: str

    @classmethod
    def from_row(cls, row: Row) -> "Space":
        return cls(**{**row, "entity": json.loads(row["entity"])})


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which spaces a listing is to name.

    Attributes
    ----------
    viewer
        Whose spaces: those of which this user is a member.
    everything
        Or all that there are.
    after
        Time and id of the last one of the page before.
    """

    viewer: UUID
    everything: bool = False
    name: str | None = None
    member: UUID | None = None
    role: str | None = None
    type: str | None = None
    after: tuple[str, UUID] | None = None
    limit: int = 100

    @property
    def conditions(self) -> tuple[object, ...]:
        return (self.viewer, self.everything, self.name, self.member, self.role, self.type)


def insert(session: Session, name: str, entity: Mapping[str, Any], creator_id: UUID) -> Space:
    """Make a space, which has no member yet."""
    return Space.from_row(session.one(_Q["insert"], name, json.dumps(entity), creator_id))


def by_id(session: Session, space_id: UUID) -> Space | None:
    row = session.first(_Q["by_id"], space_id)
    return Space.from_row(row) if row else None


def page(session: Session, wanted: Wanted) -> list[Space]:
    """One page of a listing, the newest space first."""
    after = wanted.after or (None, None)
    return [Space.from_row(row) for row in session.rows(_Q["page"], *wanted.conditions, *after, wanted.limit)]


def count(session: Session, wanted: Wanted) -> int:
    """How many spaces a listing has on all of its pages."""
    return int(session.one(_Q["count"], *wanted.conditions)["spaces"])


def ids_of(session: Session, name: str) -> list[UUID]:
    """The spaces with this name, the oldest first."""
    return [row["id"] for row in session.rows(_Q["by_name"], name)]


def keep(session: Session, space_id: object) -> None:
    """Hold a space until the transaction ends: it is not deleted under what is put into it.

    Raises
    ------
    UnknownSpace
        If it has just been deleted.
    """
    if session.first(_Q["keep"], space_id) is None:
        raise UnknownSpace(space=space_id)


def lock(session: Session, space_id: UUID, *, removal: bool = False) -> None:
    """Let nobody else change a space or its members until the transaction ends.

    Parameters
    ----------
    removal
        Wait for everybody who puts something into it, too.

    Raises
    ------
    UnknownSpace
        If it has just been deleted.
    """
    if session.first(_Q["lock_for_removal" if removal else "lock"], space_id) is None:
        raise UnknownSpace(space=space_id)


def update(session: Session, space_id: UUID, name: str, entity: Mapping[str, Any]) -> None:
    """Change what a space says of itself."""
    session.rows(_Q["update"], space_id, name, json.dumps(entity))


def deployments(session: Session, space_id: UUID) -> list[str]:
    """The online deployments of a space, by serving name where they have one."""
    return [row["name"] for row in session.rows(_Q["deployments"], space_id)]


def delete(session: Session, space_id: UUID) -> None:
    """Remove an empty space, with its members."""
    session.rows(_Q["delete"], space_id)
