"""Projects of SQL over HTTP, to be read by those who own them, and the way from there into a space."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from turnout.catalog.published import ProjectRow
from turnout.http.auth import CallerOf
from turnout.http.bodies import Body, Text
from turnout.http.database import WorkOf
from turnout.http.paging import PageOf
from turnout.service_errors import InvalidRequest
from turnout.services import promotion, published

router = APIRouter(tags=["projects"])


class Promotion(Body):
    """Where a model is to go."""

    spaceId: UUID  # noqa: N815  the word of the API
    projectId: UUID | None = None  # noqa: N815
    assetDescription: str | None = Field(default=None, max_length=2000)  # noqa: N815
    revisionId: str | None = None  # noqa: N815


@router.get("/v2/projects")
def list_projects(
    caller: CallerOf,
    work: WorkOf,
    page: PageOf,
    *,
    name: Annotated[Text | None, Query(max_length=255)] = None,
) -> dict[str, Any]:
    """The projects of the role that is named as you are, the newest first; all there are, for an administrator."""
    with work.session() as session:
        found, total = published.projects(session, caller, name=name, after=page.after, limit=page.limit + 1)
    return page.answer(found, total, _project, lambda one: (one.created_at, one.uid))


@router.get("/v2/projects/{project_id}")
def get_project(project_id: UUID, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """One project."""
    with work.session() as session:
        return _project(published.project(session, caller, project_id))


@router.post("/projects/api/rest/catalogs/assets/{model_id}/promote")
def promote(model_id: UUID, given: Promotion, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Promote a model of a project into a space: an asset there that holds the same model."""
    if given.revisionId:
        raise InvalidRequest(reason="revisionId: a project's models have no revisions, they never change")
    with work.session() as session:
        asset_id = promotion.promote(
            session,
            caller,
            model_id,
            given.spaceId,
            project_uid=given.projectId,
            description=given.assetDescription,
        )
    return {
        "promotedAsset": {
            "asset_id": str(asset_id),
            "asset_type": "wml_model",
            "space_id": str(given.spaceId),
        }
    }


def _project(project: ProjectRow) -> dict[str, Any]:
    return {
        "metadata": {
            "guid": str(project.uid),
            "url": f"/v2/projects/{project.uid}",
            "created_at": project.created_at,
            "updated_at": project.updated_at,
        },
        "entity": {
            "name": project.name,
            "description": "",
            "type": "wx",
            "creator": project.owner,
            "storage": {"type": "assetfiles"},
            "scope": {"bss_account_id": "turnout"},
            "task": project.task,
            "key_metric": project.key_metric,
        },
    }
