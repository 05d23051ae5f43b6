"""A whole table scored inside PostgreSQL, beside reading it with ADBC and predicting in memory.

    python -m benchmarks.score_relation [--rows 1000000] [--rounds 5] [--one-by-one]

Models of the same form answer everywhere, the ONNX one with one thread. pgml.predict_relation is compared with an
ADBC read and a prediction in memory, its rows counted and summed up by the server; pgml.score_into with the same
followed by a COPY back. ``--one-by-one`` adds a PL/Python function that asks onnxruntime for each row. Memory is
the backend's highest private memory, for these rows and for a hundredth of them.
"""

from __future__ import annotations

import argparse
import threading
import time
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import onnxruntime
import pyarrow as pa

from benchmarks import ground
from benchmarks.peers import prepare
from benchmarks.rounds import console, interleaved, report
from benchmarks.train_table import _private_mb
from tests.servers import Connection, Database

PROJECT = "trees25"
RELATION = f"pgml.predict_relation('{PROJECT}', 'rows', 'id')"


class Outside:
    """Reads with ADBC, predicts in this process and copies back."""

    def __init__(self, database: Database, model: Path) -> None:
        self.database = database
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.read = self.predict = self.copy = 0.0

    def score(self) -> float:
        """Read and predict."""
        with adbc.connect(self.database.dsn) as connection:
            return self._score(connection)[1]

    def job(self) -> float:
        """Read, predict and copy keys and predictions into a new table."""
        with adbc.connect(self.database.dsn) as connection:
            answers, took = self._score(connection)
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.adbc_ingest("outside", answers, mode="create")
            connection.commit()
            self.copy = time.perf_counter() - began
        return took + self.copy

    def _score(self, connection: adbc.Connection) -> tuple[pa.Table, float]:
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(f"select id, {ground.COLUMNS} from rows")
            table = cursor.fetch_arrow_table()
        matrix = np.column_stack([column.to_numpy() for column in table.columns[1:]])
        self.read = time.perf_counter() - began
        began = time.perf_counter()
        scores = self.session.run(None, {"features": matrix})[0].ravel()
        self.predict = time.perf_counter() - began
        answers = pa.table({"key": table.column("id"), "prediction": scores})
        return answers, self.read + self.predict


def seconds(connection: Connection, statement: str) -> float:
    """How long a statement takes in a warm session."""
    began = time.perf_counter()
    connection.execute(statement.encode())
    return time.perf_counter() - began


def memory(database: Database, relation: str) -> float:
    """The highest private memory of a new session that scores a relation, in MB."""
    with database.connect() as connection:
        highest, stop = 0.0, threading.Event()

        def watch() -> None:
            nonlocal highest
            while not stop.wait(0.01):
                highest = max(highest, _private_mb(connection.info.backend_pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        connection.execute(
            f"select count(prediction) from pgml.predict_relation('{PROJECT}', '{relation}', 'id')"
        )
        stop.set()
        watcher.join()
    return highest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one-by-one", action="store_true")
    options = parser.parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            directory = database.server.directory / "models"
            directory.mkdir(mode=0o755)
            prepare(connection, directory, 25)
            connection.execute("drop view training; drop table rows")
            ground.fill(connection, options.rows)
            connection.execute(f"create table few as select * from rows limit {options.rows // 100}")
            connection.execute("create view seen as select * from rows")
            connection.execute("vacuum analyze few")
        _measure(database, directory / "model.onnx", options)
        for relation in ("few", "rows", "seen"):
            console.print(f"highest private memory for {relation}: {memory(database, relation):.0f} MB")


def _measure(database: Database, model: Path, options: argparse.Namespace) -> None:
    outside = Outside(database, model)
    with database.connect() as connection:
        # a warm session, as that of the contenders outside
        connection.execute(f"select count(*) from pgml.predict_relation('{PROJECT}', 'few', 'id')")
        connection.execute("create table inside (key int, prediction real)")

        def into() -> float:
            connection.execute("drop table inside; drop table if exists outside")
            return seconds(connection, f"select pgml.score_into('{PROJECT}', 'rows', 'id', 'inside')")

        def job() -> float:
            connection.execute("drop table if exists outside")
            took = outside.job()
            console.print(
                f"  read {outside.read:.2f} s, predict {outside.predict:.2f} s, copy {outside.copy:.2f} s"
            )
            return took

        contenders = {
            "ADBC, predict": outside.score,
            "predict_relation": lambda: seconds(
                connection, f"select count(key), sum(prediction) from {RELATION}"
            ),
            "predict_relation of a view": lambda: seconds(
                connection, f"select count(key), sum(prediction) from {RELATION.replace('rows', 'seen')}"
            ),
            "ADBC, predict, COPY": job,
            "score_into": into,
        }
        if options.one_by_one:
            contenders["one by one"] = lambda: seconds(
                connection, f"select count(id), sum(by_onnxruntime({ground.ARRAY})) from rows"
            )
        figures = interleaved(contenders, options.rounds)
    title = f"score {options.rows:,} rows x {ground.FEATURES}, XGBoost, 25 trees"
    views = "predict_relation of a view"
    for base, goals in (
        ("ADBC, predict", {"predict_relation": "at most 2", views: ""}),
        ("ADBC, predict, COPY", {"score_into": "at most 1.5"}),
        ("one by one", {"predict_relation": "at most 0.25", "score_into": "at most 0.25"}),
    ):
        if base in figures:
            compared = {name: figures[name] for name in (base, *goals)}
            report(title, compared, base=base, unit="s", goals=goals)


if __name__ == "__main__":
    main()
