"""The first prediction in a new session, and the memory it leaves: pgml.predict beside functions written by hand.

    python -m benchmarks.first_prediction [--rounds 11] [--markdown]

Each time is that of one statement in a session of its own, without connecting. Memory is what the backend then has for
itself (Private_Clean and Private_Dirty of /proc/PID/smaps_rollup).
"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks import ground
from benchmarks.peers import prepare
from benchmarks.rounds import Goal, interleaved, judge, parser, report
from tests.servers import Database

TREES = 25


def first(database: Database, call: str) -> tuple[float, float]:
    """Milliseconds of the first statement of a session, and the backend's private memory after it in MB."""
    with database.connect() as connection:
        connection.execute("select 1")
        began = time.perf_counter()
        connection.execute(f"select {call} from rows where id = 1")
        took = (time.perf_counter() - began) * 1e3
        return took, private(connection.info.backend_pid)


def private(pid: int) -> float:
    """The memory in MB that a process shares with no other."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kept = ("Private_Clean:", "Private_Dirty:")
    return sum(int(line.split()[1]) for line in lines if line.startswith(kept)) / 1024


def main() -> None:
    options = parser(__doc__, rounds=11).parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            prepare(connection, ground.models(database), TREES)
        calls = {
            "no-op": f"by_nothing({ground.ARRAY})",
            "pgml.predict": f"pgml.predict('trees{TREES}', {ground.ARRAY})",
            "onnxruntime by hand": f"by_onnxruntime({ground.ARRAY})",
            "XGBoost by hand": f"by_xgboost({ground.ARRAY})",
        }
        memory: dict[str, list[float]] = {name: [] for name in calls}

        def measure(name: str) -> float:
            took, left = first(database, calls[name])
            memory[name].append(left)
            return took

        for call in calls.values():  # files are in the page cache, and bytecode is written, for everybody
            first(database, call)
        times = interleaved({name: lambda name=name: measure(name) for name in calls}, options.rounds)  # type: ignore[misc]
    for title, figures, unit, goal in (
        ("first prediction in a session", times, "ms", 1.6),
        ("private memory of the backend after it", memory, "MB", 1.4),
    ):
        report(title, figures, base="no-op", unit=unit, markdown=options.markdown)
        judge(figures, [Goal("pgml.predict", "no-op", most=goal)], markdown=options.markdown)


if __name__ == "__main__":
    main()
