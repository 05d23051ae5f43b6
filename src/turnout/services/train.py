"""Train a model on a relation of the database and, if it is better, deploy it.

The rows are read as the caller, the fit runs in a process of its own, and the catalog is written after it, in the
caller's transaction and with the owner's rights: nothing is locked while the fit runs, and a training that fails
or is cancelled leaves nothing.
"""

from dataclasses import dataclass, replace

from turnout.catalog import projects, relations, snapshots
from turnout.catalog.session import Session
from turnout.domain import choices
from turnout.services import automatic, planning, recording, source
from turnout.services.planning import Plan, Request
from turnout.services.source import Rows
from turnout.services.working import Executors, at_work, give
from turnout.training.executors import Fitted, LocalExecutor


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a training answers."""

    project: str
    task: str
    algorithm: str
    deployed: bool


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
    planning.check_words(request)
    role = projects.caller(session)
    plan, python = session.as_owner(lambda: planning.settle(session, request, role))
    with at_work(executors(python)) as executor:
        deployed = _train(session, executor, plan)
    return Trained(project=plan.name, task=plan.task, algorithm=plan.algorithm, deployed=deployed)


def _train(session: Session, executor: LocalExecutor, plan: Plan) -> bool:
    """Fit and store the model; whether it was deployed."""
    rows = source.describe(session, plan.source.relation, plan.source.targets, task=plan.task)
    plan = replace(plan, source=replace(plan.source, relation=rows.relation.name))
    if plan.materialize:
        plan, rows = _materialized(session, plan, rows)
    fitted = _fit(session, executor, plan, rows)
    return session.as_owner(lambda: _store(session, executor, plan, rows, fitted))


def _materialized(session: Session, plan: Plan, rows: Rows) -> tuple[Plan, Rows]:
    """Copy the rows to the snapshot's own table, and train on that."""
    snapshot_id = session.as_owner(lambda: snapshots.reserve(session))
    table = relations.materialize(session, rows.relation, snapshot_id)
    copied = replace(relations.find(session, table), asked=rows.relation.asked)
    return replace(plan, snapshot_id=snapshot_id), replace(rows, relation=copied)


def _fit(session: Session, executor: LocalExecutor, plan: Plan, rows: Rows) -> Fitted:
    job = {
        "do": "fit",
        "task": plan.task,
        "algorithm": plan.algorithm,
        "hyperparams": plan.hyperparams,
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
    give(session, executor, job, rows)
    return executor.finish()


def _store(session: Session, executor: LocalExecutor, plan: Plan, rows: Rows, fitted: Fitted) -> bool:
    """Write what came of it, and switch if the model is better; whether it was."""
    project, model_id = recording.record(session, plan, rows, fitted)
    for text in fitted.result["warnings"]:
        session.warning(f"{plan.algorithm}: {text}")
    if not plan.deploy:
        session.notice(f"model {model_id} ({plan.algorithm}) is trained and was not to be deployed")
        return False
    return automatic.consider(session, executor, project, model_id)
