"""A relation is scored within the memory of a chunk, however many its rows, classes and elements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extension.statements import value
from tests.servers import Connection, Database

pytestmark = [pytest.mark.slow, pytest.mark.one_server, pytest.mark.usefixtures("server")]

SCRIPT = """
create view plane as select x::real as a, x as y from generate_series(1, 60) x;
select pgml.train('plane', 'regression', 'plane', 'y', 'xgboost', hyperparams => '{"n_estimators": 3}');
create view sorts as select (x % 100 + x / 1e5)::real as a, 'c' || x % 100 as y from generate_series(1, 2000) x;
select pgml.train('sorts', 'classification', 'sorts', 'y', 'random_forest', hyperparams => '{"n_estimators": 3}');
create table wide as select array_fill(x::real, array[2000]) as a, x as y from generate_series(1, 60) x;
select pgml.train('wide', 'regression', 'wide', 'y');
create table few as select x as id, x::real as a from generate_series(1, 1000) x;
create table many as select x as id, x::real as a from generate_series(1, 200000) x;
create view many_seen as select * from many;
create table few_wide as select x as id, a from wide, generate_series(1, 5) x;
-- kept beside the table, so that many rows have their pointers in a block
create table many_wide as
  select x as id, (select array_agg((x * e % 10)::real) from generate_series(1, 2000) e) as a
  from generate_series(1, 10000) x;
"""
# of which most is the interpreter's that the first rows have not asked for
MOST_MB = 200


def highest(connection: Connection) -> int:
    """The most memory that the backend has ever had, in MB."""
    status = Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


@pytest.mark.parametrize(
    ("project", "few", "many"),
    [
        ("plane", "few", "many"),
        ("plane", "few", "many_seen"),
        ("sorts", "few", "many"),
        ("sorts", "few", "many_seen"),
        ("wide", "few_wide", "many_wide"),
    ],
)
def test_many_rows_take_little_more_than_few(database: Database, project: str, few: str, many: str) -> None:
    with database.connect() as connection:
        query = "select count(prediction) from pgml.predict_relation(%s, %s, 'id')"
        value(connection, query, [project, few])
        before = highest(connection)
        value(connection, query, [project, many])
        value(connection, "select pgml.score_into(%s, %s, 'id', 'pg_temp.answers')", [project, many])
        assert highest(connection) - before < MOST_MB
