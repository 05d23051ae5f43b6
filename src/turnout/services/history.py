"""Which model was live, from when to when, and why."""

from turnout.catalog import endpoints, projects
from turnout.catalog.session import Row, Session
from turnout.errors import MissingArgument


def of_project(session: Session, *, project: str | None) -> list[Row]:
    """The deployments of a project, the oldest first.

    Raises
    ------
    UnknownProject, NotOwner
        If there is none, or the caller may neither change it nor read the history of all.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose history is meant")
    role = projects.caller(session)

    def read() -> list[Row]:
        found = projects.readable(session, project, role, "pgml.deployments", "read the history of")
        return endpoints.timeline(session, found)

    return session.as_owner(read)
