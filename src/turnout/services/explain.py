"""Explain a model by how much each field matters to it, and an answer by what each field has contributed."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from turnout.catalog import endpoints, explanations, models, pointer, projects
from turnout.catalog.session import Session
from turnout.errors import (
    BrokenArtifact,
    InvalidArgument,
    MissingArgument,
    MissingPackages,
    NothingDeployed,
    NotSupported,
    UnknownModel,
    UnknownProject,
)
from turnout.runtime.artifact import digest
from turnout.runtime.explanation import Explanation
from turnout.runtime.problem import Problem
from turnout.services import predict

Features = TypeVar("Features")
Importance = tuple[str, float, list[float] | None, str]
# feature, value, contribution, elements, class, base, unit
Contribution = tuple[str, str | None, float, list[float] | None, str | None, float, str]
Asking = Callable[[Explanation, Features], list[Any]]

UNTYPED = "leave it out for the importance of the live model's features, or name the other: model_id => null"
# the one that was asked last, by its checksum: a statement asks about many rows and one model
LAST: dict[str, Explanation] = {}


def importance(session: Session, *, project: str | None, model_id: int | None) -> list[Importance]:
    """How much each field matters to a model of a project, the live one by default; the most important first.

    Raises
    ------
    UnknownProject, NotOwner
        If there is none, or the caller may neither change it nor read what is known of all models.
    UnknownModel, InvalidArgument, NothingDeployed
        If there is no such model, or it is one of another project.
    NotSupported
        If it is not known, with the reason.
    """
    if project is None:
        raise _no_project()
    role = projects.caller(session)

    def read() -> list[Importance]:
        found = projects.readable(session, project, role, "pgml.models", "explain the models of")
        wanted = endpoints.of_project(session, found).model_id if model_id is None else model_id
        if wanted is None:
            raise NothingDeployed(project=project)
        if models.get(session, wanted).project_id != found.id:
            raise _elsewhere(wanted, project)
        return _listed(wanted, explanations.of_model(session, wanted))

    return session.as_owner(read)


def _listed(model_id: int, kept: explanations.Kept | None) -> list[Importance]:
    found = kept.importance if kept else {}
    method = found.get("method")
    if method is None:
        reason = found.get("reason", "none was kept when it was trained")
        raise NotSupported(what=f"the importance of features for model {model_id}", reason=reason)
    fields = sorted(found["fields"], key=lambda field: -field["importance"])
    return [(field["name"], field["importance"], field["elements"], method) for field in fields]


def row(
    session: Session,
    ask: Asking[Features],
    features: Features,
    *,
    project: str | None,
    model_id: int | None,
) -> list[Contribution]:
    """What each field contributes to the answer of a project's live model, or of another model of it, for one row.

    Raises
    ------
    UnknownProject, NothingDeployed, UnknownModel, InvalidArgument, ModelNotUsable
        If there is no such model, it is one of another project, or was deleted.
    NotSupported
        If its contributions are not known, with the reason.
    """
    if project is None:
        raise _no_project()
    # the live one is the one that a prediction would ask in this place
    chosen = predict.pointed(session, project)[0] if model_id is None else _asked(session, project, model_id)
    explanation, unit = _loaded(session, chosen)
    try:
        return [(*contribution, unit) for contribution in ask(explanation, features)]
    except Problem as problem:
        error = problem.named(project=project, model_id=chosen)
    raise error


def _asked(session: Session, project: str, model_id: int) -> int:
    """A model of a project that is there, so that a wrong name is told from a wrong number."""
    if pointer.live(session, project) is None:
        raise UnknownProject(project=project)
    if predict.servable(session, model_id)["name"] != project:
        raise _elsewhere(model_id, project)
    return model_id


def _loaded(session: Session, model_id: int) -> tuple[Explanation, str]:
    """What explains a model, kept in this process by its checksum; and the unit of its sums."""
    kept = session.as_owner(lambda: explanations.of_model(session, model_id))
    if kept is None:
        raise UnknownModel(model_id=model_id)
    told = kept.explanation
    sha256 = told.get("sha256")
    if sha256 is None:
        what = f"explaining a row by model {model_id} ({kept.algorithm or 'imported'})"
        raise NotSupported(what=what, reason=told.get("reason", "nothing was kept for it"))
    explanation = LAST.get(sha256)
    if explanation is None:
        LAST.clear()
        explanation = LAST[sha256] = _read(session, model_id, told["path"], sha256)
    return explanation, told["unit"]


def _read(session: Session, model_id: int, path: str, sha256: str) -> Explanation:
    data = session.as_owner(lambda: explanations.data(session, model_id, path))
    if not data:
        raise BrokenArtifact(model_id=model_id, reason="its files are not there")
    if digest(data) != sha256:
        reason = "what explains its answers has another checksum than it was stored with"
        raise BrokenArtifact(model_id=model_id, reason=reason)
    try:
        return Explanation.load(data)
    except ValueError as reason:
        raise BrokenArtifact(model_id=model_id, reason=reason) from reason
    except ModuleNotFoundError as missing:
        # flat trees answer without the library that has trained them, so a server may do without it
        raise MissingPackages(packages=missing.name, version=sys.version.split()[0]) from missing


def _no_project() -> MissingArgument:
    return MissingArgument(argument="project_name", reason="it says whose model is to be explained")


def _elsewhere(model_id: int, project: str) -> InvalidArgument:
    return InvalidArgument(argument="model_id", value=model_id, expected=f'a model of project "{project}"')
