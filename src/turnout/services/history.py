"""Which model was live, from when to when, and why."""

from turnout.catalog import endpoints, projects
from turnout.catalog.session import Row, Session
from turnout.errors import MissingArgument
from turnout.services import reach


def of_endpoint(session: Session, *, project: str | None) -> list[Row]:
    """The deployments of a project or of an online deployment, the oldest first.

    Raises
    ------
    UnknownProject, NotOwner, NotEditor
        If there is none, or the caller may neither change it nor read the history of all.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose history is meant")
    role = projects.caller(session)

    def read() -> list[Row]:
        reached = reach.by_name(session, project)
        reach.require_reader(session, reached, role, "pgml.deployments", "read the history of")
        return endpoints.timeline(session, reach.unlocked(session, reached))

    return session.as_owner(read)
