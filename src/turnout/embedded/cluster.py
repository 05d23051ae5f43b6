"""One PostgreSQL server: its programs, its data directory, its port."""

from __future__ import annotations

import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from turnout import server_errors
from turnout.embedded import processes
from turnout.embedded.account import Account, ourselves

Stop = Literal["smart", "fast", "immediate"]
SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
COMPLAINTS = ("FATAL", "ERROR", "HINT", "LOG:  invalid", "LOG:  unrecognized", "error while loading")
CONFIGURATION = "turnout.conf"
STAMP = re.compile(r"^[-0-9]+ [0-9:.]+ \S+ \[\d+\] ")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL server of any version, embedded or the system's.

    Attributes
    ----------
    programs
        The directory with ``postgres``, ``initdb``, ``pg_ctl`` ...
    data
        The data directory.
    port
        The port on 127.0.0.1, also of the socket.
    log
        The file that gets the server's standard error.
    password
        Of ``user``, the superuser that initdb makes.
    environment
        The server's whole environment.
    sockets
        The directory of its Unix socket; None where it has none.
    """

    programs: Path
    data: Path
    port: int
    log: Path
    password: str
    user: str = "postgres"
    account: Account = field(default_factory=ourselves)
    environment: Mapping[str, str] = field(default_factory=dict)
    sockets: Path | None = None

    @property
    def initialised(self) -> bool:
        """Whether the data directory holds a database cluster."""
        return (self.data / "PG_VERSION").exists()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None when it doesn't run."""
        return processes.postmaster(self.data)

    @property
    def running(self) -> bool:
        """Whether the postmaster runs."""
        return self.pid is not None

    def dsn(self, database: str = "postgres", user: str | None = None, password: str | None = None) -> str:
        """The URL to connect with."""
        name = quote(self.user if user is None else user, safe="")
        secret = quote(self.password if password is None else password, safe="")
        login = f"{name}:{secret}" if secret else name
        return f"postgresql://{login}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def run(self, program: str, *arguments: str | Path, timeout: float = 300) -> str:
        """Run one of PostgreSQL's programs under the server's account; its standard output.

        Raises
        ------
        ServerFailed
            It ended with an error.
        """
        done = subprocess.run(
            [*self.account.prefix, self.programs / program, *arguments],
            env={**self.environment, "LC_ALL": "C"},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        if done.returncode:
            reason = done.stderr.strip() or done.stdout.strip() or f"{program} ended with {done.returncode}"
            raise server_errors.ServerFailed(data=self.data, verb=f"run {program}", reason=reason)
        return done.stdout

    def init(self, *options: str) -> None:
        """Make the data directory; half of one is never left.

        Parameters
        ----------
        options
            More options of initdb.
        """
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.data.parent, prefix="init-") as scratch:
            secret, made = Path(scratch) / "password", Path(scratch) / "data"
            secret.write_text(self.password)
            self.account.own(Path(scratch))
            login = ("-U", self.user, f"--pwfile={secret}", "--auth=scram-sha-256")
            self.run("initdb", "-D", made, *login, "--encoding=UTF8", *options)
            made.rename(self.data)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write the settings that are ours; what ALTER SYSTEM says stands above them."""
        ours = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets or ""),
        }
        ours |= settings
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in ours.items()]
        (self.data / CONFIGURATION).write_text("".join(lines))
        main = self.data / "postgresql.conf"
        include = f"include = '{CONFIGURATION}'\n"
        if include not in main.read_text():
            with main.open("a") as file:
                file.write(include)
        self.account.own(self.data / CONFIGURATION)

    def start(self, timeout: float = 60) -> None:
        """Start the server and wait until it takes connections; nothing if it does already."""
        if self.running:
            return
        processes.end_orphans(self.data)
        for lock in self._locks():
            processes.forget(lock, self.data)
        self._open_log()
        before = self.log.stat().st_size
        try:
            self.run("pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-s", "-t", str(int(timeout)))
        except server_errors.ServerFailed as error:
            reason = self._complaints(before) or str(error.details["reason"])
            raise server_errors.ServerFailed(data=self.data, verb="start", reason=reason) from None

    def stop(self, mode: Stop = "fast", timeout: float = 60) -> None:
        """Stop the server and wait until it is gone; nothing if it doesn't run."""
        pid = self.pid
        if pid is None:
            return
        processes.send(pid, SIGNALS[mode])
        self._wait_for_end(timeout)

    def restart(self, mode: Stop = "fast") -> None:
        """Stop and start."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """End the postmaster as a crash would, and wait until its processes are gone."""
        pid = self.pid
        if pid is not None:
            processes.send(pid, signal.SIGKILL)
            self._wait_for_end(10)
            processes.end_orphans(self.data)

    def _wait_for_end(self, timeout: float) -> None:
        until = time.monotonic() + timeout
        while self.running:
            if time.monotonic() > until:
                raise server_errors.ServerFailed(
                    data=self.data, verb="stop", reason=f"it still runs after {timeout} s"
                )
            time.sleep(0.02)

    def _locks(self) -> Iterator[Path]:
        yield self.data / "postmaster.pid"
        if self.sockets:
            yield self.sockets / f".s.PGSQL.{self.port}.lock"

    def _open_log(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > 16 * 2**20:
            self.log.replace(self.log.with_suffix(".old"))
        self.log.touch(mode=0o600)
        self.account.own(self.log)

    def _complaints(self, before: int) -> str:
        with self.log.open("rb") as file:
            file.seek(before)
            lines = [STAMP.sub("", line.decode(errors="replace").strip()) for line in file]
        told = [line for line in lines if any(word in line for word in COMPLAINTS)]
        return "; ".join(told or lines[-3:])
