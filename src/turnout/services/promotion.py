"""From a project into a space: an asset that holds the same model, which never changes."""

from uuid import UUID

from turnout.catalog import assets, endpoints, members, models, projects, published, spaces, users
from turnout.catalog.projects import Project
from turnout.catalog.published import TrainedModel
from turnout.catalog.session import Session
from turnout.domain import trained
from turnout.domain.roles import ADMIN, EDITOR, covers
from turnout.errors import InvalidArgument, MissingArgument, ModelNotUsable, NotPermitted, UnknownModel
from turnout.services import published as reading
from turnout.services.spaces import Person, require
from turnout.space_errors import AmbiguousSpace, RoleTooLow, UnknownAsset, UnknownSpace

# who promotes as a superuser of SQL need not be a user of the service
NOBODY = UUID(int=0)


def promote(
    session: Session,
    person: Person,
    uid: UUID,
    space_id: UUID,
    *,
    project_uid: UUID | None = None,
    description: str | None = None,
) -> UUID:
    """Promote a model of a project that somebody owns into a space that they may edit; the id of the asset.

    Raises
    ------
    UnknownAsset, UnknownSpace, RoleTooLow
        If somebody may not see one of them, or not change the space.
    InvalidArgument
        If the model is of another project than was said, or in a space already.
    """
    require(session, person, space_id, EDITOR)
    if assets.by_id(session, uid) is not None:
        raise InvalidArgument(argument="asset", value=uid, expected="a model of a project, not of a space")
    model, _ = reading.model(session, person, uid)
    if project_uid is not None and model.project_uid != project_uid:
        raise InvalidArgument(
            argument="projectId", value=project_uid, expected=f"{model.project_uid}, the model's project"
        )
    project = projects.of_model(session, model.id)
    if project is None:
        raise UnknownAsset(asset=uid)
    return _into(session, project, model, space_id=space_id, owner_id=person.id, description=description)


def promote_as_role(session: Session, *, model_id: int | None, space: str | None) -> str:
    """Promote a model from SQL: a role counts as the user of the same name, and a superuser may promote anything.

    Raises
    ------
    UnknownModel, ModelNotUsable, NotOwner
        If there is no such model, it failed or was deleted, or its project belongs to others.
    UnknownSpace, AmbiguousSpace, RoleTooLow, NotPermitted
        If the space is not one that the role may edit.
    """
    if model_id is None:
        raise MissingArgument(argument="model_id", reason="it says which model is to be promoted")
    if space is None:
        raise MissingArgument(argument="space", reason="it says where to, by id or name")
    role = projects.caller(session)

    def work() -> str:
        project = projects.of_model(session, model_id)
        model = published.model_by_id(session, model_id)
        if project is None or model is None:
            raise UnknownModel(model_id=model_id)
        projects.require_owner(session, project, role, "promote a model of")
        space_id, owner_id = _editable(session, role, space)
        return str(_into(session, project, model, space_id=space_id, owner_id=owner_id))

    return session.as_owner(work)


def _editable(session: Session, role: str, space: str) -> tuple[UUID, UUID]:
    """The space that is meant, which is held, and the user that the role stands for."""
    user = users.by_name(session, role)
    everything = projects.is_superuser(session, role) or (user is not None and user.admin)
    if user is None and not everything:
        raise NotPermitted(
            what=f'promoting as role "{role}"',
            reason="there is no user of the HTTP service with this name",
            hint="turnout user add makes one; an admin of the space admits it",
        )
    found = []
    for space_id in _meant(session, space):
        its = ADMIN if everything or user is None else members.role(session, space_id, user.id)
        if its is not None:
            found.append((space_id, its))
    if not found:
        raise UnknownSpace(space=space)
    if len(found) > 1:
        raise AmbiguousSpace(space=space, ids=", ".join(str(space_id) for space_id, _ in found))
    space_id, its = found[0]
    if not covers(its, EDITOR):
        raise RoleTooLow(user=role, role=its, space=space_id, needed=EDITOR)
    spaces.keep(session, space_id)
    return space_id, NOBODY if user is None else UUID(str(user.id))


def _meant(session: Session, space: str) -> list[UUID]:
    """The spaces with this id, or else with this name."""
    try:
        by_id = UUID(space)
    except ValueError:
        return spaces.ids_of(session, space)
    return [by_id] if spaces.by_id(session, by_id) is not None else spaces.ids_of(session, space)


def _into(
    session: Session,
    project: Project,
    model: TrainedModel,
    *,
    space_id: UUID,
    owner_id: UUID,
    description: str | None = None,
) -> UUID:
    # who deletes a model locks its endpoint first; who has looked before, and deletes afterwards, is refused
    endpoint = endpoints.lock(session, project)
    row = models.get(session, model.id)
    if not row.usable:
        raise ModelNotUsable(model_id=model.id, project=project.name, state=row.state)
    entity = trained.entity(
        library=model.library,
        signature=model.signature,
        metrics=model.metrics,
        hyperparams=model.hyperparams,
        description=description or f'Model {model.id} of project "{model.project}"',
    )
    asset_id = assets.insert(
        session,
        space_id=space_id,
        name=trained.name(model.project, model.algorithm, model.id),
        entity=entity,
        model_id=model.id,
        owner_id=owner_id,
    )
    endpoints.touch(session, endpoint)
    return asset_id
