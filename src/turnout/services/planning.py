"""What a training is to do: what the caller asks for, filled in from the project and its last snapshot."""

from dataclasses import dataclass, field, replace
from typing import Any

from turnout.catalog import endpoints, projects, settings, snapshots
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.catalog.snapshots import Source
from turnout.domain import choices
from turnout.domain.metrics import key_metric
from turnout.errors import MissingArgument, TaskMismatch, UnknownProject
from turnout.services import source
from turnout.training import algorithms


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the caller of a training asks for; what is None is taken from the project's last training."""

    project: str | None
    task: str | None = None
    relation: str | None = None
    targets: tuple[str, ...] | None = None
    algorithm: str | None = "linear"
    hyperparams: dict[str, Any] = field(default_factory=dict)
    search: str | None = None
    search_params: dict[str, Any] = field(default_factory=dict)
    search_args: dict[str, Any] = field(default_factory=dict)
    test_size: float | None = 0.25
    sampling: str | None = "stratified"
    runtime: str | None = None
    automatic_deploy: bool | None = True
    materialize_snapshot: bool | None = False
    preprocess: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A request, checked against the project as it was when the training began."""

    name: str
    task: str
    algorithm: str
    hyperparams: dict[str, Any]
    search: str | None
    search_params: dict[str, Any]
    search_args: dict[str, Any]
    runtime: str
    seed: int
    key_metric: str
    source: Source
    deploy: bool
    role: str
    materialize: bool
    # the id of a materialized snapshot, after which its table is called
    snapshot_id: int | None = None


def check_words(request: Request) -> None:
    """Refuse what can be refused without looking anywhere.

    Raises
    ------
    MissingArgument, UnknownChoice, InvalidArgument
        If there is no project, or a word or a number that cannot be.
    """
    if not request.project:
        raise MissingArgument(argument="project_name", reason="it names what the model is for")
    for what, value, known in (
        ("task", request.task, choices.TASKS),
        ("algorithm", request.algorithm, choices.ALGORITHMS),
        ("search", request.search, choices.SEARCHES),
        ("test_sampling", request.sampling, choices.SAMPLINGS),
        ("runtime", request.runtime, choices.RUNTIMES),
    ):
        if value is not None:
            choices.one_of(what, value, known)
    if request.targets is not None:
        source.check_targets(request.targets)
    source.check_test_size(request.test_size)


def settle(session: Session, request: Request, role: str) -> tuple[Plan, str | None]:
    """Look at the project, without a lock, and fill in what the request leaves open; with the interpreter to use.

    Raises
    ------
    NotOwner, TaskMismatch, UnknownProject, MissingArgument, NameTaken, UnknownChoice
        If the project is another's or another task's, or is new and the request leaves out what makes it.
    """
    name = request.project or ""
    project = projects.by_name(session, name)
    if project is None:
        task, seed, metric = _new_project(session, request)
    else:
        projects.require_owner(session, project, role, "train")
        if request.task is not None and request.task != project.task:
            raise TaskMismatch(project=name, expected=project.task, task=request.task)
        task, seed, metric = project.task, project.seed, project.key_metric
    algorithm = algorithms.chosen(request.algorithm, task)
    algorithms.get(algorithm, task)
    plan = Plan(
        name=name,
        task=task,
        algorithm=algorithm,
        hyperparams=request.hyperparams,
        search=request.search,
        search_params=request.search_params,
        search_args=request.search_args,
        runtime=request.runtime or "python",
        seed=seed,
        key_metric=metric,
        source=_source(session, request, project, task),
        deploy=request.automatic_deploy is not False,
        role=role,
        materialize=bool(request.materialize_snapshot),
    )
    return plan, settings.python(session)


def _new_project(session: Session, request: Request) -> tuple[str, int, str]:
    name = request.project or ""
    if request.task is None:
        if request.relation is None:
            raise UnknownProject(project=name)
        raise MissingArgument(
            argument="task", reason=f'project "{name}" is new; it is one of {", ".join(choices.TASKS)}'
        )
    endpoints.require_free(session, name)
    return request.task, projects.seed_of(name), key_metric(request.task).name


def _source(session: Session, request: Request, project: Project | None, task: str) -> Source:
    last = snapshots.last(session, project.id) if project else None
    if request.relation is None:
        if last is None:
            raise MissingArgument(
                argument="relation_name", reason="the project has no snapshot to train on again"
            )
        if request.targets is not None and request.targets != last.targets:
            return replace(last, targets=request.targets)
        return last
    targets = request.targets or (last.targets if last and last.relation == request.relation else ())
    if not targets and task not in choices.UNSUPERVISED:
        raise MissingArgument(argument="y_column_name", reason="it names the column to predict")
    return Source(
        relation=request.relation,
        targets=targets,
        test_size=0.25 if request.test_size is None else request.test_size,
        sampling=request.sampling or "stratified",
        preprocess=request.preprocess,
    )
