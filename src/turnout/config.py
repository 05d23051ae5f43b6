"""Settings of the command line and of the embedded server, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from turnout.errors import InvalidSetting

REPLACEMENT_SECONDS = 30.0
MAX_BODY_MB = 64.0
UPLOAD_MB = 512.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where things are kept, and as whom the server runs.

    Attributes
    ----------
    home
        The embedded server's directory: its data, its port, its password (``TURNOUT_HOME``).
    cache
        Where PostgreSQL's programs are unpacked, once for all homes (``XDG_CACHE_HOME``).
    server_user
        The OS user that runs the server when we are root (``TURNOUT_SERVER_USER``); empty: whatever works.
    replacement_seconds
        For how long a replacement waits for a server process that hangs (``TURNOUT_REPLACEMENT_SECONDS``).
    max_body_mb
        How large a request for predictions may be, in units of 2**20 bytes (``TURNOUT_MAX_BODY_MB``).
    upload_mb
        How large a model may be that is uploaded, in the same units (``TURNOUT_UPLOAD_MB``).
    """

    home: Path
    cache: Path
    server_user: str = ""
    replacement_seconds: float = REPLACEMENT_SECONDS
    max_body_mb: float = MAX_BODY_MB
    upload_mb: float = UPLOAD_MB

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``environment``, by default that of this process.

        >>> Settings.from_environment({"HOME": "/home/ann", "TURNOUT_HOME": "/srv/one"}).home
        PosixPath('/srv/one')

        Raises
        ------
        InvalidSetting
            If one of them is not what it has to be.
        """
        given = os.environ if environment is None else environment
        user = Path(given.get("HOME") or Path.home())
        shared = Path(given.get("XDG_DATA_HOME") or user / ".local" / "share")
        cache = Path(given.get("XDG_CACHE_HOME") or user / ".cache")
        return cls(
            home=Path(given.get("TURNOUT_HOME") or shared / "turnout").absolute(),
            cache=cache / "turnout",
            server_user=given.get("TURNOUT_SERVER_USER", ""),
            replacement_seconds=_number(
                given, "TURNOUT_REPLACEMENT_SECONDS", REPLACEMENT_SECONDS, "seconds", least=0.1, most=3600
            ),
            max_body_mb=_number(
                given, "TURNOUT_MAX_BODY_MB", MAX_BODY_MB, "megabytes", least=0.001, most=1024
            ),
            upload_mb=_number(given, "TURNOUT_UPLOAD_MB", UPLOAD_MB, "megabytes", least=0.001, most=1024),
        )


def _number(
    given: Mapping[str, str], name: str, default: float, unit: str, *, least: float, most: float
) -> float:
    text = given.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise InvalidSetting(
            setting=name, value=text, expected=f"a number of {unit} from {least:g} to {most:g}"
        )
    return number
