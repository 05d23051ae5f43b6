"""Replacements on their way: accepted, being prepared by every server process, and not switched yet."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("replacements")


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """What is to become live at an endpoint, for whom and why."""

    endpoint_id: int
    model_id: int
    asset_id: UUID | None
    asset_revision: int | None
    strategy: str
    reason: str | None
    user_name: str | None
    checks: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the server processes have come with a replacement.

    Attributes
    ----------
    late
        Whether its time is up.
    live, prepared
        How many server processes there are, and how many of them are ready to switch.
    problem
        What went wrong in one of them.
    """

    id: int
    endpoint_id: int
    late: bool
    live: int
    prepared: int
    problem: str | None

    @property
    def complete(self) -> bool:
        """Whether every server process is ready to switch, and there is one."""
        return self.live > 0 and self.prepared == self.live

    @property
    def due(self) -> bool:
        """Whether there is something to decide."""
        return self.complete or self.late or self.problem is not None


def insert(session: Session, replacement: Replacement, *, seconds: float) -> None:
    """Enter a replacement of a locked endpoint, which has so much time to be prepared."""
    session.rows(
        _Q["insert"],
        replacement.endpoint_id,
        replacement.model_id,
        replacement.asset_id,
        replacement.asset_revision,
        replacement.strategy,
        replacement.reason,
        replacement.user_name,
        json.dumps(replacement.checks) if replacement.checks else None,
        seconds,
    )


def under_way(session: Session, endpoint_id: int) -> bool:
    """Whether an endpoint has one."""
    return session.first(_Q["of_endpoint"], endpoint_id) is not None


def is_awaited(session: Session, endpoint_id: int) -> bool:
    """Whether a server process has yet to follow the last switch of an endpoint."""
    return bool(session.one(_Q["awaited"], endpoint_id)["awaited"])


def progress(session: Session) -> list[Progress]:
    """How far each has come, the oldest first."""
    return [Progress(**row) for row in session.rows(_Q["progress"])]


def taken(session: Session, replacement_id: int) -> tuple[Replacement, Progress, float] | None:
    """One of a locked endpoint, with how far it has come and how many seconds it was given; none if it is over."""
    row = session.first(_Q["progress_of"], replacement_id)
    if row is None:
        return None
    said = {name: row[name] for name in Progress.__dataclass_fields__}
    asked = {name: row[name] for name in Replacement.__dataclass_fields__}
    asked["checks"] = json.loads(row["checks"]) if row["checks"] else None
    return Replacement(**asked), Progress(**said), float(row["seconds"])


def end_silent(session: Session, replacement_id: int) -> None:
    """End the database sessions of the server processes that have said nothing of it."""
    session.rows(_Q["end_silent"], replacement_id)


def delete(session: Session, replacement_id: int) -> None:
    session.rows(_Q["delete"], replacement_id)
