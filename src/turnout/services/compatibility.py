"""Whether a model fits the callers of an endpoint: looked at before every switch, and on request."""

from dataclasses import dataclass
from typing import Any

from turnout.catalog import endpoints, models, projects
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.models import ModelRow
from turnout.catalog.session import Session
from turnout.domain.compatibility import Difference, algorithms, differences
from turnout.errors import IncompatibleModel, InvalidArgument, MissingArgument


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


def compare(live: ModelRow, new: ModelRow) -> Comparison:
    """Compare two models; the second is to take the place of the first."""
    found = [*differences(live.signature, new.signature), *algorithms(live.algorithm, new.algorithm)]
    return Comparison(live=live.id, model=new.id, differences=found)


def with_callers(session: Session, endpoint: Endpoint, new: ModelRow) -> Comparison | None:
    """Compare a model with the one that the callers of an endpoint know.

    None if there has never been one, or nothing is known of it: of what comes from elsewhere as history only.
    """
    known = endpoints.last_model(session, endpoint)
    live = None if known is None else models.get(session, known)
    return compare(live, new) if live is not None and live.signature else None


def check(session: Session, endpoint: Endpoint, new: ModelRow, *, force: bool) -> dict[str, Any] | None:
    """Look at a model before it is deployed; what the history is to keep.

    A model that would break callers is warned about, and refused where the endpoint is strict.

    Raises
    ------
    IncompatibleModel
        Naming every difference on which callers break.
    """
    found = with_callers(session, endpoint, new)
    if found is None:
        return None
    refused = endpoint.strict and bool(found.breaking)
    if refused and not force:
        raise IncompatibleModel(
            model_id=new.id,
            live=found.live,
            project=endpoint.name,
            differences="; ".join(map(str, found.breaking)),
        )
    if found.breaking:
        listed = "\n".join(f"  {difference}" for difference in found.breaking)
        session.warning(f"model {new.id} does not fit the callers of model {found.live}:\n{listed}")
    return found.recorded(forced=refused)


def report(session: Session, *, project: str | None, model_id: int | None) -> list[Difference]:
    """What callers of a project would notice if a model of it were deployed.

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
        found = projects.readable(session, project, role, "pgml.models", "read the signatures of")
        new = models.get(session, model_id)
        if new.project_id != found.id or not new.signature:
            raise InvalidArgument(
                argument="model_id", value=model_id, expected=f'a trained model of project "{found.name}"'
            )
        compared = with_callers(session, endpoints.of_project(session, found), new)
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
