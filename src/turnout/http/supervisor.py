"""Holds the sockets, and keeps the processes that answer alive."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from turnout.http.options import GRACE, READY, Options
from turnout.service_errors import CannotListen

BACKLOG = 2048
# a process that ends sooner than this after its start is started again later and later
SETTLED = 5.0
LONGEST_PAUSE = 10.0


@dataclass
class _Worker:
    """A process that answers, or is to."""

    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    failures: int = 0
    ready: bool = False
    told_to_end: bool = False

    @property
    def due(self) -> float:
        """When it may be started again."""
        if not self.failures:
            return 0.0
        return self.began + min(0.1 * 2.0**self.failures, LONGEST_PAUSE)


@dataclass
class Supervisor:
    """The service: its two listening sockets and its processes.

    A process that ends is started again; the sockets stay open meanwhile, so what wants to connect waits, or comes to
    another process. On SIGHUP new processes take the places of all, once they answer: they read the certificate anew.
    """

    options: Options
    _counts: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="turnout-counts-")
    )
    _sockets: list[socket.socket] = field(default_factory=list)
    _workers: list[_Worker] = field(default_factory=list)
    _leaving: list[_Worker] = field(default_factory=list)
    _ending: bool = False
    _renewing: bool = False

    def listen(self) -> tuple[str, str]:
        """Take the ports; the URLs for http and https.

        Raises
        ------
        CannotListen
            If somebody else has one.
        """
        for port in (self.options.http_port, self.options.https_port):
            self._sockets.append(_listen(self.options.host, port))
        host = self.options.host if self.options.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
        ports = [found.getsockname()[1] for found in self._sockets]
        return f"http://{host}:{ports[0]}", f"https://{host}:{ports[1]}"

    def run(self, ready: Callable[[], None]) -> None:
        """Keep the processes alive until told to end; ``ready`` is called once all of them answer."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGHUP, self._renew)
        self._workers = self._new()
        told = False
        while not self._ending:
            if self._renewing and not self._leaving:
                self._renewing, self._leaving, self._workers = False, self._workers, self._new()
            for worker in self._workers:
                self._look_after(worker)
            if all(worker.ready for worker in self._workers):
                self._let_go()
                if not told:
                    told = True
                    ready()
            self._pause()
        self._stop()

    def _new(self) -> list[_Worker]:
        return [_Worker() for _ in range(self.options.workers)]

    def _renew(self, number: int, frame: object) -> None:  # noqa: ARG002
        self._renewing = True

    def _let_go(self) -> None:
        """End those whose places are taken; what they are at comes to its end."""
        for worker in self._leaving:
            if worker.process is not None and worker.process.poll() is None:
                if not worker.told_to_end:
                    worker.process.terminate()
                    worker.told_to_end = True
            elif worker.process is not None:
                _close(worker.process)
                worker.process = None
        self._leaving = [worker for worker in self._leaving if worker.process is not None]

    def _end(self, number: int, frame: object) -> None:  # noqa: ARG002
        self._ending = True

    def _look_after(self, worker: _Worker) -> None:
        process = worker.process
        if process is not None and process.poll() is not None:
            settled = time.monotonic() - worker.began > SETTLED
            worker.failures = 1 if settled else worker.failures + 1
            _say(f"process {process.pid} has ended with {process.returncode}; it is started again")
            _close(process)
            worker.process, worker.ready = None, False
        if worker.process is None and time.monotonic() >= worker.due:
            worker.process, worker.began = self._start(), time.monotonic()

    def _start(self) -> subprocess.Popen[bytes]:
        numbers = [found.fileno() for found in self._sockets]
        process = subprocess.Popen(
            [sys.executable, "-m", "turnout.http.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=numbers,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101
        # not on the command line, which everybody may read: it has a password
        told = json.dumps(
            {"options": asdict(self.options), "sockets": numbers, "counts": self._counts.name}
        ).encode()
        try:
            process.stdin.write(told + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass
        return process

    def _pause(self) -> None:
        """Wait until a process says that it is ready, one ends, or a moment has passed."""
        waiting = {
            worker.process.stdout: worker
            for worker in self._workers
            if worker.process is not None and worker.process.stdout is not None and not worker.ready
        }
        try:
            readable, _, _ = select.select(list(waiting), [], [], 0.1)
        except InterruptedError:
            return
        for stream in readable:
            if os.read(stream.fileno(), len(READY)) == READY:
                waiting[stream].ready = True
        if readable:
            # what has ended stays readable
            time.sleep(0.02)

    def _stop(self) -> None:
        workers = (*self._workers, *self._leaving)
        running = [worker.process for worker in workers if worker.process is not None]
        for process in running:
            process.terminate()
        until = time.monotonic() + GRACE + 5
        for process in running:
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close(process)
        for found in self._sockets:
            found.close()


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except BrokenPipeError:
                continue


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        raise CannotListen(address=f"{host}:{port}", reason=error.strerror or error) from None
    found.listen(BACKLOG)
    found.set_inheritable(True)
    return found


def _say(text: str) -> None:
    print(json.dumps({"level": "warning", "message": text}), file=sys.stderr, flush=True)
