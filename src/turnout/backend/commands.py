"""The entries that change something: training, switching, removing."""

import json
from typing import Any

from turnout.backend.boundary import entry
from turnout.catalog.in_backend import BackendSession
from turnout.catalog.session import Row
from turnout.errors import InvalidArgument, MissingArgument
from turnout.runtime.explanation import Explanation
from turnout.services import comparison, compatibility, datasets, packages, promotion, removal
from turnout.services import deploy as deploying
from turnout.services import explain as explaining
from turnout.services import history as past
from turnout.services import snapshot as describing
from turnout.services import train as training
from turnout.services.deploy import Deployed
from turnout.services.planning import Request
from turnout.training.executors import LocalExecutor

SESSION = BackendSession()
READING = BackendSession(reading=True)
# a process that trains stays warm for the session, with the imports that it has made
_EXECUTORS: dict[str | None, LocalExecutor] = {}


def _executor(python: str | None) -> LocalExecutor:
    if python not in _EXECUTORS:
        _EXECUTORS[python] = LocalExecutor(python, SESSION.interrupts)
    return _EXECUTORS[python]


def _object(argument: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        # a jsonb is right but for this: Python makes no integer of more than 4,300 digits
        expected = "a JSON object whose numbers are in the range of double precision"
        raise InvalidArgument(argument=argument, value=f"{text[:40]}...", expected=expected) from None
    if not isinstance(value, dict):
        raise InvalidArgument(argument=argument, value=text, expected='a JSON object, as {"name": value}')
    return value


def _names(given: list[str] | None) -> tuple[str, ...] | None:
    return None if given is None else tuple(given)


@entry
def train(  # noqa: PLR0917  the order of the SQL function's arguments
    project_name: str | None,
    task: str | None,
    relation_name: str | None,
    y_column_name: str | list[str] | None,
    algorithm: str | None,
    hyperparams: str | None,
    search: str | None,
    search_params: str | None,
    search_args: str | None,
    test_size: float | None,
    test_sampling: str | None,
    runtime: str | None,
    automatic_deploy: bool | None,
    materialize_snapshot: bool | None,
    preprocess: str | None,
) -> list[tuple[str, str, str, bool]]:
    trained = training.train(
        SESSION,
        _executor,
        Request(
            project=project_name,
            task=task,
            relation=relation_name,
            targets=(y_column_name,) if isinstance(y_column_name, str) else _names(y_column_name),
            algorithm=algorithm,
            hyperparams=_object("hyperparams", hyperparams),
            search=search,
            search_params=_object("search_params", search_params),
            search_args=_object("search_args", search_args),
            test_size=test_size,
            sampling=test_sampling,
            runtime=runtime,
            automatic_deploy=automatic_deploy,
            materialize_snapshot=materialize_snapshot,
            preprocess=_object("preprocess", preprocess),
        ),
    )
    return [(trained.project, trained.task, trained.algorithm, trained.deployed)]


@entry
def snapshot(
    relation_name: str | None,
    y_column_name: str | None,
    test_size: float | None,
    test_sampling: str | None,
    preprocess: str | None,
) -> list[tuple[str, str]]:
    asked = describing.snapshot(
        SESSION,
        _executor,
        describing.Request(
            relation=relation_name,
            target=y_column_name,
            test_size=test_size,
            sampling=test_sampling,
            preprocess=_object("preprocess", preprocess),
        ),
    )
    return [(asked.relation, asked.targets[0])]


def _answer(deployed: Deployed) -> list[tuple[str, str, str | None]]:
    return [(deployed.project, deployed.strategy, deployed.algorithm)]


@entry
def deploy(
    project_name: str | None,
    strategy: str | None,
    algorithm: str | None,
    reason: str | None,
    force: bool | None,
) -> list[tuple[str, str, str | None]]:
    return _answer(
        deploying.deploy(
            SESSION,
            project=project_name,
            strategy=strategy,
            algorithm=algorithm,
            reason=reason,
            force=bool(force),
        )
    )


@entry
def deploy_model(
    model_id: int | None, reason: str | None, force: bool | None
) -> list[tuple[str, str, str | None]]:
    return _answer(deploying.deploy_model(SESSION, model_id=model_id, reason=reason, force=bool(force)))


@entry
def deploy_model_to(
    project_name: str | None, model_id: int | None, reason: str | None, force: bool | None
) -> list[tuple[str, str, str | None]]:
    if project_name is None:
        raise MissingArgument(argument="project_name", reason="it says whose model is to change")
    return _answer(
        deploying.deploy_model(
            SESSION, project=project_name, model_id=model_id, reason=reason, force=bool(force)
        )
    )


@entry
def undeploy(project_name: str | None, reason: str | None) -> list[tuple[str, str, str | None]]:
    return _answer(deploying.undeploy(SESSION, project=project_name, reason=reason))


@entry
def set_strict(project_name: str | None, strict: bool | None) -> None:
    compatibility.set_strict(SESSION, project=project_name, strict=strict)


@entry
def set_key_metric(project_name: str | None, metric: str | None) -> None:
    comparison.set_key_metric(SESSION, project=project_name, metric=metric)


@entry
def compatibility_report(project_name: str | None, model_id: int | None) -> list[tuple[str, str, str]]:
    found = compatibility.report(READING, project=project_name, model_id=model_id)
    return [(difference.field, difference.severity, difference.text) for difference in found]


@entry
def explain(project_name: str | None, model_id: int | None) -> list[explaining.Importance]:
    return explaining.importance(READING, project=project_name, model_id=model_id)


@entry
def explain_array(
    project_name: str | None, features: list[Any] | None, model_id: int | None
) -> list[explaining.Contribution]:
    if features is None:
        return []
    return explaining.row(READING, Explanation.of_array, features, project=project_name, model_id=model_id)


@entry
def explain_text(
    project_name: str | None, features: list[Any] | None, model_id: int | None
) -> list[explaining.Contribution]:
    if features is None:
        # what a bare NULL resolves to; it might have been meant for the model
        raise MissingArgument(argument="features", reason="the row to explain", hint=explaining.UNTYPED)
    return explain_array(project_name, features, model_id)


@entry
def explain_row(
    project_name: str | None, features: str | None, model_id: int | None
) -> list[explaining.Contribution]:
    if features is None:
        return []
    given = json.loads(features)
    return explaining.row(READING, Explanation.of_row, given, project=project_name, model_id=model_id)


@entry
def history(project_name: str | None) -> list[Row]:
    return past.of_endpoint(READING, project=project_name)


@entry
def promote(model_id: int | None, space: str | None) -> str:
    return promotion.promote_as_role(SESSION, model_id=model_id, space=space)


@entry
def delete_model(model_id: int | None, force: bool | None) -> None:
    removal.delete_model(SESSION, model_id=model_id, force=bool(force))


@entry
def delete_project(project_name: str | None) -> None:
    removal.delete_project(SESSION, project=project_name)


@entry
def prune(project_name: str | None, keep: int | None) -> list[int]:
    return removal.prune(SESSION, project=project_name, keep=keep)


python_version = entry(packages.python_version)
python_package_version = entry(packages.version_of)
python_pip_freeze = entry(packages.installed)
validate_python_dependencies = entry(packages.validate)


@entry
def load_dataset(
    source: str | None, subset: str | None, limit: int | None, kwargs: str | None
) -> list[tuple[str, int]]:
    _object("kwargs", kwargs)
    loaded = datasets.load(SESSION, _executor, name=source, subset=subset, limit=limit)
    return [(loaded.table, loaded.rows)]
