"""Settings that whole statements are done by: those of a session, and those that only an administrator may choose."""

from turnout.catalog.pointer import count
from turnout.catalog.query import load
from turnout.catalog.session import Session
from turnout.errors import InvalidSetting

_Q = load("settings")
MOST_THREADS = 256


def python(session: Session) -> str | None:
    """The interpreter of the processes that train: ``pgml.python``, from where only an administrator can set it.

    A session's own ``set pgml.python`` would let anybody run any program as the server's user, so it is refused.
    To be called with the owner's rights.

    Raises
    ------
    InvalidSetting
        If it is no absolute path, or the session has set another than the administrator.
    """
    trusted = session.first(_Q["trusted"], "pgml.python")
    wanted = session.first(_Q["session"], "pgml.python")
    value = trusted["value"] if trusted else None
    asked = wanted["value"] if wanted else None
    if asked and asked != value:
        raise InvalidSetting(
            setting="pgml.python",
            value=asked,
            expected=f'"{value}"' if value else "no value in a session",
            hint="an administrator sets it for a database: alter database ... set pgml.python = '/path/to/python'",
        )
    if value and not value.startswith("/"):
        raise InvalidSetting(setting="pgml.python", value=value, expected="an absolute path")
    return value or None


def predict_threads(session: Session) -> int:
    """How many threads score a relation: ``pgml.predict_threads``, one where it is not set.

    Raises
    ------
    InvalidSetting
        If it is no such number.
    """
    row = session.first(_Q["session"], "pgml.predict_threads")
    text = row["value"] if row else None
    return count("pgml.predict_threads", text, "threads", MOST_THREADS) or 1
