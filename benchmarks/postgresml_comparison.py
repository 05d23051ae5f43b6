"""PostgresML's own comparison, with Turnout in it: one indexed row a request, XGBoost, 25 trees, 10 features.

    python -m benchmarks.postgresml_comparison [--clients 1,10,20] [--rounds 5] [--seconds 2] [--markdown]

Requests a second of pgml.predict and of PostgresML 1, both through pgbench, prepared; of a Flask service on gunicorn
with Redis as they published it; and of that service with everything about it that is faster (see flask_service.py),
by two kinds of workers. Needs redis-server, wrk and apache2-utils from Debian; what cannot be had is named in a table.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from benchmarks import ground, outside
from benchmarks.peers import boost
from benchmarks.rounds import Goal, interleaved, judge, parser, ratio, report, show
from tests.servers import Database

ROWS = 10_000
TREES = 25
OURS, THEIRS = "pgml.predict", "PostgresML 1"
CALL = f"pgml.predict('trees{TREES}', {ground.ARRAY})"
SCRIPT = ground.one_row(CALL, ROWS)


def main() -> None:
    arguments = parser(__doc__, rounds=5)
    arguments.add_argument("--clients", default="1,10,20", help="divided by commas")
    arguments.add_argument("--seconds", type=int, default=2)
    options = arguments.parse_args()
    missing: dict[str, str] = {}
    with ExitStack() as stack:
        ways = _ways(stack, options.seconds, missing)
        for clients in map(int, options.clients.split(",")):
            contenders = {name: partial(way, clients) for name, way in ways.items()}
            _told(interleaved(contenders, options.rounds), clients, missing, markdown=options.markdown)


def _ways(stack: ExitStack, seconds: int, missing: dict[str, str]) -> dict[str, Callable[[int], float]]:
    """How each contender that can be had measures its requests a second with so many clients."""
    database = stack.enter_context(ground.database())
    model = ground.models(database) / "model.ubj"
    with database.connect() as connection:
        ground.fill(connection, ROWS)
        ground.train(connection, f"trees{TREES}", TREES)
        boost(connection, model, TREES)
        rows = connection.execute(f"select id, {ground.COLUMNS} from rows").fetchall()
    ways: dict[str, Callable[[int], float]] = {OURS: _pgbench(database, seconds)}
    try:
        ways[THEIRS] = _pgbench(_trained(stack.enter_context(outside.postgresml())), seconds)
    except outside.Missing as error:
        missing[THEIRS] = str(error)
    try:
        services = stack.enter_context(outside.flask(rows, model))  # type: ignore[arg-type]
    except outside.Missing as error:
        missing["Flask"] = str(error)
    else:
        for name, service in services.items():
            service.throughput(1, 20)
            ways[name] = partial(service.throughput, seconds)
    return ways


def _pgbench(database: Database, seconds: int) -> Callable[[int], float]:
    return lambda clients: ground.throughput(database, SCRIPT, seconds=seconds, clients=clients)


def _trained(database: Database) -> Database:
    """The same rows, and a model of PostgresML's."""
    with database.connect() as connection:
        ground.fill(connection, ROWS)
        connection.execute(
            f"select * from pgml.train('trees{TREES}', 'regression', 'training', 'y', 'xgboost',"
            f" '{{\"n_estimators\": {TREES}}}')"
        )
    return database


def _told(figures: dict[str, list[float]], clients: int, missing: dict[str, str], *, markdown: bool) -> None:
    report(
        f"one row a request, {clients} at a time", figures, base=OURS, unit="requests/s", markdown=markdown
    )
    services = [name for name in figures if name.startswith("Flask")]
    goals = [Goal(OURS, THEIRS, least=10)] if THEIRS in figures else []
    if services:
        strongest = min(services, key=lambda name: ratio(figures, OURS, name))
        goals.append(Goal(OURS, strongest, least=25))
    judge(figures, goals, markdown=markdown)
    if missing:
        show("not measured", ["peer", "why"], [[*pair] for pair in missing.items()], markdown=markdown)


if __name__ == "__main__":
    main()
