"""The application: every router, one shape of errors."""

from fastapi import FastAPI

from turnout import __version__
from turnout.http import login, problems
from turnout.http.database import Work

DESCRIPTION = """Spaces, models and online deployments, in the shapes of Watson Machine Learning v4.
The model behind a deployment changes; its id, its URL and its serving name don't."""
ROUTERS = (login.router,)


def build(work: Work) -> FastAPI:
    """The application of one process."""
    app = FastAPI(title="Turnout", version=__version__, description=DESCRIPTION, redoc_url=None)
    app.state.work = work
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    return app
