"""Projects: rows and the rights to change them."""

from dataclasses import dataclass
from zlib import crc32

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session
from turnout.domain.rights import require_member
from turnout.errors import NameTaken, TaskMismatch, UnknownProject

_Q = load("projects")
_ENDPOINTS = load("endpoints")
_RELATIONS = load("relations")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A named prediction task; its name is what callers in SQL hold."""

    id: int
    name: str
    task: str
    owner: str
    seed: int
    key_metric: str

    @classmethod
    def from_row(cls, row: Row) -> "Project":
        return cls(**{name: row[name] for name in cls.__dataclass_fields__})


def caller(session: Session) -> str:
    """The role whose rights count: the session's current one, also within a security definer function."""
    row = session.one(_RELATIONS["caller"])
    return str(row["role"])


def by_name(session: Session, name: str) -> Project | None:
    row = session.first(_Q["by_name"], name)
    return Project.from_row(row) if row else None


def of_model(session: Session, model_id: int) -> Project | None:
    row = session.first(_Q["of_model"], model_id)
    return Project.from_row(row) if row else None


def require_owner(session: Session, project: Project, role: str, action: str) -> None:
    """Refuse a role that is no member of the project's owner.

    A dump may be restored where the owner is no role any more; then only a superuser is let in.
    """
    row = session.first(_Q["owns"], role, project.owner)
    member = bool(row["owns"]) if row else is_superuser(session, role)
    require_member(role=role, owner=project.owner, project=project.name, action=action, is_member=member)


def is_superuser(session: Session, role: str) -> bool:
    """Whether a role may do everything."""
    row = session.first(_Q["superuser"], role)
    return bool(row and row["superuser"])


def reads(session: Session, role: str, table: str) -> bool:
    """Whether a role may read one of our tables as a whole."""
    row = session.first(_Q["reads"], role, table)
    return bool(row and row["reads"])


def owned(session: Session, name: str, role: str, action: str) -> Project:
    """The project with this name, if the role may change it.

    Raises
    ------
    UnknownProject, NotOwner
        If there is none, or it belongs to others.
    """
    found = by_name(session, name)
    if found is None:
        raise UnknownProject(project=name)
    require_owner(session, found, role, action)
    return found


def readable(session: Session, name: str, role: str, table: str, action: str) -> Project:
    """The project with this name, if the role may change it, or may read a table where all is said anyway.

    Raises
    ------
    UnknownProject, NotOwner
        If there is none, or it belongs to others.
    """
    found = by_name(session, name)
    if found is None:
        raise UnknownProject(project=name)
    if not reads(session, role, table):
        require_owner(session, found, role, action)
    return found


def seed_of(name: str) -> int:
    """The seed that a new project gets: made of its name, so that trainings side by side agree on it."""
    return crc32(name.encode())


def make(session: Session, *, name: str, task: str, owner: str, key_metric: str) -> Project:
    """The project with this name, made with its endpoint if it is new; the caller's transaction decides.

    Raises
    ------
    NameTaken
        If an online deployment has the name.
    TaskMismatch
        If somebody else has just made it for another task.
    """
    row = None
    while row is None:  # somebody may delete it between our two looks
        made = session.first(_Q["insert"], name, task, owner, seed_of(name), key_metric)
        if made and session.first(_ENDPOINTS["insert_project"], name, made["id"]) is None:
            raise NameTaken(name=name, kind="endpoint")
        row = session.first(_Q["keep"], name)
    project = Project.from_row(row)
    if project.task != task:
        raise TaskMismatch(project=name, expected=project.task, task=task)
    return project


def lock(session: Session, project: Project) -> None:
    """Wait until nobody works on a project any more, and let nobody begin until the transaction ends.

    Raises
    ------
    UnknownProject
        If somebody else has deleted it meanwhile.
    """
    if session.first(_Q["lock"], project.id) is None:
        raise UnknownProject(project=project.name)


def set_key_metric(session: Session, project: Project, metric: str) -> None:
    """Compare a project's models by another metric from now on."""
    session.rows(_Q["set_key_metric"], project.id, metric)


def record_removal(session: Session, project: Project) -> None:
    """Put on record that a project goes, and how much goes with it; the guards let it go only then."""
    session.rows(_Q["record_removal"], project.id, project.name)


def remove(session: Session, project_id: int) -> None:
    """Remove the row of a project, after everything that refers to it."""
    session.rows(_Q["delete"], project_id)
