"""One process that answers, over http and https: ``python -m turnout.http.worker``, started by the supervisor.

What it is to do comes as one line of JSON on its standard input. When that ends, so has the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn

from turnout.http import app, connection, logs
from turnout.http.connection import Connection
from turnout.http.database import Work
from turnout.http.directory import Here
from turnout.http.follower import Follower
from turnout.http.logs import AccessLog
from turnout.http.meter import Meter
from turnout.http.metrics import state_of
from turnout.http.options import GRACE, READY, Options
from turnout.http.root import Root
from turnout.http.scoring import Scoring
from turnout.http.snapshots import Snapshots

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
    logs.set_up()
    # what loads a model in the background is not to hold up the answers
    sys.setswitchinterval(SWITCH_SECONDS)
    sockets = [socket.socket(fileno=number) for number in told["sockets"]]
    uvicorn_options: dict[str, Any] = {"loop": "uvloop", "log_config": None}
    with asyncio.Runner(loop_factory=uvicorn.Config("", **uvicorn_options).get_loop_factory()) as runner:
        runner.run(_serve(options, sockets, Path(told["counts"])))


async def _serve(options: Options, sockets: list[socket.socket], counts: Path) -> None:
    work, here = Work(options.dsn), Here()
    work.open()
    follower = Follower(options.dsn, here, replacement_seconds=options.replacement_seconds)
    follower.start()
    meter, log = Meter(), AccessLog()
    snapshots = Snapshots(counts, meter, lambda: state_of(here))
    api = app.build(work, here, replacement_seconds=options.replacement_seconds)
    api.state.max_upload = options.max_upload
    api.state.snapshots = snapshots
    scoring = Scoring(here, meter, log, max_body=options.max_body)
    root = Root(api, scoring, meter, log)
    plain, secure = sockets
    servers = [
        (_Server(_config(root, scoring)), plain),
        (_Server(_config(root, scoring, ssl_certfile=options.certificate, ssl_keyfile=options.key)), secure),
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
    log.start()
    snapshots.start()
    serving = [asyncio.create_task(server.serve(sockets=[listening])) for server, listening in servers]
    while not all(server.started for server, _ in servers) and not any(task.done() for task in serving):
        await asyncio.sleep(0.01)
    os.write(sys.stdout.fileno(), READY)
    watching = asyncio.create_task(  # noqa: RUF006  it is cancelled below
        connection.watch([server.server_state for server, _ in servers])
    )
    try:
        await asyncio.gather(*serving)
    finally:
        watching.cancel()
        scoring.close()
        follower.stop()
        work.close()
        snapshots.stop()
        log.stop()


def _config(root: Root, scoring: Scoring, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        root,
        # what makes a connection; a class is only one such thing
        http=functools.partial(Connection, scoring),  # type: ignore[arg-type]
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
