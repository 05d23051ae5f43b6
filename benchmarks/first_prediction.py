"""The first prediction in a new session: pgml.predict beside a bare function that loads the same file.

    python -m benchmarks.first_prediction [--rounds 9]

Each figure is the time of one statement in a session of its own, without connecting.
"""

from __future__ import annotations

import argparse
import time

from benchmarks import ground
from benchmarks.predict_one_row import prepare
from benchmarks.rounds import interleaved, report
from tests.servers import Database


def first(database: Database, call: str) -> float:
    """Milliseconds of the first statement of a session."""
    with database.connect() as connection:
        connection.execute("select 1")
        began = time.perf_counter()
        connection.execute(f"select {call} from rows where id = 1")
        return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            directory = database.server.directory / "models"
            directory.mkdir(mode=0o755)
            prepare(connection, directory, 25)
        calls = {
            "no-op": f"by_nothing({ground.ARRAY})",
            "pgml.predict": f"pgml.predict('trees25', {ground.ARRAY})",
            "onnxruntime by hand": f"by_onnxruntime({ground.ARRAY})",
        }
        figures = interleaved(
            {name: lambda call=call: first(database, call) for name, call in calls.items()},  # type: ignore[misc]
            options.rounds,
        )
    report(
        "first prediction in a session",
        figures,
        base="onnxruntime by hand",
        unit="ms",
        goals={"pgml.predict": "at most 1.2"},
    )


if __name__ == "__main__":
    main()
