"""Settings of the command line and of the embedded server, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
    """

    home: Path
    cache: Path
    server_user: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``environment``, by default that of this process.

        >>> Settings.from_environment({"HOME": "/home/ann", "TURNOUT_HOME": "/srv/one"})
        Settings(home=PosixPath('/srv/one'), cache=PosixPath('/home/ann/.cache/turnout'), server_user='')
        """
        given = os.environ if environment is None else environment
        user = Path(given.get("HOME") or Path.home())
        shared = Path(given.get("XDG_DATA_HOME") or user / ".local" / "share")
        cache = Path(given.get("XDG_CACHE_HOME") or user / ".cache")
        return cls(
            home=Path(given.get("TURNOUT_HOME") or shared / "turnout").absolute(),
            cache=cache / "turnout",
            server_user=given.get("TURNOUT_SERVER_USER", ""),
        )
