"""A model that is proposed for an online deployment: found in its space, looked at, and accepted to be prepared."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog import models, online
from turnout.catalog.endpoints import Candidate, Endpoint
from turnout.catalog.online import Deployment
from turnout.catalog.replacements import Replacement
from turnout.catalog.session import Session
from turnout.deployment_errors import InvalidDeployment, UnusableAsset
from turnout.domain.roles import ADMIN
from turnout.services import compatibility, replacing, spaces
from turnout.services.spaces import Person


@dataclass(frozen=True, kw_only=True)
class AssetGiven:
    """A model in a space, or one revision of it, as a request names it."""

    id: UUID
    revision: int | None = None

    @classmethod
    def of(cls, value: object) -> "AssetGiven":
        """Read what a request has.

        Raises
        ------
        InvalidDeployment
            If it names none.
        """
        if not isinstance(value, dict):
            raise InvalidDeployment(field="asset", reason='expected {"id": "...", "rev": "..."}')
        try:
            found = UUID(str(value.get("id")))
        except ValueError:
            raise InvalidDeployment(
                field="asset.id", reason=f"{value.get('id')!r} is not the id of a model"
            ) from None
        given = value.get("rev")
        if given is None or given == "":
            return cls(id=found)
        text = str(given)
        if isinstance(given, bool) or not (text.isascii() and text.isdigit() and 0 < int(text[:10]) < 2**31):
            raise InvalidDeployment(field="asset.rev", reason=f"{given!r} is not the number of a revision")
        return cls(id=found, revision=int(text))

    @property
    def said(self) -> dict[str, str]:
        """As an answer has it."""
        return {"id": str(self.id)} | ({} if self.revision is None else {"rev": str(self.revision)})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """By whom and how a change is asked for.

    Attributes
    ----------
    reason
        Why, for the history.
    override
        Whether a model that breaks callers is to be deployed all the same.
    seconds
        How long server processes have to prepare it.
    """

    person: Person
    reason: str | None = None
    override: bool = False
    seconds: float = replacing.SECONDS


def candidate(session: Session, space_id: UUID, given: AssetGiven) -> tuple[Candidate, str]:
    """The model that an asset of a space holds, and what the asset is called.

    Raises
    ------
    UnusableAsset
        If it is not there, holds none, or one that cannot answer.
    """
    asset = online.asset(session, given.id, given.revision)
    if asset is None or asset.space_id != space_id:
        raise UnusableAsset(asset=given.id, reason="it is not in the deployment's space")
    if not asset.has_revision:
        raise UnusableAsset(asset=given.id, reason=f"it has no revision {given.revision}")
    if asset.model_id is None:
        raise UnusableAsset(asset=given.id, reason="its content has not been uploaded")
    model = models.get(session, asset.model_id)
    if not model.usable or model.predictor is None:
        state = "not one that can be served" if model.usable else model.state
        raise UnusableAsset(asset=given.id, reason=f"its model is {state}")
    found = Candidate(
        id=model.id, algorithm=model.algorithm, asset_id=given.id, asset_revision=given.revision
    )
    return found, asset.name


def checked(
    session: Session,
    found: Deployment,
    endpoint: Endpoint,
    chosen: Candidate,
    asked: Asked,
    *,
    lenient: bool = False,
) -> dict[str, Any] | None:
    """What differs for the callers of a deployment, looked at before anything moves.

    Raises
    ------
    IncompatibleModel
        If they would break, and nobody who may overrules it.
    """
    new = models.get(session, chosen.id)
    checks = compatibility.check(session, endpoint, new, force=asked.override, lenient=lenient)
    if checks and checks["forced"]:
        spaces.require(session, asked.person, found.space_id, ADMIN)
        checks["forced_by"] = asked.person.name
    return checks


def accept(
    session: Session,
    endpoint_id: int,
    chosen: Candidate,
    asked: Asked,
    *,
    strategy: str = "specific",
    checks: dict[str, Any] | None = None,
) -> None:
    """Accept the replacement of a locked endpoint's model; from the commit on, every server process prepares it."""
    replacement = Replacement(
        endpoint_id=endpoint_id,
        model_id=chosen.id,
        asset_id=chosen.asset_id,
        asset_revision=chosen.asset_revision,
        strategy=strategy,
        reason=asked.reason,
        user_name=asked.person.name,
        checks=checks,
    )
    replacing.accept(session, replacement, seconds=asked.seconds)
