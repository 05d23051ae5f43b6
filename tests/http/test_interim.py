"""A client in a hurry hears something while its upload is being looked at, over a real connection."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from tests.processes import until
from turnout.http import interim
from turnout.http.connection import Connection
from turnout.http.directory import Here
from turnout.http.interim import CONTINUE, awake
from turnout.http.logs import AccessLog
from turnout.http.meter import Meter
from turnout.http.root import Root
from turnout.http.scoring import Scoring


@contextmanager
def serving() -> Iterator[tuple[str, int]]:
    """A server, as the service's own, of one slow route; its address."""
    app = FastAPI()

    waiting: list[asyncio.Event] = []

    @app.put("/slow/content")
    async def slow(request: Request) -> dict[str, int]:
        size = len(await request.body())
        waiting.append(asyncio.Event())
        async with awake(request):
            await waiting[-1].wait()
        return {"size": size}

    @app.put("/waiting")
    async def is_waiting() -> int:
        return len(waiting)

    @app.put("/done")
    async def done() -> None:
        while waiting:
            waiting.pop().set()
            await asyncio.sleep(0.01)

    meter, log = Meter(), AccessLog()
    scoring = Scoring(Here(), meter, log, max_body=1000)
    config = uvicorn.Config(
        Root(app, scoring, meter, log),
        http=partial(Connection, scoring),  # type: ignore[arg-type]
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, "the server")
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(interim, "EVERY_SECONDS", 0.001)
    with serving() as found:
        yield found


def url(address: tuple[str, int], path: str) -> str:
    return "http://{}:{}/{}".format(*address, path)


@contextmanager
def asked(address: tuple[str, int], agent: str, version: str = "1.1") -> Iterator[socket.socket]:
    """A connection that has sent a request which is being looked at."""
    request = f"PUT /slow/content HTTP/{version}\r\nhost: x\r\nuser-agent: {agent}\r\ncontent-length: 2\r\n"
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(f"{request}connection: close\r\n\r\nab".encode())
        yield connection


def rest(connection: socket.socket) -> bytes:
    """All that is still said."""
    answer = b""
    while data := connection.recv(1000):
        answer += data
    return answer


@pytest.mark.parametrize("agent", ["ibm-watsonx-ai/1.8.1 (lang=python)", "python-httpx/0.28.1"])
def test_who_is_in_a_hurry_hears_of_it_again_and_again(address: tuple[str, int], agent: str) -> None:
    with asked(address, agent) as connection:
        said = b""
        while len(said) < 3 * len(CONTINUE):
            said += connection.recv(1000)
        assert httpx.put(url(address, "done")).status_code == 200
        said += rest(connection)
    assert said.startswith(CONTINUE * 3)
    final = said.replace(CONTINUE, b"")
    assert final.startswith(b"HTTP/1.1 200 OK\r\n")
    assert final.endswith(b'{"size":2}')


@pytest.mark.parametrize(
    ("agent", "version"), [("Go-http-client/1.1", "1.1"), ("python-httpx/0.28.1", "1.0")]
)
def test_who_might_take_it_amiss_does_not(address: tuple[str, int], agent: str, version: str) -> None:
    with asked(address, agent, version) as connection:
        until(lambda: httpx.put(url(address, "waiting")).json() == 1, "the request to be looked at")
        httpx.put(url(address, "done"))
        assert rest(connection).startswith(b"HTTP/1.1 200 OK\r\n")


def test_clients_wait_for_the_answer(address: tuple[str, int]) -> None:
    def ask() -> list[Any]:
        by_httpx = httpx.put(url(address, "slow/content"), content=b"abc").json()
        connection = http.client.HTTPConnection(*address)
        connection.request("PUT", "/slow/content", b"abcd", {"User-Agent": "python-httpx"})
        by_the_standard_library = connection.getresponse().read()
        connection.close()
        return [by_httpx, by_the_standard_library]

    with ThreadPoolExecutor() as pool:
        answers = pool.submit(ask)
        while not answers.done():
            httpx.put(url(address, "done"))
        assert answers.result() == [{"size": 3}, b'{"size":4}']
