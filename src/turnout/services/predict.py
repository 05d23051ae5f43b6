"""Answer for an endpoint or a model. On the prediction path: what is imported here, every session pays for."""

from __future__ import annotations

from turnout.catalog import pointer
from turnout.errors import (
    BrokenArtifact,
    MissingArgument,
    ModelNotUsable,
    NothingDeployed,
    UnknownModel,
    UnknownProject,
)
from turnout.runtime.artifact import digest
from turnout.runtime.cache import ModelCache
from turnout.runtime.model import Model
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from turnout.catalog.session import Row, Session

    Answer = TypeVar("Answer")
    Asked = TypeVar("Asked")
    Features = TypeVar("Features")

CACHE = ModelCache()
# what a session that pins its deployments has seen first, by project
PINNED: dict[str, tuple[int, str]] = {}


def by_project(
    session: Session, project: str | None, ask: Callable[[Model, Features], Answer], features: Features
) -> Answer:
    """What the live model of a project answers.

    Parameters
    ----------
    session
        The caller's, in a statement whose snapshot decides which model is live.
    project
        The name of an endpoint.
    ask, features
        What is asked of the model, and what about.

    Raises
    ------
    UnknownProject, NothingDeployed
        When there is no live model.
    """
    model_id, model = live(session, project)
    try:
        return ask(model, features)
    except Problem as problem:
        error = problem.named(project=project or "", model_id=model_id)
    raise error


def live(session: Session, project: str | None) -> tuple[int, Model]:
    """The live model of a project, or the one that the session is pinned to, and its id.

    Raises
    ------
    UnknownProject, NothingDeployed
        When there is none.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says which endpoint is to answer")
    model_id, sha256 = pointed(session, project)
    model = CACHE.get(sha256)
    if model is None:
        model = _load(session, model_id, sha256)
    if model.written is not None:
        pointer.READY[project] = model.written
    return model_id, model


def pointed(session: Session, project: str) -> tuple[int, str]:
    """Which model is live, or is what the session is pinned to, and the checksum of its artifact.

    Raises
    ------
    UnknownProject, NothingDeployed
        When there is none.
    """
    row = pointer.live(session, project)
    if row is None:
        raise UnknownProject(project=project)
    pins = pointer.pins(row)
    if pins and project in PINNED:
        return PINNED[project]
    model_id, sha256 = row["model_id"], row["artifact_sha256"]
    if sha256 is None:
        raise NothingDeployed(project=project)
    if pins and not pointer.may_vanish(session):
        PINNED[project] = (model_id, sha256)
    return model_id, sha256


def by_model(
    session: Session, model_id: int | None, ask: Callable[[Model, Features], Answer], features: Features
) -> Answer:
    """What one model answers, live or not.

    Raises
    ------
    UnknownModel, ModelNotUsable
        When it is not there, failed, or was deleted.
    """
    if model_id is None:
        raise MissingArgument(argument="model_id", reason="it says which model is to answer")
    row = servable(session, model_id)
    model = CACHE.get(row["artifact_sha256"])
    if model is None:
        model = _load(session, model_id, row["artifact_sha256"])
    if model.written is not None:
        pointer.READY[model_id] = model.written
    try:
        return ask(model, features)
    except Problem as problem:
        error = problem.named(project=row["name"] or "", model_id=model_id)
    raise error


def servable(session: Session, model_id: int) -> Row:
    """What the catalog says of one model that can answer: the name of its project and its artifact's checksum.

    Raises
    ------
    UnknownModel, ModelNotUsable
        When it is not there, failed, or was deleted.
    """
    row = pointer.servable(session, model_id)
    if row is None:
        raise UnknownModel(model_id=model_id)
    if row["deleted"] or row["status"] != "successful":
        state = "deleted" if row["deleted"] else row["status"]
        raise ModelNotUsable(model_id=model_id, project=row["name"] or "", state=state)
    return row


def read(session: Session, model_id: int, sha256: str) -> Model:
    """Read the artifact of a model and check it.

    Raises
    ------
    BrokenArtifact
        If its files are not there, or are not what was stored.
    """
    data = pointer.artifact(session, sha256)
    if not data:
        raise BrokenArtifact(model_id=model_id, reason="its files are not there")
    if digest(data) != sha256:
        raise BrokenArtifact(
            model_id=model_id, reason="its files have another checksum than they were stored with"
        )
    try:
        return Model.load(data)
    except ValueError as reason:
        raise BrokenArtifact(model_id=model_id, reason=reason) from reason


def _load(session: Session, model_id: int, sha256: str) -> Model:
    """Read a model and keep it in this process."""
    limit = pointer.cache_limit(session)
    model = read(session, model_id, sha256)
    CACHE.put(sha256, model, limit_bytes=limit)
    # what had to make room is not to live on there
    pointer.READY.clear()
    return model
