"""The models of spaces: what they say of themselves, their revisions, and when they may go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog import assets, published
from turnout.catalog.assets import After, Asset
from turnout.catalog.published import Facts
from turnout.catalog.session import Session
from turnout.domain import json_patch
from turnout.domain.described import require_described, require_name
from turnout.domain.roles import EDITOR, VIEWER
from turnout.domain.specifications import SOFTWARE, id_of, known, name_of
from turnout.errors import InvalidArgument
from turnout.services import unused
from turnout.services.spaces import Person, require, role
from turnout.space_errors import AssetInUse, InvalidPatch, UnknownAsset, UnknownRevision

# what says where a model is, or what it is, and is nobody's to write
OURS = frozenset((
    "id", "metadata", "entity", "system", "owner", "created_at", "modified_at", "rev", "revision", "commit_info",
    "resource_key", "space_id", "project_id", "space", "project", "model",
))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Held:
    """An asset together with what the model is that it holds."""

    asset: Asset
    facts: Facts | None


def create(session: Session, person: Person, space_id: UUID, name: str, entity: Mapping[str, Any]) -> Held:
    """Make an asset, whose content comes afterwards."""
    require(session, person, space_id, EDITOR)
    asset_id = assets.insert(
        session,
        space_id=space_id,
        name=require_name(name),
        entity=_entity(entity),
        model_id=None,
        owner_id=person.id,
    )
    return get(session, person, asset_id)


def get(session: Session, person: Person, asset_id: UUID, revision: int | None = None) -> Held:
    """An asset of a space that somebody may see, as it is or as a revision of it was.

    Raises
    ------
    UnknownAsset, UnknownRevision
        If there is none.
    """
    return _held(session, [_seen(session, person, asset_id, VIEWER, revision)])[0]


def page(
    session: Session,
    person: Person,
    space_id: UUID,
    *,
    name: str | None = None,
    tag: str | None = None,
    after: After = None,
    limit: int,
) -> tuple[list[Held], int]:
    """One page of the assets of a space, the newest first, and how many there are on all."""
    require(session, person, space_id, VIEWER)
    found = assets.page(session, space_id, name=name, tag=tag, after=after, limit=limit)
    return _held(session, found), assets.count(session, space_id, name=name, tag=tag)


def patch(session: Session, person: Person, asset_id: UUID, operations: object) -> Held:
    """Change what an asset says of itself, by a JSON Patch; the model that it holds stays.

    Raises
    ------
    InvalidPatch, InvalidArgument
        If it cannot be done, or touches what is not the caller's to say.
    """
    asset = locked(session, person, asset_id)
    foreign = json_patch.touched(operations) & OURS
    if foreign:
        raise InvalidPatch(number=0, reason=f"/{min(foreign)} of a model cannot be changed")
    changed = json_patch.apply({"name": asset.name, **asset.entity}, operations)
    name = require_name(changed.pop("name", None))
    assets.update(session, asset_id, name, _entity(changed))
    return get(session, person, asset_id)


def revise(session: Session, person: Person, asset_id: UUID) -> Held:
    """Keep an asset as it is at the moment, as a revision that never changes."""
    locked(session, person, asset_id)
    return get(session, person, asset_id, assets.revise(session, asset_id, person.id))


def revisions(
    session: Session, person: Person, asset_id: UUID, *, below: int | None, limit: int
) -> tuple[list[Held], int]:
    """Revisions of an asset, the newest first, and how many there are."""
    _seen(session, person, asset_id, VIEWER, None)
    found = assets.revisions(session, asset_id, below=below, limit=limit)
    return _held(session, found), assets.count_revisions(session, asset_id)


def delete(session: Session, person: Person, asset_id: UUID) -> None:
    """Remove an asset with its revisions, and the files of the models that nothing else refers to.

    Raises
    ------
    AssetInUse
        While a deployment answers by it or by one of its revisions, or is about to.
    """
    locked(session, person, asset_id, removal=True)
    deployed = assets.deployments(session, asset_id)
    if deployed:
        raise AssetInUse(asset=asset_id, deployments=", ".join(deployed))
    held = assets.models(session, asset_id)
    assets.delete(session, asset_id)
    unused.release(session, held)


def locked(session: Session, person: Person, asset_id: UUID, *, removal: bool = False) -> Asset:
    """An asset that somebody may change, and that nobody else changes until the transaction ends.

    Parameters
    ----------
    removal
        Nobody deploys it meanwhile, either: what it holds may be about to go.

    Raises
    ------
    UnknownAsset, RoleTooLow
        If there is none, or somebody may only see it.
    """
    if not assets.lock(session, asset_id, removal=removal):
        raise UnknownAsset(asset=asset_id)
    return _seen(session, person, asset_id, EDITOR, None)


def _seen(session: Session, person: Person, asset_id: UUID, needed: str, revision: int | None) -> Asset:
    asset = assets.by_id(session, asset_id)
    if asset is None or role(session, person, asset.space_id) is None:
        raise UnknownAsset(asset=asset_id)
    require(session, person, asset.space_id, needed)
    if revision is None:
        return asset
    found = assets.by_id(session, asset_id, revision)
    if found is None:
        raise UnknownRevision(asset=asset_id, revision=revision)
    return found


def _held(session: Session, found: list[Asset]) -> list[Held]:
    facts = published.facts(session, sorted({one.model_id for one in found if one.model_id is not None}))
    return [Held(asset=one, facts=None if one.model_id is None else facts.get(one.model_id)) for one in found]


def _entity(entity: Mapping[str, Any]) -> dict[str, Any]:
    """What an asset says of itself, looked at, and its software specification by name and id."""
    require_described(entity)
    kind = entity.get("type")
    if not isinstance(kind, str) or not kind.strip():
        raise InvalidArgument(
            argument="type", value=repr(kind), expected="the model's library and version, as scikit-learn_1.3"
        )
    found = {key: value for key, value in entity.items() if key not in OURS}
    if isinstance(found.get("software_spec"), dict):
        found["software_spec"] = _software(found["software_spec"])
    return found


def _software(given: Mapping[str, Any]) -> dict[str, Any]:
    # one that is not ours is kept as it is: code that was written for another installation has its ids
    name, given_id = given.get("name"), given.get("id")
    if isinstance(name, str) and given_id is None and known(SOFTWARE, name):
        return {**given, "id": str(id_of(SOFTWARE, name))}
    if isinstance(given_id, str) and name is None:
        try:
            name = name_of(SOFTWARE, UUID(given_id))
        except ValueError:
            name = None
        return {**given, "name": name} if name else dict(given)
    return dict(given)
