"""Metrics of arrays: what scikit-learn answers."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from tests.extension.statements import rows
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")


def pairs(of: st.SearchStrategy[float]) -> st.SearchStrategy[list[tuple[float, float]]]:
    return st.lists(st.tuples(of, of), min_size=2, max_size=40)


def test_regression(sql: Connection) -> None:
    @settings(max_examples=80, deadline=None, database=None)
    @given(pairs(st.one_of(st.integers(-3, 3).map(float), st.floats(-1000, 1000, width=16))))
    def proof(given: list[tuple[float, float]]) -> None:
        truth, answers = map(list, zip(*given, strict=True))
        ((found, r2),) = rows(
            sql,
            """
            select pgml.sklearn_regression_metrics(t, p), pgml.sklearn_r2_score(t, p)
            from (select %s::real[] as t, %s::real[] as p) u
            """,
            [truth, answers],
        )
        expected = {
            "r2": metrics.r2_score(truth, answers),
            "mse": metrics.mean_squared_error(truth, answers),
            "mae": metrics.mean_absolute_error(truth, answers),
        }
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert r2 == pytest.approx(expected["r2"], rel=1e-6)

    proof()


@pytest.mark.filterwarnings("ignore:A single label was found")
@pytest.mark.parametrize("classes", [[0, 1], [-1, 1], [0, 1, 2], [3, 5, 9, 12]])
def test_classification(sql: Connection, classes: list[int]) -> None:
    @settings(max_examples=60, deadline=None, database=None)
    @given(pairs(st.sampled_from(classes).map(float)))
    def proof(given: list[tuple[float, float]]) -> None:
        truth, answers = map(list, zip(*given, strict=True))
        present = {*truth, *answers}
        average = "binary" if len(present) <= 2 and (1 in present or present == {0}) else "macro"
        arguments: dict[str, Any] = {"average": average, "zero_division": 0}
        expected = {
            "f1": metrics.f1_score(truth, answers, **arguments),
            "f1_micro": metrics.f1_score(truth, answers, average="micro"),
            "precision": metrics.precision_score(truth, answers, **arguments),
            "recall": metrics.recall_score(truth, answers, **arguments),
            "accuracy": metrics.accuracy_score(truth, answers),
            "mcc": metrics.matthews_corrcoef(truth, answers),
        }
        if len(classes) == len(set(truth)) == 2:
            expected["roc_auc"] = metrics.roc_auc_score(truth, answers)
        ((found, f1),) = rows(
            sql,
            """
            select pgml.sklearn_classification_metrics(t, p, %s), pgml.sklearn_f1_score(t, p)
            from (select %s::real[] as t, %s::real[] as p) u
            """,
            [len(classes), truth, answers],
        )
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert f1 == pytest.approx(expected["f1"], rel=1e-6)

    proof()


def test_scores_instead_of_classes(sql: Connection) -> None:
    truth, scores = [0, 0, 1, 1, 0, 1], [0.1, 0.4, 0.35, 0.8, 0.4, 0.4]
    ((found,),) = rows(
        sql, "select pgml.sklearn_classification_metrics(%s, %s::real[], 2) ->> 'roc_auc'", [truth, scores]
    )
    assert float(str(found)) == pytest.approx(metrics.roc_auc_score(truth, scores))


@pytest.mark.parametrize(
    "call", ["f1_score({})", "r2_score({})", "regression_metrics({})", "classification_metrics({}, 2)"]
)
def test_what_is_no_pair_is_an_error(sql: Connection, call: str) -> None:
    for arguments, sqlstate in (("'{1,2}', '{1}'", "2202E"), ("'{1,null}', '{1,2}'", "22004")):
        with pytest.raises(psycopg.Error) as caught, sql.transaction():
            sql.execute(f"select pgml.sklearn_{call.format(arguments)}".encode())
        assert caught.value.sqlstate == sqlstate
    unknown = call.format("null, '{1}'")
    assert rows(sql, f"select pgml.sklearn_{unknown}") == [(None,)]


def test_few_rows(sql: Connection) -> None:
    ((r2, one, none),) = rows(
        sql,
        "select pgml.sklearn_r2_score('{1}', '{1}'), pgml.sklearn_regression_metrics('{1}', '{3}'), "
        "pgml.sklearn_f1_score('{}', '{}')",
    )
    assert (r2, one, none) == (None, {"mse": 4, "mae": 2}, None)
