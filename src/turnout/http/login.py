"""From a name and an API key to a token, in the two ways of Watson Machine Learning's clients."""

import asyncio
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from turnout.catalog import users
from turnout.http.auth import Caller, CallerOf
from turnout.http.database import Work, WorkOf
from turnout.http.throttle import Throttle
from turnout.service_errors import InvalidRequest, LoginFailed, TooManyLogins
from turnout.services import tokens
from turnout.services.tokens import Claims
from turnout.services.users import user_of_key, verify

VERSION = "5.3.0"
GRANT = "urn:ibm:params:oauth:grant-type:apikey"
SLOWED_SECONDS = 0.3
# an argon2 hash takes 64 MB for its 50 ms
AT_ONCE = 2
router = APIRouter(tags=["login"])
_LOG = logging.getLogger("turnout.http.login")
_THROTTLE = Throttle()
_HASHING = asyncio.Semaphore(AT_ONCE)


class Login(BaseModel):
    """Who wants to log in; the key may come as a password."""

    username: str = Field(max_length=200)
    api_key: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=200)


@router.get("/ml/wml_services/v2/version")
def version() -> dict[str, str]:
    """The version of the service whose shapes these are."""
    return {"version": VERSION}


@router.get("/v1/me")
def me(caller: CallerOf) -> Caller:
    """The user whose token came."""
    return caller


@router.post("/icp4d-api/v1/authorize")
async def authorize(request: Request, work: WorkOf, login: Login) -> dict[str, str]:
    """A token for a name and an API key."""
    key = login.api_key or login.password
    if not key:
        raise InvalidRequest(reason="api_key is missing: send username and api_key")
    token, _ = await _log_in(request, work, login.username, key)
    return {"_messageCode_": "success", "message": "success", "token": token}


@router.post("/identity/token")
async def identity_token(
    request: Request,
    work: WorkOf,
    grant_type: Annotated[str, Form(max_length=200)],
    apikey: Annotated[str, Form(max_length=200)],
) -> dict[str, Any]:
    """A token for an API key, which says whose it is."""
    if grant_type != GRANT:
        raise InvalidRequest(reason=f"grant_type is {grant_type!r}; expected {GRANT!r}")
    token, claims = await _log_in(request, work, None, apikey)
    return {
        "access_token": token,
        "refresh_token": "not_supported",
        "token_type": "Bearer",
        "expires_in": int(tokens.LIFETIME.total_seconds()),
        "expiration": claims.expires,
        "scope": "turnout",
    }


async def _log_in(request: Request, work: Work, name: str | None, key: str) -> tuple[str, Claims]:
    address = request.client.host if request.client else ""
    owner = user_of_key(key) if name is None else None
    guessed = f"{address} {name if name is not None else owner}"
    if seconds := _THROTTLE.wait(guessed):
        raise TooManyLogins(name=name or "this key", seconds=seconds)
    try:
        async with _HASHING:
            found = await run_in_threadpool(_token, work, name, key)
    except LoginFailed:
        _THROTTLE.failed(guessed)
        _LOG.warning("login failed", extra={"user": name or str(owner), "address": address})
        await asyncio.sleep(SLOWED_SECONDS)
        raise
    _THROTTLE.succeeded(guessed)
    return found


def _token(work: Work, name: str | None, key: str) -> tuple[str, Claims]:
    with work.session() as session:
        if name is not None:
            user = users.by_name(session, name)
        else:
            owner = user_of_key(key)
            user = None if owner is None else users.by_id(session, owner)
        keys = users.signing_keys(session)
    return tokens.make(verify(user, key), keys)
