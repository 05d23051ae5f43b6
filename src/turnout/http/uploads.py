"""The content of models: uploads as they stream in, a few looked at at once, and downloads."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from turnout.http import described
from turnout.http.auth import Caller, CallerOf
from turnout.http.bodies import Text
from turnout.http.database import Work, WorkOf
from turnout.http.interim import awake
from turnout.http.models import (
    Place,
    Project,
    Revision,
    Space,
    described_model,
    require_asset,
    require_place,
    revision_of,
)
from turnout.http.turns import Turns
from turnout.importing import Declared
from turnout.service_errors import InvalidRequest
from turnout.services import contents
from turnout.space_errors import ContentTooLarge, NoSource, UploadNotKept
from turnout.upload_errors import UnusableUpload

_LOG = logging.getLogger("turnout.http")
router = APIRouter(prefix="/ml/v4/models", tags=["models"])
Format = Annotated[Text, Query(max_length=20, description="native: an archive, or a file in a safe format.")]
# in each process of the service; a conversion is a process of its own
_CONVERSIONS = Turns(at_once=2, waiting=8)
_RESTORATIONS = Turns(at_once=2, waiting=16)


@router.put(
    "/{model_id}/content",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def put_content(
    model_id: UUID,
    request: Request,
    caller: CallerOf,
    work: WorkOf,
    *,
    content_format: Format = "native",
) -> dict[str, Any]:
    """Send what a model holds: a gzip tar with a pickle or a safe format, whatever its content type says.

    A pickle is opened in a confined process only, and thrown away: what is kept is a safe format.
    """
    if content_format != "native":
        raise InvalidRequest(reason=f"content_format is {content_format!r}; expected 'native'")
    declared = await run_in_threadpool(_expected, work, caller, model_id)
    async with _received(request) as content, awake(request), _CONVERSIONS.turn():
        try:
            content_id = await run_in_threadpool(_keep, work, caller, model_id, content, declared)
        except UnusableUpload as refused:
            # IBM's SDK tells whoever stores an object that it failed, and not why
            _LOG.warning("upload to model %s by %s: %s", model_id, caller.name, refused.message)
            raise
    return {"attachment_id": str(content_id), "content_format": "native", "persisted": True}


@router.get("/{model_id}/content")
def list_content(model_id: UUID, caller: CallerOf, work: WorkOf, *, rev: Revision = None) -> dict[str, Any]:
    """What a model holds: one attachment, or none before its content has come."""
    with work.session() as session:
        found = described.attachments(described_model(session, caller, model_id, revision_of(model_id, rev)))
    return {"total_count": len(found), "attachments": found}


@router.get("/{model_id}/download", response_class=Response)
async def download(
    model_id: UUID,
    caller: CallerOf,
    work: WorkOf,
    *,
    rev: Revision = None,
    revision_id: Revision = None,
    space_id: Space = None,
    project_id: Project = None,
) -> Response:
    """A model as an archive, as it could have been uploaded."""
    revision = revision_of(model_id, rev or revision_id)
    async with _RESTORATIONS.turn():
        content = await run_in_threadpool(
            _restored, work, caller, model_id, revision, Place(space_id, project_id)
        )
    return Response(
        content,
        media_type="application/gzip",
        headers={"Content-Disposition": f'attachment; filename="{model_id}.tar.gz"'},
    )


def _restored(work: Work, caller: Caller, model_id: UUID, revision: int | None, place: Place) -> bytes:
    with work.session() as session:
        found = require_place(described_model(session, caller, model_id, revision), *place)
        if "project_id" in found["metadata"]:
            raise NoSource(asset=model_id)
        source = contents.source(session, caller, model_id, revision)
    return contents.restore(source)


def _expected(work: Work, caller: Caller, model_id: UUID) -> Declared:
    with work.session() as session:
        require_asset(session, caller, model_id, "content")
        return contents.expected(session, caller, model_id)


def _keep(work: Work, caller: Caller, model_id: UUID, content: Path, declared: Declared) -> UUID:
    imported = contents.convert(content, declared)
    with work.session() as session:
        return contents.keep(session, caller, model_id, imported)


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[Path]:
    """The body in a file that goes with the block, as soon as all of it is there."""
    limit: int = request.app.state.max_upload
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise ContentTooLarge(limit=f"{limit / 2**20:g}")
    with NamedTemporaryFile(prefix="turnout-upload-") as file:
        size = 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise ContentTooLarge(limit=f"{limit / 2**20:g}")
                file.write(chunk)
            file.flush()
        except ClientDisconnect:
            raise InvalidRequest(reason=f"the upload ended after {size} bytes") from None
        except OSError as error:
            raise UploadNotKept(reason=error.strerror or str(error)) from error
        yield Path(file.name)
