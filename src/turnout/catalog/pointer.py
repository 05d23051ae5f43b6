"""Which model answers: the live pointer, read in the caller's snapshot, and the artifact it points to.

Everything that knows how the pointer is read is here. Each answer is that of the pointer in its own statement's
snapshot, whatever other sessions, cursors, savepoints or messages of several statements do: it is read anew whenever
the snapshot is another one than before, and, where the compiled comparison of snapshots is missing, at every call.
"""

from __future__ import annotations

from turnout.catalog.query import load
from turnout.errors import InvalidSetting

try:
    from turnout.catalog._snapshot import changed, setting
except ImportError:  # no compiler, no PostgreSQL backend, or one whose snapshots are not known

    def changed() -> bool:
        return True

    setting = None  # type: ignore[assignment]

__all__ = [
    "READY",
    "artifact",
    "cache_limit",
    "changed",
    "forget",
    "is_pinned",
    "live",
    "may_vanish",
    "pins",
    "servable",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from turnout.catalog.session import Row, Session

_QUERIES = load("pointer")
LIVE = _QUERIES["live"]
_SERVABLE = _QUERIES["servable"]
_PARTS = _QUERIES["parts"]
_CARRIER = _QUERIES["carrier"]
_LIMIT = _QUERIES["limit"]
_WRITES = _QUERIES["writes"]

DEFAULT_CACHE_MB = 256
_PIN = "pgml.pin_deployments"
_MOST_DIGITS = 9
# what was read in the snapshot that `changed` has last seen, and what is known to answer at once in it
_SEEN: dict[str | int, Row] = {}
READY: dict[str | int, Callable[[Any], Any]] = {}


def live(session: Session, name: str) -> Row | None:
    """``model_id`` and ``artifact_sha256`` of the endpoint with this name; both None if nothing is deployed."""
    return _read(session, name)


def servable(session: Session, model_id: int) -> Row | None:
    """``artifact_sha256``, the project's ``name``, ``status`` and ``deleted`` of a model."""
    return _read(session, model_id)


def forget() -> None:
    """What to do where `changed` says so."""
    _SEEN.clear()
    READY.clear()


def _read(session: Session, key: str | int) -> Row | None:
    if changed():
        forget()
    row = _SEEN.get(key)
    if row is None:
        row = session.first(LIVE if isinstance(key, str) else _SERVABLE, key)
        if row is not None:
            _SEEN[key] = row
    return row


def pins(row: Row) -> bool:
    """Whether the session keeps the model that it saw first; asked with the pointer's row, which may say so."""
    value = row["pin"] if setting is None else setting(_PIN)
    return bool(value) and is_pinned(value)


def may_vanish(session: Session) -> bool:
    """Whether the running transaction has written, so that the pointer it sees may be rolled back with it."""
    row = session.first(_WRITES)
    return row is not None and bool(row["writes"])


def artifact(session: Session, sha256: str) -> bytes:
    """The bytes of an artifact, whichever model carries them; empty if none does any more."""

    def read() -> bytes:
        carrier = session.first(_CARRIER, sha256)
        return b"".join(row["data"] for row in session.rows(_PARTS, carrier["id"])) if carrier else b""

    return session.as_owner(read)


def cache_limit(session: Session) -> int:
    """How many bytes of models a session may hold: ``pgml.model_cache_mb``."""
    row = session.first(_LIMIT)
    text = row["megabytes"] if row else None
    return (count("pgml.model_cache_mb", text, "megabytes", 1 << 20) or DEFAULT_CACHE_MB) << 20


def count(setting: str, text: str | None, what: str, most: int) -> int | None:
    """A setting that counts something; none where it is not set.

    >>> count("pgml.model_cache_mb", "5", "megabytes", 10)
    5

    Raises
    ------
    InvalidSetting
        If it is no whole number from 1 to ``most``.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and 1 <= int(text) <= most):
        raise InvalidSetting(
            setting=setting, value=text, expected=f"a whole number of {what} from 1 to {most}"
        )
    return int(text)


def is_pinned(setting: str | None) -> bool:
    """Whether ``pgml.pin_deployments`` is on.

    >>> is_pinned(None), is_pinned("off"), is_pinned("on")
    (False, False, True)
    """
    if not setting:
        return False
    word = setting.lower()
    if word in ("on", "true", "yes", "1"):
        return True
    if word in ("off", "false", "no", "0"):
        return False
    raise InvalidSetting(setting=_PIN, value=setting, expected="on or off")
