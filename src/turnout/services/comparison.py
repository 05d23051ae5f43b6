"""By what the models of a project are compared."""

from turnout.catalog import projects
from turnout.catalog.session import Session
from turnout.domain import choices
from turnout.domain.metrics import OF_TASK
from turnout.errors import MissingArgument


def set_key_metric(session: Session, *, project: str | None, metric: str | None) -> None:
    """Choose the metric that best_score and automatic deployment go by.

    Raises
    ------
    UnknownChoice
        If models of the project's task have no such metric.
    UnknownProject, NotOwner
        If there is no such project, or it belongs to others.
    """
    if project is None or metric is None:
        argument = "project_name" if project is None else "metric"
        raise MissingArgument(argument=argument, reason="both are needed")
    role = projects.caller(session)

    def write() -> None:
        found = projects.owned(session, project, role, "set the key metric of")
        choices.one_of(f"metric of a {found.task}", metric, OF_TASK[found.task])
        projects.set_key_metric(session, found, metric)

    session.as_owner(write)
