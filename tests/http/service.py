"""A real service on a fresh database: ``turnout serve`` with its processes, and clients of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from tests.processes import until
from tests.servers import Database
from turnout.catalog.over_wire import WireSession
from turnout.services import users

TURNOUT = Path(sys.executable).parent / "turnout"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service.

    Attributes
    ----------
    process
        The supervisor.
    http, https
        Its URLs.
    certificate
        The path of its certificate.
    admin_key
        The API key of the first administrator, ``admin``.
    """

    process: subprocess.Popen[str]
    database: Database
    log: Path
    http: str
    https: str
    certificate: str
    admin_key: str

    def user(self, name: str, role: str = "user") -> str:
        """Make a user; the API key."""
        with psycopg.connect(self.database.dsn) as connection:
            return users.add(WireSession(connection), name=name, role=role).api_key

    def token(self, name: str = "admin", key: str | None = None) -> str:
        """Log in."""
        answer = httpx.post(
            f"{self.http}/icp4d-api/v1/authorize",
            json={"username": name, "api_key": self.admin_key if key is None else key},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def client(self, name: str = "admin", key: str | None = None) -> httpx.Client:
        """A client that has logged in, with the version that every call of ``/ml/v4`` carries."""
        return httpx.Client(
            base_url=self.http,
            headers={"Authorization": f"Bearer {self.token(name, key)}"},
            params={"version": "2026-11-01"},
            timeout=60,
        )

    def workers(self) -> list[int]:
        """The process ids of the processes that answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in children.split()]


@contextmanager
def running(
    database: Database, directory: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A service on the database within the block, by default of two processes."""
    log = directory / "http.log"
    given = {**os.environ, "TURNOUT_HOME": str(directory), **(environment or {})}
    command = [
        str(TURNOUT),
        "serve",
        "--dsn",
        database.dsn,
        "--http-port",
        "0",
        "--https-port",
        "0",
        "--json",
    ]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=errors, text=True, env=given
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, log.read_text()
            told = json.loads(line)
            yield Service(
                process=process,
                database=database,
                log=log,
                http=told["http"],
                https=told["https"],
                certificate=told["certificate"],
                admin_key=told.get("api_key", ""),
            )
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def restarted(service: Service, gone: int) -> None:
    """Wait until another process has taken the place of one that is gone, and all answer."""
    until(lambda: gone not in service.workers() and len(service.workers()) >= 2, "another process")
