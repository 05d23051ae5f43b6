"""Which model a strategy chooses for an endpoint."""

from turnout.catalog import endpoints, models, online
from turnout.catalog.endpoints import Candidate, Endpoint
from turnout.catalog.online import Deployment
from turnout.catalog.projects import Project
from turnout.catalog.session import Session
from turnout.domain import choices
from turnout.domain.metrics import METRICS, key_metric
from turnout.errors import (
    InvalidArgument,
    MissingArgument,
    ModelNotUsable,
    NoCandidate,
    NoEarlierDeployment,
    NotInSpace,
)
from turnout.services import compatibility
from turnout.services.reach import Reached

NOT_BY_HAND = {
    "new_score": "it is what automatic deployment records: use best_score",
    "specific": "give the model's id instead: pgml.deploy(model_id)",
    "undeploy": "use pgml.undeploy(project_name)",
}


def strategy_of(strategy: str | None) -> str:
    """The strategy, if a caller may choose it."""
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


def algorithm_of(algorithm: str | None) -> str | None:
    """The algorithm's name of today, if there is one."""
    algorithm = choices.algorithm(algorithm)
    if algorithm is not None:
        choices.one_of("algorithm", algorithm, choices.ALGORITHMS)
    return algorithm


def by_strategy(
    session: Session, reached: Reached, endpoint: Endpoint, strategy: str, algorithm: str | None
) -> Candidate:
    """The model that a strategy chooses for a locked endpoint.

    Raises
    ------
    NoCandidate, NoEarlierDeployment
        When the strategy finds no model.
    """
    whose = f"model of algorithm {algorithm}" if algorithm else "model"
    if strategy == "rollback":
        before = endpoints.before if reached.online is None else endpoints.before_in_space
        chosen = before(session, endpoint, algorithm=algorithm)
        if chosen is None:
            count = endpoints.deployments(session, endpoint)
            reason = _nothing_earlier(count, whose)
            raise NoEarlierDeployment(kind=reached.kind, project=reached.name, reason=reason)
        return chosen if reached.online is None else _held(session, reached.online, chosen)
    if reached.online is not None:
        return _held(
            session, reached.online, _of_space(session, reached.online, endpoint, strategy, algorithm)
        )
    assert reached.project is not None  # noqa: S101
    return _of_project(session, reached.project, strategy, algorithm, whose)


def by_id(session: Session, reached: Reached, model_id: int) -> Candidate:
    """One model, whatever its score; for an online deployment, one that is an asset of its space.

    Raises
    ------
    UnknownModel, ModelNotUsable, NotInSpace, InvalidArgument
        If there is no such model, or it cannot answer here.
    """
    model = models.get(session, model_id)
    if not model.usable:
        raise ModelNotUsable(model_id=model_id, project=reached.name, state=model.state)
    if reached.online is None:
        if reached.project is None or model.project_id != reached.project.id:
            raise InvalidArgument(
                argument="model_id", value=model_id, expected=f'a model of project "{reached.name}"'
            )
        return Candidate(id=model_id, algorithm=model.algorithm)
    chosen = endpoints.in_space(session, reached.online.space_id, model_id)
    if chosen is None:
        raise NotInSpace(model_id=model_id, deployment=reached.name)
    return _held(session, reached.online, chosen)


def _held(session: Session, deployment: Deployment, chosen: Candidate) -> Candidate:
    """The choice, whose asset is held until the transaction ends."""
    asset = None
    if chosen.asset_id is not None:
        asset = online.asset(session, chosen.asset_id, chosen.asset_revision)
    if asset is None or not models.get(session, chosen.id).usable:  # it has just gone
        raise NotInSpace(model_id=chosen.id, deployment=deployment.serving_name or deployment.id)
    return chosen


def _of_project(
    session: Session, project: Project, strategy: str, algorithm: str | None, whose: str
) -> Candidate:
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
            kind="project",
            project=project.name,
            strategy=strategy,
            reason=f"it has no successful {whose}"
            + (f" with a figure for {project.key_metric}" if strategy == "best_score" else ""),
        )
    return chosen


def _of_space(
    session: Session, deployment: Deployment, endpoint: Endpoint, strategy: str, algorithm: str | None
) -> Candidate:
    """The first of a space's models, in the order of the strategy, that fits the callers."""
    known = endpoints.last_model(session, endpoint)
    live = None if known is None else models.get(session, known)
    name = deployment.serving_name or str(deployment.id)
    figure = ""
    if strategy == "most_recent":
        found = endpoints.recent_in_space(session, deployment.space_id, algorithm=algorithm)
    else:
        if live is None:
            reason = "nothing has been live there, whose task would say by which metric to choose"
            raise NoCandidate(kind="deployment", project=name, strategy=strategy, reason=reason)
        metric = key_metric(live.task)
        figure = f" with a figure for {metric.name}"
        found = endpoints.best_in_space(
            session,
            deployment.space_id,
            metric=metric.name,
            greater_is_better=metric.greater_is_better,
            algorithm=algorithm,
        )
    for candidate in found:
        if live is None or not live.signature:
            return candidate
        if not compatibility.compare(live, models.get(session, candidate.id), by_name=True).breaking:
            return candidate
    whose = f" of algorithm {algorithm}" if algorithm else ""
    refused = f"; {len(found)} do not fit its callers" if found else ""
    raise NoCandidate(
        kind="deployment",
        project=name,
        strategy=strategy,
        reason=f"its space has no model{whose}{figure} that fits{refused}",
    )


def _nothing_earlier(count: int, whose: str) -> str:
    if count == 0:
        return "it has never been deployed"
    if count == 1:
        return "it was deployed only once"
    return f"none of its {count} deployments has another {whose} that is not deleted"
