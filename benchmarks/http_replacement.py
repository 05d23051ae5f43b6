"""What callers notice of a replacement: the model behind an online deployment is replaced again and again under load.

    chrt -r 10 python -m benchmarks.http_replacement [--rounds 10] [--connections 16] [--markdown]

Two server processes, XGBoost with 100 trees of depth 6 on 10 features. In each round a PATCH of the asset is sent in
the middle of a burst of requests: how much later the last answer of the old model comes than the PATCH was accepted,
and the 99th percentile of the requests that ended between the PATCH and the last old answer, and of the others.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from benchmarks.http_scoring import PAUSE, Contender, ours, turnout
from benchmarks.rounds import parser, show
from tests.http import scored
from tests.processes import until
from tests.servers import Database

BURST, BEFORE = 2.5, 0.8
ANSWERED, ADDED = "last old answer after the PATCH, ms", "added to the 99th percentile, ms"


def main() -> None:
    arguments = parser(__doc__, rounds=10)
    arguments.add_argument("--connections", type=int, default=16)
    options = arguments.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnout-bench-")))
        service, database, name = stack.enter_context(turnout(directory, trees=100, workers=2))
        client = stack.enter_context(service.client())
        assets = _assets(database)
        rounds = [
            _round(client, ours(service, name), name, assets[number % 2], options.connections)
            for number in range(options.rounds + 1)
        ]
    # the first one loads what is loaded for the first time in each process
    _told(rounds[1:], markdown=options.markdown)


def _told(rounds: list[dict[str, float]], *, markdown: bool) -> None:
    rows = []
    for name, goal in ((ANSWERED, 300.0), ("quiet", None), ("during", None), (ADDED, 5.0)):
        values = [one[name] for one in rounds]
        middle = statistics.median(values)
        reached = "" if goal is None else f"at most {goal:g}: {'yes' if middle <= goal else 'no'}"
        rows.append([name, f"{middle:.3g}", f"{min(values):.3g}", f"{max(values):.3g}", reached])
    show("replacements", ["", "median", "lowest", "highest", "goal"], rows, markdown=markdown)


def _round(
    client: httpx.Client, contender: Contender, name: str, asset: str, connections: int
) -> dict[str, float]:
    """A burst with a replacement in it."""
    time.sleep(PAUSE)
    url = httpx.URL(contender.url)
    command = [
        sys.executable,
        "-m",
        "benchmarks.http_load",
        f"{url.host}:{url.port}",
        str(connections),
        str(BURST),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(contender.request)
        running.stdin.close()
        running.stdin = None
        time.sleep(BEFORE)
        sent = time.monotonic()
        answer = client.patch(
            f"/ml/v4/deployments/{name}",
            json=[{"op": "replace", "path": "/asset", "value": {"id": asset}}],
        )
        accepted = time.monotonic()
        told = json.loads(running.communicate()[0])
    assert answer.status_code == 202, answer.text
    assert set(told["statuses"]) == {"200"}, told["statuses"]
    until(lambda: _state(client, name) == "ready", "the replacement")
    return _figures(told, sent, accepted)


def _figures(told: dict[str, Any], sent: float, accepted: float) -> dict[str, float]:
    old = min(told["revisions"])
    last_old = max(
        end for end, revision in zip(told["ends"], told["revisions"], strict=True) if revision == old
    )
    if max(told["revisions"]) == old:
        raise RuntimeError("the burst ended before the replacement")
    during, quiet = [], []
    for end, latency in zip(told["ends"], told["latencies"], strict=True):
        (during if sent <= end <= last_old + 0.05 else quiet).append(1000 * latency)
    return {
        ANSWERED: 1000 * (last_old - accepted),
        "quiet": _percentile(quiet),
        "during": _percentile(during),
        ADDED: _percentile(during) - _percentile(quiet),
    }


def _percentile(values: list[float], share: float = 0.99) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]


def _state(client: httpx.Client, name: str) -> str:
    return str(client.get(f"/ml/v4/deployments/{name}").json()["entity"]["status"]["state"])


def _assets(database: Database) -> list[str]:
    """Both models as assets of the deployment's space, the one that is not live first."""
    known = scored.models(database)
    with database.connect() as connection:
        rows = [
            connection.execute(
                "insert into pgml.assets (space_id, name, model_id, owner_id)"
                " select d.space_id, %s, %s, d.owner_id from pgml.online_deployments d returning id",
                [name, known[name]],
            ).fetchone()
            for name in ("second", "first")
        ]
    return [str(row[0]) for row in rows if row is not None]


if __name__ == "__main__":
    main()
