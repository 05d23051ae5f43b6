"""Assets of any kind over HTTP. Models are the only kind there is; what else clients list is an empty list."""

import logging
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from turnout.http import described
from turnout.http.auth import CallerOf
from turnout.http.auth import caller as caller_of
from turnout.http.bodies import Body, Text
from turnout.http.database import WorkOf
from turnout.http.models import Place, Project, Space, described_model, page_of, remove, require_place
from turnout.http.paging import Page
from turnout.service_errors import InvalidRequest, NoSuchPage

_LOG = logging.getLogger("turnout.http")
router = APIRouter(tags=["assets"])
MODEL_TYPES = ("wml_model", "asset")
# of which there are none here
EMPTY = ("ai_services", "deployment_jobs", "experiments", "functions", "pipelines", "trainings")
EVERYTHING = ("", "*", "*:*")


class Search(Body):
    """What is looked for; everything there is, by default."""

    query: str = Field(default="*:*", max_length=1000)
    limit: int = Field(default=200, ge=1, le=1000)
    bookmark: str | None = Field(default=None, max_length=100)


@router.get("/v2/assets/{asset_id}")
def get_asset(
    asset_id: UUID, caller: CallerOf, work: WorkOf, *, space_id: Space = None, project_id: Project = None
) -> dict[str, Any]:
    """One asset."""
    with work.session() as session:
        found = described_model(session, caller, asset_id)
    return described.as_resource(asset_id, require_place(found, space_id, project_id))


@router.delete("/v2/assets/{asset_id}", status_code=204)
def delete_asset(
    asset_id: UUID,
    caller: CallerOf,
    work: WorkOf,
) -> None:
    """Remove an asset and its revisions, for good; a model that a deployment answers by stays."""
    with work.session() as session:
        remove(session, caller, asset_id)
    _LOG.info("model %s is deleted, by %s", asset_id, caller.name)


@router.post("/v2/asset_types/{asset_type}/search")
def search_assets(
    asset_type: Text,
    given: Search,
    request: Request,
    caller: CallerOf,
    work: WorkOf,
    *,
    space_id: Space = None,
    project_id: Project = None,
) -> dict[str, Any]:
    """The assets of one kind in a space or project: the models, as long as no other kind is asked for."""
    page = Page(request, given.limit, given.bookmark)
    with work.session() as session:
        place = Place(space_id, project_id)
        found = page_of(session, caller, page, place, name=_name(given.query))
    if asset_type not in MODEL_TYPES:
        return {"total_rows": 0, "results": []}
    answer: dict[str, Any] = {
        "total_rows": found["total_count"],
        "results": [described.as_resource(UUID(one["metadata"]["id"]), one) for one in found["resources"]],
    }
    if "next" in found:
        answer["next"] = {**given.model_dump(exclude_none=True), "bookmark": found["next"]["start"]}
    return answer


@router.get("/wx/v1/prompts/{prompt_id}", status_code=404, dependencies=[Depends(caller_of)])
def get_prompt(prompt_id: Text, request: Request) -> None:
    """A prompt, of which there are none here; clients ask before they deploy."""
    raise NoSuchPage(method="GET", path=request.url.path, reason=f"there is no prompt {prompt_id!r}")


def _list_nothing(request: Request) -> dict[str, Any]:
    """What Watson Machine Learning's clients list beside models and deployments, and what there is none of here."""
    return {"limit": 100, "total_count": 0, "first": {"href": request.url.path}, "resources": []}


@router.get("/v2/package_extensions", tags=["none here"], dependencies=[Depends(caller_of)])
def list_package_extensions() -> dict[str, Any]:
    """Packages beside those of a software specification: none, since no model runs in a package."""
    return {"total_results": 0, "resources": []}


@router.get("/v2/parameter_sets", tags=["none here"], dependencies=[Depends(caller_of)])
def list_parameter_sets() -> dict[str, Any]:
    """Parameters of jobs: none."""
    return {"parameter_sets": []}


def _get_nothing(thing_id: Text, request: Request) -> None:
    """One of these; clients ask for each kind in turn until they have found what an id is of."""
    raise NoSuchPage(method="GET", path=request.url.path, reason=f"there is no {thing_id!r} here")


for _kind in EMPTY:
    _signed_in: dict[str, Any] = {"dependencies": [Depends(caller_of)], "tags": ["none here"]}
    router.add_api_route(f"/ml/v4/{_kind}", _list_nothing, name=f"list_{_kind}", **_signed_in)
    router.add_api_route(
        f"/ml/v4/{_kind}/{{thing_id}}", _get_nothing, name=f"get_{_kind}", status_code=404, **_signed_in
    )


def _name(query: str) -> str | None:
    """The name that a search asks for: ``asset.name:churn`` or ``asset.name:"churn model"``, or everything."""
    key, _, value = query.strip().partition(":")
    if query.strip() in EVERYTHING:
        return None
    if key not in ("asset.name", "name"):
        raise InvalidRequest(reason=f'query is {query!r}; expected "*:*" or "asset.name:<a name>"')
    return value.strip().strip('"')
