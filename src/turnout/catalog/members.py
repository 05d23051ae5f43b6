"""Members of spaces: users, each with a role."""

from dataclasses import dataclass
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("members")


@dataclass(frozen=True, kw_only=True)
class Member:
    """A user in a space. The times are ISO 8601, in UTC."""

    user_id: UUID
    user_name: str
    role: str
    created_at: str
    updated_at: str


def role(session: Session, space_id: object, user_id: object) -> str | None:
    """The role of a user in a space, if it is a member."""
    row = session.first(_Q["role"], space_id, user_id)
    return row["role"] if row else None


def every(session: Session, space_id: UUID) -> list[Member]:
    """The members of a space, the first one first."""
    return [Member(**row) for row in session.rows(_Q["list"], space_id)]


def find(session: Session, space_id: UUID, who: str) -> Member | None:
    """The member with this id or name."""
    row = session.first(_Q["find"], space_id, who)
    return Member(**row) if row else None


def user(session: Session, who: str) -> Row | None:
    """``id``, ``name`` and ``admin`` of the user with this id or name, member or not."""
    return session.first(_Q["user"], who)


def insert(session: Session, space_id: UUID, user_id: UUID, role: str) -> None:
    """Admit a user, if it is no member yet."""
    session.rows(_Q["insert"], space_id, user_id, role)


def update(session: Session, space_id: UUID, user_id: UUID, role: str) -> None:
    """Give a member another role."""
    session.rows(_Q["update"], space_id, user_id, role)


def delete(session: Session, space_id: UUID, user_id: UUID) -> None:
    """Dismiss a member."""
    session.rows(_Q["delete"], space_id, user_id)


def other_admins(session: Session, space_id: UUID, user_id: UUID) -> int:
    """How many members but this one are admins of a space."""
    return int(session.one(_Q["other_admins"], space_id, user_id)["admins"])
