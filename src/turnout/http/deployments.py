"""Online deployments over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from turnout.catalog.online import Deployment, Wanted
from turnout.deployment_errors import InvalidDeployment
from turnout.http.auth import Caller, CallerOf
from turnout.http.bodies import Body, Operations, Text
from turnout.http.database import WorkOf
from turnout.http.paging import PageOf
from turnout.service_errors import InvalidRequest
from turnout.services import online
from turnout.services.proposing import Asked, AssetGiven

PATH = "/ml/v4/deployments"
router = APIRouter(tags=["deployments"])
# what belongs to kinds of deployments that there are none of here
_FOREIGN = (
    "batch",
    "detached",
    "virtual",
    "r_shiny",
    "prompt_template",
    "base_model_id",
    "base_deployment_id",
)


class OnlineGiven(Body):
    """How an online deployment is to be served."""

    parameters: dict[str, Any] | None = Field(
        default=None, description='{"serving_name": "credit_risk"}: stands in the URL in the place of the id'
    )


class NewDeployment(Body):
    """A deployment of a model in a space."""

    name: str | None = Field(default=None, max_length=255)
    description: str | None = None
    space_id: UUID
    asset: dict[str, Any] = Field(description='{"id": "...", "rev": "2"}; without rev, what the model is now')
    online: OnlineGiven
    hardware_spec: dict[str, Any] | None = None
    tags: list[str] | None = None
    custom: dict[str, Any] | None = None


def _asked(
    request: Request,
    caller: CallerOf,
    reason: Annotated[Text | None, Query(max_length=1000, description="Why: for the history.")] = None,
    override: Annotated[
        bool, Query(description="Deploy what breaks callers, too; it takes an admin of the space.")
    ] = False,
) -> Asked:
    return asked_by(caller, request, reason, override=override)


def asked_by(caller: Caller, request: Request, reason: str | None, *, override: bool = False) -> Asked:
    """By whom and how a change is asked for."""
    seconds = request.app.state.replacement_seconds
    return Asked(person=caller, reason=reason, override=override, seconds=seconds)


AskedOf = Annotated[Asked, Depends(_asked)]


class Reply:
    """The answer on its way, whose status depends on what has been found."""

    def __init__(self, request: Request, response: Response) -> None:
        self.request = request
        self._response = response

    def shape(self, found: Deployment, status: int) -> dict[str, Any]:
        """A deployment, with this status."""
        self._response.status_code = status
        return shape(found, self.request)


ReplyOf = Annotated[Reply, Depends()]


@router.post(PATH, status_code=202)
def create_deployment(given: NewDeployment, request: Request, work: WorkOf, asked: AskedOf) -> dict[str, Any]:
    """Make a deployment; it answers as soon as its state is ready."""
    foreign = [name for name in _FOREIGN if name in (given.model_extra or {})]
    if foreign:
        raise InvalidDeployment(field=foreign[0], reason="only online deployments of models are offered")
    parameters = dict(given.online.parameters or {})
    serving_name = parameters.pop("serving_name", None)
    entity = given.model_dump(
        include={"description", "tags", "custom", "hardware_spec"}, exclude_none=True
    ) | {"parameters": parameters}
    with work.session() as session:
        made = online.create(
            session,
            asked,
            space_id=given.space_id,
            name=given.name,
            serving_name=serving_name,
            entity=entity,
            asset=AssetGiven.of(given.asset),
        )
    return shape(made, request)


@router.get(PATH)
def list_deployments(
    request: Request,
    caller: CallerOf,
    work: WorkOf,
    page: PageOf,
    *,
    space_id: UUID | None = None,
    serving_name: Annotated[Text | None, Query(max_length=255)] = None,
    tag: Annotated[Text | None, Query(alias="tag.value", max_length=255)] = None,
    asset_id: UUID | None = None,
    name: Annotated[Text | None, Query(max_length=255)] = None,
    type: Annotated[Text | None, Query(max_length=255, description="online: there are no others.")] = None,
    state: Annotated[Text | None, Query(description="initializing, updating, ready or failed")] = None,
    conflict: Annotated[
        bool, Query(description="With serving_name: 409 if the name is taken, 204 if it is free.")
    ] = False,
) -> Any:
    """The deployments of your spaces, the newest first."""
    if conflict:
        if serving_name is None:
            raise InvalidRequest(reason="conflict needs serving_name")
        with work.session() as session:
            online.require_free(session, serving_name)
        return Response(status_code=204)
    wanted = Wanted(
        viewer=caller.id,
        everything=caller.admin,
        space_id=space_id,
        serving_name=serving_name,
        tag=tag,
        asset_id=asset_id,
        name=name,
        state=state,
        after=page.after,
        limit=page.limit + 1,
    )
    with work.session() as session:
        found, total = online.page(session, wanted)
    if type is not None and "online" not in type.split(","):
        found, total = [], 0
    return page.answer(found, total, lambda one: shape(one, request), lambda one: (one.created_at, one.id))


@router.get(PATH + "/{deployment_id}")
def get_deployment(deployment_id: Text, request: Request, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """One deployment, by id or serving name."""
    with work.session() as session:
        found = online.get(session, caller, deployment_id)
    return shape(found, request)


@router.patch(PATH + "/{deployment_id}")
def patch_deployment(
    deployment_id: Text, operations: Operations, reply: ReplyOf, work: WorkOf, asked: AskedOf
) -> dict[str, Any]:
    """Change a deployment by a JSON Patch; 202 where its server processes have to follow, above all for /asset."""
    with work.session() as session:
        found, later = online.patch(session, deployment_id, operations, asked)
    return reply.shape(found, 202 if later else 200)


@router.delete(PATH + "/{deployment_id}", status_code=204)
def delete_deployment(deployment_id: Text, caller: CallerOf, work: WorkOf) -> None:
    """Remove a deployment: its URL ends."""
    with work.session() as session:
        online.delete(session, caller, deployment_id)


def shape(found: Deployment, request: Request) -> dict[str, Any]:
    """A deployment as it is answered."""
    base = f"{str(request.base_url).rstrip('/')}{PATH}"
    url = f"{base}/{found.id}/predictions"
    inference: list[dict[str, Any]] = [{"url": url}]
    serving = []
    parameters = dict(found.entity.get("parameters") or {})
    if found.serving_name is not None:
        serving = [f"{base}/{found.serving_name}/predictions"]
        inference.append({"url": serving[0], "uses_serving_name": True})
        parameters["serving_name"] = found.serving_name
    status = {
        "state": found.state,
        "message": _message(found),
        "online_url": {"url": url},
        "serving_urls": serving,
        "inference": inference,
    }
    failure = _failure(found)
    if failure is not None:
        status["failure"] = failure
    described = {
        "name": found.name,
        "description": found.entity.get("description") or "",
        "tags": found.entity.get("tags") or [],
        "space_id": str(found.space_id),
    }
    return {
        "metadata": {
            "id": str(found.id),
            "created_at": found.created_at,
            "modified_at": found.modified_at,
            "owner": str(found.owner_id),
            **described,
        },
        "entity": {
            "asset": _asset(found),
            "deployed_asset_type": "model",
            "name": found.name,
            "space_id": str(found.space_id),
            "custom": found.entity.get("custom") or {},
            "hardware_spec": found.entity.get("hardware_spec") or {},
            "online": {"parameters": parameters},
            "status": status,
        },
    }


def _asset(found: Deployment) -> dict[str, str]:
    if found.asset_id is not None:
        return AssetGiven(id=found.asset_id, revision=found.asset_revision).said
    return dict(found.entity.get("asset") or {})


def _message(found: Deployment) -> dict[str, str]:
    """What is to be said of the model that is live, or on its way."""
    said = [f"{one['field']}: {one['difference']}" for one in (found.checks or {}).get("differences", ())]
    return {"level": "warning" if said else "info", "text": "; ".join(said)}


def _failure(found: Deployment) -> dict[str, Any] | None:
    if found.failure is None and found.trouble is not None:
        return {"trace": "", "errors": [{"code": "unfit_model", "message": found.trouble}]}
    return found.failure
