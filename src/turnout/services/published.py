"""Projects and their models over HTTP: whoever owns them in SQL reads them here, under the role's name."""

from uuid import UUID

from turnout.catalog import published
from turnout.catalog.assets import After
from turnout.catalog.published import Facts, ProjectRow, TrainedModel
from turnout.catalog.session import Session
from turnout.errors import UnknownProject
from turnout.services.spaces import Person
from turnout.space_errors import UnknownAsset

Described = tuple[TrainedModel, Facts]


def projects(
    session: Session, person: Person, *, name: str | None, after: After, limit: int
) -> tuple[list[ProjectRow], int]:
    """One page of the projects that somebody owns, or all there are for an administrator, and how many on all pages."""
    role = _role(person)
    found = published.projects(session, role=role, name=name, after=after, limit=limit)
    return found, published.count(session, role=role, name=name)


def project(session: Session, person: Person, uid: UUID) -> ProjectRow:
    """A project that somebody may read.

    Raises
    ------
    UnknownProject
        If there is none.
    """
    found = published.project(session, uid, role=_role(person))
    if found is None:
        raise UnknownProject(project=uid, hint="GET /v2/projects lists those that you own")
    return found


def models(
    session: Session, person: Person, project_uid: UUID, *, after: After, limit: int
) -> tuple[list[Described], int]:
    """One page of the usable models of a project, the newest first, and how many on all pages."""
    found = project(session, person, project_uid)
    page = published.models(session, found.id, after=after, limit=limit)
    facts = published.facts(session, [one.id for one in page])
    return [(one, facts[one.id]) for one in page], published.count_models(session, found.id)


def model(session: Session, person: Person, uid: UUID) -> Described:
    """A usable model of a project that somebody may read.

    Raises
    ------
    UnknownAsset
        If there is none.
    """
    found = published.model(session, uid)
    if found is None or published.project(session, found.project_uid, role=_role(person)) is None:
        raise UnknownAsset(asset=uid)
    return found, published.facts(session, [found.id])[found.id]


def _role(person: Person) -> str | None:
    """Whose projects these are: those of the role of the same name; an administrator's are all."""
    return None if person.admin else person.name
