"""The operating system's view of the processes that train, by the backend that they belong to."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 120
CHILD = b"turnout.training.child"


def until(reached: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for what is bound to come."""
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end, f"still waiting for {what}"
        time.sleep(0.01)


def state(pid: int) -> str:
    """R, S, T (stopped), Z ...; empty for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether a process is there, and not only waiting to be taken off the list."""
    return state(pid) not in ("", "Z", "X")


def trainers(backend: int | None = None) -> list[int]:
    """The processes that train: those of one backend, or of all on this machine."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            trains = CHILD in (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if trains and backend in (None, parent):
            found.append(int(entry.name))
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that must be there."""
    os.kill(pid, number)


@contextmanager
def stopped(backends: list[int]) -> Iterator[dict[int, int]]:
    """Within the block, every process that trains for one of the backends stands still; backend -> its process.

    Enters when each backend has one.
    """
    held: dict[int, int] = {}

    def hold() -> bool:
        for backend in backends:
            for pid in trainers(backend):
                if backend not in held:
                    send(pid, signal.SIGSTOP)
                    held[backend] = pid
        return len(held) == len(backends)

    try:
        until(hold, "a process that trains for each backend")
        until(lambda: all(state(pid) == "T" for pid in held.values()), "them to stand still")
        yield held
    finally:
        for pid in held.values():
            if alive(pid):
                send(pid, signal.SIGCONT)
