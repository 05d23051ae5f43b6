"""Whether a model fits the callers of an endpoint: looked at before every switch, and on request."""

from dataclasses import dataclass
from typing import Any

from turnout.catalog import endpoints, models, projects
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.models import ModelRow
from turnout.catalog.session import Session
from turnout.domain.compatibility import Difference, algorithms, differences, frameworks, tasks
from turnout.errors import IncompatibleModel, InvalidArgument, MissingArgument
from turnout.services import reach

ONLINE = "online"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between the model that callers know and another one."""

    live: int
    model: int
    differences: list[Difference]

    @property
    def breaking(self) -> list[Difference]:
        """The differences on which callers break."""
        return [one for one in self.differences if one.severity == "breaking"]

    def recorded(self, *, forced: bool = False) -> dict[str, Any]:
        """What the history keeps of it."""
        found = [{"field": d.field, "severity": d.severity, "difference": d.text} for d in self.differences]
        return {"compared_with": self.live, "differences": found, "forced": forced}


def compare(live: ModelRow, new: ModelRow, *, by_name: bool = False) -> Comparison:
    """Compare two models; the second is to take the place of the first.

    Parameters
    ----------
    by_name
        Whether callers send their columns by name, as they do over HTTP.
    """
    found = [
        *tasks(live.task, new.task),
        *differences(live.signature, new.signature, by_name=by_name),
        *algorithms(live.algorithm, new.algorithm),
    ]
    if live.algorithm == new.algorithm:
        found += frameworks(live.framework, new.framework)
    return Comparison(live=live.id, model=new.id, differences=found)


def with_callers(session: Session, endpoint: Endpoint, new: ModelRow) -> Comparison | None:
    """Compare a model with the one that the callers of an endpoint know.

    None if there has never been one, or nothing is known of it: of what comes from elsewhere as history only.
    """
    known = endpoints.last_model(session, endpoint)
    live = None if known is None else models.get(session, known)
    if live is None or not live.signature:
        return None
    return compare(live, new, by_name=endpoint.kind == ONLINE)


def check(
    session: Session, endpoint: Endpoint, new: ModelRow, *, force: bool, lenient: bool = False
) -> dict[str, Any] | None:
    """Look at a model before it is deployed; what the history is to keep.

    A model that would break callers is warned about, and refused where the endpoint is strict, as an online one is.

    Parameters
    ----------
    force
        Deploy it all the same.
    lenient
        Return to what callers have known before: what differs is put on record, and no more.

    Raises
    ------
    IncompatibleModel
        Naming every difference on which callers break.
    """
    found = with_callers(session, endpoint, new)
    if found is None:
        return None
    strict = (endpoint.strict or endpoint.kind == ONLINE) and not lenient
    refused = strict and bool(found.breaking)
    if refused and not force:
        raise _incompatible(endpoint, found)
    if found.breaking:
        listed = "\n".join(f"  {difference}" for difference in found.breaking)
        session.warning(f"model {new.id} does not fit the callers of model {found.live}:\n{listed}")
    return found.recorded(forced=refused)


def _incompatible(endpoint: Endpoint, found: Comparison) -> IncompatibleModel:
    if endpoint.kind == ONLINE:
        whose = f'deployment "{endpoint.name}"'
        advice = (
            "an admin of its space may deploy it all the same: override=true over HTTP, force => true in SQL"
        )
    else:
        whose = f'project "{endpoint.name}", which is strict'
        advice = (
            "force => true deploys it all the same; "
            f"pgml.set_strict('{endpoint.name}', false) lets all such models pass"
        )
    return IncompatibleModel(
        model_id=found.model,
        live=found.live,
        endpoint=whose,
        differences="; ".join(map(str, found.breaking)),
        parts=found.differences,
        hint=advice,
    )


def report(session: Session, *, project: str | None, model_id: int | None) -> list[Difference]:
    """What callers of a project or of an online deployment would notice if a model were deployed there.

    Raises
    ------
    UnknownModel, InvalidArgument
        If there is no such model, or it is one of another project.
    """
    if project is None or model_id is None:
        argument = "project_name" if project is None else "model_id"
        raise MissingArgument(argument=argument, reason="both are needed")
    role = projects.caller(session)

    def read() -> list[Difference]:
        reached = reach.by_name(session, project)
        reach.require_reader(session, reached, role, "pgml.models", "read the signatures of")
        new = models.get(session, model_id)
        if reached.online is not None:
            own = endpoints.in_space(session, reached.online.space_id, model_id) is not None
            expected = f'a model of the space of deployment "{reached.name}"'
        else:
            own = reached.project is not None and new.project_id == reached.project.id
            expected = f'a trained model of project "{reached.name}"'
        if not own or not new.signature:
            raise InvalidArgument(argument="model_id", value=model_id, expected=expected)
        compared = with_callers(session, reach.unlocked(session, reached), new)
        return [] if compared is None else compared.differences

    return session.as_owner(read)


def set_strict(session: Session, *, project: str | None, strict: bool | None) -> None:
    """Say whether a project refuses models that would break its callers."""
    if project is None or strict is None:
        argument = "project_name" if project is None else "strict"
        raise MissingArgument(argument=argument, reason="both are needed")
    role = projects.caller(session)

    def write() -> None:
        found = projects.owned(session, project, role, "set the strictness of")
        endpoints.set_strict(session, endpoints.lock(session, found), strict=strict)

    session.as_owner(write)
