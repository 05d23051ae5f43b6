"""Whether a process lives, and whether it may be sent requests."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from turnout.http.directory import Here

router = APIRouter(tags=["operation"])


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """Answers as long as the process does."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"description": "Nothing is known yet of what is live."}})
async def ready(request: Request) -> Response:
    """Whether predictions are answered, and whether a model that was replaced may still answer."""
    here: Here = request.app.state.here
    told = {
        "ready": here.ready,
        "stale": here.stale,
        "deployments": len(here.directory.deployments),
    }
    return JSONResponse(told, 200 if here.ready else 503)
