"""Who is in a space, as what."""

from collections.abc import Sequence
from uuid import UUID

from turnout.catalog import members, spaces
from turnout.catalog.members import Member
from turnout.catalog.session import Session
from turnout.domain import json_patch
from turnout.domain.choices import one_of
from turnout.domain.roles import ADMIN, ROLES, VIEWER
from turnout.service_errors import UnknownUser
from turnout.services.spaces import Person, require
from turnout.space_errors import AlreadyMember, InvalidPatch, LastAdmin, UnknownMember

ACTIVE = "active"


def every(session: Session, person: Person, space_id: UUID) -> list[Member]:
    """The members of a space that somebody may see."""
    require(session, person, space_id, VIEWER)
    return members.every(session, space_id)


def id_of(session: Session, who: str | None) -> UUID | None:
    """The id of the user with this id or name, for a search.

    Raises
    ------
    UnknownUser
        If there is none.
    """
    if who is None:
        return None
    user = members.user(session, who)
    if user is None:
        raise UnknownUser(name=who)
    found: UUID = user["id"]
    return found


def get(session: Session, person: Person, space_id: UUID, who: str) -> Member:
    """The member with this id or name.

    Raises
    ------
    UnknownMember
        If the space has none.
    """
    require(session, person, space_id, VIEWER)
    return _found(session, space_id, who)


def admit(
    session: Session, person: Person, space_id: UUID, wanted: Sequence[tuple[str, str]]
) -> list[Member]:
    """Admit users, each given by its id or name and its role: all of them or none.

    Raises
    ------
    UnknownUser, UnknownChoice
        If there is no such user or role.
    AlreadyMember
        If one of them is in the space in another role.
    """
    spaces.lock(session, space_id)
    require(session, person, space_id, ADMIN)
    admitted = []
    for who, role in wanted:
        one_of("role", role, ROLES)
        user = members.user(session, who)
        if user is None:
            raise UnknownUser(name=who)
        members.insert(session, space_id, user["id"], role)
        member = _found(session, space_id, str(user["id"]))
        if member.role != role:
            raise AlreadyMember(member=member.user_name, role=member.role, space=space_id)
        admitted.append(member)
    return admitted


def patch(session: Session, person: Person, space_id: UUID, who: str, operations: object) -> Member:
    """Give a member another role, by a JSON Patch of ``role`` (and ``state``, which is always active).

    Raises
    ------
    LastAdmin
        If nobody would be left who may admit others.
    """
    spaces.lock(session, space_id)
    require(session, person, space_id, ADMIN)
    foreign = json_patch.touched(operations).difference({"role", "state"})
    if foreign:
        raise InvalidPatch(number=0, reason=f"/{min(foreign)} of a member cannot be changed")
    member = _found(session, space_id, who)
    changed = json_patch.apply({"role": member.role, "state": ACTIVE}, operations)
    one_of("state", str(changed.get("state")), (ACTIVE,))
    role = one_of("role", str(changed.get("role")), ROLES)
    if role != ADMIN:
        _require_another_admin(session, space_id, member)
    members.update(session, space_id, member.user_id, role)
    return _found(session, space_id, str(member.user_id))


def dismiss(session: Session, person: Person, space_id: UUID, who: str) -> None:
    """Dismiss a member.

    Raises
    ------
    LastAdmin
        If nobody would be left who may admit others.
    """
    spaces.lock(session, space_id)
    require(session, person, space_id, ADMIN)
    member = _found(session, space_id, who)
    _require_another_admin(session, space_id, member)
    members.delete(session, space_id, member.user_id)


def _found(session: Session, space_id: UUID, who: str) -> Member:
    member = members.find(session, space_id, who)
    if member is None:
        raise UnknownMember(member=who, space=space_id)
    return member


def _require_another_admin(session: Session, space_id: UUID, member: Member) -> None:
    if member.role == ADMIN and not members.other_admins(session, space_id, member.user_id):
        raise LastAdmin(member=member.user_name, space=space_id)
