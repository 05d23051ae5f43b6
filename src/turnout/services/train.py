"""Train a model on a relation of the database and, if it is better, deploy it.

The rows are read as the caller, the fit runs in a process of its own, and the catalog is written after it, in the
caller's transaction and with the owner's rights: nothing is locked while the fit runs, and a training that fails
or is cancelled leaves nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from turnout.catalog import endpoints, models, projects, relations, settings, snapshots
from turnout.catalog.models import NewModel
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.catalog.snapshots import Source
from turnout.domain import choices
from turnout.domain.metrics import key_metric
from turnout.errors import (
    InvalidArgument,
    MissingArgument,
    TaskMismatch,
    TurnoutError,
    UnknownProject,
)
from turnout.runtime.artifact import digest
from turnout.runtime.labels import label_text
from turnout.services import automatic, source
from turnout.services.source import Rows
from turnout.training import algorithms
from turnout.training.executors import Fitted, LocalExecutor

Executors = Callable[[str | None], LocalExecutor]


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
class Trained:
    """What a training answers."""

    project: str
    task: str
    algorithm: str
    deployed: bool


@dataclass(frozen=True, kw_only=True)
class _Plan:
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


def train(session: Session, executors: Executors, request: Request) -> Trained:
    """Train a model and store it; deploy it if it is the project's first, or better than the live one.

    Parameters
    ----------
    session
        The caller's; its rights decide what can be read, its transaction whether the model stays.
    executors
        Gives the executor of an interpreter.
    request
        What to train.

    Raises
    ------
    TurnoutError
        One of many, each before anything is written.
    """
    request = replace(request, algorithm=choices.algorithm(request.algorithm))
    _check_words(request)
    role = projects.caller(session)
    plan, python = session.as_owner(lambda: _plan(session, request, role))
    executor = executors(python)
    try:
        deployed = _train(session, executor, plan)
    except TurnoutError:
        executor.forget()
        raise
    except BaseException:
        # cancelled, or the database has refused something: no process is to outlive that
        executor.kill()
        raise
    executor.forget()
    return Trained(project=plan.name, task=plan.task, algorithm=plan.algorithm, deployed=deployed)


def _train(session: Session, executor: LocalExecutor, plan: _Plan) -> bool:
    """Fit and store the model; whether it was deployed."""
    executor.start()
    rows = source.describe(session, plan.source.relation, plan.source.targets, task=plan.task)
    plan = replace(plan, source=replace(plan.source, relation=rows.relation.name))
    if plan.materialize:
        plan, rows = _materialized(session, plan, rows)
    fitted = _fit(session, executor, plan, rows)
    return session.as_owner(lambda: _record(session, executor, plan, rows, fitted))


def _materialized(session: Session, plan: _Plan, rows: Rows) -> tuple[_Plan, Rows]:
    """Copy the rows to the snapshot's own table, and train on that."""
    snapshot_id = session.as_owner(lambda: snapshots.reserve(session))
    table = relations.materialize(session, rows.relation, snapshot_id)
    copied = replace(relations.find(session, table), asked=rows.relation.asked)
    return replace(plan, snapshot_id=snapshot_id), replace(rows, relation=copied)


def _check_words(request: Request) -> None:
    """Refuse what can be refused without looking anywhere."""
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
    size = request.test_size
    if size is not None and not (0 < size < 1 or 1 < size < float("inf")):
        raise InvalidArgument(
            argument="test_size",
            value=label_text(size),
            expected="a share of the rows between 0 and 1, or a number of rows above 1",
        )


def _plan(session: Session, request: Request, role: str) -> tuple[_Plan, str | None]:
    """Look at the project, without a lock, and fill in what the request leaves open."""
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
    plan = _Plan(
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


def _fit(session: Session, executor: LocalExecutor, plan: _Plan, rows: Rows) -> Fitted:
    executor.begin(
        {
            "do": "fit",
            "relation": rows.relation.asked,
            "task": plan.task,
            "algorithm": plan.algorithm,
            "hyperparams": plan.hyperparams,
            "fields": [column.described() for column in rows.features],
            "targets": [column.described() for column in rows.targets],
            "split": {
                "sampling": plan.source.sampling,
                "seed": plan.seed,
                "test_size": plan.source.test_size,
            },
            "preprocess": plan.source.preprocess,
            "key_metric": plan.key_metric,
            "search": plan.search,
            "search_params": plan.search_params,
            "search_args": plan.search_args,
        }
    )
    source.send(session, rows, partial(_send, executor))
    return executor.finish()


def _send(executor: LocalExecutor, count: int, columns: list[bytes]) -> None:
    executor.rows({"count": count, "lengths": [len(column) for column in columns]}, b"".join(columns))


def _record(session: Session, executor: LocalExecutor, plan: _Plan, rows: Rows, fitted: Fitted) -> bool:
    """Write project, snapshot, model and artifact, and switch if the model is better; whether it was."""
    project = projects.make(
        session, name=plan.name, task=plan.task, owner=plan.role, key_metric=plan.key_metric
    )
    projects.require_owner(session, project, plan.role, "train")
    result = fitted.result
    snapshot_id = snapshots.insert(
        session,
        plan.source,
        columns=_columns(rows, result["columns"]),
        analysis=result["rows"],
        split=result["split"],
        reserved=plan.snapshot_id,
    )
    classes = result["classes"]
    signature = {
        "fields": [{"name": f.name, "type": f.type, "size": f.size} for f in rows.features],
        "targets": [{"name": f.name, "type": f.type} for f in rows.targets],
        "classes": classes,
    }
    model_id = models.insert(
        session,
        NewModel(
            project_id=project.id,
            snapshot_id=snapshot_id,
            num_features=result["num_features"],
            algorithm=plan.algorithm,
            runtime=plan.runtime,
            hyperparams=result["hyperparams"],
            metrics=result["metrics"],
            task=plan.task,
            classes=None if classes is None or len(rows.targets) > 1 else list(map(label_text, classes)),
            signature=signature,
            predictor=result["format"],
            export=result["export"],
            library=result["library"],
            artifact_sha256=digest(fitted.artifact),
            artifact=fitted.artifact,
            importance=result["importance"],
            explanation=result["explanation"],
            explanation_data=fitted.explanation,
            search=plan.search,
            search_params=plan.search_params,
            search_args=plan.search_args,
        ),
    )
    for text in result["warnings"]:
        session.warning(f"{plan.algorithm}: {text}")
    if not plan.deploy:
        session.notice(f"model {model_id} ({plan.algorithm}) is trained and was not to be deployed")
        return False
    return automatic.consider(session, executor, project, model_id)


def _columns(rows: Rows, statistics: dict[str, Any]) -> list[dict[str, Any]]:
    """What ``snapshots.columns`` says: each column with its type, place and statistics."""
    described = [
        {"name": column.name, "type": column.type, "size": column.size, "label": label}
        for label, part in ((False, rows.features), (True, rows.targets))
        for column in part
    ]
    return [
        {**column, "position": place, "statistics": statistics.get(str(column["name"]), {})}
        for place, column in enumerate(described, 1)
    ]
