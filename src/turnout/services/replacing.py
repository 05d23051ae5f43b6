"""A replacement from its acceptance to its switch: every server process prepares it, then one transaction switches."""

import logging
from typing import Any
from uuid import uuid4

from turnout.catalog import endpoints, online, replacements, servers
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.replacements import Progress, Replacement
from turnout.catalog.session import Session
from turnout.config import REPLACEMENT_SECONDS
from turnout.deployment_errors import NotPrepared, UnfitModel
from turnout.errors import ReplacementUnderWay, TurnoutError

SECONDS = REPLACEMENT_SECONDS
"""For how long a replacement waits for a server process that says nothing."""
LEASE = 5.0
"""For how many seconds a server process that hears nothing of the database takes its directory for current."""

_LOG = logging.getLogger("turnout.replacing")


def require_settled(session: Session, endpoint: Endpoint) -> None:
    """Refuse a second replacement of a locked endpoint before the first one is done in every server process.

    Raises
    ------
    ReplacementUnderWay
        Until then.
    """
    if replacements.under_way(session, endpoint.id) or replacements.is_awaited(session, endpoint.id):
        raise ReplacementUnderWay(deployment=endpoint.name)


def accept(session: Session, replacement: Replacement, *, seconds: float) -> None:
    """Accept the replacement of a locked endpoint; from the commit on, every server process prepares it."""
    online.clear_failure(session, replacement.endpoint_id)
    replacements.insert(session, replacement, seconds=seconds)


def advance(session: Session) -> bool:
    """Bring every replacement to its end that has come so far; whether all of them are over.

    Each server process does this whenever one has said something: whoever locks the endpoint first, decides.
    The caller commits.
    """
    over = True
    for progress in replacements.progress(session):
        over = progress.due and _settle(session, progress) and over
    return over


def tend(session: Session, *, seconds: float, lease: float = LEASE) -> None:
    """Leave behind the server processes whose sessions have ended, and those that have not followed for so long."""
    servers.sweep(session, lease=lease)
    ended = servers.end_laggards(session, seconds=seconds)
    if ended:
        _LOG.warning("%d server processes have not followed a switch for %g s: left behind", ended, seconds)


def failure(error: TurnoutError) -> dict[str, Any]:
    """What a deployment keeps of an error, in the shape of an error's body."""
    return {"trace": uuid4().hex, "errors": [{"code": error.code, "message": error.message}]}


def _settle(session: Session, seen: Progress) -> bool:
    """Decide on a replacement, under its endpoint's lock; whether it is over."""
    endpoint = endpoints.try_lock(session, seen.endpoint_id)
    if endpoint is None:
        return False
    taken = replacements.taken(session, seen.id)
    if taken is None:  # somebody else was first
        return True
    replacement, progress, seconds = taken
    if progress.late and progress.prepared and not progress.complete:
        _LOG.warning(
            "replacement %d: %d of %d server processes are silent after %g s: left behind",
            progress.id, progress.live - progress.prepared, progress.live, seconds,
        )  # fmt: skip
        replacements.end_silent(session, progress.id)
        taken = replacements.taken(session, progress.id)
        progress = taken[1] if taken else progress
    if progress.problem is not None:
        _fail(session, endpoint, progress, UnfitModel(model_id=replacement.model_id, reason=progress.problem))
    elif progress.complete:
        _switch(session, endpoint, progress, replacement)
    elif progress.late and not progress.prepared:
        _fail(session, endpoint, progress, NotPrepared(model_id=replacement.model_id, seconds=f"{seconds:g}"))
    else:
        return False
    return True


def _fail(session: Session, endpoint: Endpoint, progress: Progress, error: TurnoutError) -> None:
    online.fail(session, endpoint.id, failure(error))
    replacements.delete(session, progress.id)
    _LOG.warning("%s: not replaced: %s", endpoint.name, error)


def _switch(session: Session, endpoint: Endpoint, progress: Progress, replacement: Replacement) -> None:
    endpoints.switch(
        session,
        endpoint,
        model_id=replacement.model_id,
        strategy=replacement.strategy,
        reason=replacement.reason,
        checks=replacement.checks,
        user_name=replacement.user_name,
        asset_id=replacement.asset_id,
        asset_revision=replacement.asset_revision,
    )
    replacements.delete(session, progress.id)
    _LOG.info("%s: model %d is live, revision %d", endpoint.name, replacement.model_id, endpoint.revision + 1)
