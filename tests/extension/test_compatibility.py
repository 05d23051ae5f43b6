"""A model that would break callers: a warning with the list, on record, and refused where a project is strict."""

from __future__ import annotations

import pytest

from tests.extension.statements import refused, rows, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table t as select x as a, x::real as b, 2 * x as y from generate_series(1, 40) x;
create view swapped as select b, a, y from t;
create view fewer as select a, y from t;
create view text_a as select a::text as a, b, y from t;
create view wider as select a::bigint as a, b, y from t;
create view more as select a, b, b as c, y from t;
select pgml.train('p', 'regression', 't', 'y');
select pgml.train('p', relation_name => v, y_column_name => 'y', automatic_deploy => false)
from unnest(array['swapped', 'fewer', 'text_a', 'wider', 'more']) v;
select pgml.train('p', 'regression', 't', 'y', 'svm', automatic_deploy => false);
create view two as select a, a % 2 as y from t;
create view three as select a, a % 3 as y from t;
select pgml.train('c', 'classification', 'two', 'y');
select pgml.train('c', 'classification', 'three', 'y', automatic_deploy => false);
"""
SAME, SWAPPED, FEWER, TEXT, WIDER, MORE, SVM, TWO, THREE = range(1, 10)

DIFFERENCES = {
    SAME: [],
    SWAPPED: [("columns", "breaking", "their order changes to b, a, which arrays depend on")],
    FEWER: [("b", "breaking", "the new model has no such column")],
    TEXT: [("a", "breaking", "its type changes from int4 to text")],
    WIDER: [("a", "warning", "its type changes from int4 to int8")],
    MORE: [("c", "breaking", "the new model needs this column")],
    SVM: [("algorithm", "warning", "it changes from linear to svm")],
    THREE: [("classes", "breaking", "they change from [0, 1] to [0, 1, 2]")],
}
BREAKING = [model for model, found in DIFFERENCES.items() if any("breaking" in one for one in found)]


def project_of(model: int) -> str:
    return "c" if model in (TWO, THREE) else "p"


def report(sql: Connection, model: int) -> list[tuple[object, ...]]:
    return rows(sql, "select * from pgml.compatibility_report(%s, %s)", [project_of(model), model])


def warnings(sql: Connection, statement: str) -> list[str]:
    """The warnings of a statement."""
    said: list[str] = []

    def hear(message: object) -> None:
        if getattr(message, "severity", "") == "WARNING":
            said.append(str(getattr(message, "message_primary", "")))

    sql.add_notice_handler(hear)
    try:
        sql.execute(statement.encode())
    finally:
        sql.remove_notice_handler(hear)
    return said


def recorded(sql: Connection) -> object:
    return value(sql, "select checks from pgml.deployments order by id desc limit 1")


@pytest.mark.parametrize("model", DIFFERENCES)
def test_the_report(sql: Connection, model: int) -> None:
    assert report(sql, model) == DIFFERENCES[model]


@pytest.mark.parametrize("model", DIFFERENCES)
@pytest.mark.parametrize("strict", [False, True])
def test_an_explicit_deployment(sql: Connection, model: int, strict: bool) -> None:
    project = project_of(model)
    live = value(sql, "select model_id from pgml.live_at(%s, now())", [project])
    if strict:
        sql.execute("select pgml.set_strict(%s, true)", [project])
        if model in BREAKING:
            error = refused(
                sql, f"select pgml.deploy({model})", sqlstate="55000",
                match=f'IncompatibleModel: model {model} does not fit .* of model {live} of project "{project}"',
            )  # fmt: skip
            for field, _, text in DIFFERENCES[model]:
                assert f"{field}: {text}" in str(error)
            assert "force => true" in str(error.diag.message_hint)
            refused(sql, f"select pgml.deploy({model}, force => false)", sqlstate="55000", match="is strict")
            refused(sql, f"select pgml.deploy({model}, null, null)", sqlstate="55000", match="is strict")
    heard = warnings(sql, f"select pgml.deploy({model}, force => {strict})")
    listed = [f"  {field}: {text}" for field, severity, text in DIFFERENCES[model] if severity == "breaking"]
    expected = [f"model {model} does not fit the callers of model {live}:", *listed]
    assert heard == (["\n".join(expected)] if listed else [])
    assert recorded(sql) == {
        "compared_with": live,
        "differences": [
            {"field": field, "severity": severity, "difference": text}
            for field, severity, text in DIFFERENCES[model]
        ],
        "forced": strict and model in BREAKING,
    }
    assert value(sql, "select model_id from pgml.live_at(%s, now() + '1 day')", [project]) == model


def test_every_strategy_is_looked_at(sql: Connection) -> None:
    sql.execute("select pgml.delete_model(%s)", [SVM])
    sql.execute("select pgml.set_strict('p', true)")
    for forced in (
        "'p', 'most_recent'",
        "'p', 'most_recent', null, 'why'",
        "'p', 'most_recent'::pgml.strategy",
        "'p', 'most_recent', algorithm_name => 'linear'",
    ):
        refused(
            sql, f"select pgml.deploy({forced})", sqlstate="55000", match="c: the new model needs this column"
        )
    sql.execute("select pgml.deploy('p', 'most_recent', force => true)")
    refused(
        sql,
        "select pgml.deploy('p', 'rollback')",
        sqlstate="55000",
        match="c: the new model has no such column",
    )
    # what callers knew before it was undeployed still counts
    sql.execute("select pgml.undeploy('p')")
    refused(sql, f"select pgml.deploy({SAME})", sqlstate="55000", match="c: the new model has no such column")
    assert report(sql, SAME) == [("c", "breaking", "the new model has no such column")]
    assert warnings(sql, "select pgml.deploy('p', 'rollback')") == []
    assert warnings(sql, "select pgml.deploy('p', 'rollback'::pgml.strategy, force => true)")
    sql.execute("select pgml.set_strict('p', false)")
    assert warnings(sql, f"select pgml.deploy({MORE})")


def test_the_first_deployment_is_compared_with_nothing(sql: Connection) -> None:
    sql.execute("select pgml.train('new', 'regression', 't', 'y', automatic_deploy => false)")
    sql.execute("select pgml.set_strict('new', true)")
    model = value(sql, "select max(id) from pgml.models")
    assert rows(sql, "select * from pgml.compatibility_report('new', %s)", [model]) == []
    sql.execute("select pgml.deploy('new')")
    assert recorded(sql) is None


def test_an_automatic_deployment_has_its_checks_on_record(sql: Connection) -> None:
    sql.execute(
        "create table noise as select x as a, (x * 7919 % 13)::real as b, 2 * x as y from generate_series(1, 40) x"
    )
    sql.execute("select pgml.train('auto', 'regression', 'noise', 'y', 'svm', '{\"C\": 0.001}')")
    assert rows(sql, "select deployed from pgml.train('auto', algorithm => 'linear')") == [(True,)]
    assert recorded(sql) == {
        "compared_with": value(sql, "select max(id) - 1 from pgml.models"),
        "differences": [
            {"field": "algorithm", "severity": "warning", "difference": "it changes from svm to linear"}
        ],
        "forced": False,
    }


@pytest.mark.parametrize(
    ("call", "sqlstate", "match"),
    [
        ("compatibility_report('nobody', 1)", "42704", 'project "nobody" does not exist'),
        ("compatibility_report('p', 98765)", "42704", "model 98765 does not exist"),
        (f"compatibility_report('p', {TWO})", "22023", 'expected a trained model of project "p"'),
        ("compatibility_report(null, 1)", "22004", "project_name is missing"),
        ("compatibility_report('p', null)", "22004", "model_id is missing"),
        ("set_strict('nobody', true)", "42704", 'project "nobody" does not exist'),
        ("set_strict(null, true)", "22004", "project_name is missing"),
        ("set_strict('p', null)", "22004", "strict is missing"),
    ],
)
def test_errors(sql: Connection, call: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select pgml.{call}", sqlstate=sqlstate, match=match)
