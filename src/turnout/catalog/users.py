"""The users of the HTTP service, and the keys that sign their tokens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("users")


@dataclass(frozen=True, kw_only=True)
class User:
    """Somebody who may log in.

    Attributes
    ----------
    admin
        Whether everything in every space is allowed.
    key_hash
        Of the API key, argon2id.
    key_generation
        Which of the user's keys in turn that is.
    """

    id: UUID
    name: str
    admin: bool
    key_hash: str
    key_generation: int
    created_at: datetime


def _user(row: Row | None) -> User | None:
    return User(**row) if row else None


def by_name(session: Session, name: str) -> User | None:
    return _user(session.first(_Q["by_name"], name))


def by_id(session: Session, user_id: UUID) -> User | None:
    return _user(session.first(_Q["by_id"], user_id))


def every(session: Session) -> list[User]:
    """All users by name."""
    return [User(**row) for row in session.rows(_Q["every"])]


def insert(session: Session, *, user_id: UUID, name: str, admin: bool, key_hash: str) -> bool:
    """Store a user; whether the name was free."""
    return session.first(_Q["insert"], user_id, name, admin, key_hash) is not None


def set_key(session: Session, user: User, key_hash: str) -> None:
    """Let another key hold from now on, and no token of the earlier ones."""
    session.rows(_Q["set_key"], user.id, key_hash)


def has_other_admin(session: Session, user: User) -> bool:
    """Whether an administrator is left without this one."""
    return session.first(_Q["other_admin"], user.id) is not None


def delete(session: Session, user: User) -> None:
    """Remove a user; what they have made stays."""
    session.rows(_Q["delete"], user.id)


def signing_keys(session: Session) -> list[bytes]:
    """The keys that tokens may be signed with; the first signs."""
    return [bytes(row["secret"]) for row in session.rows(_Q["signing_keys"])]


def insert_signing_key(session: Session, secret: bytes) -> None:
    session.rows(_Q["insert_signing_key"], secret)


def lock_first_start(session: Session) -> None:
    """Let nobody else set the installation up until the transaction ends."""
    session.rows(_Q["first_start"])
