"""One process that answers, over http and https: ``python -m turnout.http.worker``, started by the supervisor.

What it is to do comes as one line of JSON on its standard input. When that ends, so has the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn

from turnout.http import app
from turnout.http.database import Work
from turnout.http.directory import Here
from turnout.http.follower import Follower
from turnout.http.options import GRACE, READY, Options

SWITCH_SECONDS = 0.001


class _Server(uvicorn.Server):
    """One of several servers in a process: the signals are the process's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def main() -> None:
    """Serve until told to end."""
    told = json.loads(sys.stdin.buffer.readline())
    options = Options(**told["options"])
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    # what loads a model in the background is not to hold up the answers
    sys.setswitchinterval(SWITCH_SECONDS)
    sockets = [socket.socket(fileno=number) for number in told["sockets"]]
    uvicorn_options: dict[str, Any] = {"http": "httptools", "loop": "uvloop"}
    with asyncio.Runner(loop_factory=uvicorn.Config("", **uvicorn_options).get_loop_factory()) as runner:
        runner.run(_serve(options, sockets))


async def _serve(options: Options, sockets: list[socket.socket]) -> None:
    work, here = Work(options.dsn), Here()
    work.open()
    follower = Follower(options.dsn, here, replacement_seconds=options.replacement_seconds)
    follower.start()
    root = app.build(work, here, replacement_seconds=options.replacement_seconds)
    plain, secure = sockets
    servers = [
        (_Server(_config(root)), plain),
        (_Server(_config(root, ssl_certfile=options.certificate, ssl_keyfile=options.key)), secure),
    ]
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()

    def end() -> None:
        ending.set()
        for server, _ in servers:
            server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    loop.add_reader(sys.stdin.fileno(), end)
    # nobody is let in before it is known what is live
    while not here.ready and not ending.is_set():
        await asyncio.sleep(0.01)
    serving = [asyncio.create_task(server.serve(sockets=[listening])) for server, listening in servers]
    while not all(server.started for server, _ in servers) and not any(task.done() for task in serving):
        await asyncio.sleep(0.01)
    os.write(sys.stdout.fileno(), READY)
    try:
        await asyncio.gather(*serving)
    finally:
        follower.stop()
        work.close()


def _config(root: Any, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        root,
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE,
        **options,
    )


if __name__ == "__main__":
    main()
