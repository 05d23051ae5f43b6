"""Who may call which route: every route of the service stands here, with the role that it takes in a space.

Whoever adds a route adds a line. ``test_roles`` walks the application's routes and this table, and lets five people
call each of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
NOWHERE = "00000000-0000-0000-0000-000000000000"


@dataclass(kw_only=True)
class World:
    """A service with one user of each kind."""

    service: Service
    ids: dict[str, str]
    clients: dict[str, httpx.Client]

    def asset(self, space: str | None = None) -> str:
        """A model without content in a space, by default a new one."""
        body = {"name": "of roles", "type": "scikit-learn_1.3", "space_id": space or self.space()}
        made = self.clients[OPERATOR].post("/ml/v4/models", json=body).raise_for_status()
        return str(made.json()["metadata"]["id"])

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


def asset_in(world: World, space: str) -> str:
    """A model in a space; its artifact is none, so that a deployment of it fails."""
    with world.service.database.connect() as connection:
        row = connection.execute(
            """
            with model as (
              insert into pgml.models (status, task, signature, predictor, artifact_sha256)
              values ('successful', 'regression', '{"fields": []}', 'onnx', repeat('0', 64))
              returning id
            )
            insert into pgml.assets (space_id, name, model_id, owner_id)
            select %s, 'of roles', model.id, gen_random_uuid() from model
            returning id
            """,
            [space],
        ).fetchone()
    assert row is not None
    return str(row[0])


def deploying(world: World) -> Call:
    """A deployment that is asked for."""
    space = world.space()
    return Call(json={"space_id": space, "asset": {"id": asset_in(world, space)}, "online": {}})


def deployed(world: World) -> Call:
    """A call about a deployment."""
    made = world.clients[OPERATOR].post("/ml/v4/deployments", json=deploying(world).json).raise_for_status()
    id_ = str(made.json()["metadata"]["id"])
    return Call(path={"deployment_id": id_, "key": id_}, query={"at": "2026-01-01"}, json={})


def read_of(world: World) -> Call:
    """A call about a deployment, without a body."""
    return replace(deployed(world), json=None)


def renamed_deployment(world: World) -> Call:
    """A patch of a deployment's name."""
    return replace(deployed(world), json=[{"op": "replace", "path": "/name", "value": "x"}])


def compared(world: World) -> Call:
    """A comparison with a model that is not there."""
    return replace(read_of(world), query={"model_id": "987654321"})


def grant(world: World) -> Call:
    """A form that is none of ours."""
    return Call(json={})


def of_model(world: World) -> Call:
    """A call about a model."""
    return Call(path={"model_id": world.asset()})


def emptied(world: World) -> Call:
    """An upload of nothing."""
    return Call(path={"model_id": world.asset()}, content=b"")


def of_asset(world: World) -> Call:
    """A call about an asset."""
    return Call(path={"asset_id": world.asset()})


def stored(world: World) -> Call:
    """A model for a space."""
    return Call(json={"name": "of roles", "type": "scikit-learn_1.3", "space_id": world.space()})


def renamed(world: World) -> Call:
    """Another name for a model."""
    return Call(path={"model_id": world.asset()}, json=[{"op": "replace", "path": "/name", "value": "x"}])


def listed(world: World) -> Call:
    """The models of a space."""
    return Call(query={"space_id": world.space()})


def searched(world: World) -> Call:
    """The models of a space, as assets."""
    return Call(path={"asset_type": "wml_model"}, query={"space_id": world.space()}, json={})


def promoting(world: World) -> Call:
    """A model that nobody knows, into a space."""
    return Call(path={"model_id": NOWHERE}, json={"spaceId": world.space()})


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
OPERATION = {
    "GET /healthz": Rule(needs=NOTHING),
    "GET /readyz": Rule(needs=NOTHING),
    # from this machine
    "GET /metrics": Rule(needs=NOTHING),
}
DEPLOYMENTS = {
    "POST /ml/v4/deployments": Rule(needs=EDITOR, status=202, call=deploying),
    "GET /ml/v4/deployments": Rule(needs=TOKEN),
    "GET /ml/v4/deployments/{deployment_id}": Rule(needs=VIEWER, call=read_of),
    "PATCH /ml/v4/deployments/{deployment_id}": Rule(needs=EDITOR, call=renamed_deployment),
    "DELETE /ml/v4/deployments/{deployment_id}": Rule(needs=EDITOR, status=204, call=read_of),
    # nothing has ever been live there: 409
    "POST /v1/deployments/{key}/deploy": Rule(needs=EDITOR, status=409, call=deployed),
    "POST /v1/deployments/{key}/rollback": Rule(needs=EDITOR, status=409, call=deployed),
    "GET /v1/deployments/{key}/history": Rule(needs=VIEWER, call=read_of),
    "GET /v1/deployments/{key}/live_at": Rule(needs=VIEWER, call=read_of),
    "GET /v1/deployments/{key}/compatibility": Rule(needs=VIEWER, status=404, call=compared),
}
PAGES = {
    "GET /": Rule(needs=NOTHING, status=307),
    "GET /docs": Rule(needs=NOTHING),
    "GET /openapi.json": Rule(needs=NOTHING),
    "GET /swagger/swagger-ui-bundle.js": Rule(needs=NOTHING),
    "GET /swagger/swagger-ui.css": Rule(needs=NOTHING),
    "GET /swagger/favicon-32x32.png": Rule(needs=NOTHING),
}
SPECIFICATIONS = {
    f"GET /v2/{kind}_specifications{one}": Rule(
        needs=TOKEN, status=404 if one else 200, call=lambda world: Call(path={"specification_id": NOWHERE})
    )
    for kind in ("software", "hardware")
    for one in ("", "/{specification_id}")
}
MODELS = {
    "POST /ml/v4/models": Rule(needs=EDITOR, status=201, call=stored),
    "GET /ml/v4/models": Rule(needs=VIEWER, call=listed),
    "GET /ml/v4/models/{model_id}": Rule(needs=VIEWER, call=of_model),
    "PATCH /ml/v4/models/{model_id}": Rule(needs=EDITOR, call=renamed),
    "DELETE /ml/v4/models/{model_id}": Rule(needs=EDITOR, status=204, call=of_model),
    "POST /ml/v4/models/{model_id}/revisions": Rule(needs=EDITOR, status=201, call=of_model),
    "GET /ml/v4/models/{model_id}/revisions": Rule(needs=VIEWER, call=of_model),
    "PUT /ml/v4/models/{model_id}/content": Rule(needs=EDITOR, status=400, call=emptied),
    "GET /ml/v4/models/{model_id}/content": Rule(needs=VIEWER, call=of_model),
    # there is none yet
    "GET /ml/v4/models/{model_id}/download": Rule(needs=VIEWER, status=409, call=of_model),
    "GET /v2/assets/{asset_id}": Rule(needs=VIEWER, call=of_asset),
    "DELETE /v2/assets/{asset_id}": Rule(needs=EDITOR, status=204, call=of_asset),
    "POST /v2/asset_types/{asset_type}/search": Rule(needs=VIEWER, call=searched),
}
# a project is its owner's, whatever the spaces are: test_projects has who reads and promotes
PROJECTS = {
    "GET /v2/projects": Rule(needs=TOKEN),
    "GET /v2/projects/{project_id}": Rule(
        needs=TOKEN, status=404, call=lambda world: Call(path={"project_id": NOWHERE})
    ),
    "POST /projects/api/rest/catalogs/assets/{model_id}/promote": Rule(
        needs=EDITOR, status=404, call=promoting
    ),
}
NONE_HERE = {
    f"GET /ml/v4/{kind}{one}": Rule(
        needs=TOKEN, status=404 if one else 200, call=lambda world: Call(path={"thing_id": NOWHERE})
    )
    for kind in ("ai_services", "deployment_jobs", "experiments", "functions", "pipelines", "trainings")
    for one in ("", "/{thing_id}")
} | {
    "GET /v2/package_extensions": Rule(needs=TOKEN),
    "GET /v2/parameter_sets": Rule(needs=TOKEN),
    "GET /wx/v1/prompts/{prompt_id}": Rule(
        needs=TOKEN, status=404, call=lambda world: Call(path={"prompt_id": NOWHERE})
    ),
}
RULES: dict[str, Rule] = {
    **PAGES,
    **OPERATION,
    **LOGIN,
    **SPACES,
    **SPECIFICATIONS,
    **MODELS,
    **PROJECTS,
    **DEPLOYMENTS,
    **NONE_HERE,
}
