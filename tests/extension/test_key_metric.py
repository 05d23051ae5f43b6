"""A project's key metric: by what best_score and automatic deployment go."""

from __future__ import annotations

import psycopg
import pytest

from tests.servers import Connection, Database


def _algorithm(sql: Connection) -> object:
    row = sql.execute("select algorithm from pgml.deploy('p', 'best_score')").fetchone()
    assert row is not None
    return row[0]


def _figures(sql: Connection, metric: str) -> dict[object, float]:
    rows = sql.execute("select algorithm::text, metrics -> %s from pgml.models", [metric]).fetchall()
    return {algorithm: float(str(figure)) for algorithm, figure in rows}


def test_best_score_goes_by_the_chosen_metric_and_its_direction(empty_database: Database) -> None:
    with empty_database.connect() as sql:
        sql.execute("select pgml.load_dataset('diabetes')")
        sql.execute("select pgml.train('p', 'regression', 'pgml.diabetes', 'target', 'linear')")
        for algorithm in ("knn", "xgboost"):
            sql.execute("select pgml.train('p', algorithm => %s, automatic_deploy => false)", [algorithm])
        for metric, best in (("r2", max), ("mean_squared_error", min), ("mean_absolute_error", min)):
            sql.execute("select pgml.set_key_metric('p', %s)", [metric])
            figures = _figures(sql, metric)
            assert _algorithm(sql) == best(figures, key=figures.__getitem__)


def test_automatic_deployment_goes_by_it(empty_database: Database) -> None:
    with empty_database.connect() as sql:
        sql.execute("select pgml.load_dataset('diabetes')")
        sql.execute("select pgml.train('p', 'regression', 'pgml.diabetes', 'target', 'knn')")
        sql.execute("select pgml.set_key_metric('p', 'mean_squared_error')")
        sql.execute("select pgml.train('p', algorithm => 'linear')")
        row = sql.execute(
            "select judgement, reason from pgml.deployments order by id desc limit 1"
        ).fetchone()
        assert row is not None
        judgement, reason = row
        assert isinstance(judgement, dict)
        assert judgement["metric"] == "mean_squared_error"
        assert judgement["challenger"] < judgement["champion"]
        assert str(reason).startswith("mean_squared_error ")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ("'p', 'f1'", psycopg.errors.InvalidParameterValue, "mean_squared_error"),
        ("'p', 'fit_time'", psycopg.errors.InvalidParameterValue, "r2"),
        ("'p', null", psycopg.errors.NullValueNotAllowed, "metric is missing"),
        ("'nope', 'r2'", psycopg.errors.UndefinedObject, "nope"),
    ],
)
def test_what_is_no_metric_is_refused(
    empty_database: Database, arguments: str, error: type[psycopg.Error], message: str
) -> None:
    with empty_database.connect() as sql:
        sql.execute("create table t as select x, x * 2 as y from generate_series(1, 20) x")
        sql.execute("select pgml.train('p', 'regression', 't', 'y')")
        with pytest.raises(error, match=message):
            sql.execute(f"select pgml.set_key_metric({arguments})")
        assert sql.execute("select key_metric from pgml.projects").fetchone() == ("r2",)
