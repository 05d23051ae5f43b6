"""Predictions over HTTP, one row a request: Turnout, a bare ASGI application, plain FastAPI, and MLflow.

    chrt -r 10 python -m benchmarks.http_scoring [--rounds 5] [--connections 1,16] [--markdown]

One process each; XGBoost with 25 trees of depth 6 on 10 features. Requests a second by wrk, in bursts of less than a
second (a machine's share of time for what runs with ``chrt`` is limited by the second); the highest percentiles by
``http_load``. Needs wrk from Debian; MLflow is installed into the user's cache the first time, or named as missing.
"""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from benchmarks import ground
from benchmarks.outside import Missing
from benchmarks.rounds import Goal, console, interleaved, judge, parser, report
from tests.http import scored
from tests.http import service as services
from tests.servers import Database
from turnout.config import Settings
from turnout.embedded import ports

BURST, PAUSE = 0.8, 0.4
OURS, BARE, FASTAPI, MLFLOW = "Turnout", "bare ASGI", "FastAPI", "MLflow"
ROW = [0.11, 0.52, 0.33, 0.94, 0.15, 0.46, 0.77, 0.28, 0.59, 0.61]
FIELDS = [f"f{i}" for i in range(ground.FEATURES)]
BLOCKS = {"input_data": [{"fields": FIELDS, "values": [ROW]}]}
SCRIPT = 'wrk.method = "POST"\nwrk.body = {body}\n{headers}'


class Contender(NamedTuple):
    """Where a contender answers, and to what."""

    url: str
    body: dict[str, Any]
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Of each request."""
        given = {"Content-Type": "application/json"}
        return {**given, "Authorization": f"Bearer {self.token}"} if self.token else given

    @property
    def request(self) -> bytes:
        """A request as it is sent."""
        url, content = httpx.URL(self.url), json.dumps(self.body).encode()
        lines = [
            f"POST {url.raw_path.decode()} HTTP/1.1",
            f"Host: {url.host}",
            f"Content-Length: {len(content)}",
        ]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def main() -> None:
    arguments = parser(__doc__, rounds=5)
    arguments.add_argument("--connections", default="1,16", help="divided by commas")
    options = arguments.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnout-bench-")))
        contenders = _contenders(stack, directory)
        for connections in map(int, options.connections.split(",")):
            _compare(contenders, connections, directory, options.rounds, markdown=options.markdown)


def _compare(
    contenders: dict[str, Contender], connections: int, directory: Path, rounds: int, *, markdown: bool
) -> None:
    rates: dict[str, Callable[[], float]] = {
        name: partial(throughput, one, connections, directory) for name, one in contenders.items()
    }
    figures = interleaved(rates, rounds)
    report(f"requests/s, {connections} connections", figures, base=BARE, unit="req/s", markdown=markdown)
    goals = [Goal(OURS, BARE, least=0.6), Goal(OURS, FASTAPI, least=8), Goal(OURS, MLFLOW, least=20)]
    judge(figures, [goal for goal in goals if goal.base in figures], markdown=markdown)
    slowest = interleaved(
        {name: partial(percentile, one, connections) for name, one in contenders.items()}, rounds
    )
    report(f"99th percentile, {connections} connections", slowest, base=BARE, unit="ms", markdown=markdown)
    judge(slowest, [Goal(OURS, BARE, most=3)], markdown=markdown)


def throughput(contender: Contender, connections: int, directory: Path) -> float:
    """Requests a second in one burst."""
    headers = "".join(
        f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}\n" for k, v in contender.headers.items()
    )
    script = directory / "wrk.lua"
    script.write_text(SCRIPT.format(body=json.dumps(json.dumps(contender.body)), headers=headers))
    command = ["wrk", "-t1", f"-c{connections}", "-d60s", "-s", str(script), contender.url]
    time.sleep(PAUSE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        time.sleep(BURST)
        running.send_signal(signal.SIGINT)
        told = running.communicate()[0]
    found = re.search(r"Requests/sec:\s+([0-9.]+)", told)
    if found is None or "Non-2xx" in told:
        raise RuntimeError(f"{contender.url}: {told}")
    return float(found[1])


def percentile(contender: Contender, connections: int, share: float = 0.99) -> float:
    """The latency in ms that so many of the requests of one burst stay below."""
    time.sleep(PAUSE)
    told = load(contender, connections, BURST)
    latencies = sorted(told["latencies"])
    return 1000 * float(latencies[math.ceil(share * len(latencies)) - 1])


def load(contender: Contender, connections: int, seconds: float) -> dict[str, Any]:
    """What http_load says."""
    url = httpx.URL(contender.url)
    command = [
        sys.executable,
        "-m",
        "benchmarks.http_load",
        f"{url.host}:{url.port}",
        str(connections),
        str(seconds),
    ]
    done = subprocess.run(command, input=contender.request, capture_output=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if set(told["statuses"]) != {"200"}:
        raise RuntimeError(f"{contender.url}: {told['statuses']}")
    return told


def _contenders(stack: ExitStack, directory: Path) -> dict[str, Contender]:
    model = directory / "model.ubj"
    service, database, name = stack.enter_context(turnout(directory, trees=25))
    _fit(database, model)
    contenders = {
        BARE: stack.enter_context(_started("bare")),
        OURS: ours(service, name),
        FASTAPI: stack.enter_context(_started("fastapi", str(model))),
    }
    try:
        contenders[MLFLOW] = stack.enter_context(_mlflow(model, directory / "mlflow"))
    except Missing as missing:
        console.print(f"without MLflow: {missing}")
    return contenders


def ours(service: services.Service, name: str) -> Contender:
    """A deployment of ours."""
    url = f"{service.http}/ml/v4/deployments/{name}/predictions?version=2026-11-01"
    return Contender(url, BLOCKS, service.token())


@contextmanager
def turnout(
    directory: Path, *, trees: int, workers: int = 1
) -> Iterator[tuple[services.Service, Database, str]]:
    """Our service with one deployment, and the serving name of that."""
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            # two classes, of which half the rows are
            connection.execute(
                f"create view classes as select {ground.COLUMNS},"
                " case when y > (select avg(y) from rows) then 'high' else 'low' end as y from rows"
            )
            for name in ("first", "second"):
                connection.execute(
                    "select * from pgml.train(%s, 'classification', 'classes', 'y', algorithm => 'xgboost',"
                    " hyperparams => jsonb_build_object('n_estimators', %s::int, 'max_depth', 6))",
                    [name, trees],
                )
        with services.running(database, directory, "--workers", str(workers)) as service:
            with database.connect() as connection:
                space_id = scored.space(connection)
            scored.deploy(database, space_id, "first", scored.models(database)["first"])
            scored.until_served(database, 1)
            yield service, database, "first_online"


def _fit(database: Database, path: Path) -> None:
    """The same model for the others."""
    import numpy as np
    import xgboost

    with database.connect() as connection:
        rows = connection.execute(f"select {ground.COLUMNS}, y = 'high' from classes").fetchall()
    table = np.array(rows, dtype=np.float32)
    xgboost.XGBClassifier(n_estimators=25, max_depth=6, n_jobs=1).fit(table[:, :-1], table[:, -1]).save_model(
        path
    )


@contextmanager
def _started(name: str, *arguments: str) -> Iterator[Contender]:
    port = ports.free()
    with _process([sys.executable, "-m", "benchmarks.http_services", name, str(port), *arguments]):
        yield _reached(Contender(f"http://127.0.0.1:{port}/predictions", BLOCKS))


@contextmanager
def _mlflow(model: Path, saved: Path) -> Iterator[Contender]:
    """``mlflow models serve``, in an environment of its own."""
    place = Settings.from_environment().cache / "mlflow"
    python = place / "bin" / "python"
    if not (place / "bin" / "mlflow").exists():
        for command in (
            [sys.executable, "-m", "venv", str(place)],
            [str(python), "-m", "pip", "install", "-q", "mlflow", "xgboost-cpu"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Missing(done.stderr.strip().splitlines()[-1])
    save = (
        "import sys, mlflow.xgboost, xgboost\n"
        "model = xgboost.XGBClassifier(n_jobs=1); model.load_model(sys.argv[1])\n"
        "mlflow.xgboost.save_model(model, sys.argv[2])"
    )
    done = subprocess.run([python, "-c", save, model, saved], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(done.stderr.strip().splitlines()[-1])
    port = ports.free()
    where = ["-m", str(saved), "-p", str(port)]
    serve = [str(place / "bin" / "mlflow"), "models", "serve", *where, "--env-manager", "local", "-w", "1"]
    with _process(serve, PATH=f"{place / 'bin'}:{os.environ['PATH']}"):
        body = {"dataframe_split": {"columns": FIELDS, "data": [ROW]}}
        yield _reached(Contender(f"http://127.0.0.1:{port}/invocations", body))


@contextmanager
def _process(command: list[str], **environment: str) -> Iterator[None]:
    """A process, ended with the block and all that it has started."""
    given = {**os.environ, **environment}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=given, start_new_session=True
    ) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGTERM)


def _reached(contender: Contender) -> Contender:
    """The contender, once it answers."""
    until = time.monotonic() + 120
    while True:
        try:
            httpx.post(contender.url, json=contender.body, headers=contender.headers).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return contender


if __name__ == "__main__":
    main()
