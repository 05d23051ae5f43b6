"""The process that reads files of libraries for us: over a broken one a library may crash, or never end."""

from __future__ import annotations

import subprocess
import threading
from types import TracebackType
from typing import Any, Self

from turnout.domain.postgresml import NotCarried
from turnout.runtime import artifact
from turnout.training.interpreters import environment, own_interpreter

_SECONDS = 300


class NativeReader:
    """Makes artifacts of files in a process of its own, another one after each that has crashed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        self._end()

    def artifact(self, job: dict[str, Any], data: bytes) -> bytes:
        """The artifact of a file.

        Parameters
        ----------
        job
            The arguments of ``native.made`` but for the file itself.

        Raises
        ------
        NotCarried
            With the reason; also if the process crashes, or takes too long.
        """
        given = artifact.pack({"version": artifact.VERSION, **job}, data)
        found = self._ask(given)
        if found is None:
            self._end()
            raise NotCarried(f"{job['algorithm']} crashes when it reads its file, or takes over {_SECONDS} s")
        if not found.startswith(artifact.MAGIC):
            raise NotCarried(found.decode())
        return found

    def _ask(self, given: bytes) -> bytes | None:
        """What the process answers; none if it ends."""
        process = self._process = self._process or _start()
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        limit = threading.Timer(_SECONDS, process.kill)
        limit.start()
        try:
            process.stdin.write(len(given).to_bytes(8, "little") + given)
            process.stdin.flush()
            size = int.from_bytes(process.stdout.read(8), "little")
            found = process.stdout.read(size)
        except BrokenPipeError:
            return None
        finally:
            limit.cancel()
        # what ends in the middle comes from a process that has
        return found if found and len(found) == size else None

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _start() -> subprocess.Popen[bytes]:
    command = [own_interpreter(), "-P", "-m", "turnout.training.native"]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
