"""The service that ``turnout up`` starts beside the embedded server, and ``turnout down`` ends.

``python -m turnout.http.background HOME`` is that service; its options come as JSON on its standard input.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from turnout.config import Settings
from turnout.embedded import Home, ports
from turnout.http.options import READY, Options
from turnout.service_errors import ServiceFailed

PATIENCE = 60.0
MODULE = "turnout.http.background"


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service of one home, as its file ``http.json`` says.

    Attributes
    ----------
    pid
        Of the supervisor; zero if it was never started.
    """

    pid: int = 0
    http: str = ""
    https: str = ""
    certificate: str = ""


def of(home: Home) -> Service | None:
    """The service of a home, if it runs."""
    known = _known(home)
    return known if known.pid and _is_ours(known.pid, home) else None


def start(home: Home, *, workers: int = 2) -> Service:
    """Start the service of a home whose server runs; harmless when it runs too. To be called under the lock.

    Raises
    ------
    ServiceFailed
        Saying what its log says.
    """
    running = of(home)
    if running is not None:
        return running
    # not imported by who only asks whether it runs
    from turnout.http import certificate

    cluster = home.cluster()
    made, key = certificate.ensure(home.path)
    cluster.account.own(made, key)
    chosen = [_port(url) for url in (_known(home).http, _known(home).https)]
    settings = Settings.from_environment()
    options = Options(
        dsn=home.conninfo(),
        http_port=chosen[0],
        https_port=chosen[1],
        workers=workers,
        certificate=str(made),
        key=str(key),
        replacement_seconds=settings.replacement_seconds,
        max_body=int(settings.max_body_mb * 2**20),
        max_upload=int(settings.upload_mb * 2**20),
    )
    log = home.path / "http.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*cluster.account.prefix, sys.executable, "-m", MODULE, str(home.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd="/",
            # connection settings are for the user's other servers
            env={name: text for name, text in os.environ.items() if not name.startswith("PG")},
            start_new_session=True,
        )
        _tell(process, options, log)
    found = Service(
        pid=process.pid,
        http=f"http://{options.host}:{chosen[0]}",
        https=f"https://{options.host}:{chosen[1]}",
        certificate=str(made),
    )
    _remember(home, found)
    return found


def stop(home: Home) -> bool:
    """End the service of a home; whether it ran. To be called under the lock."""
    running = of(home)
    if running is None:
        return False
    os.kill(running.pid, signal.SIGTERM)
    until = time.monotonic() + PATIENCE
    while _is_ours(running.pid, home):
        if time.monotonic() > until:
            os.kill(running.pid, signal.SIGKILL)
        time.sleep(0.05)
    return True


def main() -> None:
    """Be the service of a home until told to end."""
    from turnout.http.supervisor import Supervisor

    supervisor = Supervisor(Options(**json.loads(sys.stdin.buffer.readline())))
    supervisor.listen()
    supervisor.run(lambda: _written(READY))


def _tell(process: subprocess.Popen[bytes], options: Options, log: Path) -> None:
    """Hand the options over, and wait until all processes answer."""
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    with process.stdin as given, process.stdout as said:
        given.write(json.dumps(asdict(options)).encode() + b"\n")
        given.flush()
        readable, _, _ = select.select([said], [], [], PATIENCE)
        if readable and said.readline() == READY:
            return
    process.kill()
    process.wait()
    raise ServiceFailed(
        reason=(log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1],
        hint=f"its log is {log}",
    )


def _written(text: bytes) -> None:
    try:
        os.write(sys.stdout.fileno(), text)
    except BrokenPipeError:
        # whoever started us did not wait
        return


def _port(url: str) -> int:
    """The port that it had the last time, if it is free; callers hold the URL."""
    port = int(url.rpartition(":")[2] or 0)
    return port if port and ports.is_free(port) else ports.free()


def _known(home: Home) -> Service:
    try:
        return Service(**json.loads((home.path / "http.json").read_text()))
    except FileNotFoundError:
        return Service()


def _remember(home: Home, found: Service) -> None:
    made = home.path / "http.json.new"
    made.write_text(json.dumps(asdict(found)))
    made.replace(home.path / "http.json")


def _is_ours(pid: int, home: Home) -> bool:
    """Whether the process is alive and the service of this home: its number may be another's by now."""
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, IndexError):
        return False
    return MODULE.encode() in words and os.fsencode(home.path) in words


if __name__ == "__main__":
    main()
