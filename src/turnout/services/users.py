"""Who may use the HTTP service: users and their API keys."""

import re
import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from turnout.catalog import users
from turnout.catalog.session import Session
from turnout.catalog.users import User
from turnout.errors import InvalidArgument, NameTaken
from turnout.service_errors import LastAdministrator, LoginFailed, UnknownUser

ROLES = ("user", "admin")
FIRST = "admin"
# as the table's constraint has it
_NAME = re.compile(r"[^\x00-\x20\x7f-\x9f\s:/]{1,63}")
_HASHER = PasswordHasher()
# compared with where there is no such user, so that an answer takes as long
_NOBODY = _HASHER.hash(secrets.token_hex(32))


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key as it is shown once."""

    name: str
    api_key: str


def add(session: Session, *, name: str, role: str) -> NewKey:
    """Make a user; the only time that their key is seen.

    Raises
    ------
    InvalidArgument, NameTaken
        If the name is no name or somebody's.
    """
    if role not in ROLES:
        raise InvalidArgument(argument="role", value=role, expected=f"one of {', '.join(ROLES)}")
    if not _NAME.fullmatch(name):
        raise InvalidArgument(
            argument="name", value=name, expected="1 to 63 characters without spaces, colons and slashes"
        )
    user_id = uuid4()
    key, key_hash = _make_key(user_id)
    if not users.insert(session, user_id=user_id, name=name, admin=role == "admin", key_hash=key_hash):
        raise NameTaken(name=name, kind="user")
    return NewKey(name=name, api_key=key)


def rotate(session: Session, *, name: str) -> NewKey:
    """Give a user another key; the earlier one and its tokens end at once."""
    user = named(session, name)
    key, key_hash = _make_key(user.id)
    users.set_key(session, user, key_hash)
    return NewKey(name=name, api_key=key)


def remove(session: Session, *, name: str) -> None:
    """Remove a user; what they have made stays.

    Raises
    ------
    LastAdministrator
        If nobody could administer the installation any more.
    """
    user = named(session, name)
    if user.admin and not users.has_other_admin(session, user):
        raise LastAdministrator(name=name)
    users.delete(session, user)


def named(session: Session, name: str) -> User:
    """The user of that name.

    Raises
    ------
    UnknownUser
        If there is none.
    """
    user = users.by_name(session, name)
    if user is None:
        raise UnknownUser(name=name)
    return user


def set_up(session: Session) -> NewKey | None:
    """On the first start, make what signs tokens, and an administrator whose key is shown once."""
    users.lock_first_start(session)
    if not users.signing_keys(session):
        users.insert_signing_key(session, secrets.token_bytes(32))
    return None if users.every(session) else add(session, name=FIRST, role="admin")


def user_of_key(key: str) -> UUID | None:
    """Whose key it says to be: it begins with the user's id."""
    start, _, rest = key.partition("_")
    try:
        return UUID(hex=rest.partition("_")[0]) if start == "to" else None
    except ValueError:
        return None


def verify(user: User | None, key: str) -> User:
    """The user, if the key is theirs. It takes as long if there is no such user, some 50 ms.

    Raises
    ------
    LoginFailed
        Without saying whether the name or the key is wrong.
    """
    try:
        _HASHER.verify(_NOBODY if user is None else user.key_hash, key)
    except (VerificationError, InvalidHashError):
        raise LoginFailed from None
    if user is None:
        raise LoginFailed
    return user


def _make_key(user_id: UUID) -> tuple[str, str]:
    key = f"to_{user_id.hex}_{secrets.token_urlsafe(32)}"
    return key, _HASHER.hash(key)
