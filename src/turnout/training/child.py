"""The process that trains: ``python -m turnout.training.child PARENT``.

Frames come on standard input and go to what was standard output; whatever a library prints goes to standard
error. The process dies with its parent, by the kernel's signal or by the end of its input.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any, BinaryIO

from turnout import __version__
from turnout.errors import FitFailed, SnapshotFailed, TurnoutError
from turnout.training import hidden, memory
from turnout.training.messages import frame, read_frame

_PR_SET_PDEATHSIG = 1

Message = tuple[dict[str, Any], "bytes | bytearray"]


def main() -> None:
    """Serve one parent until it is gone."""
    _die_with(int(sys.argv[1]))
    hidden.hide()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    messages: SimpleQueue[Message] = SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, messages), daemon=True).start()
    Worker(answers).serve(messages)


def _die_with(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # the parent was gone before the kernel knew that we care
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _listen(stream: BinaryIO, messages: SimpleQueue[Message]) -> None:
    """Take frames at once, so that the parent never waits for our imports."""

    def read(size: int) -> bytearray:
        data = bytearray(size)
        view, at = memoryview(data), 0
        while at < size:
            got = stream.readinto(view[at:])  # type: ignore[attr-defined]
            if not got:
                os._exit(0)
            at += got
        return data

    while True:
        messages.put(read_frame(read))


class Worker:
    """Does what the frames say, one job at a time."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._number = 0
        self._job: Any = None
        self._header: dict[str, Any] = {}
        self._error: dict[str, Any] = {}

    def serve(self, messages: SimpleQueue[Message]) -> None:
        """Answer messages for ever."""
        self._say({"event": "ready", "version": __version__})
        while True:
            header, payload = messages.get()
            try:
                self._do(header, payload)
            except TurnoutError as error:
                self._fail(error)
            except MemoryError:
                self._fail(self._failed("it ran out of memory"))
            except Exception as error:
                self._fail(self._failed(f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"))

    def _do(self, header: dict[str, Any], payload: bytes | bytearray) -> None:
        what = header["do"]
        if what in ("fit", "describe"):
            self._job = None
            memory.for_rows()
            self._number = header["job"]
            self._header = header
            self._job = _job(header)
        elif what == "forget":
            self._job = None
            memory.give_back()
        elif self._job is None:
            self._rest_of_a_failed_job(what)
        elif what == "rows":
            self._job.rows(header, payload)
        elif what == "end":
            self._say(*self._job.end())
        elif what == "judge":
            self._say({"event": "judged", **self._job.judge(header, bytes(payload))})

    def _rest_of_a_failed_job(self, what: str) -> None:
        """Rows may still come; who waits for an answer gets the same error again."""
        if what != "rows" and self._error:
            self._say(self._error)

    def _failed(self, reason: str) -> TurnoutError:
        relation = self._header["relation"]
        if self._header["do"] == "describe":
            return SnapshotFailed(relation=relation, reason=reason)
        return FitFailed(algorithm=self._header["algorithm"], relation=relation, reason=reason)

    def _fail(self, error: TurnoutError) -> None:
        self._job = None
        details = {name: _plain(value) for name, value in error.details.items()}
        self._error = {"event": "error", "code": error.code, "details": details}
        self._say(self._error)

    def _say(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self._answers.write(frame({**header, "job": self._number}, len(payload)))
        self._answers.write(payload)
        self._answers.flush()


def _job(header: dict[str, Any]) -> Any:
    if header["do"] == "describe":
        from turnout.training.describing import Describing

        return Describing(header)
    from turnout.training.job import Job

    return Job(header)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


if __name__ == "__main__":
    main()
