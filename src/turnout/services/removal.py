"""Remove models and projects: files go, what happened stays on record."""

from turnout.catalog import endpoints, models, projects, references, snapshots
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
        While it is live, or an asset of a space holds it; or, without ``force``, while it is what a rollback would
        choose.
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
        endpoint, _ = _kept(session, project)
        if models.get(session, model_id).deleted:
            raise ModelNotUsable(model_id=model_id, project=project.name, state="deleted")
        use = _use(session, model_id)
        if use is not None and not (force and use.startswith(references.ROLLBACK)):
            raise ModelInUse(model_id=model_id, project=project.name, use=use, hint=_way_out(use))
        models.delete(session, model_id)
        endpoints.touch(session, endpoint)

    session.as_owner(remove)


def _use(session: Session, model_id: int) -> str | None:
    """What a model is needed for; nothing that has it in its history is switched until the transaction ends."""
    references.lock(session, model_id)
    return references.use(session, model_id)


def _way_out(use: str) -> str:
    if use.startswith(references.LIVE):
        return "deploy another model first, or undeploy"
    if use.startswith(references.ROLLBACK):
        return "force => true deletes it"
    return "delete the asset first" if use.startswith("asset") else "wait until the replacement is done"


def _kept(session: Session, project: Project) -> tuple[Endpoint, dict[int, str]]:
    """The models that a deletion has to spare, with their use; the endpoint stays locked."""
    endpoint = endpoints.lock(session, project)
    kept = {}
    earlier = endpoints.before(session, endpoint, algorithm=None)
    if earlier is not None:
        kept[earlier.id] = references.ROLLBACK
    if endpoint.model_id is not None:
        kept[endpoint.model_id] = references.LIVE
    return endpoint, kept


def prune(session: Session, *, project: str | None, keep: int | None) -> list[int]:
    """Delete all but the newest models of a project, those in spaces, the live one, and what a rollback would choose.

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
        gone = [
            model_id
            for model_id in models.beyond(session, found.id, keep)
            if model_id not in kept and _use(session, model_id) is None
        ]
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
    ModelInUse
        While an asset of a space, or an online deployment or its history, refers to one of its models.
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
        if outside := references.elsewhere(session, found.id):
            model_id, use = outside
            raise ModelInUse(
                model_id=model_id, project=found.name, use=use, hint="what is deployed of it has to go first"
            )
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
