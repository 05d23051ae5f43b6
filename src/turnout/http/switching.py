"""Strategies, history and compatibility over HTTP, of online deployments and of projects."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from turnout.http.auth import CallerOf
from turnout.http.bodies import Body, Text
from turnout.http.database import WorkOf
from turnout.http.deployments import Reply, ReplyOf, asked_by
from turnout.services import switching
from turnout.services.proposing import AssetGiven
from turnout.services.switching import Switched

router = APIRouter(prefix="/v1/deployments/{key}", tags=["switching"])
Key = Annotated[Text, Field(max_length=255, description="An id, a serving name, or a project's name.")]


class Strategy(Body):
    """Which model is to be live, and why."""

    strategy: str | None = Field(default=None, description="best_score, most_recent or rollback")
    algorithm: str | None = None
    model_id: int | None = Field(default=None, ge=1, lt=2**63, description="Instead of a strategy: this one.")
    reason: str | None = Field(default=None, max_length=1000)
    override: bool = Field(default=False, description="Also if it breaks callers; it takes an admin.")


class Why(Body):
    """Why, and with which algorithm."""

    algorithm: str | None = None
    reason: str | None = Field(default=None, max_length=1000)


@router.post("/deploy")
def deploy(key: Key, given: Strategy, reply: ReplyOf, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Deploy by a strategy, or a model by its id. An online deployment is replaced as by a patch of /asset: 202."""
    asked = asked_by(caller, reply.request, given.reason, override=given.override)
    with work.session() as session:
        found = switching.deploy(
            session,
            key,
            asked,
            strategy=given.strategy,
            algorithm=given.algorithm,
            model_id=given.model_id,
        )
    return _answer(found, reply)


@router.post("/rollback")
def rollback(
    key: Key, reply: ReplyOf, caller: CallerOf, work: WorkOf, given: Why | None = None
) -> dict[str, Any]:
    """Return to the model that was live before."""
    why = given or Why()
    asked = asked_by(caller, reply.request, why.reason)
    with work.session() as session:
        found = switching.deploy(session, key, asked, strategy="rollback", algorithm=why.algorithm)
    return _answer(found, reply)


@router.get("/history")
def history(key: Key, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Which model was live, from when to when, by whom and why, and what differed; the oldest first."""
    with work.session() as session:
        return {"resources": switching.history(session, caller, key)}


@router.get("/live_at")
def live_at(
    key: Key,
    caller: CallerOf,
    work: WorkOf,
    at: Annotated[datetime, Query(description="ISO 8601; UTC unless it says otherwise.")],
) -> dict[str, Any]:
    """Which model was live at a moment; null before the first."""
    with work.session() as session:
        return {"live": switching.live_at(session, caller, key, at)}


@router.get("/compatibility")
def compatibility(
    key: Key,
    caller: CallerOf,
    work: WorkOf,
    *,
    asset_id: UUID | None = None,
    rev: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    model_id: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> dict[str, Any]:
    """What callers would notice if a model took the live one's place: of an asset, or by its id."""
    asset = None if asset_id is None else AssetGiven(id=asset_id, revision=rev)
    with work.session() as session:
        found = switching.compare(session, caller, key, asset=asset, model_id=model_id)
    if found is None:
        return {"compatible": True, "compared_with": None, "differences": []}
    return {"compatible": not found.breaking, **found.recorded()}


def _answer(found: Switched, reply: Reply) -> dict[str, Any]:
    if found.reached.online is not None:
        return reply.shape(found.reached.online, 202)
    return {
        "project": found.reached.name,
        "strategy": found.strategy,
        "model_id": found.model_id,
        "algorithm": found.algorithm,
    }
