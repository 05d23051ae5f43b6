"""Change which model of an endpoint answers, at once and in the caller's transaction: what SQL does."""

from dataclasses import dataclass

from turnout.catalog import endpoints, models, projects
from turnout.catalog.endpoints import Candidate
from turnout.catalog.session import Session
from turnout.errors import (
    MissingArgument,
    ModelNotUsable,
    NotEditor,
    NothingDeployed,
    NotSupported,
    UnknownModel,
)
from turnout.services import choosing, compatibility, reach, serving
from turnout.services.reach import Reached


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
    """Deploy the model that a strategy chooses, of a project or of an online deployment's space.

    Raises
    ------
    UnknownProject, UnknownChoice, NotOwner, NotEditor
        Before anything is looked for.
    NoCandidate, NoEarlierDeployment
        When the strategy finds no model.
    ReplacementUnderWay
        While the deployment is being updated over HTTP.
    IncompatibleModel
        When it would break callers, the endpoint is strict, as every online one is, and nobody forces it.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose model is to change")
    asked = choosing.strategy_of(strategy)
    algorithm = choosing.algorithm_of(algorithm)
    role = projects.caller(session)

    def switch() -> Deployed:
        reached = reach.by_name(session, project)
        reach.require(session, reached, role, "deploy")
        endpoint = reach.lock(session, reached)
        chosen = choosing.by_strategy(session, reached, endpoint, asked, algorithm)
        return _switch(
            session, reached, endpoint, chosen, strategy=asked, reason=reason, force=force, role=role
        )

    return session.as_owner(switch)


def deploy_model(
    session: Session,
    *,
    model_id: int | None,
    project: str | None = None,
    reason: str | None = None,
    force: bool = False,
) -> Deployed:
    """Deploy one model, whatever its score: on its own project, or where the name says.

    Raises
    ------
    UnknownModel, ModelNotUsable, NotOwner, NotEditor, NotInSpace
        When there is no such model, it failed or was deleted, it belongs to others, or to another place.
    IncompatibleModel
        When it would break callers, the endpoint is strict, as every online one is, and nobody forces it.
    """
    if model_id is None:
        raise MissingArgument(argument="model_id", reason="it says which model is to be deployed")
    role = projects.caller(session)

    def switch() -> Deployed:
        if project is None:
            own = projects.of_model(session, model_id)
            if own is None:
                raise UnknownModel(model_id=model_id, hint=_elsewhere(session, model_id))
            reached = Reached(name=own.name, project=own)
        else:
            reached = reach.by_name(session, project)
        reach.require(session, reached, role, "deploy")
        # the lock comes first: while we hold it, nobody deletes the model that we look at
        endpoint = reach.lock(session, reached)
        chosen = choosing.by_id(session, reached, model_id)
        return _switch(
            session, reached, endpoint, chosen, strategy="specific", reason=reason, force=force, role=role
        )

    return session.as_owner(switch)


def undeploy(session: Session, *, project: str | None, reason: str | None = None) -> Deployed:
    """Take the live model away, as a deployment of no model.

    Raises
    ------
    NothingDeployed
        When there is none.
    NotSupported
        For an online deployment, whose callers always get an answer.
    """
    if project is None:
        raise MissingArgument(argument="project_name", reason="it says whose model is to go")
    role = projects.caller(session)

    def switch() -> Deployed:
        reached = reach.by_name(session, project)
        reach.require(session, reached, role, "undeploy")
        if reached.online is not None:
            raise NotSupported(
                what=f'undeploying deployment "{project}"',
                reason="an online deployment has a model for as long as it is there",
                hint="deploy another model, or delete the deployment over HTTP",
            )
        endpoint = reach.lock(session, reached)
        if endpoint.model_id is None:
            raise NothingDeployed(project=reached.name)
        endpoints.switch(session, endpoint, model_id=None, strategy="undeploy", reason=reason)
        return Deployed(project=reached.name, strategy="undeploy", algorithm=None)

    return session.as_owner(switch)


def _switch(
    session: Session,
    reached: Reached,
    endpoint: endpoints.Endpoint,
    chosen: Candidate,
    *,
    strategy: str,
    reason: str | None,
    force: bool,
    role: str,
) -> Deployed:
    model = models.get(session, chosen.id)
    lenient = strategy == "rollback" and reached.online is not None
    checks = compatibility.check(session, endpoint, model, force=force, lenient=lenient)
    if reached.online is not None:
        if checks and checks["forced"] and not reach.is_admin(session, reached, role):
            raise NotEditor(role=role, deployment=reached.name, action="force a model onto", needed="admin")
        if model.artifact_sha256 is None:
            raise ModelNotUsable(model_id=model.id, project=reached.name, state=model.state)
        # it is loaded and tried before the processes that serve it are told to
        serving.load(session, model.id, model.artifact_sha256)
    endpoints.switch(
        session,
        endpoint,
        model_id=chosen.id,
        strategy=strategy,
        reason=reason,
        checks=checks,
        user_name=None if reached.online is None else role,
        asset_id=chosen.asset_id,
        asset_revision=chosen.asset_revision,
    )
    return Deployed(project=reached.name, strategy=strategy, algorithm=chosen.algorithm)


def _elsewhere(session: Session, model_id: int) -> str:
    """What to do about a model that was trained in no project."""
    if models.by_id(session, model_id) is None:
        return ""
    return f"it belongs to no project: pgml.deploy('<serving name>', {model_id}) deploys it there"
