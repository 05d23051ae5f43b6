"""The strategies over HTTP: a deployment is replaced as by a patch, a project's endpoint is switched at once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from turnout.catalog import endpoints, models, online, projects
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.session import Row, Session
from turnout.domain.roles import EDITOR, VIEWER
from turnout.errors import InvalidArgument
from turnout.input_errors import UnknownDeployment
from turnout.services import choosing, compatibility, proposing, reach, replacing
from turnout.services import online as deployments
from turnout.services.compatibility import Comparison
from turnout.services.proposing import Asked, AssetGiven
from turnout.services.reach import Reached
from turnout.services.spaces import Person


@dataclass(frozen=True, kw_only=True)
class Switched:
    """What has been chosen.

    Attributes
    ----------
    reached
        Where; an online deployment follows when its server processes have prepared the model.
    """

    reached: Reached
    strategy: str
    model_id: int
    algorithm: str | None


def find(session: Session, person: Person, key: str, needed: str = VIEWER) -> Reached:
    """The deployment with this id or serving name; for an administrator of the installation, a project, too.

    Raises
    ------
    UnknownDeployment, RoleTooLow
        For who may not see it, or no more than that.
    """
    project = projects.by_name(session, key) if person.admin else None
    if project is not None:
        return Reached(name=key, project=project)
    found = deployments.get(session, person, key, needed)
    return Reached(name=found.serving_name or str(found.id), online=found)


def deploy(
    session: Session,
    key: str,
    asked: Asked,
    *,
    strategy: str | None,
    algorithm: str | None = None,
    model_id: int | None = None,
) -> Switched:
    """Deploy the model that a strategy chooses, or one by its id.

    Raises
    ------
    NoCandidate, NoEarlierDeployment, NotInSpace
        When there is none.
    ReplacementUnderWay, IncompatibleModel
        As with a patch of the asset.
    """
    if model_id is not None and strategy not in (None, "specific"):
        raise InvalidArgument(
            argument="strategy", value=f'"{strategy}"', expected="none, since a model is named by its id"
        )
    algorithm = choosing.algorithm_of(algorithm)
    reached = find(session, asked.person, key, EDITOR)
    endpoint = _locked(session, reached)
    if model_id is not None:
        wanted, chosen = "specific", choosing.by_id(session, reached, model_id)
    else:
        wanted = choosing.strategy_of(strategy or "best_score")
        chosen = choosing.by_strategy(session, reached, endpoint, wanted, algorithm)
    if reached.online is None:
        checks = compatibility.check(session, endpoint, models.get(session, chosen.id), force=asked.override)
        endpoints.switch(
            session,
            endpoint,
            model_id=chosen.id,
            strategy=wanted,
            reason=asked.reason,
            checks=checks,
            user_name=asked.person.name,
        )
    else:
        lenient = wanted == "rollback"
        checks = proposing.checked(session, reached.online, endpoint, chosen, asked, lenient=lenient)
        proposing.accept(session, endpoint.id, chosen, asked, strategy=wanted, checks=checks)
        reached = Reached(name=reached.name, online=online.by_id(session, reached.online.id))
    return Switched(reached=reached, strategy=wanted, model_id=chosen.id, algorithm=chosen.algorithm)


def history(session: Session, person: Person, key: str) -> list[dict[str, Any]]:
    """Which model was live, from when to when, by whom and why; the oldest first."""
    reached = find(session, person, key)
    return [_entry(row) for row in endpoints.timeline(session, reach.unlocked(session, reached))]


def live_at(session: Session, person: Person, key: str, at: datetime) -> dict[str, Any] | None:
    """Which model was live at a moment; none before the first."""
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    for entry in history(session, person, key):
        until = entry["live_to"]
        if _moment(entry["live_from"]) <= at and (until is None or at < _moment(until)):
            return entry
    return None


def compare(
    session: Session,
    person: Person,
    key: str,
    *,
    asset: AssetGiven | None,
    model_id: int | None,
) -> Comparison | None:
    """What callers would notice of an asset, or of a model by its id; none if there is nothing to compare with."""
    reached = find(session, person, key)
    if (asset is None) == (model_id is None):
        raise InvalidArgument(argument="asset_id", value="not the only one", expected="it or model_id")
    if asset is not None:
        if reached.online is None:
            raise InvalidArgument(argument="asset_id", value=asset.id, expected="model_id, for a project")
        model_id = proposing.candidate(session, reached.online.space_id, asset)[0].id
    else:
        model_id = choosing.by_id(session, reached, int(model_id or 0)).id
    endpoint = reach.unlocked(session, reached)
    return compatibility.with_callers(session, endpoint, models.get(session, model_id))


def _locked(session: Session, reached: Reached) -> Endpoint:
    if reached.project is not None:
        return endpoints.lock(session, reached.project)
    endpoint = None if reached.online is None else endpoints.lock_briefly(session, reached.online.endpoint_id)
    if endpoint is None:
        raise UnknownDeployment(deployment=reached.name)
    replacing.require_settled(session, endpoint)
    return endpoint


def _entry(row: Row) -> dict[str, Any]:
    """A deployment of the history as an answer has it."""
    found = dict(row)
    for name in ("judgement", "checks"):
        found[name] = None if row[name] is None else json.loads(row[name])
    for name in ("live_from", "live_to"):
        found[name] = None if row[name] is None else row[name].replace(" ", "T").replace("+00", "Z")
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
