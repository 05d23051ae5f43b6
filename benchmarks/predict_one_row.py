"""One indexed row a statement, prepared: pgml.predict beside functions written by hand.

    python -m benchmarks.predict_one_row [--trees 25] [--clients 1] [--rounds 7] [--seconds 3] [--markdown]

The figures are statements a second by pgbench. The two with a writer have another session beside them that commits an
update as fast as it can. With one client, what a call adds to selecting the row is printed too.
"""

from __future__ import annotations

from benchmarks import ground
from benchmarks.peers import prepare
from benchmarks.rounds import Goal, Measure, interleaved, judge, parser, report
from tests.servers import Database

WRITER = ", one writer"
GOALS = {25: 0.8, 100: 0.65}


def main() -> None:
    arguments = parser(__doc__, rounds=7)
    arguments.add_argument("--trees", type=int, choices=sorted(GOALS), default=25)
    arguments.add_argument("--clients", type=int, default=1)
    arguments.add_argument("--seconds", type=int, default=3)
    options = arguments.parse_args()
    with ground.database() as database:
        with database.connect() as connection:
            ground.fill(connection, 10_000)
            prepare(connection, ground.models(database), options.trees)
        figures = interleaved(
            _contenders(database, options.trees, options.seconds, options.clients), options.rounds
        )
    clients = "one client" if options.clients == 1 else f"{options.clients} clients"
    title = f"one row a statement, {options.trees} trees, {clients}"
    report(title, figures, base="no-op", unit="statements/s", markdown=options.markdown)
    goal = GOALS[options.trees]
    goals = [
        Goal("pgml.predict", "no-op", least=goal),
        Goal(f"pgml.predict{WRITER}", f"no-op{WRITER}"),
        Goal("pgml.predict", "onnxruntime by hand"),
    ]
    judge(figures, goals, markdown=options.markdown)
    if options.clients == 1:
        _added(figures, markdown=options.markdown)


def _contenders(database: Database, trees: int, seconds: int, clients: int) -> dict[str, Measure]:
    calls = {
        "select": ground.ARRAY,
        "no-op": f"by_nothing({ground.ARRAY})",
        "pgml.predict": f"pgml.predict('trees{trees}', {ground.ARRAY})",
        "onnxruntime by hand": f"by_onnxruntime({ground.ARRAY})",
        "XGBoost by hand": f"by_xgboost({ground.ARRAY})",
    }

    def alone(call: str) -> Measure:
        script = ground.one_row(call)
        return lambda: ground.throughput(database, script, seconds=seconds, clients=clients)

    def beside(call: str) -> Measure:
        def measure() -> float:
            with ground.writer(database):
                return alone(call)()

        return measure

    contenders = {name: alone(call) for name, call in calls.items()}
    for name in ("no-op", "pgml.predict"):
        contenders[name + WRITER] = beside(calls[name])
    return contenders


def _added(figures: dict[str, list[float]], *, markdown: bool) -> None:
    """What a call adds to selecting the row, where one client alone asks."""
    added = {
        name: [1e6 / mine - 1e6 / select for mine, select in zip(values, figures["select"], strict=True)]
        for name, values in figures.items()
        if name != "select" and not name.endswith(WRITER)
    }
    report("added to selecting the row", added, base="onnxruntime by hand", unit="µs", markdown=markdown)


if __name__ == "__main__":
    main()
