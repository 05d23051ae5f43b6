"""What refers to a model: as long as something does, its files stay."""

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("references")
LIVE = "live"
ROLLBACK = "what a rollback would choose"


def lock(session: Session, model_id: int) -> None:
    """Hold every endpoint that has ever been switched to a model, and wait for all who have begun to refer to it.

    In the order of a switch: it holds the endpoint, and then, by a foreign key, the model.
    """
    session.rows(_Q["lock_endpoints"], model_id)
    session.rows(_Q["lock_model"], model_id)


def of_endpoint(session: Session, endpoint_id: int) -> list[int]:
    """Every model that an endpoint has answered by, or was about to."""
    return [row["model_id"] for row in session.rows(_Q["of_endpoint"], endpoint_id)]


def use(session: Session, model_id: int) -> str | None:
    """The first thing that a model is needed for, wherever that is; nothing if its files may go.

    Returns
    -------
    str or None
        Begins with ``LIVE`` or ``ROLLBACK`` where an endpoint answers by it, or would after a rollback.
    """
    if live := session.first(_Q["live"], model_id):
        return _of(LIVE, live["kind"], live["name"])
    if pending := session.first(_Q["pending"], model_id):
        return f'about to become live at the deployment "{pending["name"]}"'
    if asset := session.first(_Q["asset"], model_id):
        return f'asset "{asset["name"]}" ({asset["id"]}) of space "{asset["space"]}"'
    if earlier := session.first(_Q["rollback"], model_id):
        return _of(ROLLBACK, earlier["kind"], earlier["name"])
    return None


def elsewhere(session: Session, project_id: int) -> tuple[int, str] | None:
    """A model of a project that something outside of the project refers to, and what that is."""
    row = session.first(_Q["elsewhere"], project_id)
    return (row["model_id"], row["use"]) if row else None


def _of(what: str, kind: str, name: str) -> str:
    # of its own project, that needs no saying
    return what if kind == "project" else f'{what} at the deployment "{name}"'
