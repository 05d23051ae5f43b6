"""How long small requests wait while another client sends large ones to the same process, and what memory that takes.

chrt -r 10 python -m benchmarks.http_large [--megabytes 1,8,60] [--markdown]
"""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx

from benchmarks.http_scoring import FIELDS, ROW, Contender, load, ours, turnout
from benchmarks.rounds import parser, show

CONNECTIONS, SECONDS = 4, 5.0
SHARES = (0.5, 0.99, 0.999, 1.0)


def main() -> None:
    arguments = parser(__doc__, rounds=1)
    arguments.add_argument("--megabytes", default="1,8,60", help="divided by commas")
    options = arguments.parse_args()
    rows = []
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnout-bench-")))
        service, _, name = stack.enter_context(turnout(directory, trees=25))
        contender = ours(service, name)
        (process,) = service.workers()
        for megabytes in (0, *map(int, options.megabytes.split(","))):
            with _sending(contender, megabytes):
                latencies = sorted(load(contender, CONNECTIONS, SECONDS)["latencies"])
            found = [1000 * latencies[math.ceil(share * len(latencies)) - 1] for share in SHARES]
            rows.append([f"{megabytes} MB", *(f"{value:.3g}" for value in found), f"{_highest(process):.0f}"])
    headings = ["beside bodies of", "median, ms", "99 %", "99.9 %", "longest", "highest memory so far, MB"]
    show("small requests", headings, rows, markdown=options.markdown)


@contextmanager
def _sending(contender: Contender, megabytes: int) -> Iterator[None]:
    """Another client that sends large bodies one after the other."""
    rows = [ROW] * (megabytes * 2**20 // len(json.dumps(ROW)))
    body = json.dumps({"input_data": [{"fields": FIELDS, "values": rows}]}).encode()
    ending = Event()

    def send() -> None:
        with httpx.Client(headers=contender.headers, timeout=300) as client:
            while rows and not ending.is_set():
                client.post(contender.url, content=body).raise_for_status()

    thread = Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _highest(process: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
