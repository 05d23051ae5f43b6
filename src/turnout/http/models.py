"""Models over HTTP: those of spaces, which come and change here, and those of projects, which SQL trains."""

import logging
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from turnout.catalog.assets import by_id
from turnout.catalog.session import Session
from turnout.http import described
from turnout.http.auth import Caller, CallerOf
from turnout.http.bodies import Body, Operations, Text
from turnout.http.database import WorkOf
from turnout.http.paging import Page, PageOf
from turnout.service_errors import InvalidRequest
from turnout.services import assets, published
from turnout.services.assets import Held
from turnout.services.published import Described
from turnout.space_errors import OfProject, UnknownAsset, UnknownRevision

_LOG = logging.getLogger("turnout.http")
router = APIRouter(prefix="/ml/v4/models", tags=["models"])
Space = Annotated[UUID | None, Query(description="The space that the model is in.")]
Project = Annotated[UUID | None, Query(description="Or the project.")]
Revision = Annotated[Text | None, Query(max_length=20, description="A revision, and not the model as it is.")]


class Place(NamedTuple):
    """Where models are: in a space or in a project."""

    space_id: UUID | None
    project_id: UUID | None


class NewModel(Body):
    """What a model says of itself before its content comes; other members are kept too."""

    name: str = Field(min_length=1, max_length=255)
    type: str = Field(min_length=1, max_length=255, description="As the caller knows it: scikit-learn_1.3")
    space_id: UUID | None = None
    project_id: UUID | None = None
    description: str | None = None
    tags: list[Any] | None = None
    software_spec: dict[str, Any] | None = None
    schemas: dict[str, Any] | None = None
    label_column: str | None = None
    training_data_references: list[Any] | None = None
    custom: dict[str, Any] | None = None
    metrics: list[Any] | None = None


class NewRevision(Body):
    """Where the model is."""

    space_id: UUID | None = None
    project_id: UUID | None = None


@router.post("", status_code=201)
def create_model(
    given: NewModel,
    caller: CallerOf,
    work: WorkOf,
    *,
    space_id: Space = None,
    project_id: Project = None,
) -> dict[str, Any]:
    """Make a model in a space; what it holds is sent to /content."""
    space = given.space_id or space_id
    if space is None:
        if given.project_id or project_id:
            raise InvalidRequest(
                reason="a project's models are trained by pgml.train, in SQL; a model is stored in a space, by space_id"
            )
        raise InvalidRequest(reason="space_id is missing: it says which space the model is to be in")
    entity = given.model_dump(
        exclude={"name", "space_id", "project_id", "space", "project"}, exclude_none=True
    )
    for key in ("import", "content_location"):
        if entity.pop(key, None):
            raise InvalidRequest(
                reason=f"{key}: nothing is fetched from elsewhere; PUT the content to /ml/v4/models/<id>/content"
            )
    entity["tags"] = [_tag(tag) for tag in entity.get("tags") or ()]
    with work.session() as session:
        return described.of_asset(assets.create(session, caller, space, given.name, entity))


@router.get("")
def list_models(
    caller: CallerOf,
    work: WorkOf,
    page: PageOf,
    *,
    space_id: Space = None,
    project_id: Project = None,
    name: Annotated[Text | None, Query(max_length=255)] = None,
    tag: Annotated[Text | None, Query(alias="tag.value", max_length=255)] = None,
) -> dict[str, Any]:
    """The models of a space, or the usable ones of a project, the newest first."""
    with work.session() as session:
        return page_of(session, caller, page, Place(space_id, project_id), name=name, tag=tag)


@router.get("/{model_id}")
def get_model(
    model_id: UUID,
    caller: CallerOf,
    work: WorkOf,
    *,
    rev: Revision = None,
    space_id: Space = None,
    project_id: Project = None,
) -> dict[str, Any]:
    """One model, as it is or as a revision of it was."""
    with work.session() as session:
        found = described_model(session, caller, model_id, revision_of(model_id, rev))
    return require_place(found, space_id, project_id)


@router.patch("/{model_id}")
def patch_model(model_id: UUID, operations: Operations, caller: CallerOf, work: WorkOf) -> dict[str, Any]:
    """Change what a model says of itself, by a JSON Patch; deployments go on with the model that they have."""
    with work.session() as session:
        require_asset(session, caller, model_id, "PATCH")
        return described.of_asset(assets.patch(session, caller, model_id, operations))


@router.delete("/{model_id}", status_code=204)
def delete_model(model_id: UUID, caller: CallerOf, work: WorkOf) -> None:
    """Remove a model and its revisions; one that a deployment answers by stays."""
    with work.session() as session:
        remove(session, caller, model_id)
    _LOG.info("model %s is deleted, by %s", model_id, caller.name)


@router.post("/{model_id}/revisions", status_code=201)
def create_revision(
    model_id: UUID, caller: CallerOf, work: WorkOf, given: NewRevision | None = None
) -> dict[str, Any]:
    """Keep a model as it is at the moment, as a revision that never changes."""
    with work.session() as session:
        require_asset(session, caller, model_id, "a revision")
        found = described.of_asset(assets.revise(session, caller, model_id))
        # elsewhere than it was said to be, it is none, and this is undone
        return require_place(found, given.space_id if given else None, None)


@router.get("/{model_id}/revisions")
def list_revisions(
    model_id: UUID,
    caller: CallerOf,
    work: WorkOf,
    *,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    start: Revision = None,
) -> dict[str, Any]:
    """The revisions of a model, the newest first."""
    with work.session() as session:
        require_asset(session, caller, model_id, "revisions")
        found, total = assets.revisions(
            session, caller, model_id, below=revision_of(model_id, start), limit=limit + 1
        )
    return _revisions(model_id, found, total, limit)


def _revisions(model_id: UUID, found: list[Held], total: int, limit: int) -> dict[str, Any]:
    here = f"/ml/v4/models/{model_id}/revisions?limit={limit}"
    answer: dict[str, Any] = {
        "limit": limit,
        "total_count": total,
        "first": {"href": here},
        "resources": [described.of_asset(held) for held in found[:limit]],
    }
    if len(found) > limit:
        answer["next"] = {"href": f"{here}&start={found[limit - 1].asset.revision}"}
    return answer


def page_of(
    session: Session, caller: Caller, page: Page, place: Place, *, name: str | None, tag: str | None = None
) -> dict[str, Any]:
    """A page of the models of a space, or of the usable ones of a project."""
    space_id, project_id = place
    if space_id is not None and project_id is None:
        found, total = assets.page(
            session, caller, space_id, name=name, tag=tag, after=page.after, limit=page.limit + 1
        )
        return page.answer(found, total, described.of_asset, lambda one: (one.asset.created_at, one.asset.id))
    if project_id is not None and space_id is None:
        trained, total = published.models(session, caller, project_id, after=page.after, limit=page.limit + 1)
        return page.answer(trained, total, _trained, lambda one: (one[0].created_at, one[0].uid))
    raise InvalidRequest(reason="one of space_id and project_id is needed")


def described_model(
    session: Session, caller: Caller, model_id: UUID, revision: int | None = None
) -> dict[str, Any]:
    """A model of a space or of a project, whatever it is that has the id.

    Raises
    ------
    UnknownAsset
        If the caller sees none.
    """
    if by_id(session, model_id) is not None:
        return described.of_asset(assets.get(session, caller, model_id, revision))
    model = _trained(published.model(session, caller, model_id))
    if revision is not None:
        raise UnknownRevision(asset=model_id, revision=revision)
    return model


def require_asset(session: Session, caller: Caller, model_id: UUID, action: str) -> None:
    """Refuse a model of a project, which is changed in SQL; one that the caller does not see is none.

    Raises
    ------
    OfProject
        Naming the project.
    """
    if by_id(session, model_id) is None:
        model, _ = published.model(session, caller, model_id)
        raise OfProject(asset=model_id, project=model.project, action=action)


def remove(session: Session, caller: Caller, model_id: UUID) -> None:
    """Remove a model of a space."""
    require_asset(session, caller, model_id, "DELETE")
    assets.delete(session, caller, model_id)


def require_place(found: dict[str, Any], space_id: UUID | None, project_id: UUID | None) -> dict[str, Any]:
    """The model, if it is where the caller says that it is.

    Raises
    ------
    UnknownAsset
        If it is elsewhere.
    """
    metadata = found["metadata"]
    for key, wanted in (("space_id", space_id), ("project_id", project_id)):
        if wanted is not None and metadata.get(key) != str(wanted):
            raise UnknownAsset(asset=metadata["id"])
    return found


def revision_of(model_id: UUID, text: str | None) -> int | None:
    """The number of a revision.

    Raises
    ------
    UnknownRevision
        If it is no number, and so no revision.
    """
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UnknownRevision(asset=model_id, revision=text)
    return int(text)


def _trained(found: Described) -> dict[str, Any]:
    return described.of_trained(*found)


def _tag(tag: Any) -> str:
    """A tag as a text; older clients send an object."""
    value = tag.get("value") if isinstance(tag, dict) else tag
    if not isinstance(value, str):
        raise InvalidRequest(reason=f"tags: {tag!r} is no text")
    return value
