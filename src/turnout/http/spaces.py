"""Spaces and their members over HTTP."""

import logging
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from turnout.catalog.members import Member
from turnout.catalog.session import Session
from turnout.catalog.spaces import Space, Wanted
from turnout.domain.choices import one_of
from turnout.domain.roles import ROLES
from turnout.http.auth import CallerOf
from turnout.http.bodies import Body, Operations, Text
from turnout.http.database import WorkOf
from turnout.http.paging import PageOf
from turnout.services import members, spaces

_LOG = logging.getLogger("turnout.http")
router = APIRouter(prefix="/v2/spaces", tags=["spaces"])
membership = APIRouter(prefix="/v2/spaces", tags=["members"])


class NewSpace(Body):
    """What a space says of itself; other members are kept too."""

    name: str = Field(min_length=1, max_length=255)
    description: str | None = None
    stage: dict[str, Any] | None = None
    tags: list[str] | None = None
    type: str | None = None


class NewMember(Body):
    """A user, by id or name, and its role."""

    id: str = Field(min_length=1, max_length=255)
    role: str = Field(description="viewer: sees and scores; editor: deploys, too; admin: admits others, too")
    type: str = "user"
    state: str = "active"


class NewMembers(Body):
    """Users to be admitted: all or none."""

    members: list[NewMember] = Field(min_length=1, max_length=1000)


@router.post("", status_code=202)
def create_space(given: NewSpace, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Make a space, whose admin you are then; it is active at once."""
    entity = given.model_dump(exclude={"name"}, exclude_none=True)
    with work.session() as session:
        return _space(spaces.create(session, caller, given.name, entity))


@router.get("")
def list_spaces(
    caller: CallerOf,
    work: WorkOf,
    page: PageOf,
    *,
    name: Annotated[Text | None, Query(max_length=255)] = None,
    member: Annotated[Text | None, Query(max_length=255, description="A user's id or name.")] = None,
    roles: Annotated[Text | None, Query(description="The role of that member, or yours.")] = None,
    type: Annotated[Text | None, Query(max_length=255)] = None,
) -> dict[str, Any]:
    """The spaces that you are a member of, the newest first; all there are, for an administrator."""
    with work.session() as session:
        wanted = Wanted(
            viewer=caller.id,
            everything=caller.admin,
            name=name,
            member=caller.id if member is None and roles else members.id_of(session, member),
            role=None if roles is None else one_of("roles", roles, ROLES),
            type=type,
            after=page.after,
            limit=page.limit + 1,
        )
        found, total = spaces.page(session, wanted)
    return page.answer(found, total, _space, lambda space: (space.created_at, space.id))


@router.get("/{space_id}")
def get_space(
    space_id: UUID,
    caller: CallerOf,
    work: WorkOf,
    include: Annotated[Text, Query(max_length=255, description='"members" to have them in the answer.')] = "",
) -> dict[str, Any]:
    """One space that you may see."""
    with work.session() as session:
        found = _space(spaces.get(session, caller, space_id))
        if "members" in include.split(","):
            found["entity"]["members"] = _members(session, caller, space_id)
        return found


@router.patch("/{space_id}")
def patch_space(space_id: UUID, operations: Operations, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Change name, description, stage, tags, type or custom by a JSON Patch."""
    with work.session() as session:
        return _space(spaces.patch(session, caller, space_id, operations))


@router.delete("/{space_id}", status_code=202)
def delete_space(space_id: UUID, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Remove a space with its models; with deployments in it, it stays: their URLs are in somebody's hands."""
    with work.session() as session:
        spaces.delete(session, caller, space_id)
    _LOG.info("space %s is deleted, by %s", space_id, caller.name)
    return {}


@membership.get("/{space_id}/members")
def list_members(
    space_id: UUID,
    caller: CallerOf,
    work: WorkOf,
    *,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    role: Annotated[Text | None, Query(max_length=20)] = None,
    type: Annotated[Text, Query(max_length=20)] = "user",
    state: Annotated[Text, Query(max_length=20)] = members.ACTIVE,
) -> dict[str, Any]:
    """Who is in a space, as what."""
    with work.session() as session:
        found = _members(session, caller, space_id)
    if role is not None:
        found = [member for member in found if member["role"] == role]
    if (type, state) != ("user", members.ACTIVE):
        found = []
    return {"limit": limit, "total_count": len(found), "resources": found[:limit]}


@membership.post("/{space_id}/members")
def create_members(space_id: UUID, given: NewMembers, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Admit users to a space."""
    for member in given.members:
        one_of("type", member.type, ("user",))
        one_of("state", member.state, (members.ACTIVE,))
    wanted = [(member.id, member.role) for member in given.members]
    with work.session() as session:
        admitted = members.admit(session, caller, space_id, wanted)
    return {"resources": [_member(space_id, member) for member in admitted]}


@membership.get("/{space_id}/members/{member_id}")
def get_member(space_id: UUID, member_id: Text, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """One member, by id or name."""
    with work.session() as session:
        return _member(space_id, members.get(session, caller, space_id, member_id))


@membership.patch("/{space_id}/members/{member_id}")
def patch_member(
    space_id: UUID, member_id: Text, operations: Operations, caller: CallerOf, work: WorkOf
) -> dict[str, Any]:
    """Give a member another role by a JSON Patch of /role."""
    with work.session() as session:
        return _member(space_id, members.patch(session, caller, space_id, member_id, operations))


@membership.delete("/{space_id}/members/{member_id}", status_code=204)
def delete_member(space_id: UUID, member_id: Text, caller: CallerOf, work: WorkOf) -> None:
    """Dismiss a member; the last admin stays."""
    with work.session() as session:
        members.dismiss(session, caller, space_id, member_id)
    _LOG.info("%s is no member of space %s any more, by %s", member_id, space_id, caller.name)


def _space(space: Space) -> dict[str, Any]:
    return {
        "metadata": {
            "id": str(space.id),
            "url": f"/v2/spaces/{space.id}",
            "creator_id": str(space.creator_id),
            "created_at": space.created_at,
            "updated_at": space.updated_at,
        },
        "entity": {
            "description": "",
            **space.entity,
            "name": space.name,
            "scope": {"bss_account_id": "turnout"},
            "status": {"state": "active"},
        },
    }


def _members(session: Session, caller: CallerOf, space_id: UUID) -> list[dict[str, Any]]:
    return [_member(space_id, member) for member in members.every(session, caller, space_id)]


def _member(space_id: UUID, member: Member) -> dict[str, Any]:
    return {
        "id": str(member.user_id),
        "name": member.user_name,
        "role": member.role,
        "type": "user",
        "state": members.ACTIVE,
        "href": f"/v2/spaces/{space_id}/members/{member.user_id}",
        "created_at": member.created_at,
        "updated_at": member.updated_at,
    }
