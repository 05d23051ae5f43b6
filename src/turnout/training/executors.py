"""The parent's side of a fit: a child process that is fed, asked and, if need be, killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from turnout.errors import FitCrashed, FitProcessMissing, every
from turnout.training.interpreters import environment, own_interpreter
from turnout.training.messages import FrameBuffer, frame

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_MS = 20
_AT_ONCE = 1 << 18
_TAIL = 4096
_PIPE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A fit's result as JSON, the artifact, and what explains it where the artifact itself does not do."""

    result: dict[str, Any]
    artifact: bytes
    explanation: bytes = b""


class LocalExecutor:
    """Trains in a child process of this one.

    Every method may raise what ``interrupts`` raises, or the error of the fit; after anything but a fit's own
    error the child is gone, and the next `begin` starts another.

    Parameters
    ----------
    python
        The interpreter that has Turnout and its libraries; none for the one that belongs to this process.
    interrupts
        Called at least every 50 ms while waiting; raises if the work is to end.
    """

    def __init__(self, python: str | None, interrupts: Callable[[], None]) -> None:
        self.python = python or own_interpreter()
        self._interrupts = interrupts
        self._process: subprocess.Popen[bytes] | None = None
        self._job = 0
        self._doing = ""
        self._errors = bytearray()

    @property
    def pid(self) -> int | None:
        """The child's process id, if it lives."""
        return self._process.pid if self._process else None

    def said(self) -> str:
        """The end of what the child has written to standard error."""
        return bytes(self._errors).decode(errors="replace").strip()

    def start(self) -> None:
        """Start the child, if it isn't there, without waiting for it."""
        if self._process is not None and self._process.poll() is None:
            return
        self.kill()
        try:
            self._process = subprocess.Popen(
                # without -P it would look for modules in the directory where it starts, the server's data
                [self.python, "-P", "-m", "turnout.training.child", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment(),
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise FitProcessMissing(python=self.python, reason=error.strerror or str(error)) from None
        self._frames = FrameBuffer()
        self._errors = bytearray()
        self._ready = False
        self._answers: dict[str, tuple[dict[str, Any], bytes]] = {}
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._in, self._out, self._err = (pipe.fileno() for pipe in pipes if pipe is not None)
        for pipe in (self._in, self._out, self._err):
            os.set_blocking(pipe, False)
        _enlarge(self._in)

    def begin(self, job: dict[str, Any]) -> None:
        """Describe a job, to ``fit`` or to ``describe``; the child imports what it needs while the rows are read."""
        self.start()
        self._job += 1
        self._answers.clear()
        self._errors.clear()
        fits = job["do"] == "fit"
        self._doing = f"trained {job['algorithm']}" if fits else f'described "{job["relation"]}"'
        self._send({**job, "job": self._job})

    def rows(self, header: dict[str, Any], payload: bytes) -> None:
        """Send a chunk of rows: ``count``, and the ``lengths`` of the columns' buffers in ``payload``."""
        self._send({**header, "do": "rows"}, payload)

    def finish(self) -> Fitted:
        """Wait for the fit."""
        self._send({"do": "end"})
        result, payload = self._wait("fitted")
        end = result["sizes"][0]
        return Fitted(result=result, artifact=payload[:end], explanation=payload[end:])

    def described(self) -> dict[str, Any]:
        """Wait for the description of the rows."""
        self._send({"do": "end"})
        return self._wait("described")[0]

    def judge(self, *, metric: str, split: dict[str, Any] | None, champion: bytes) -> dict[str, Any]:
        """Compare what was just fitted with an earlier model."""
        self._send({"do": "judge", "metric": metric, "split": split}, champion)
        return self._wait("judged")[0]

    def forget(self) -> None:
        """Let the child drop its rows, and stay for the next fit."""
        if self._process is not None:
            self._send({"do": "forget"})

    def kill(self) -> None:
        """End the child now and take it off the system's list."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()

    close = kill

    def _send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        if self._process is None:
            raise FitCrashed(doing=self._doing, how="it was ended before")
        try:
            self._write(frame(header, len(payload)))
            self._write(payload)
            self._pump(0, writing=False)
        except BaseException:
            self.kill()
            raise
        self._raise_failure()

    def _wait(self, event: str) -> tuple[dict[str, Any], bytes]:
        try:
            while event not in self._answers and "error" not in self._answers:
                self._pump(PATIENCE_MS, writing=False)
                self._interrupts()
        except BaseException:
            self.kill()
            raise
        self._raise_failure()
        return self._answers.pop(event)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            if not self._pump(PATIENCE_MS, writing=True):
                self._interrupts()
                continue
            try:
                view = view[os.write(self._in, view[:_AT_ONCE]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self._pump(PATIENCE_MS, writing=False)
                self._died()
        self._interrupts()

    def _pump(self, timeout: int, *, writing: bool) -> bool:
        """Take what the child says, waiting for at most ``timeout``; whether it can take more from us."""
        poll = select.poll()
        for pipe in (self._out, self._err):
            poll.register(pipe, select.POLLIN)
        if writing:
            poll.register(self._in, select.POLLOUT)
        ready = dict(poll.poll(timeout))
        if self._err in ready:
            self._errors += _read(self._err) or b""
            del self._errors[:-_TAIL]
        if self._out in ready:
            piece = _read(self._out)
            if piece == b"":
                self._died()
            self._frames.feed(piece or b"")
            self._sort()
        return self._in in ready

    def _sort(self) -> None:
        while (message := self._frames.next()) is not None:
            header, payload = message
            self._ready = True
            if header["job"] == self._job:
                self._answers[header["event"]] = (header, payload)

    def _raise_failure(self) -> None:
        if "error" not in self._answers:
            return
        header, _ = self._answers.pop("error")
        kinds = every()
        raise kinds[header["code"]](**header["details"])

    def _died(self) -> None:
        """Say how the child ended."""
        status = self._process.wait() if self._process else 0
        self._errors += _read(self._err) or b""
        last = " | ".join(self.said().splitlines()[-3:])
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        if self._ready:
            raise FitCrashed(doing=self._doing, how=f"{how}: {last}" if last else how)
        raise FitProcessMissing(python=self.python, reason=last or how)


def _read(pipe: int) -> bytes | None:
    """What is there, nothing at the end, none if nothing has come yet."""
    try:
        return os.read(pipe, _AT_ONCE)
    except BlockingIOError:
        return None


def _enlarge(pipe: int) -> None:
    """Let a pipe hold more, where the system allows it, so that both sides wake less often."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
