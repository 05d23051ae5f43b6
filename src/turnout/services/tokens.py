"""The tokens that a login gives: signed, and short-lived."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from turnout.catalog import users
from turnout.catalog.session import Session
from turnout.catalog.users import User
from turnout.service_errors import NotAuthenticated

LIFETIME = timedelta(hours=12)
ALGORITHM = "HS256"
ISSUER = "turnout"


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What a token says.

    Attributes
    ----------
    generation
        Which of the user's keys it was made with: another key ends it.
    expires
        In seconds since 1970.
    """

    user_id: UUID
    name: str
    generation: int
    expires: int


def make(user: User, keys: list[bytes], *, lifetime: timedelta = LIFETIME) -> tuple[str, Claims]:
    """A token for a user, signed with the first of the keys."""
    now = datetime.now(UTC)
    claims = Claims(
        user_id=user.id,
        name=user.name,
        generation=user.key_generation,
        expires=int((now + lifetime).timestamp()),
    )
    payload = {
        "iss": ISSUER,
        "sub": str(user.id),
        # both names under which IBM's clients look for it
        "username": user.name,
        "uid": str(user.id),
        "gen": claims.generation,
        "iat": int(now.timestamp()),
        "exp": claims.expires,
    }
    return jwt.encode(payload, keys[0], algorithm=ALGORITHM), claims


def read(token: str, keys: list[bytes]) -> Claims:
    """What a token says, after a look at its signature and its end.

    Raises
    ------
    NotAuthenticated
        If one of these doesn't hold, saying which.
    """
    error: Exception = jwt.InvalidTokenError("nothing signs tokens yet")
    for key in keys:
        try:
            payload: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": ["exp", "sub", "gen", "iss"]},
            )
            return Claims(
                user_id=UUID(payload["sub"]),
                name=str(payload["username"]),
                generation=int(payload["gen"]),
                expires=int(payload["exp"]),
            )
        except jwt.InvalidSignatureError as problem:
            error = problem
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as problem:
            raise NotAuthenticated(reason=_reason(problem)) from None
    raise NotAuthenticated(reason=_reason(error))


def holder(session: Session, token: str) -> User:
    """The user whose token it is; looked up, so that a rotated key or a removal holds at once.

    Raises
    ------
    NotAuthenticated
        If it doesn't hold any more.
    """
    claims = read(token, users.signing_keys(session))
    user = users.by_id(session, claims.user_id)
    if user is None or user.key_generation != claims.generation:
        raise NotAuthenticated(reason="the one that came was made with a key that holds no more")
    return user


def _reason(problem: Exception) -> str:
    if isinstance(problem, jwt.ExpiredSignatureError):
        return "the one that came has expired"
    return "the one that came is not one of ours"
