"""pgml.train with a boosting library on a table, beside reading it with ADBC and fitting in memory.

    python -m benchmarks.train_table [--algorithm xgboost] [--rows 1000000] [--rounds 5]

The floor is the sum of an ADBC read of the same table, a fit of the same rows with the same parameters, and the start
of the process that trains as far as it takes longer than reading. Memory is the highest of backend and child.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path
from statistics import median

import adbc_driver_postgresql.dbapi as adbc
import numpy as np

from benchmarks import ground
from benchmarks.rounds import console, interleaved, report
from tests.servers import Database

TRAIN = (
    "select * from pgml.train('bench', 'regression', 'rows_only', 'y', algorithm => %s, hyperparams => %s, \
automatic_deploy => false)"
)
# module and class, what is asked of both, and what our own training sets besides
PEERS: dict[str, tuple[str, str, dict[str, object], dict[str, object]]] = {
    "xgboost": ("xgboost", "XGBRegressor", {}, {"random_state": 0}),
    "lightgbm": ("lightgbm", "LGBMRegressor", {}, {"random_state": 0, "verbosity": -1}),
    # a thousand rounds, its default, take minutes
    "catboost": ("catboost", "CatBoostRegressor", {"iterations": 100},
                 {"random_seed": 0, "logging_level": "Silent", "allow_writing_files": False}),
    "hist_gradient_boosting": ("sklearn.ensemble", "HistGradientBoostingRegressor", {}, {"random_state": 0}),
}  # fmt: skip


class Peer:
    """Reads with ADBC and fits in this process; the parts of the last round."""

    def __init__(self, database: Database, algorithm: str) -> None:
        self.database = database
        self.module, name, asked, besides = PEERS[algorithm]
        self.params = asked | besides
        self.kind = getattr(import_module(self.module), name)
        self.read = self.fit = self.start = 0.0

    def run(self) -> float:
        began = time.perf_counter()
        with adbc.connect(self.database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(f"select {ground.COLUMNS}, y from rows_only")
            table = cursor.fetch_arrow_table()
            matrix = np.column_stack([column.to_numpy() for column in table.columns]).astype(np.float32)
        self.read = time.perf_counter() - began
        train = matrix[: len(matrix) * 3 // 4]
        began = time.perf_counter()
        self.kind(**self.params).fit(train[:, :-1], train[:, -1])
        self.fit = time.perf_counter() - began
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", f"import turnout.training.child, {self.module}, sklearn.metrics"],
            check=True,
        )
        self.start = time.perf_counter() - began
        return self.read + self.fit + max(0.0, self.start - self.read)


class Ours:
    """pgml.train in a new session; the memory of the last round."""

    def __init__(self, database: Database, algorithm: str) -> None:
        self.database = database
        self.algorithm = algorithm
        self.backend_mb = self.child_mb = 0.0

    def run(self) -> float:
        with self.database.connect() as connection:
            pid = int(str(connection.execute("select pg_backend_pid()").fetchone()[0]))  # type: ignore[index]
            stop = threading.Event()
            watcher = threading.Thread(target=self._watch, args=(pid, stop))
            watcher.start()
            began = time.perf_counter()
            connection.execute(TRAIN, [self.algorithm, json.dumps(PEERS[self.algorithm][2])])
            took = time.perf_counter() - began
            stop.set()
            watcher.join()
        return took

    def _watch(self, pid: int, stop: threading.Event) -> None:
        """The highest private memory of both at once; shared buffers are everybody's."""
        self.backend_mb = self.child_mb = 0.0
        while not stop.wait(0.05):
            self.backend_mb = max(self.backend_mb, _private_mb(pid))
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                self.child_mb = max(self.child_mb, _private_mb(int(child)))


def _private_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--algorithm", choices=PEERS, default="xgboost")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, options.rows)
            connection.execute(f"create table rows_only as select {ground.COLUMNS}, y from rows")
            connection.execute("drop view training; drop table rows")
            connection.execute("vacuum analyze rows_only")
        peer, ours = Peer(database, options.algorithm), Ours(database, options.algorithm)
        memory: list[float] = []

        def train() -> float:
            took = ours.run()
            memory.append(ours.backend_mb + ours.child_mb)
            console.print(f"  backend {ours.backend_mb:.0f} MB, child {ours.child_mb:.0f} MB")
            return took

        def floor() -> float:
            took = peer.run()
            console.print(f"  read {peer.read:.2f} s, fit {peer.fit:.2f} s, start {peer.start:.2f} s")
            return took

        figures = interleaved({"ADBC, fit, start": floor, "pgml.train": train}, options.rounds)
    report(
        f"train {options.algorithm} on {options.rows:,} rows x {ground.FEATURES}",
        figures,
        base="ADBC, fit, start",
        unit="s",
        goals={"pgml.train": "at most 1.25"},
    )
    matrix = options.rows * ground.FEATURES * 4 / 2**20
    console.print(f"memory at most {median(memory):.0f} MB; the float32 matrix is {matrix:.0f} MB")


if __name__ == "__main__":
    main()
