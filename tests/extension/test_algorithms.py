"""Every algorithm that can be trained, from SQL to SQL."""

from __future__ import annotations

import psycopg
import pytest

from tests.extension.statements import rows, value
from tests.servers import Connection
from turnout.training import algorithms

pytestmark = [pytest.mark.slow, pytest.mark.one_server, pytest.mark.usefixtures("server")]

# numbers that hang together with what is predicted, and that no two rows share
SCRIPT = """
create table r as select sin(i)::real as a, (cos(i * 1.7) * 2)::real as b, (i % 3)::int as c,
    (3 * sin(i) - cos(i * 1.7) + (i % 3) * 0.2)::float8 as y
  from generate_series(1, 120) i;
create table k as select a, b, c, case when y < -0.7 then 'low' when y < 1 then 'mid' else 'top' end as y from r;
create view u as select a, b, c from r;
"""
PAIRS = [(name, task) for name in algorithms.names() for task in algorithms.get(name).estimators]
METRICS = {
    "clustering": {"silhouette"},
    "decomposition": {"cumulative_explained_variance"},
    "regression": {"r2", "mean_absolute_error", "mean_squared_error"},
    "classification": {"f1", "precision", "recall", "accuracy", "mcc", "log_loss", "roc_auc"},
}
# a target that is named where there is none is left out
TABLES = {
    "regression": ("r", "y"),
    "classification": ("k", "y"),
    "clustering": ("k", "y"),
    "decomposition": ("u", None),
}
ROUNDS = {"catboost": '{"iterations": 20}', "hist_gradient_boosting": '{"max_iter": 20}'}


def train(sql: Connection, algorithm: str, task: str) -> dict[str, float]:
    """Train and deploy; the model's metrics."""
    table, target = TABLES[task]
    arguments = ["p", task, table, target, algorithm, ROUNDS.get(algorithm, "{}")]
    trained = rows(sql, "select task, algorithm, deployed from pgml.train(%s, %s, %s, %s, %s, %s)", arguments)
    assert trained == [(task, algorithm, True)]
    metrics = value(sql, "select metrics from pgml.models order by id desc limit 1")
    assert isinstance(metrics, dict)
    assert METRICS[task] | {"fit_time", "score_time"} <= metrics.keys()
    return metrics


def relation_differs(sql: Connection, table: str) -> float:
    """By how much the answers for all rows at once differ from those one by one, at most."""
    found = rows(
        sql,
        f"""
        select count(*), max(abs(p.prediction - q.one) / (1 + abs(q.one)))
        from (select a::text as key, pgml.predict('p', array[a, b, c]) as one from {table}) q
        join pgml.predict_relation('p', '{table}', 'a') p using (key)
        """,
    )[0]
    assert found[0] == value(sql, f"select count(*) from {table}")
    return float(str(found[1]))


@pytest.mark.parametrize("algorithm", [name for name, task in PAIRS if task == "regression"])
def test_regression(sql: Connection, algorithm: str) -> None:
    metrics = train(sql, algorithm, "regression")
    differing, error = rows(
        sql,
        """
        select count(*) filter (where pgml.predict('p', array[a, b, c]) <> pgml.predict('p', (a, b, c))),
          avg(abs(pgml.predict('p', array[a, b, c]) - y))
        from r
        """,
    )[0]
    assert differing == 0
    # over all rows, of which the model has seen most
    assert isinstance(error, float)
    assert error < 2 * metrics["mean_absolute_error"] + 0.01
    assert relation_differs(sql, "r") < 1e-5


@pytest.mark.parametrize("algorithm", [name for name, task in PAIRS if task == "classification"])
def test_classification(sql: Connection, algorithm: str) -> None:
    metrics = train(sql, algorithm, "classification")
    answers = rows(
        sql,
        """
        select pgml.predict('p', array[a, b, c]), pgml.predict('p', (a, b, c)), pgml.predict_label('p', (a, b, c)),
          pgml.predict_proba('p', array[a, b, c]), y
        from k
        """,
    )
    right = 0
    for by_array, by_row, label, probabilities, truth in answers:
        assert isinstance(probabilities, list)
        assert by_array == by_row == probabilities.index(max(probabilities))
        assert label == ["low", "mid", "top"][int(by_row)]
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        right += label == truth
    assert right / len(answers) > metrics["accuracy"] - 0.15
    assert relation_differs(sql, "k") == 0


@pytest.mark.parametrize("algorithm", [name for name, task in PAIRS if task == "clustering"])
def test_clustering(sql: Connection, algorithm: str) -> None:
    train(sql, algorithm, "clustering")
    answers = rows(sql, "select pgml.predict('p', array[a, b, c]), pgml.predict('p', (a, b, c)) from r")
    assert all(by_array == by_row for by_array, by_row in answers)
    clusters = {float(str(by_array)) for by_array, _ in answers}
    assert 1 < len(clusters) < len(answers)
    assert clusters <= set(range(len(answers)))
    assert value(sql, "select y_column_name from pgml.snapshots order by id desc limit 1") == ["y"]


def test_what_is_trained_without_an_algorithm(sql: Connection) -> None:
    for project, task, algorithm in (("c", "clustering", "kmeans"), ("d", "decomposition", "pca")):
        trained = rows(sql, "select task, algorithm from pgml.train(%s, %s, 'u')", [project, task])
        assert trained == [(task, algorithm)]
        assert rows(sql, "select algorithm from pgml.train(%s)", [project]) == [(algorithm,)]
    assert value(sql, "select count(distinct pgml.predict('c', (a, b, c))) from u") == 8


@pytest.mark.parametrize("algorithm", [name for name, task in PAIRS if task == "decomposition"])
def test_decomposition(sql: Connection, algorithm: str) -> None:
    metrics = train(sql, algorithm, "decomposition")
    assert metrics["cumulative_explained_variance"] == pytest.approx(1)
    components = value(sql, "select pgml.decompose('p', array[a, b, c]) from u limit 1")
    assert isinstance(components, list)
    assert len(components) == 3
    # as many components as columns only turn the rows: their distances stay
    near = value(
        sql,
        """
        select max(abs(
          pgml.distance_l2(pgml.decompose('p', array[x.a, x.b, x.c]), pgml.decompose('p', array[y.a, y.b, y.c]))
          - pgml.distance_l2(array[x.a, x.b, x.c]::real[], array[y.a, y.b, y.c]::real[])
        ))
        from (select * from u limit 10) x, (select * from u limit 10) y
        """,
    )
    assert float(str(near)) < 1e-4
    # asked for one number, it gives the first, in every form
    firsts = rows(
        sql,
        """
        select pgml.predict('p', array[a, b, c]), pgml.predict('p', (a, b, c)),
          pgml.predict_batch('p', array[a, b, c]), (pgml.decompose('p', array[a, b, c]))[1]
        from u limit 10
        """,
    )
    assert all(len({*found}) == 1 for found in firsts)
    with pytest.raises(psycopg.Error, match="is a decomposition model and has no class probabilities"):
        value(sql, "select pgml.predict_proba('p', array[1, 2, 3])")


@pytest.mark.parametrize(
    ("algorithm", "task", "reason"),
    [
        ("lasso", "classification", "it is for regression"),
        ("perceptron", "regression", "it is for classification"),
        ("pca", "clustering", "it is for decomposition"),
        ("kmeans", "regression", "it is for clustering"),
    ],
)
def test_algorithms_for_one_task(sql: Connection, algorithm: str, task: str, reason: str) -> None:
    with pytest.raises(Exception, match=f"algorithm {algorithm} for {task} is not supported: {reason}"):
        train(sql, algorithm, task)
