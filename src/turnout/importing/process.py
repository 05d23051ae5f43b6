"""Starts the confined process, gives it one job, and takes its answer: bytes and JSON, and no more than agreed."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from turnout.training.interpreters import own_interpreter, python_path
from turnout.upload_errors import ConverterFailed, UnusableUpload

if TYPE_CHECKING:
    from turnout.importing.limits import Limits

    Answer = tuple[dict[str, Any], list[bytes], list[str]]

_BOOT = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(':'); from turnout.importing.child import main; main()"
)
_HEAD = 8
_HEADER_BYTES = 64 << 20
_AT_ONCE = 1 << 20
_GOING = 10
_PYTHONS_OWN = 1
# what a process needs of ours: nothing that says where or who we are
_KEPT = ("LD_LIBRARY_PATH", "TZ")


def ask(job: dict[str, Any], content: IO[bytes] | bytes, limits: Limits) -> Answer:
    """What the process answers: what it says, the bytes beside it, and what held while it worked.

    Raises
    ------
    UnusableUpload
        If it refuses, crashes, or goes over a limit.
    ConverterFailed
        If it cannot be started.
    """
    with TemporaryDirectory(prefix="turnout-upload-") as scratch, TemporaryFile() as given:
        given.write(json.dumps({**job, "limits": asdict(limits)}).encode())
        given.seek(0)
        if not isinstance(content, bytes):
            return _asked(given, content, scratch, limits)
        with TemporaryFile() as held:
            held.write(content)
            held.seek(0)
            return _asked(given, held, scratch, limits)


def _asked(job: IO[bytes], content: IO[bytes], scratch: str, limits: Limits) -> Answer:
    process = _start(job, content, scratch)
    try:
        answer = _read(process, limits)
        if answer is None:
            # how it has ended says why
            process.wait(timeout=_GOING)
    except subprocess.TimeoutExpired:
        answer = None
    finally:
        if process.poll() is None:
            # the whole session, should anything ever have got to start another process
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        assert process.stdout is not None  # noqa: S101
        process.stdout.close()
    if answer is None and code == _PYTHONS_OWN:
        # what goes wrong over an upload is caught there, so this came before it
        raise ConverterFailed(reason="it ends before it has looked at the upload")
    if answer is None:
        raise UnusableUpload(reason=_ended(code, limits))
    said, parts = answer
    if "refused" in said:
        raise UnusableUpload(reason=said["refused"])
    if "failed" in said:
        raise ConverterFailed(reason=said["failed"])
    return said["answer"], parts, said["confined"]


def _start(job: IO[bytes], content: IO[bytes], scratch: str) -> subprocess.Popen[bytes]:
    files = (job.fileno(), content.fileno())
    # -I: no directory of the caller's, no variable and no user's packages decide what is imported
    command = [own_interpreter(), "-I", "-c", _BOOT, python_path(), str(os.getpid()), *map(str, files)]
    environment = {
        "HOME": scratch,
        "TMPDIR": scratch,
        "LC_ALL": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
    }
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=scratch,
            pass_fds=files,
            start_new_session=True,
        )
    except OSError as error:
        raise ConverterFailed(reason=str(error)) from None


def _read(process: subprocess.Popen[bytes], limits: Limits) -> tuple[dict[str, Any], list[bytes]] | None:
    """What the process says; none if it ends before it has said all."""
    assert process.stdout is not None  # noqa: S101
    pipe = _Pipe(process.stdout, limits)
    head = pipe.read(_HEAD)
    if head is None:
        return None
    size = int.from_bytes(head, "little")
    text = pipe.read(size) if size <= _HEADER_BYTES else None
    if text is None:
        return None
    said = json.loads(text)
    parts: list[bytes] = []
    if sum(said.get("sizes", ())) > limits.answer_bytes:
        raise UnusableUpload(
            reason=f"what would have to be stored is over {limits.answer_bytes:,} bytes",
        )
    for wanted in said.get("sizes", ()):
        part = pipe.read(wanted)
        if part is None:
            return None
        parts.append(part)
    return said, parts


class _Pipe:
    """Reads so many bytes, and no longer than the time allows."""

    def __init__(self, pipe: IO[bytes], limits: Limits) -> None:
        self._file = pipe.fileno()
        self._seconds = limits.seconds
        self._end = time.monotonic() + limits.seconds
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._file, selectors.EVENT_READ)

    def read(self, size: int) -> bytes | None:
        """The bytes; none if the other end is gone."""
        found = bytearray()
        while len(found) < size:
            left = self._end - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                raise UnusableUpload(reason=f"opening it takes over {self._seconds:g} s")
            part = os.read(self._file, min(size - len(found), _AT_ONCE))
            if not part:
                return None
            found += part
        return bytes(found)


def _ended(code: int, limits: Limits) -> str:
    if code == -signal.SIGXCPU:
        return f"opening it computes for over {limits.cpu_seconds} s"
    if code < 0 and code != -signal.SIGKILL:
        return f"the library that reads it crashes over it ({signal.Signals(-code).name})"
    memory = f"it may take over {limits.memory_bytes:,} bytes of memory"
    return f"the process that opens it ends without an answer (code {code}); {memory}"
