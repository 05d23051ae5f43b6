"""Spaces: who may do what in them, and what they say of themselves."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from turnout.catalog import members, spaces
from turnout.catalog.session import Session
from turnout.catalog.spaces import Space, Wanted
from turnout.domain import json_patch
from turnout.domain.described import require_described, require_name
from turnout.domain.roles import ADMIN, VIEWER, covers
from turnout.services import unused
from turnout.space_errors import InvalidPatch, RoleTooLow, SpaceInUse, UnknownSpace

# what a patch may touch
CHANGEABLE = ("name", "description", "stage", "tags", "type", "settings", "custom")


class Person(Protocol):
    """Who asks."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def admin(self) -> bool: ...


def role(session: Session, person: Person, space_id: UUID) -> str | None:
    """What somebody is in a space; an administrator of the installation is admin of all of them."""
    return ADMIN if person.admin else members.role(session, space_id, person.id)


def require(session: Session, person: Person, space_id: UUID, needed: str) -> str:
    """The role of somebody who may do what ``needed`` may; for all but viewers, the space is held.

    Raises
    ------
    UnknownSpace
        For who may not even see it.
    RoleTooLow
        For who may see it, and no more.
    """
    found = role(session, person, space_id)
    if found is None:
        raise UnknownSpace(space=space_id)
    if not covers(found, needed):
        raise RoleTooLow(user=person.name, role=found, space=space_id, needed=needed)
    if needed != VIEWER:
        spaces.keep(session, space_id)
    return found


def create(session: Session, person: Person, name: str, entity: Mapping[str, Any]) -> Space:
    """Make a space, whose creator is its admin."""
    made = spaces.insert(session, require_name(name), entity, person.id)
    members.insert(session, made.id, person.id, ADMIN)
    return made


def get(session: Session, person: Person, space_id: UUID) -> Space:
    """A space that somebody may see.

    Raises
    ------
    UnknownSpace
        If there is none.
    """
    require(session, person, space_id, VIEWER)
    found = spaces.by_id(session, space_id)
    if found is None:
        raise UnknownSpace(space=space_id)
    return found


def page(session: Session, wanted: Wanted) -> tuple[list[Space], int]:
    """The spaces of one page, and how many there are on all."""
    return spaces.page(session, wanted), spaces.count(session, wanted)


def patch(session: Session, person: Person, space_id: UUID, operations: object) -> Space:
    """Change what a space says of itself, by a JSON Patch.

    Raises
    ------
    InvalidPatch, InvalidArgument
        If it cannot be done, or touches what cannot be changed.
    """
    spaces.lock(session, space_id)
    require(session, person, space_id, ADMIN)
    foreign = json_patch.touched(operations).difference(CHANGEABLE)
    if foreign:
        raise InvalidPatch(number=0, reason=f"/{min(foreign)} of a space cannot be changed")
    space = get(session, person, space_id)
    changed = json_patch.apply({"name": space.name, **space.entity}, operations)
    name = require_name(changed.pop("name", None))
    require_described(changed)
    spaces.update(session, space_id, name, changed)
    return get(session, person, space_id)


def delete(session: Session, person: Person, space_id: UUID) -> None:
    """Remove a space with its members and its models.

    A deployment is an URL that somebody holds: it is removed by itself and on purpose, never with its space.

    Raises
    ------
    SpaceInUse
        While there are deployments in it.
    """
    spaces.lock(session, space_id, removal=True)
    require(session, person, space_id, ADMIN)
    deployed = spaces.deployments(session, space_id)
    if deployed:
        raise SpaceInUse(space=space_id, deployments=", ".join(deployed))
    unused.clear(session, space_id)
    spaces.delete(session, space_id)
