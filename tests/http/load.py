"""Clients that ask without a pause, each over a connection of its own, and what they were answered."""

from __future__ import annotations

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.http.railway import PATH
from tests.http.service import Service
from tests.processes import until

BODY = json.dumps({"input_data": [{"fields": ["x"], "values": [[1.0]]}]}).encode()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one request was answered.

    Attributes
    ----------
    sent, done
        By the monotonic clock.
    served
        The number that the model answers, which tells it from the others.
    port
        The client's, which tells the connection.
    error
        Why there was no answer.
    """

    sent: float
    done: float
    port: int
    status: int = 0
    served: int | None = None
    model_id: int | None = None
    revision: int = 0
    stale: bool = False
    error: str = ""


@dataclass
class Load:
    """All that was answered so far."""

    address: tuple[str, int]
    headers: dict[str, str]
    path: str
    answers: list[Answer] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, connections: int) -> None:
        """So many clients more."""
        for _ in range(connections):
            self.threads.append(threading.Thread(target=self.run))
            self.threads[-1].start()

    def run(self) -> None:
        """Ask until told to stop, over one connection after the other."""
        while not self.stopping.is_set():
            connection = http.client.HTTPConnection(*self.address, timeout=60)
            try:
                connection.connect()
                port = int(connection.sock.getsockname()[1])
                while not self.stopping.is_set():
                    found = self._ask(connection, port)
                    self.answers.append(found)
                    if found.error:
                        break
            except OSError as error:
                now = time.monotonic()
                self.answers.append(Answer(sent=now, done=now, port=0, error=repr(error)))
                time.sleep(0.01)
            finally:
                connection.close()

    def _ask(self, connection: http.client.HTTPConnection, port: int) -> Answer:
        sent = time.monotonic()
        try:
            connection.request("POST", self.path, BODY, self.headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            return Answer(sent=sent, done=time.monotonic(), port=port, error=repr(error))
        done = time.monotonic()
        if response.status != 200:
            return Answer(
                sent=sent, done=done, port=port, status=response.status, error=body.decode(errors="replace")
            )
        return Answer(
            sent=sent,
            done=done,
            port=port,
            status=200,
            served=round(json.loads(body)["predictions"][0]["values"][0][0]),
            model_id=int(response.headers["X-Model-Id"]),
            revision=int(response.headers["X-Deployment-Revision"]),
            stale=response.headers.get("X-Model-Stale") is not None,
        )

    @property
    def failed(self) -> list[Answer]:
        """What got no answer."""
        return [one for one in list(self.answers) if one.error]

    def since(self, moment: float) -> list[Answer]:
        """What was asked after a moment."""
        return [one for one in list(self.answers) if one.sent > moment]

    def ports(self) -> set[int]:
        """The connections on which something was answered within the last second."""
        return {one.port for one in self.since(time.monotonic() - 1.0) if not one.error}


@contextmanager
def load(service: Service, token: str, key: str, *, connections: int = 16) -> Iterator[Load]:
    """So many clients within the block."""
    parts = urlsplit(service.http)
    found = Load(
        address=(str(parts.hostname), int(parts.port or 80)),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        path=f"{PATH}/{key}/predictions?version=2026-11-01",
    )
    found.start(connections)
    try:
        until(lambda: len(found.ports()) == connections, "all connections")
        yield found
    finally:
        found.stopping.set()
        for thread in found.threads:
            thread.join(90)


def spread(found: Load, service: Service) -> dict[int, int]:
    """The process at the other end of each connection; clients are added until each process has some."""
    while True:
        ends = {port: process_of(port, service) for port in found.ports()}
        if set(service.workers()) <= set(ends.values()):
            return ends
        found.start(4)
        until(lambda: len(found.ports()) == len(found.threads), "all connections")


def process_of(port: int, service: Service) -> int:
    """The process that has the other end of a client's connection; 0 if none has."""
    served = urlsplit(service.http).port or 80
    inode = ""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        here, there = (int(place.rpartition(":")[2], 16) for place in words[1:3])
        if (here, there) == (served, port):
            inode = words[9]
    if inode in ("", "0"):
        return 0
    for process in service.workers():
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                if os.readlink(descriptor) == f"socket:[{inode}]":
                    return process
            except OSError:
                continue
    return 0
