"""What the benchmarks stand on: a throwaway server, a table of known rows, and models trained on it."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests import servers
from tests.servers import Connection, Database

FEATURES = 10
COLUMNS = ", ".join(f"f{i}" for i in range(FEATURES))
ARRAY = f"array[{COLUMNS}]"


@contextmanager
def database() -> Iterator[Database]:
    """A database on a server of its own, with the embedded server's usual settings."""
    with tempfile.TemporaryDirectory(prefix="turnout-bench-") as directory:
        Path(directory).chmod(0o755)
        with servers.running("embedded-18", Path(directory)) as server, server.database() as found:
            yield found


def fill(connection: Connection, count: int) -> None:
    """A table ``rows`` with an id, ten random features f0 ... f9 of type real, and a target that depends on some."""
    columns = ", ".join(f"random()::real as f{i}" for i in range(FEATURES))
    connection.execute("select setseed(0.5)")
    connection.execute(
        f"create table rows as select *, (f0 * 3 + f1 * f2 - f3 * f3 + 0.1 * random())::real as y"
        f" from (select n as id, {columns} from generate_series(1, {count}) n) r"
    )
    connection.execute("alter table rows add primary key (id)")
    connection.execute("vacuum analyze rows")
    connection.execute(f"create view training as select {COLUMNS}, y from rows")


def train(connection: Connection, project: str, trees: int = 25, depth: int = 6) -> None:
    """An XGBoost regression of so many trees on the table's rows."""
    connection.execute(
        "select * from pgml.train(%s, 'regression', 'training', 'y', algorithm => 'xgboost',"
        " hyperparams => jsonb_build_object('n_estimators', %s::int, 'max_depth', %s::int))",
        [project, trees, depth],
    )


def pgbench(database: Database, script: str, *, seconds: int, clients: int = 1) -> float:
    """The median latency of a script's statement in microseconds, prepared.

    The median of all statements leaves out what the first one of a session costs, which is a benchmark of its own.
    """
    cluster = database.server.cluster
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "script.sql"
        file.write_text(script)
        subprocess.run(
            [cluster.programs / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-T", str(seconds), "-l",
             "--log-prefix", Path(directory) / "log", "-f", file, database.dsn],
            env=dict(cluster.environment), capture_output=True, check=True,
        )  # fmt: skip
        lines = [line for log in Path(directory).glob("log.*") for line in log.read_text().splitlines()]
    return median(int(line.split()[2]) for line in lines)
