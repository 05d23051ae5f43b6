"""The application: every router, one shape of errors."""

from fastapi import FastAPI
from fastapi_swagger import patch_fastapi

from turnout import __version__
from turnout.http import (
    assets,
    deployments,
    health,
    login,
    metrics,
    models,
    problems,
    projects,
    scoring_page,
    spaces,
    specifications,
    switching,
    uploads,
)
from turnout.http.database import Work
from turnout.http.directory import Here
from turnout.services.replacing import SECONDS

DESCRIPTION = """Spaces, models and online deployments, in the shapes of Watson Machine Learning v4.
The model behind a deployment changes; its id, its URL and its serving name don't."""
ROUTERS = (
    login.router,
    spaces.router,
    spaces.membership,
    specifications.router,
    projects.router,
    models.router,
    uploads.router,
    assets.router,
    health.router,
    metrics.router,
    deployments.router,
    switching.router,
)


def build(work: Work, here: Here, *, replacement_seconds: float = SECONDS) -> FastAPI:
    """The application of one process."""
    app = FastAPI(
        title="Turnout",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    # FastAPI's own page loads its scripts from elsewhere
    patch_fastapi(app, swagger_ui_parameters={"displayRequestDuration": True, "filter": True})
    app.state.work = work
    app.state.here = here
    app.state.replacement_seconds = replacement_seconds
    problems.install(app)
    scoring_page.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
