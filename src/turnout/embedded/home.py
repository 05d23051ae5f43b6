"""A home: the directory of one embedded server, and what is in it."""

from __future__ import annotations

import fcntl
import json
import locale
import os
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import make_conninfo

from turnout import server_errors
from turnout.config import Settings
from turnout.embedded import binaries, interpreter, ports
from turnout.embedded.account import server_account
from turnout.embedded.cluster import Cluster

DATABASE = "turnout"
MEGABYTE = 2**20


@dataclass(frozen=True)
class Home:
    """The embedded server of one ``TURNOUT_HOME``."""

    settings: Settings = field(default_factory=Settings.from_environment)

    @property
    def path(self) -> Path:
        """The directory itself."""
        return self.settings.home

    @property
    def extension(self) -> Path:
        """Where the server looks for extensions beside its own."""
        return self.path / "extensions"

    @cached_property
    def installation(self) -> Path:
        """PostgreSQL's programs."""
        return binaries.unpacked(self.settings.cache)

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._made and self.cluster().running

    @property
    def _made(self) -> bool:
        return (self.path / "server.json").exists()

    def cluster(self) -> Cluster:
        """The server as it was set up; `up` sets it up."""
        if not self._made:
            raise server_errors.ServerNotRunning(home=self.path)
        known = json.loads((self.path / "server.json").read_text())
        return Cluster(
            programs=self.installation / "bin",
            data=self.path / "data",
            log=self.path / "server.log",
            port=known["port"],
            password=known["password"],
            account=server_account(self.settings.server_user, self.installation, self.path.parent),
            sockets=self._sockets(),
            environment=interpreter.server_environment(self.installation),
        )

    def dsn(self) -> str:
        """The URL of the default database."""
        return self.cluster().dsn(DATABASE)

    def conninfo(self) -> str:
        """What our own processes connect with: PGSSLMODE and the like are meant for the user's other servers."""
        return make_conninfo(self.dsn(), sslmode="disable", hostaddr="127.0.0.1")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home, so that two commands don't set up or start the same server."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def start(self) -> Cluster:
        """Set the server up if it never was, start it if it doesn't run. To be called under the lock."""
        if not self._made:
            self._remember(ports.free(), secrets.token_hex(16))
        server = self.cluster()
        if server.running:
            return server
        server.account.own(self.path)
        if not server.initialised:
            server.init(*embedded_locale())
        return self._start_on_a_free_port(server)

    def stop(self) -> bool:
        """Stop the server; whether it ran."""
        if not self.running:
            return False
        self.cluster().stop()
        return True

    def _start_on_a_free_port(self, server: Cluster) -> Cluster:
        for _ in range(5):
            if not ports.is_free(server.port):
                server = replace(server, port=ports.free())
                self._remember(server.port, server.password)
            server.configure(self._configuration())
            try:
                server.start()
            except server_errors.ServerFailed:
                if ports.is_free(server.port):
                    raise
            else:
                return server
        raise server_errors.ServerFailed(
            data=server.data, verb="start", reason="other servers took every port tried"
        )

    def _configuration(self) -> Mapping[str, str]:
        return {
            "extension_control_path": f"$system:{self.extension}",
            "pgml.python": sys.executable,
            "dynamic_shared_memory_type": _shared_memory(),
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }

    def _sockets(self) -> Path | None:
        # The path of a socket has 107 bytes at most; over TCP the server is reachable anyway.
        return self.path if len(os.fsencode(self.path)) < 80 else None

    def _remember(self, port: int, password: str) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = self.path / "server.json.new"
        made.touch(mode=0o600)
        made.write_text(json.dumps({"port": port, "password": password}))
        made.replace(self.path / "server.json")


def embedded_locale() -> tuple[str, ...]:
    """initdb's options for a locale that is the same on every machine."""
    chosen = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    # To a Python in a server whose LC_CTYPE is C, files and their names are ASCII.
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return chosen
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return (*chosen, "--lc-ctype=C.UTF-8")


def _shared_memory() -> str:
    # Containers give /dev/shm 64 MB, which one parallel hash join fills.
    try:
        roomy = shutil.disk_usage("/dev/shm").total >= 512 * MEGABYTE  # noqa: S108
    except OSError:
        roomy = False
    return "posix" if roomy else "mmap"
