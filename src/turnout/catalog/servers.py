"""The server processes: who they are, what they serve by, and what each has acknowledged."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("servers")
CHANGED = "pgml_changed"
ACKNOWLEDGED = "pgml_acknowledged"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that a server process serves by, as it was at one moment.

    Attributes
    ----------
    deployments
        Each online deployment with the model that is live there, if one is.
    replacements
        Each replacement that has been accepted and not come to its switch.
    users, members
        Who may do what.
    signing_keys
        What signs the tokens, in hexadecimal, the newest first.
    """

    deployments: list[dict[str, Any]]
    replacements: list[dict[str, Any]]
    users: list[dict[str, Any]]
    members: list[dict[str, Any]]
    signing_keys: list[str]


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What a server process has to say of an endpoint.

    Attributes
    ----------
    revision
        Which one answers there.
    replacement_id
        The replacement whose model it has loaded and tried.
    problem
        What went wrong with that; without a replacement, why the live model cannot answer there.
    """

    endpoint_id: int
    revision: int
    replacement_id: int | None = None
    problem: str | None = None


def is_standby(session: Session) -> bool:
    """Whether the server of this session only reads."""
    return bool(session.one(_Q["standby"])["standby"])


def is_receiving(session: Session) -> bool:
    """Whether a standby hears of its primary."""
    return bool(session.one(_Q["receiving"])["receiving"])


def listen(session: Session) -> None:
    """Hear, from the next commit on, of changes and of acknowledgements."""
    session.rows(_Q["listen_changed"])
    session.rows(_Q["listen_acknowledged"])


def register(session: Session, *, host: str, process_id: int) -> int:
    """Enter a server process, which counts from the commit on for as long as the session lives; its number."""
    number = int(session.one(_Q["insert"], host, process_id)["number"])
    session.rows(_Q["lock"], number)
    return number


def of_host(session: Session, host: str) -> dict[int, int]:
    """The process of each server process of a host, by its number."""
    return {row["number"]: row["process_id"] for row in session.rows(_Q["of_host"], host)}


def forget(session: Session, number: int) -> None:
    """Take a server process off the list that answers no more, or knows that its session has ended."""
    session.rows(_Q["delete"], number)


def acknowledge(session: Session, number: int, said: Iterable[Acknowledgement]) -> None:
    """Say what a server process serves and has prepared."""
    each = list(said)
    session.rows(
        _Q["acknowledge"],
        number,
        [one.endpoint_id for one in each],
        [one.revision for one in each],
        [one.replacement_id for one in each],
        [one.problem for one in each],
    )


def sweep(session: Session, *, lease: float) -> None:
    """Note whose session has ended, and forget those whose ``lease`` (seconds) has run out since."""
    session.rows(_Q["sweep"], lease)


def end_laggards(session: Session, *, seconds: float) -> int:
    """End the sessions of server processes that have not followed a switch for so long; how many."""
    return len(session.rows(_Q["end_laggards"], seconds))


def read(session: Session) -> Reading:
    """All that a server process serves by, at this moment."""
    row = session.one(_Q["reading"])
    return Reading(**{name: json.loads(text) for name, text in row.items()})
