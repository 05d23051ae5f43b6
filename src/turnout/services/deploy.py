"""Change which model of a project answers."""

from dataclasses import dataclass

from turnout.catalog import endpoints, models, projects
from turnout.catalog.endpoints import Candidate, Endpoint
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.domain import choices
from turnout.domain.metrics import METRICS
from turnout.errors import (
    InvalidArgument,
    MissingArgument,
    ModelNotUsable,
    NoCandidate,
    NoEarlierDeployment,
    NothingDeployed,
    UnknownModel,
)
from turnout.services import compatibility

NOT_BY_HAND = {
    "new_score": "it is what automatic deployment records: use best_score",
    "specific": "give the model's id instead: pgml.deploy(model_id)",
    "undeploy": "use pgml.undeploy(project_name)",
}


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What a switch answers: the strategy that was asked for, and the algorithm that is live now."""

    project: str
    strategy: str
    algorithm: str | None


def deploy(
    session: Session,
    *,
    project: str | None,
    strategy: str | None = "best_score",
    algorithm: str | None = None,
    reason: str | None = None,
    force: bool = False,
) -> Deployed:
    """Deploy the model of a project that a strategy chooses.

    Raises
    ------
    UnknownProject, UnknownChoice, NotOwner
        Before anything is looked for.
    NoCandidate, NoEarlierDeployment
        When the strategy finds no model.
    IncompatibleModel
        When it would break callers, the endpoint is strict, and nobody forces it.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose model is to change")
    strategy = _strategy(strategy)
    algorithm = choices.algorithm(algorithm)
    if algorithm is not None:
        choices.one_of("algorithm", algorithm, choices.ALGORITHMS)
    role = projects.caller(session)

    def switch() -> Deployed:
        found = projects.owned(session, project, role, "deploy")
        endpoint = endpoints.lock(session, found)
        chosen = _choose(session, found, endpoint, strategy, algorithm)
        checks = compatibility.check(session, endpoint, models.get(session, chosen.id), force=force)
        endpoints.switch(
            session, endpoint, model_id=chosen.id, strategy=strategy, reason=reason, checks=checks
        )
        return Deployed(project=found.name, strategy=strategy, algorithm=chosen.algorithm)

    return session.as_owner(switch)


def deploy_model(
    session: Session, *, model_id: int | None, reason: str | None = None, force: bool = False
) -> Deployed:
    """Deploy one model, whatever its score.

    Raises
    ------
    UnknownModel, ModelNotUsable, NotOwner
        When there is no such model, it failed or was deleted, or its project belongs to others.
    IncompatibleModel
        When it would break callers, the endpoint is strict, and nobody forces it.
    """
    if model_id is None:
        raise MissingArgument(argument="model_id", reason="it says which model is to be deployed")
    role = projects.caller(session)

    def switch() -> Deployed:
        project = projects.of_model(session, model_id)
        if project is None:
            raise UnknownModel(model_id=model_id)
        projects.require_owner(session, project, role, "deploy")
        # the lock comes first: while we hold it, nobody deletes the model that we look at
        endpoint = endpoints.lock(session, project)
        model = models.get(session, model_id)
        if not model.usable:
            raise ModelNotUsable(model_id=model_id, project=project.name, state=model.state)
        checks = compatibility.check(session, endpoint, model, force=force)
        endpoints.switch(
            session, endpoint, model_id=model_id, strategy="specific", reason=reason, checks=checks
        )
        return Deployed(project=project.name, strategy="specific", algorithm=model.algorithm)

    return session.as_owner(switch)


def undeploy(session: Session, *, project: str | None, reason: str | None = None) -> Deployed:
    """Take the live model away, as a deployment of no model.

    Raises
    ------
    NothingDeployed
        When there is none.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose model is to go")
    role = projects.caller(session)

    def switch() -> Deployed:
        found = projects.owned(session, project, role, "undeploy")
        endpoint = endpoints.lock(session, found)
        if endpoint.model_id is None:
            raise NothingDeployed(project=found.name)
        endpoints.switch(session, endpoint, model_id=None, strategy="undeploy", reason=reason)
        return Deployed(project=found.name, strategy="undeploy", algorithm=None)

    return session.as_owner(switch)


def _strategy(strategy: str | None) -> str:
    if strategy is None:
        raise MissingArgument(argument="strategy", reason=f"one of {', '.join(choices.STRATEGIES)}")
    if strategy in NOT_BY_HAND:
        raise InvalidArgument(
            argument="strategy",
            value=f'"{strategy}"',
            expected=f"one of {', '.join(choices.STRATEGIES)}",
            hint=NOT_BY_HAND[strategy],
        )
    return choices.one_of("strategy", strategy, choices.STRATEGIES)


def _choose(
    session: Session, project: Project, endpoint: Endpoint, strategy: str, algorithm: str | None
) -> Candidate:
    whose = f"model of algorithm {algorithm}" if algorithm else "model"
    if strategy == "rollback":
        chosen = endpoints.before(session, endpoint, algorithm=algorithm)
        if chosen is None:
            count = endpoints.deployments(session, endpoint)
            raise NoEarlierDeployment(project=project.name, reason=_nothing_earlier(count, whose))
        return chosen
    if strategy == "most_recent":
        chosen = endpoints.most_recent(session, project.id, algorithm=algorithm)
    else:
        metric = METRICS[project.key_metric]
        chosen = endpoints.best_score(
            session,
            project.id,
            metric=metric.name,
            greater_is_better=metric.greater_is_better,
            algorithm=algorithm,
        )
    if chosen is None:
        raise NoCandidate(
            project=project.name,
            strategy=strategy,
            reason=f"it has no successful {whose}"
            + (f" with a figure for {project.key_metric}" if strategy == "best_score" else ""),
        )
    return chosen


def _nothing_earlier(count: int, whose: str) -> str:
    if count == 0:
        return "it has never been deployed"
    if count == 1:
        return "it was deployed only once"
    return f"none of its {count} deployments has another {whose} that is not deleted"
