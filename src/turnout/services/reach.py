"""Which endpoint a name means, a project's or an online deployment's, and whether a role of SQL may change it."""

from dataclasses import dataclass

from turnout.catalog import endpoints, online, projects, replacements
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.online import Deployment
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.domain.roles import ADMIN, EDITOR, VIEWER, covers
from turnout.errors import NotEditor, ReplacementUnderWay, UnknownProject


@dataclass(frozen=True, kw_only=True)
class Reached:
    """An endpoint that was found: it belongs to a project, or to an online deployment."""

    name: str
    project: Project | None = None
    online: Deployment | None = None

    @property
    def kind(self) -> str:
        """The word for it in messages."""
        return "project" if self.online is None else "deployment"


def by_name(session: Session, name: str) -> Reached:
    """The endpoint with this name.

    Raises
    ------
    UnknownProject
        If neither a project nor an online deployment has it.
    """
    found = endpoints.by_name(session, name)
    if found is not None and found.kind == "online":
        deployment = online.of_endpoint(session, found.id)
        if deployment is not None:
            return Reached(name=name, online=deployment)
    project = projects.by_name(session, name)
    if project is None:
        raise UnknownProject(project=name)
    return Reached(name=name, project=project)


def require(session: Session, reached: Reached, role: str, action: str, needed: str = EDITOR) -> None:
    """Refuse a role that may not change an endpoint: a project's belongs to its owner, a deployment to its space.

    Raises
    ------
    NotOwner, NotEditor
        Naming the role, and what it would take.
    """
    if reached.project is not None:
        projects.require_owner(session, reached.project, role, action)
    elif reached.online is not None and not projects.is_superuser(session, role):
        found = online.space_role(session, role, reached.online.space_id)
        if not covers(found, needed):
            raise NotEditor(role=role, deployment=reached.name, action=action, needed=needed)


def require_reader(session: Session, reached: Reached, role: str, table: str, action: str) -> None:
    """Refuse a role that may neither change an endpoint, nor see it, nor read a table where all is said anyway."""
    if not projects.reads(session, role, table):
        require(session, reached, role, action, VIEWER)


def is_admin(session: Session, reached: Reached, role: str) -> bool:
    """Whether a role may overrule what protects the callers of a deployment."""
    if reached.online is None:
        return True
    return projects.is_superuser(session, role) or covers(
        online.space_role(session, role, reached.online.space_id), ADMIN
    )


def lock(session: Session, reached: Reached) -> Endpoint:
    """The endpoint, locked until the transaction ends; predictions go on meanwhile.

    Raises
    ------
    UnknownProject
        If it has just been deleted.
    ReplacementUnderWay
        While an online deployment is being updated.
    """
    if reached.project is not None:
        return endpoints.lock(session, reached.project)
    locked = None
    if reached.online is not None:
        locked = endpoints.lock_by_id(session, reached.online.endpoint_id)
    if locked is None:
        raise UnknownProject(project=reached.name)
    if replacements.under_way(session, locked.id):
        raise ReplacementUnderWay(deployment=reached.name)
    return locked


def unlocked(session: Session, reached: Reached) -> Endpoint:
    """The endpoint as it is at the moment.

    Raises
    ------
    UnknownProject
        If it has just been deleted.
    """
    found = endpoints.by_name(session, reached.name)
    if found is None:
        raise UnknownProject(project=reached.name)
    return found
