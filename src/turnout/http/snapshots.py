"""What each process has counted, in a directory that all processes of a service share: any of them answers for all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import orjson

from turnout.http.meter import Meter

_EVERY = 1.0


class Snapshots:
    """The files, one for each process.

    Parameters
    ----------
    directory
        Made by the supervisor, and gone with it.
    meter
        What this process counts.
    state
        What else there is to say of this process, at this moment.
    """

    def __init__(self, directory: Path, meter: Meter, state: Callable[[], dict[str, Any]]) -> None:
        self._directory = directory
        self._own = directory / f"{os.getpid()}.json"
        self._meter = meter
        self._state = state
        self._written = b""
        self._ending = Event()
        self._thread = Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        """Take over what processes that have ended had counted, so that no counter goes back; then write on."""
        with self._locked(fcntl.LOCK_EX):
            gone = [path for path in self._files() if path == self._own or not _lives(int(path.stem))]
            for path in gone:
                self._meter.take(orjson.loads(path.read_bytes())["counted"])
            self._write()
            for path in gone:
                if path != self._own:
                    path.unlink()
        self._thread.start()

    def stop(self) -> None:
        """Write the last counts, which another process takes over."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def all(self) -> list[dict[str, Any]]:
        """What each process has counted, and its state; of one that has ended, the state is none."""
        with self._locked(fcntl.LOCK_SH):
            self._write()
            found = [orjson.loads(path.read_bytes()) for path in self._files()]
        for one in found:
            if not _lives(one["pid"]):
                one["state"] = None
        return found

    def _run(self) -> None:
        ended = False
        while not ended:
            ended = self._ending.wait(_EVERY)
            # not while another one takes over
            with self._locked(fcntl.LOCK_SH):
                self._write()

    def _files(self) -> list[Path]:
        return sorted(path for path in self._directory.glob("*.json") if path.stem.isdigit())

    def _write(self) -> None:
        told = {"pid": os.getpid(), "counted": self._meter.written(), "state": self._state()}
        text = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS)
        if text != self._written:
            # a name of its own for each thread that writes
            made = self._own.with_suffix(f".{os.urandom(4).hex()}")
            made.write_bytes(text)
            made.replace(self._own)
            self._written = text

    @contextmanager
    def _locked(self, kind: int) -> Iterator[None]:
        with (self._directory / "lock").open("a") as lock:
            fcntl.flock(lock, kind)
            yield


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
