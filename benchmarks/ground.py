"""What the benchmarks stand on: a throwaway server, a table of known rows, and models trained on it."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.servers import Connection, Database

FEATURES = 10
COLUMNS = ", ".join(f"f{i}" for i in range(FEATURES))
ARRAY = f"array[{COLUMNS}]"
# seconds after which a pgbench ends that nobody has ended
LONGEST = 300


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


def models(database: Database) -> Path:
    """A new directory that the server can read, for the files of models."""
    directory = database.server.directory / "models"
    directory.mkdir(mode=0o755)
    return directory


def one_row(call: str, count: int = 10_000) -> str:
    """A script for pgbench that asks about one row, found by its key."""
    return f"\\set id random(1, {count})\nselect {call} from rows where id = :id;\n"


def throughput(database: Database, script: str, *, seconds: int, clients: int = 1) -> float:
    """Statements a second of a script, prepared, once every session has loaded what it needs."""
    options = ("-c", str(clients), "-j", str(min(clients, 2)), "-T", str(LONGEST), "-P", "1")
    counted: list[float] = []
    with database.connect() as watch, _pgbench(database, script, *options) as running:
        assert running.stderr is not None
        warm = False
        for line in running.stderr:
            found = re.match(r"progress: [0-9.]+ s, ([0-9.]+) tps", line)
            if found and warm:
                counted.append(float(found[1]))
            if len(counted) == seconds:
                break
            warm = warm or bool(found and _warm(watch, clients))
    if len(counted) < seconds:
        raise RuntimeError(f"pgbench with {clients} clients ended before it was measured for {seconds} s")
    return sum(counted) / seconds


def _warm(connection: Connection, clients: int) -> bool:
    """Whether so many sessions of pgbench are past their first statement, which is what takes long."""
    found = connection.execute(
        "select count(*) from pg_stat_activity where application_name = 'pgbench' and query not like 'update%'"
        " and clock_timestamp() - query_start < '0.7 s' and query_start - backend_start > '0.01 s'"
    ).fetchone()
    assert found is not None
    return found[0] == clients


@contextmanager
def writer(database: Database) -> Iterator[None]:
    """Another session that commits an update as fast as it can within the block."""
    with database.connect() as connection:
        connection.execute("create table if not exists written as select 0::bigint as n")
    with _pgbench(database, "update written set n = n + 1;\n", "-T", str(LONGEST)):
        yield


@contextmanager
def _pgbench(database: Database, script: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A running pgbench, ended with the block."""
    cluster = database.server.cluster
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "script.sql"
        file.write_text(script)
        with subprocess.Popen(
            [cluster.programs / "pgbench", "-n", "-M", "prepared", *options, "-f", file, database.dsn],
            env=dict(cluster.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as running:  # fmt: skip
            try:
                yield running
            finally:
                running.terminate()
                running.communicate()
