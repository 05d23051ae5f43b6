"""Peers that live elsewhere: PostgresML 1 on a server of its own, and a Flask service with Redis.

Their packages are installed once, into a directory of the user's cache that nothing else reads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import servers
from tests.servers import Database
from turnout.config import Settings
from turnout.embedded import ports

# what pgml-extension 1.0.1 imports, but for transformers, which a prediction doesn't need; and the service's
PACKAGES = ("numpy", "pandas", "scikit-learn", "xgboost-cpu", "lightgbm", "psycopg2-binary", "click", "datasets",
            "diptest", "setuptools<81", "flask", "gunicorn", "redis[hiredis]", "gevent")  # fmt: skip
POSTGRESML = "pgml-extension==1.0.1"
FILES = ("schema.sql", "models.sql", "vectors.sql", "transformers.sql")
PYTHON = f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"
WANTED = {"redis-server": "redis-server", "wrk": "wrk", "ab": "apache2-utils"}
STARTS_WITHIN = 60.0
RANDOM = 'request = function() return wrk.format("GET", "/?" .. math.random(1, {rows})) end\n'


class Missing(Exception):
    """A peer cannot be had here; the message says what it lacks."""


def site() -> Path:
    """The directory with the peers' packages, installed first where it isn't yet."""
    place = Settings.from_environment().cache / "peers"
    if not (place / "pgml_extension").exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", place]
        for packages in ([*PACKAGES], ["--no-deps", POSTGRESML]):
            done = subprocess.run([*pip, *packages], capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(f"pip install {' '.join(packages)}: {done.stderr.strip().splitlines()[-1]}")
    return place


@contextmanager
def postgresml() -> Iterator[Database]:
    """A database with PostgresML 1, on a server whose PL/Python sees the peers' packages only.

    One thread for OpenMP is a favour to it: by default each backend's XGBoost uses every core, and ten of them that
    wait for each other's threads answer some fifty times a second.
    """
    packages = site()
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        environment = {"PYTHONPATH": str(packages), "HOME": name, "OMP_NUM_THREADS": "1"}
        with (
            servers.started("embedded-18", directory, environment) as server,
            server.database("template1") as database,
        ):
            with database.connect() as connection:
                for file in FILES:
                    connection.execute((packages / "pgml_extension" / "sql" / "install" / file).read_bytes())
            yield database


@dataclass(frozen=True)
class Service:
    """A running Flask service, and the client that asks it."""

    url: str
    client: tuple[str, ...]
    rate: str

    def throughput(self, seconds: int, clients: int) -> float:
        """Requests a second over kept connections."""
        numbers = {"seconds": seconds, "clients": clients, "threads": min(clients, 2), "url": self.url}
        command = [part.format(**numbers) for part in self.client]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(self.rate, done.stdout)
        if not found or "Non-2xx" in done.stdout or re.search(r"Socket errors:.*[1-9]", done.stdout):
            raise RuntimeError(done.stdout + done.stderr)
        return float(found[1])


@contextmanager
def flask(rows: Sequence[Sequence[float]], model: Path) -> Iterator[dict[str, Service]]:
    """The service as published and in the strongest configurations, by name; features are in Redis already."""
    lacking = [f"{program} (apt-get install {package})" for program, package in WANTED.items()
               if not shutil.which(program)]  # fmt: skip
    if lacking:
        raise Missing(", ".join(lacking))
    packages = site()
    cores = str(len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as name, _redis(Path(name)) as store:
        environment = {**os.environ, "PYTHONPATH": str(packages), "MODEL": str(model), **store}
        fill = [PYTHON, "-m", "benchmarks.flask_service"]
        subprocess.run(fill, env=environment, input=json.dumps(rows), text=True, check=True)
        body, script = Path(name) / "body.json", Path(name) / "random.lua"
        body.write_text(json.dumps([1]))
        script.write_text(RANDOM.format(rows=len(rows)))
        # both clients keep their connections; the published one asks for the same row again and again
        ab = ("ab", "-q", "-k", "-c", "{clients}", "-t", "{seconds}", "-n", "10000000", "-T", "application/json",
              "-p", str(body), "{url}")  # fmt: skip
        wrk = ("wrk", "-c", "{clients}", "-t", "{threads}", "-d", "{seconds}", "-s", str(script), "{url}")
        ways = {
            "Flask as published": ("published", ab, ("-w", "5", "--threads", "2")),
            "Flask, gthread": ("strongest", wrk, ("-w", cores, "-k", "gthread", "--threads", "10")),
            "Flask, gevent": ("strongest", wrk, ("-w", cores, "-k", "gevent")),
        }
        running: list[subprocess.Popen[bytes]] = []
        services = {}
        try:
            for way, (app, client, options) in ways.items():
                url = f"http://127.0.0.1:{ports.free()}/"
                running.append(_gunicorn(app, url, options, environment))
                rate = r"Requests per second:\s+([0-9.]+)" if client is ab else r"Requests/sec:\s+([0-9.]+)"
                services[way] = Service(url, client, rate)
                _wait(url)
            yield services
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


def _gunicorn(
    app: str, url: str, options: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    address = url.removeprefix("http://").rstrip("/")
    return subprocess.Popen(
        [PYTHON, "-m", "gunicorn", f"benchmarks.flask_service:{app}()", "-b", address, "--keep-alive", "75",
         "--log-level", "error", *options],
        env=dict(environment),
    )  # fmt: skip


@contextmanager
def _redis(directory: Path) -> Iterator[dict[str, str]]:
    """A Redis that keeps nothing; what leads to it, as the service's environment."""
    port, socket = ports.free(), directory / "redis.sock"
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", socket, "--save", "",
               "--dir", directory, "--loglevel", "warning"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + STARTS_WITHIN
            while not socket.exists() and time.monotonic() < until:
                time.sleep(0.05)
            yield {"REDIS_PORT": str(port), "REDIS_SOCKET": str(socket)}
        finally:
            process.terminate()


def _wait(url: str) -> None:
    """Until a service answers, be it that the method is not its own."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            urllib.request.urlopen(f"{url}?1", timeout=5).close()
        except urllib.error.HTTPError as error:
            if error.code == 405:
                return
            raise
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return
