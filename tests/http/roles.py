"""Who may call which route: every route of the service stands here, with the role that it takes in a space.

Whoever adds a route adds a line. ``test_roles`` walks the application's routes and this table, and lets five people
call each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.http.service import Service

# who there are, each of them by the role in the space that a call is about
STRANGER, VIEWER, EDITOR, ADMIN = "stranger", "viewer", "editor", "admin"
# no member of any space, and an administrator of the installation
OPERATOR = "operator"
PEOPLE = (STRANGER, VIEWER, EDITOR, ADMIN, OPERATOR)
# what a route may take beside a role in the space
NOTHING, TOKEN = "nothing", "token"


@dataclass(kw_only=True)
class World:
    """A service with one user of each kind."""

    service: Service
    ids: dict[str, str]
    clients: dict[str, httpx.Client]

    def space(self) -> str:
        """A new space with a member of each role."""
        operator = self.clients[OPERATOR]
        made = operator.post("/v2/spaces", json={"name": "of roles"}).raise_for_status()
        space = str(made.json()["metadata"]["id"])
        members = [{"id": person, "role": person} for person in (VIEWER, EDITOR, ADMIN)]
        operator.post(f"/v2/spaces/{space}/members", json={"members": members}).raise_for_status()
        return space


@dataclass(frozen=True, kw_only=True)
class Call:
    """What is sent, to a place that has just been made."""

    # what stands in the places of a path
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a route takes.

    Attributes
    ----------
    needs
        A role in the space; ``TOKEN``: any user; ``OPERATOR``: an administrator of the installation; ``NOTHING``.
    call
        Makes what a call is about, and says what is sent.
    status
        What whoever is let in is answered.
    unseen
        What is answered to who may not even see it.
    """

    needs: str
    status: int = 200
    call: Callable[[World], Call] = lambda world: Call()
    unseen: int = 404

    def expected(self, person: str) -> int:
        """What somebody who has a token is answered."""
        if self.needs in (NOTHING, TOKEN) or person == OPERATOR:
            return self.status
        if self.needs == OPERATOR:
            return 403
        if person == STRANGER:
            return self.unseen
        order = (VIEWER, EDITOR, ADMIN)
        return self.status if order.index(person) >= order.index(self.needs) else 403


def in_space(world: World) -> Call:
    """A call about a space."""
    return Call(path={"space_id": world.space()})


def of_member(world: World) -> Call:
    """A call about a member of a space."""
    return Call(path={"space_id": world.space(), "member_id": VIEWER})


def described(world: World) -> Call:
    """A patch of a space's description."""
    operations = [{"op": "replace", "path": "/description", "value": "x"}]
    return Call(path={"space_id": world.space()}, json=operations)


def admitting(world: World) -> Call:
    """The admission of somebody to a space."""
    return Call(path={"space_id": world.space()}, json={"members": [{"id": STRANGER, "role": VIEWER}]})


def promoted(world: World) -> Call:
    """Another role for a member of a space."""
    operations = [{"op": "replace", "path": "/role", "value": EDITOR}]
    return Call(path={"space_id": world.space(), "member_id": VIEWER}, json=operations)


def grant(world: World) -> Call:
    """A form that is none of ours."""
    return Call(json={})


LOGIN = {
    "GET /ml/wml_services/v2/version": Rule(needs=NOTHING),
    "GET /v1/me": Rule(needs=TOKEN),
    # a body without a key
    "POST /icp4d-api/v1/authorize": Rule(needs=NOTHING, status=400, call=grant),
    "POST /identity/token": Rule(needs=NOTHING, status=400, call=grant),
}
SPACES = {
    "POST /v2/spaces": Rule(needs=TOKEN, status=202, call=lambda world: Call(json={"name": "of roles"})),
    "GET /v2/spaces": Rule(needs=TOKEN),
    "GET /v2/spaces/{space_id}": Rule(needs=VIEWER, call=in_space),
    "PATCH /v2/spaces/{space_id}": Rule(needs=ADMIN, call=described),
    "DELETE /v2/spaces/{space_id}": Rule(needs=ADMIN, status=202, call=in_space),
    "GET /v2/spaces/{space_id}/members": Rule(needs=VIEWER, call=in_space),
    "POST /v2/spaces/{space_id}/members": Rule(needs=ADMIN, call=admitting),
    "GET /v2/spaces/{space_id}/members/{member_id}": Rule(needs=VIEWER, call=of_member),
    "PATCH /v2/spaces/{space_id}/members/{member_id}": Rule(needs=ADMIN, call=promoted),
    "DELETE /v2/spaces/{space_id}/members/{member_id}": Rule(needs=ADMIN, status=204, call=of_member),
}
PAGES = {
    "GET /": Rule(needs=NOTHING, status=307),
    "GET /docs": Rule(needs=NOTHING),
    "GET /openapi.json": Rule(needs=NOTHING),
    "GET /swagger/swagger-ui-bundle.js": Rule(needs=NOTHING),
    "GET /swagger/swagger-ui.css": Rule(needs=NOTHING),
    "GET /swagger/favicon-32x32.png": Rule(needs=NOTHING),
}
RULES: dict[str, Rule] = {**PAGES, **LOGIN, **SPACES}
