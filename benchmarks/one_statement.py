"""One statement over many rows, by what each row costs: pgml.predict beside functions written by hand.

    python -m benchmarks.one_statement [--rows 1000000] [--rounds 5] [--markdown]

Trees take ten columns as an array, the logistic regression 64 numbers from a column that is an array; each has a no-op
that takes the same. "Python" is the same model without the compiled arithmetic, which its session hides before it
loads anything; those sessions answer for a tenth of the rows. Every session is warm, JIT is off.
"""

from __future__ import annotations

import time
from contextlib import ExitStack

from benchmarks import ground
from benchmarks.peers import prepare
from benchmarks.rounds import Goal, Measure, interleaved, judge, parser, report
from tests.servers import Connection, Database

TRAINED = 10_000
WIDTH, CLASSES = 64, 10
HIDE = "do $$ import sys; sys.modules['turnout.runtime._sums'] = None $$ language plpython3u"
TREES = "pgml.predict('trees{}', " + ground.ARRAY + ")"
LOGISTIC = "pgml.predict('logistic', features)"
NOTHING, NOTHING_WIDE = "no-op", f"no-op, {WIDTH} numbers"
GOALS = (
    Goal("25 trees", NOTHING, most=3),
    Goal("25 trees", "onnxruntime by hand, 25 trees", most=0.35),
    Goal("100 trees", NOTHING, most=8),
    Goal("logistic regression", NOTHING_WIDE, most=4),
)


def prepared(database: Database, rows: int) -> None:
    """The tables, a tenth of each, and the three models."""
    with database.connect() as connection:
        ground.fill(connection, TRAINED)
        prepare(connection, ground.models(database), 25)
        ground.train(connection, "trees100", 100)
        _wide(connection, TRAINED)
        connection.execute(
            "select * from pgml.train('logistic', 'classification', 'wide', 'y', algorithm => 'linear')"
        )
        connection.execute("drop view training; drop table rows, wide")
        ground.fill(connection, rows)
        _wide(connection, rows)
        for table in ("rows", "wide"):
            connection.execute(
                f"create table few_{table} as select * from {table} limit {max(rows // 10, 1)}"
            )
            connection.execute(f"vacuum analyze few_{table}")


def _wide(connection: Connection, count: int) -> None:
    """A table ``wide`` of arrays, and classes that hang together with them."""
    numbers = ", ".join(["random()::real"] * WIDTH)
    connection.execute(
        f"create table wide as select features, floor({CLASSES} * (features[1] + features[2]) / 2)::int as y"
        f" from (select array[{numbers}] as features from generate_series(1, {count})) r"
    )
    connection.execute("vacuum analyze wide")


def per_row(connection: Connection, call: str, table: str, rows: int) -> Measure:
    """A measurement in µs a row, its session warm."""
    connection.execute(f"select {call} from {table} limit 1")

    def measure() -> float:
        began = time.perf_counter()
        connection.execute(f"select count({call}) from {table}")
        return (time.perf_counter() - began) * 1e6 / rows

    return measure


def main() -> None:
    arguments = parser(__doc__, rounds=5)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    options = arguments.parse_args()
    with ground.database() as database, ExitStack() as sessions:
        prepared(database, options.rows)
        compiled, python = (sessions.enter_context(database.connect()) for _ in range(2))
        for session in (compiled, python):
            session.execute("set jit = off; set max_parallel_workers_per_gather = 0")
        python.execute(HIDE)
        whole, part = options.rows, max(options.rows // 10, 1)
        calls = {"25 trees": (TREES.format(25), "rows"), "100 trees": (TREES.format(100), "rows"),
                 "logistic regression": (LOGISTIC, "wide")}  # fmt: skip
        contenders = {
            NOTHING: per_row(compiled, f"by_nothing({ground.ARRAY})", "rows", whole),
            NOTHING_WIDE: per_row(compiled, "by_nothing(features)", "wide", whole),
            "onnxruntime by hand, 25 trees": per_row(
                compiled, f"by_onnxruntime({ground.ARRAY})", "rows", whole
            ),
        }
        for name, (call, table) in calls.items():
            contenders[name] = per_row(compiled, call, table, whole)
            contenders[f"{name}, Python"] = per_row(python, call, f"few_{table}", part)
        figures = interleaved(contenders, options.rounds)
    title = f"one statement over {options.rows:,} rows"
    report(title, figures, base=NOTHING, unit="µs a row", markdown=options.markdown)
    judge(figures, GOALS, markdown=options.markdown)


if __name__ == "__main__":
    main()
