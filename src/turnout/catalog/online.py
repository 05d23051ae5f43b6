"""Online deployments: endpoints that are held as an URL."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Row, Session

_Q = load("online")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """An online deployment as it is at the moment. The times are ISO 8601, in UTC.

    Attributes
    ----------
    entity
        What it says of itself, and which asset it was made for.
    failure
        Why the last creation or replacement failed.
    asset_id, asset_revision
        What is live.
    checks
        What differs between what is live, or on its way, and what was live before.
    trouble
        Why a server process cannot answer with the live model.
    """

    id: UUID
    endpoint_id: int
    space_id: UUID
    name: str
    serving_name: str | None
    entity: dict[str, Any]
    owner_id: UUID
    failure: dict[str, Any] | None
    created_at: str
    modified_at: str
    model_id: int | None
    revision: int
    asset_id: UUID | None
    asset_revision: int | None
    checks: dict[str, Any] | None
    trouble: str | None
    state: str

    @classmethod
    def from_row(cls, row: Row) -> "Deployment":
        fields = {name: row[name] for name in cls.__dataclass_fields__}
        for name in ("entity", "failure", "checks"):
            fields[name] = None if row[name] is None else json.loads(row[name])
        return cls(**fields)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which deployments a listing is to have.

    Attributes
    ----------
    viewer, everything
        Those of this user's spaces, or of all.
    after
        Time and id of the last one of the page before.
    """

    viewer: UUID | None
    everything: bool = False
    id: UUID | None = None
    space_id: UUID | None = None
    serving_name: str | None = None
    tag: str | None = None
    asset_id: UUID | None = None
    name: str | None = None
    state: str | None = None
    after: tuple[str, UUID] | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A model in a space, or a revision of it, as far as a deployment looks at it."""

    id: UUID
    space_id: UUID
    name: str
    model_id: int | None
    has_revision: bool


def page(session: Session, wanted: Wanted) -> tuple[list[Deployment], int]:
    """One page of a listing, the newest first, and how many there are on all of its pages."""
    found = session.rows(
        _Q["page"],
        wanted.viewer,
        wanted.everything,
        wanted.id,
        wanted.space_id,
        wanted.serving_name,
        wanted.tag,
        wanted.asset_id,
        wanted.name,
        wanted.state,
        *(wanted.after or (None, None)),
        wanted.limit,
    )
    return [Deployment.from_row(row) for row in found], int(found[0]["total"]) if found else 0


def by_id(session: Session, deployment_id: UUID) -> Deployment | None:
    found, _ = page(session, Wanted(viewer=None, everything=True, id=deployment_id))
    return found[0] if found else None


def by_key(session: Session, key: str) -> Deployment | None:
    """The deployment with this id or serving name."""
    row = session.first(_Q["id_of"], key)
    return by_id(session, row["id"]) if row else None


def of_endpoint(session: Session, endpoint_id: int) -> Deployment | None:
    row = session.first(_Q["of_endpoint"], endpoint_id)
    return by_id(session, row["id"]) if row else None


def insert(
    session: Session,
    *,
    deployment_id: UUID,
    endpoint_id: int,
    space_id: UUID,
    name: str,
    serving_name: str | None,
    entity: Mapping[str, Any],
    owner_id: UUID,
) -> None:
    """Make a deployment of an endpoint on which nothing is live."""
    session.rows(
        _Q["insert"],
        deployment_id,
        endpoint_id,
        space_id,
        name,
        serving_name,
        json.dumps(entity),
        owner_id,
    )


def update(
    session: Session,
    deployment_id: UUID,
    *,
    name: str,
    serving_name: str | None,
    entity: Mapping[str, Any],
    owner_id: UUID,
) -> None:
    """Change what a deployment says of itself."""
    session.rows(_Q["update"], deployment_id, name, serving_name, json.dumps(entity), owner_id)


def fail(session: Session, endpoint_id: int, failure: dict[str, Any]) -> None:
    """Say why the last creation or replacement of a locked endpoint failed."""
    session.rows(_Q["fail"], endpoint_id, json.dumps(failure))


def clear_failure(session: Session, endpoint_id: int) -> None:
    """Forget why the last one failed, since another is accepted."""
    session.rows(_Q["clear_failure"], endpoint_id)


def record_removal(session: Session, endpoint_id: int, name: str, user_name: str | None) -> None:
    """Put on record that a deployment goes; the guards let its history go only then."""
    session.rows(_Q["record_removal"], endpoint_id, name, user_name)


def delete(session: Session, endpoint_id: int) -> None:
    """Remove a deployment, before its endpoint."""
    session.rows(_Q["delete"], endpoint_id)


def asset(session: Session, asset_id: UUID, revision: int | None) -> Asset | None:
    """A model in a space, held until the transaction ends."""
    row = session.first(_Q["asset"], asset_id, revision)
    return Asset(**row) if row else None


def space_role(session: Session, role: str, space_id: UUID) -> str | None:
    """What a role of PostgreSQL may in a space: what the user of its name may."""
    row = session.first(_Q["space_role"], role, space_id)
    return row["role"] if row else None
