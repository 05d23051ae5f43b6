"""Every algorithm: what answers for it, what a prediction costs, how large the artifact is and how long it loads.

    python -m benchmarks.tiers [--rounds 5] [--algorithms xgboost,linear] [--markdown]

Models are trained with their defaults on 1,500 rows of ten numbers, for each task that the algorithm is made for. The
cost of a row is that of pgml.predict in one statement over many rows, and its ratio that to a function that does
nothing with the same rows in the same round. Loading is the first prediction of a session less its second one, imports
included.
"""

from __future__ import annotations

import time
from statistics import median

import psycopg

from benchmarks import ground
from benchmarks.rounds import console, parser, show
from tests.servers import Connection, Database
from turnout.training import algorithms

TRAINED = 1_500
LEAST, MOST = 100, 20_000
BUDGET = 0.3
NOTHING = """
create function by_nothing(features real[]) returns real language plpython3u stable as $$
return 0.0
$$
"""
# regression, and classes of the same numbers; those without a target see the same columns
VIEWS = """
create view regression as select {columns}, y from rows where id <= {count};
create view classification as select {columns}, (y > 1.5)::int + (y > 2)::int as y from rows where id <= {count};
create view unlabelled as select {columns} from rows where id <= {count};
"""


def main() -> None:
    arguments = parser(__doc__, rounds=5)
    arguments.add_argument("--algorithms", default="", help="only these, divided by commas")
    options = arguments.parse_args()
    wanted = options.algorithms.split(",") if options.algorithms else algorithms.names()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, MOST)
            connection.execute(NOTHING)
            connection.execute(VIEWS.format(columns=ground.COLUMNS, count=TRAINED))
        rows = []
        for name in wanted:
            for task in algorithms.get(name).estimators:
                with console.status(f"{name}, {task}"):
                    rows.append([name, task, *_measured(database, name, task, options.rounds)])
    headings = ["algorithm", "task", "predictor", "µs a row", "ratio to no-op", "artifact, kB", "load, ms"]
    show("tiers", headings, rows, markdown=options.markdown)


def _measured(database: Database, name: str, task: str, rounds: int) -> list[str]:
    """The rest of a line of the table."""
    project = f"{name} {task}"
    supervised = task in ("regression", "classification")
    with database.connect() as connection:
        try:
            connection.execute(
                "select * from pgml.train(%s, %s, %s, %s, algorithm => %s)",
                [project, task, task if supervised else "unlabelled", "y" if supervised else None, name],
            )
        except psycopg.Error as error:
            return [str(error).partition("\n")[0], "", "", "", ""]
        found = connection.execute(
            "select m.predictor, m.artifact_bytes from pgml.models m join pgml.projects p on p.id = m.project_id"
            " where p.name = %s",
            [project],
        ).fetchone()
        assert found is not None
        predictor, size = found
        call = f"pgml.predict('{project}', {ground.ARRAY})"
        count = _affordable(connection, call)
        pairs = [
            (_per_row(connection, call, count), _per_row(connection, f"by_nothing({ground.ARRAY})", count))
            for _ in range(rounds)
        ]
    loads = [_load(database, call) for _ in range(rounds)]
    cost, ratio = median(mine for mine, _ in pairs), median(mine / nothing for mine, nothing in pairs)
    return [
        str(predictor),
        f"{cost:.3g}",
        f"{ratio:.2f}",
        f"{int(str(size)) / 1000:.3g}",
        f"{median(loads):.3g}",
    ]


def _affordable(connection: Connection, call: str) -> int:
    """So many rows as one measurement has time for."""
    _per_row(connection, call, LEAST)
    return max(LEAST, min(MOST, int(BUDGET * 1e6 / _per_row(connection, call, LEAST))))


def _per_row(connection: Connection, call: str, count: int) -> float:
    began = time.perf_counter()
    connection.execute(f"select count({call}) from (select * from rows limit {count}) r")
    return (time.perf_counter() - began) * 1e6 / count


def _load(database: Database, call: str) -> float:
    """Milliseconds of a session's first prediction less its second."""
    with database.connect() as connection:
        connection.execute("select 1")
        times = []
        for _ in range(2):
            began = time.perf_counter()
            connection.execute(f"select {call} from rows where id = 1")
            times.append((time.perf_counter() - began) * 1e3)
    return times[0] - times[1]


if __name__ == "__main__":
    main()
