"""Online deployments: what holders of their URLs call, whatever model is behind it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from turnout.catalog import endpoints, members, online, references
from turnout.catalog.endpoints import Endpoint
from turnout.catalog.online import Deployment, Wanted
from turnout.catalog.session import Session
from turnout.deployment_errors import InvalidDeployment
from turnout.domain import json_patch
from turnout.domain.described import require_described, require_name
from turnout.domain.roles import EDITOR, VIEWER
from turnout.domain.serving_names import require_serving_name
from turnout.domain.specifications import HARDWARE, id_of, known, listed, name_of
from turnout.input_errors import UnknownDeployment
from turnout.service_errors import UnknownUser
from turnout.services import proposing, replacing, spaces, unused
from turnout.services.proposing import Asked, AssetGiven
from turnout.services.spaces import Person
from turnout.space_errors import InvalidPatch

# the hardware of who asks for none
SMALL = "S"
# what a patch may touch, beside the asset
DETAILS = ("name", "description", "tags", "custom", "hardware_spec", "online", "metadata")
# what a deployment says of itself
DESCRIBED = ("description", "tags", "custom", "hardware_spec")


def create(
    session: Session,
    asked: Asked,
    *,
    space_id: UUID,
    name: str | None,
    serving_name: str | None,
    entity: Mapping[str, Any],
    asset: AssetGiven,
) -> Deployment:
    """Make a deployment, which answers as soon as every server process has its model.

    Raises
    ------
    UnknownSpace, RoleTooLow
        For who may not.
    NameTaken
        If a deployment or a project has the serving name.
    UnusableAsset
        If there is no model in the space that could answer.
    """
    spaces.require(session, asked.person, space_id, EDITOR)
    chosen, called = proposing.candidate(session, space_id, asset)
    entity = _complete(entity)
    if serving_name is not None:
        require_serving_name(serving_name)
    deployment_id = uuid4()
    endpoint_id = endpoints.insert_online(session, serving_name or str(deployment_id))
    online.insert(
        session,
        deployment_id=deployment_id,
        endpoint_id=endpoint_id,
        space_id=space_id,
        name=called if name is None else require_name(name),
        serving_name=serving_name,
        entity={**entity, "asset": asset.said},
        owner_id=asked.person.id,
    )
    proposing.accept(session, endpoint_id, chosen, asked)
    return _again(session, deployment_id)


def get(session: Session, person: Person, key: str, needed: str = VIEWER) -> Deployment:
    """The deployment with this id or serving name, for who may do there what ``needed`` may.

    Raises
    ------
    UnknownDeployment, RoleTooLow
        For who may not see it, or no more than that.
    """
    found = online.by_key(session, key)
    if found is None or spaces.role(session, person, found.space_id) is None:
        raise UnknownDeployment(deployment=key[:60])
    spaces.require(session, person, found.space_id, needed)
    return found


def page(session: Session, wanted: Wanted) -> tuple[list[Deployment], int]:
    """The deployments of one page of a listing, and how many there are on all."""
    return online.page(session, wanted)


def require_free(session: Session, serving_name: str) -> None:
    """Refuse a serving name that is taken, by whomever.

    Raises
    ------
    NameTaken
        If a deployment or a project has it.
    """
    require_serving_name(serving_name)
    endpoints.require_free(session, serving_name)


def patch(session: Session, key: str, operations: object, asked: Asked) -> tuple[Deployment, bool]:
    """Change a deployment by a JSON Patch; whether it takes until all server processes have followed.

    Raises
    ------
    InvalidPatch
        If it cannot be done, touches what cannot be changed, or the asset and something else.
    IncompatibleModel
        If the new model would break callers.
    ReplacementUnderWay
        While another one is.
    """
    found = get(session, asked.person, key, EDITOR)
    touched = json_patch.touched(operations)
    foreign = touched.difference({*DETAILS, "asset"})
    if foreign:
        raise InvalidPatch(number=0, reason=f"/{min(foreign)} of a deployment cannot be changed")
    if "asset" in touched and len(touched) > 1:
        others = ", ".join(f"/{name}" for name in sorted(touched - {"asset"}))
        raise InvalidPatch(number=0, reason=f"/asset must be patched alone, and not with {others}")
    endpoint = endpoints.lock_briefly(session, found.endpoint_id)
    if endpoint is None:
        raise UnknownDeployment(deployment=key[:60])
    found = _again(session, found.id)
    changed = json_patch.apply(_document(found), operations)
    if "asset" in touched:
        _replace(session, found, endpoint, AssetGiven.of(changed.get("asset")), asked)
        return _again(session, found.id), True
    later = _describe(session, found, endpoint, changed)
    if found.revision:
        online.clear_failure(session, endpoint.id)
    return _again(session, found.id), later


def delete(session: Session, person: Person, key: str) -> None:
    """Remove a deployment and its history, after a row on record that says so."""
    found = get(session, person, key, EDITOR)
    endpoint = endpoints.lock_briefly(session, found.endpoint_id)
    if endpoint is None:
        raise UnknownDeployment(deployment=key[:60])
    answered = references.of_endpoint(session, endpoint.id)
    online.record_removal(session, endpoint.id, found.serving_name or found.name, person.name)
    online.delete(session, endpoint.id)
    endpoints.remove_online(session, endpoint)
    # what only a rollback of it needed
    unused.release(session, answered)


def _replace(
    session: Session, found: Deployment, endpoint: Endpoint, asset: AssetGiven, asked: Asked
) -> None:
    replacing.require_settled(session, endpoint)
    chosen, _ = proposing.candidate(session, found.space_id, asset)
    checks = proposing.checked(session, found, endpoint, chosen, asked)
    proposing.accept(session, endpoint.id, chosen, asked, checks=checks)
    if not found.revision:
        # what it was made for has never answered
        online.update(
            session,
            found.id,
            name=found.name,
            serving_name=found.serving_name,
            entity={**found.entity, "asset": asset.said},
            owner_id=found.owner_id,
        )


def _document(found: Deployment) -> dict[str, Any]:
    """What a patch changes."""
    parameters = dict(found.entity.get("parameters") or {})
    if found.serving_name is not None:
        parameters["serving_name"] = found.serving_name
    asset: dict[str, str] = dict(found.entity.get("asset") or {})
    if found.asset_id is not None:
        asset = AssetGiven(id=found.asset_id, revision=found.asset_revision).said
    described = {key: found.entity[key] for key in DESCRIBED if found.entity.get(key) is not None}
    return {
        "name": found.name,
        **described,
        "online": {"parameters": parameters},
        "metadata": {"owner": str(found.owner_id)},
        "asset": asset,
    }


def _describe(session: Session, found: Deployment, endpoint: Endpoint, changed: dict[str, Any]) -> bool:
    """Write what a deployment says of itself now; whether the server processes have to follow."""
    parameters = dict(_object(_object(changed, "online"), "parameters"))
    serving_name = parameters.pop("serving_name", None)
    if serving_name != found.serving_name:
        if serving_name is not None:
            require_serving_name(serving_name)
        endpoints.rename(session, endpoint, serving_name or str(found.id))
    entity = {key: value for key, value in found.entity.items() if key not in DESCRIBED}
    entity |= {key: changed[key] for key in DESCRIBED if changed.get(key) is not None}
    entity["parameters"] = parameters
    entity = _complete(entity)
    online.update(
        session,
        found.id,
        name=require_name(changed.get("name")),
        serving_name=serving_name,
        entity=entity,
        owner_id=_owner(session, found, _object(changed, "metadata")),
    )
    scaled = entity.get("hardware_spec") != found.entity.get("hardware_spec")
    return scaled or serving_name != found.serving_name


def _complete(entity: Mapping[str, Any]) -> dict[str, Any]:
    """What a deployment says of itself, with the specification of its hardware by name and by id."""
    require_described(entity)
    given = entity.get("hardware_spec", {})
    if not isinstance(given, dict):
        raise InvalidDeployment(field="hardware_spec", reason="expected an object")
    nodes = given.get("num_nodes", 1)
    if isinstance(nodes, bool) or not isinstance(nodes, int) or nodes < 1:
        raise InvalidDeployment(field="hardware_spec.num_nodes", reason=f"{nodes!r} is no number of nodes")
    name = _hardware(given)
    hardware = {**given, "id": str(id_of(HARDWARE, name)), "name": name, "num_nodes": nodes}
    return {**entity, "hardware_spec": hardware}


def _hardware(given: Mapping[str, Any]) -> str:
    name, id_ = given.get("name"), given.get("id")
    if name is None and id_ is None:
        return SMALL
    try:
        found = name if name is not None else name_of(HARDWARE, UUID(str(id_)))
    except ValueError:
        found = None
    if not isinstance(found, str) or not known(HARDWARE, found):
        raise InvalidDeployment(
            field="hardware_spec",
            reason=f"{name if name is not None else id_!r} is not known; expected one of {', '.join(listed(HARDWARE))}",
        )
    return found


def _object(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    if found is not None and not isinstance(found, dict):
        raise InvalidDeployment(field=name, reason="expected an object")
    return found or {}


def _owner(session: Session, found: Deployment, metadata: Mapping[str, Any]) -> UUID:
    given = metadata.get("owner", str(found.owner_id))
    if given == str(found.owner_id):
        return found.owner_id
    user = members.user(session, str(given))
    if user is None:
        raise UnknownUser(name=given)
    owner: UUID = user["id"]
    return owner


def _again(session: Session, deployment_id: UUID) -> Deployment:
    found = online.by_id(session, deployment_id)
    if found is None:
        raise UnknownDeployment(deployment=deployment_id)
    return found
