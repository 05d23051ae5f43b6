"""The operating system's view of a server: which of its processes are alive."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path


def postmaster(data: Path) -> int | None:
    """The process id of the postmaster of ``data``, None when it isn't alive."""
    pid = _recorded(data / "postmaster.pid")
    return pid if pid is not None and _works_in(pid, data) else None


def end_orphans(data: Path, patience: float = 5) -> None:
    """Wait for what a dead postmaster left behind, then end it.

    A backend inside a library doesn't notice that its postmaster is gone, and no server starts beside it.
    """
    until = time.monotonic() + patience
    while orphans := list(_working_in(data)):
        if time.monotonic() > until:
            for pid in orphans:
                send(pid, signal.SIGKILL)
        time.sleep(0.05)


def forget(lock: Path, data: Path) -> None:
    """Remove a dead postmaster's lock file when its number now belongs to somebody else, or to a zombie.

    PostgreSQL only sees that a process has that number, and would refuse to start.
    """
    pid = _recorded(lock)
    if pid is not None and Path(f"/proc/{pid}").exists() and not _works_in(pid, data):
        lock.unlink(missing_ok=True)


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone by now."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _recorded(lock: Path) -> int | None:
    try:
        return abs(int(lock.read_text().splitlines()[0]))
    except (OSError, ValueError, IndexError):
        return None


def _working_in(data: Path) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*"):
        if _works_in(int(entry.name), data):
            yield int(entry.name)


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is alive with ``data`` as its working directory, as a server's processes are."""
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        if rest.split()[0] == "Z":
            return False
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except PermissionError:
        # A container's root may not look into another user's processes; then the name must do.
        return name == "postgres" and pid == _recorded(data / "postmaster.pid")
    except (OSError, IndexError):
        return False
