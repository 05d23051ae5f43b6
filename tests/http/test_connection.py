"""Connections that stall are cut off, and none of the others."""

from __future__ import annotations

import asyncio
import functools
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse
from threading import Event, Thread
from typing import Any

import pytest
import uvicorn

from tests.processes import until
from turnout.http import connection
from turnout.http.connection import Connection
from turnout.http.directory import Here
from turnout.http.logs import AccessLog
from turnout.http.meter import Meter
from turnout.http.scoring import Scoring

PREDICTIONS, OTHER = b"/ml/v4/deployments/x/predictions", b"/other"
LARGE = 64 << 20


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and answers with much if it is asked for that."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    content = b"x" * (LARGE if scope["path"] == "/large" else 1)
    headers = [(b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server in this process, which is more impatient than ours."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "TAKING_SECONDS"):
        monkeypatch.setattr(connection, name, 0.3)
    for name, value in (("BYTES_PER_SECOND", 1000), ("_EVERY", 0.05)):
        monkeypatch.setattr(connection, name, value)
    scoring = Scoring(Here(), Meter(), AccessLog(), max_body=1 << 20)
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        config = uvicorn.Config(
            application,
            http=functools.partial(Connection, scoring),  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            log_config=None,
            timeout_keep_alive=60,
        )
        server = uvicorn.Server(config)
        started = Event()

        async def serve() -> None:
            watching = asyncio.create_task(connection.watch([server.server_state]))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0.01)
            started.set()
            await serving
            watching.cancel()

        thread = Thread(target=asyncio.run, args=(serve(),))
        thread.start()
        started.wait(30)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(30)
        scoring.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def cut_off(wire: socket.socket) -> bool:
    """Whether the other side ends it, without an answer."""
    try:
        return wire.recv(100) == b""
    except ConnectionResetError:
        return True


def request(path: bytes, length: int, body: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (path, length, body)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\r\n",
        b"POST ",
        request(OTHER, 10)[:-2],
        request(OTHER, 10),
        request(OTHER, 10, b"12345"),
        request(PREDICTIONS, 10),
        request(PREDICTIONS, 10, b"12345"),
        request(OTHER, 1, b"1") + b"POST ",
        request(PREDICTIONS, 100_000, b" " * 70_000),
        b"POST /other HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
    ],
)
def test_who_stalls_is_cut_off(port: int, sent: bytes) -> None:
    with closing(connect(port)) as wire:
        wire.sendall(sent)
        if sent.endswith(b"1POST "):
            assert answered(wire) == 200
        assert cut_off(wire)


def test_who_drips_is_cut_off(port: int) -> None:
    with closing(connect(port)) as wire:
        wire.settimeout(0.05)
        wire.sendall(request(PREDICTIONS, 10_000))
        until(lambda: dripped(wire), "it to be cut off")


def dripped(wire: socket.socket) -> bool:
    """Whether it was ended while a byte was sent."""
    try:
        wire.sendall(b" ")
        return wire.recv(100) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def answered(wire: socket.socket) -> int:
    """The status of a small answer."""
    found = HTTPResponse(wire)
    found.begin()
    found.read()
    return found.status


@pytest.mark.parametrize("path", [OTHER, PREDICTIONS])
def test_who_waits_between_two_requests_is_not(port: int, path: bytes) -> None:
    with closing(connect(port)) as wire, closing(connect(port)) as other:
        wire.sendall(request(path, 1, b"1"))
        assert answered(wire) in (200, 401)
        # by then, who had begun a request is cut off
        assert cut_off(other)
        wire.sendall(request(path, 1, b"1"))
        assert answered(wire) in (200, 401)


def test_who_sends_something_else_between_two_requests_is(port: int) -> None:
    with closing(connect(port)) as wire:
        wire.sendall(request(OTHER, 1, b"1"))
        assert answered(wire) == 200
        wire.sendall(b"\r\n")
        while wire.recv(1000):
            pass


def test_who_takes_no_answer_is_cut_off(port: int) -> None:
    with closing(connect(port)) as wire:
        wire.sendall(request(b"/large", 1, b"1"))
        assert wire.recv(10)
        # by the end of the second one, the time is up that began before the first
        for _ in range(2):
            with closing(connect(port)) as other:
                assert cut_off(other)
        received = 0
        try:
            while part := wire.recv(1 << 20):
                received += len(part)
        except ConnectionResetError:
            pass
        assert received < LARGE
