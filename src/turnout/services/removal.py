"""Remove models and projects: files go, what happened stays on record."""

from turnout.catalog import endpoints, models, projects, snapshots
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.errors import (
    ChangedMeanwhile,
    InvalidArgument,
    MissingArgument,
    ModelInUse,
    ModelNotUsable,
    UnknownModel,
)

STILL_REFERRED_TO = "23503"


def delete_model(session: Session, *, model_id: int | None, force: bool) -> None:
    """Remove a model's files and mark it as deleted.

    Raises
    ------
    ModelInUse
        While it is live; or, without ``force``, while it is what a rollback would choose.
    UnknownModel, ModelNotUsable, NotOwner
        If it is not there, deleted already, or of a project of others.
    """
    if model_id is None:
        raise MissingArgument(argument="model_id", reason="it says which model is to go")
    role = projects.caller(session)

    def remove() -> None:
        project = projects.of_model(session, model_id)
        if project is None:
            raise UnknownModel(model_id=model_id)
        projects.require_owner(session, project, role, "delete a model of")
        endpoint, kept = _kept(session, project)
        if models.get(session, model_id).deleted:
            raise ModelNotUsable(model_id=model_id, project=project.name, state="deleted")
        use = kept.get(model_id)
        if use is not None and not (force and use != "live"):
            raise ModelInUse(
                model_id=model_id,
                project=project.name,
                use=use,
                hint="deploy another model first, or undeploy"
                if use == "live"
                else "force => true deletes it",
            )
        models.delete(session, model_id)
        endpoints.touch(session, endpoint)

    session.as_owner(remove)


def _kept(session: Session, project: Project) -> tuple[Endpoint, dict[int, str]]:
    """The models that a deletion has to spare, with their use; the endpoint stays locked."""
    endpoint = endpoints.lock(session, project)
    kept = {}
    earlier = endpoints.before(session, endpoint, algorithm=None)
    if earlier is not None:
        kept[earlier.id] = "what a rollback would choose"
    if endpoint.model_id is not None:
        kept[endpoint.model_id] = "live"
    return endpoint, kept


def prune(session: Session, *, project: str | None, keep: int | None) -> list[int]:
    """Delete all but the newest models of a project, the live one, and the one a rollback would choose.

    Returns
    -------
    list of int
        The ids of the deleted models.
    """
    if project is None or keep is None:
        raise MissingArgument(
            argument="project_name" if project is None else "keep", reason="both are needed"
        )
    if keep < 0:
        raise InvalidArgument(argument="keep", value=keep, expected="a number of models from 0 up")
    role = projects.caller(session)

    def remove() -> list[int]:
        found = projects.owned(session, project, role, "prune")
        endpoint, kept = _kept(session, found)
        gone = [model_id for model_id in models.beyond(session, found.id, keep) if model_id not in kept]
        for model_id in gone:
            models.delete(session, model_id)
        if gone:
            endpoints.touch(session, endpoint)
        return gone

    return session.as_owner(remove)


def delete_project(session: Session, *, project: str | None) -> None:
    """Remove a project with its models and its history, after a row on record that says so.

    Raises
    ------
    ChangedMeanwhile
        In a repeatable read transaction that does not see a model which was trained since it began.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says which project is to go")
    role = projects.caller(session)

    def remove() -> None:
        found = projects.owned(session, project, role, "delete")
        projects.lock(session, found)
        endpoints.lock(session, found)
        used = snapshots.of_project(session, found.id)
        projects.record_removal(session, found)
        endpoints.remove_history(session, found.id)
        endpoints.remove(session, found.id)
        models.remove_project(session, found.id)
        snapshots.delete_unused(session, used)
        projects.remove(session, found.id)

    try:
        session.as_owner(remove)
    except Exception as error:
        if getattr(error, "sqlstate", None) != STILL_REFERRED_TO:
            raise
        raise ChangedMeanwhile(project=project) from error
