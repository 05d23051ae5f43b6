"""What a server process answers by, in memory: which model is live where, and who may ask.

A prediction reads nothing else. The follower keeps it, and replaces it whole by one assignment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any
from uuid import UUID

from turnout.runtime.model import Model


class Live:
    """One online deployment as this process serves it; never changed, only replaced by another.

    Attributes
    ----------
    id, serving_name
        What callers hold: the deployment's id, and its serving name if it has one.
    space_id, name
        Where it is and what it is called.
    model_id, asset_id, revision
        The model that answers, the asset that it is, and the number of the switch that made it live; 0 if none did.
    model
        None where nothing has been live yet, or where this process could not load it.
    stale
        Whether another model is live by now, which this process could not load.
    """

    __slots__ = (
        "asset_id", "id", "model", "model_id", "name", "revision", "serving_name", "space_id", "stale",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: UUID,
        serving_name: str | None,
        space_id: UUID,
        name: str,
        model_id: int | None,
        asset_id: UUID | None,
        revision: int,
        model: Model | None,
        stale: bool = False,
    ) -> None:
        self.id = id
        self.serving_name = serving_name
        self.space_id = space_id
        self.name = name
        self.model_id = model_id
        self.asset_id = asset_id
        self.revision = revision
        self.model = model
        self.stale = stale


class Directory:
    """One consistent reading of the catalog, with the models loaded.

    Parameters
    ----------
    deployments
        What is served.
    users
        Each user's id, whether he is an administrator, and which of his keys counts.
    members
        The role of a user in a space.
    signing_keys
        What signs the tokens, the newest first.
    """

    __slots__ = ("_by_key", "_roles", "_users", "deployments", "signing_keys")

    def __init__(
        self,
        deployments: Iterable[Live] = (),
        users: Mapping[UUID, tuple[bool, int]] | None = None,
        members: Mapping[tuple[UUID, UUID], str] | None = None,
        signing_keys: Iterable[bytes] = (),
    ) -> None:
        self.deployments = {one.id: one for one in deployments}
        self._by_key = {str(one.id): one for one in self.deployments.values()}
        for one in self.deployments.values():
            if one.serving_name is not None:
                self._by_key.setdefault(one.serving_name, one)
        self._users = dict(users or {})
        self._roles = dict(members or {})
        self.signing_keys = list(signing_keys)

    def find(self, key: str) -> Live | None:
        """The deployment with this id or serving name."""
        # an id may be written in capitals, a serving name not
        return self._by_key.get(key) or (self._by_key.get(key.lower()) if "-" in key else None)

    def role(self, user_id: UUID, space_id: UUID) -> str | None:
        """``viewer``, ``editor`` or ``admin``, which an installation's administrator is in every space; or None."""
        user = self._users.get(user_id)
        if user is None:
            return None
        return "admin" if user[0] else self._roles.get((user_id, space_id))

    def token_valid(self, user_id: UUID, generation: int) -> bool:
        """Whether a token that was made with this key of a user still counts."""
        user = self._users.get(user_id)
        return user is not None and user[1] == generation


class Here:
    """This process: what it serves by, and whether that is known to be current.

    Attributes
    ----------
    directory
        The latest one.
    ready
        Whether it has been read once, so that this process may answer.
    """

    __slots__ = ("_current_until", "directory", "ready")

    def __init__(self) -> None:
        self.directory = Directory()
        self.ready = False
        self._current_until = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether the directory has not been confirmed within the lease, so that others may have moved on."""
        return monotonic() > self._current_until

    def find(self, key: str) -> tuple[Live | None, bool]:
        """The deployment with this id or serving name, and whether its answers are to be marked as stale.

        In this order: a directory that is looked at after the mark is at least as new as the mark says.
        """
        stale = self.stale
        live = self.directory.find(key)
        return live, stale or (live is not None and live.stale)

    def confirm(self, until: float) -> None:
        """Take the directory for current until then, by the monotonic clock."""
        self._current_until = until

    def doubt(self) -> None:
        """Take the directory for stale from now on."""
        self._current_until = float("-inf")


def users_of(rows: Iterable[Mapping[str, Any]]) -> dict[UUID, tuple[bool, int]]:
    """Users as the catalog's reading has them."""
    return {UUID(row["id"]): (bool(row["admin"]), int(row["generation"])) for row in rows}


def members_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[UUID, UUID], str]:
    """Members of spaces as the catalog's reading has them."""
    return {(UUID(row["user_id"]), UUID(row["space_id"])): str(row["role"]) for row in rows}
