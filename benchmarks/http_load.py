"""A load generator on raw sockets, for what wrk does not tell: every latency as it was, and which model answered when.

    python -m benchmarks.http_load HOST:PORT CONNECTIONS SECONDS < one request

One process that waits for all of its connections at once; it takes some ten microseconds a request. It prints JSON:
``latencies`` in seconds, ``statuses``, ``ends`` (the monotonic clock at each answer) and ``revisions``.
"""

from __future__ import annotations

import gc
import json
import re
import select
import socket
import sys
from time import monotonic

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_REVISION = re.compile(rb"x-deployment-revision: (\d+)", re.IGNORECASE)


class Connection:
    """One connection, with at most one request under way."""

    __slots__ = ("begun", "received", "socket")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.begun = 0.0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.begun = monotonic()
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """The whole answer, if it is here."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise ConnectionError("closed")
        self.received += part
        head = self.received.find(b"\r\n\r\n")
        length = _LENGTH.search(self.received, 0, max(head, 0))
        if length is None or len(self.received) < head + 4 + int(length[1]):
            return None
        whole, self.received = self.received, b""
        return whole


def main(address: str, connections: int, seconds: float) -> None:
    """Load a server, and print what came of it."""
    host, _, port = address.partition(":")
    request = sys.stdin.buffer.read()
    each = [Connection(host, int(port)) for _ in range(connections)]
    known = {one.socket.fileno(): one for one in each}
    waiting = select.epoll()
    for number in known:
        waiting.register(number, select.EPOLLIN)
    latencies: list[float] = []
    ends: list[float] = []
    revisions: list[int] = []
    statuses: dict[str, int] = {}
    gc.disable()
    until = monotonic() + seconds
    for one in each:
        one.ask(request)
    while (now := monotonic()) < until:
        for number, _ in waiting.poll(1):
            one = known[number]
            whole = one.answer()
            if whole is None:
                continue
            now = monotonic()
            latencies.append(now - one.begun)
            ends.append(now)
            revision = _REVISION.search(whole, 0, 500)
            revisions.append(int(revision[1]) if revision else 0)
            status = whole[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            one.ask(request)
    told = {"latencies": latencies, "ends": ends, "revisions": revisions, "statuses": statuses}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
