"""pgml.deploy in every form, what it answers, and that a refusal changes nothing."""

from __future__ import annotations

import pytest

from tests.extension.statements import contents, refused, rows, undone, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

# five models of one project; their figures are written over, so that a test can say which is the best
SCRIPT = """
create table t as select x::real as x, 2 * x as y from generate_series(1, 40) x;
select pgml.train('line', 'regression', 't', 'y', 'linear');
select pgml.train('line', algorithm => 'svm', automatic_deploy => false);
select pgml.train('line', algorithm => 'linear', automatic_deploy => false);
select pgml.train('line', algorithm => 'lightgbm', automatic_deploy => false);
select pgml.train('other', 'regression', 't', 'y', 'linear');
alter table pgml.models disable trigger user;
update pgml.models set metrics = case id
  when 1 then '{"r2": -12.5}'::jsonb when 2 then '{"r2": -0.1}' when 3 then '{"r2": -9}' else '{"r2": null}' end
where id < 5;
alter table pgml.models enable trigger user;
"""
LINEAR, SVM, LINEAR_2, LIGHTGBM, OTHER = 1, 2, 3, 4, 5


def deploy(sql: Connection, arguments: str) -> tuple[object, ...]:
    return rows(sql, f"select project, strategy, algorithm from pgml.deploy({arguments})")[0]


def live(sql: Connection) -> object:
    return value(sql, "select id from pgml.deployed_models where name = 'line'")


def history(sql: Connection) -> list[tuple[object, ...]]:
    return rows(
        sql,
        """
        select d.strategy::text, d.previous_model_id, d.model_id from pgml.deployments d
        join pgml.projects p on p.id = d.project_id where p.name = 'line' order by d.revision
        """,
    )


@pytest.mark.parametrize(
    ("arguments", "strategy", "model", "algorithm"),
    [
        ("'line'", "best_score", SVM, "svm"),
        ("'line', 'best_score'", "best_score", SVM, "svm"),
        ("'line', strategy => 'best_score'", "best_score", SVM, "svm"),
        ("project_name => 'line', strategy => 'most_recent'", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'most_recent'", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::text, 'most_recent'::text", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::varchar, 'most_recent'::varchar", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::varchar", "best_score", SVM, "svm"),
        ("'line'::name, 'most_recent'", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'most_recent'::pgml.strategy", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::text, 'most_recent'::pgml.strategy", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::varchar, 'most_recent'::pgml.strategy", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', strategy => 'most_recent'::pgml.strategy", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'best_score', 'linear'", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score', 'linear'::varchar", "best_score", LINEAR_2, "linear"),
        ("'line'::varchar, 'best_score'::varchar, 'linear'::varchar", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score', 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score'::pgml.strategy, 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score', algorithm => 'linear'", "best_score", LINEAR_2, "linear"),
        ("'line'::text, 'best_score'::text, 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score'::text, 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        (
            "'line'::varchar, 'best_score'::varchar, 'linear'::pgml.algorithm",
            "best_score",
            LINEAR_2,
            "linear",
        ),
        ("'line'::text, 'best_score', 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line'::varchar, 'best_score', 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line'::name, 'best_score'::name, 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        (
            "'line'::text, 'best_score'::pgml.strategy, 'linear'::pgml.algorithm",
            "best_score",
            LINEAR_2,
            "linear",
        ),
        (
            "'line', strategy => 'best_score'::text, algorithm => 'linear'::pgml.algorithm",
            "best_score",
            LINEAR_2,
            "linear",
        ),
        (
            "'line', algorithm => 'linear'::pgml.algorithm, strategy => 'most_recent'",
            "most_recent",
            LINEAR_2,
            "linear",
        ),
        (
            "'line', 'most_recent'::text, 'linear'::pgml.algorithm, 'it was asked for', true",
            "most_recent",
            LINEAR_2,
            "linear",
        ),
        (
            "'line', 'most_recent'::text, 'linear'::pgml.algorithm, force => false",
            "most_recent",
            LINEAR_2,
            "linear",
        ),
        ("'line', 'most_recent'::text, null::pgml.algorithm", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', algorithm => 'linear'", "best_score", LINEAR_2, "linear"),
        ("'line', algorithm => 'linear'::pgml.algorithm", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score', algorithm => 'linear'::varchar", "best_score", LINEAR_2, "linear"),
        ("'line', 'best_score', algorithm_name => 'linear'", "best_score", LINEAR_2, "linear"),
        ("'line', strategy => 'best_score', algorithm_name => 'linear'", "best_score", LINEAR_2, "linear"),
        (
            "'line', 'best_score'::varchar, algorithm_name => 'linear'::varchar",
            "best_score",
            LINEAR_2,
            "linear",
        ),
        ("'line', 'best_score', algorithm_name => 'linear'::text", "best_score", LINEAR_2, "linear"),
        ("'line', 'most_recent', algorithm => 'linear'", "most_recent", LINEAR_2, "linear"),
        ("'line', 'most_recent', null", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'most_recent', 'linear', 'it was asked for'", "most_recent", LINEAR_2, "linear"),
        ("'line', 'most_recent', reason => 'it was asked for'", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', reason => 'it was asked for'", "best_score", SVM, "svm"),
        ("'line', 'most_recent', 'linear', 'it was asked for', true", "most_recent", LINEAR_2, "linear"),
        ("'line', 'most_recent', null, null, false", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'most_recent', force => true", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line'::varchar, 'most_recent'::varchar, force => true", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', 'most_recent'::pgml.strategy, force => true", "most_recent", LIGHTGBM, "lightgbm"),
        ("'line', algorithm => 'linear'::pgml.algorithm, force => null", "best_score", LINEAR_2, "linear"),
        ("'line', force => true", "best_score", SVM, "svm"),
        ("3", "specific", LINEAR_2, "linear"),
        ("3::bigint", "specific", LINEAR_2, "linear"),
        ("3::smallint", "specific", LINEAR_2, "linear"),
        ("model_id => 3", "specific", LINEAR_2, "linear"),
        ("3, 'it was asked for'", "specific", LINEAR_2, "linear"),
        ("3, reason => 'it was asked for'", "specific", LINEAR_2, "linear"),
        ("3, 'it was asked for', true", "specific", LINEAR_2, "linear"),
        ("3, force => true", "specific", LINEAR_2, "linear"),
        ("model_id => 3, force => true", "specific", LINEAR_2, "linear"),
        ("(select max(id) from pgml.models where algorithm = 'svm')", "specific", SVM, "svm"),
    ],
)
def test_every_form(sql: Connection, arguments: str, strategy: str, model: int, algorithm: str) -> None:
    assert deploy(sql, arguments) == ("line", strategy, algorithm)
    assert live(sql) == model
    assert history(sql) == [("new_score", None, LINEAR), (strategy, LINEAR, model)]
    reason = value(sql, "select reason from pgml.deployments order by id desc limit 1")
    assert reason == ("it was asked for" if "reason" in arguments or "asked" in arguments else None)
    assert value(sql, "select actor from pgml.deployments order by id desc limit 1") == "postgres"


@pytest.mark.parametrize(
    ("arguments", "bound"),
    [
        ("%s", ["line"]),
        ("%s, %s", ["line", "best_score"]),
        ("%s::varchar, %s::varchar", ["line", "best_score"]),
        ("%s::varchar, %s::varchar, %s::varchar", ["line", "best_score", "svm"]),
        ("%s, %s, %s", ["line", "best_score", "svm"]),
        ("%s, %s, algorithm => %s", ["line", "best_score", "svm"]),
        ("%s", [SVM]),
    ],
)
def test_bound_by_a_driver(sql: Connection, arguments: str, bound: list[object]) -> None:
    answer = sql.execute(f"select algorithm from pgml.deploy({arguments})", bound).fetchone()
    assert answer == ("svm",)
    assert live(sql) == SVM


def test_two_rollbacks_return_to_where_one_started(sql: Connection) -> None:
    deploy(sql, f"{SVM}")
    assert deploy(sql, "'line', 'rollback'") == ("line", "rollback", "linear")
    assert live(sql) == LINEAR
    assert deploy(sql, "'line', 'rollback'") == ("line", "rollback", "svm")
    assert live(sql) == SVM
    assert history(sql)[2:] == [("rollback", SVM, LINEAR), ("rollback", LINEAR, SVM)]


def test_rollback_to_an_algorithm(sql: Connection) -> None:
    for model in (SVM, LINEAR_2, LIGHTGBM):
        deploy(sql, f"{model}")
    assert deploy(sql, "'line', 'rollback', 'svm'") == ("line", "rollback", "svm")
    assert live(sql) == SVM
    assert deploy(sql, "'line', 'rollback', algorithm => 'linear'") == ("line", "rollback", "linear")
    assert live(sql) == LINEAR_2


def test_rollback_without_another_model(sql: Connection) -> None:
    deploy(sql, f"{SVM}")
    refused(
        sql, "select pgml.deploy('line', 'rollback', 'lightgbm')", sqlstate="55000",
        match="none of its 2 deployments has another model of algorithm lightgbm that is not deleted",
    )  # fmt: skip
    sql.execute("select pgml.delete_model(%s, force => true)", [LINEAR])
    refused(
        sql, "select pgml.deploy('line', 'rollback')", sqlstate="55000",
        match="none of its 2 deployments has another model that is not deleted",
    )  # fmt: skip


def test_rollback_passes_over_deployments_of_the_live_model(sql: Connection) -> None:
    deploy(sql, f"{SVM}")
    deploy(sql, f"{SVM}")
    deploy(sql, "'line', 'rollback'")
    assert live(sql) == LINEAR


def test_deploying_the_live_model_again_adds_a_row(sql: Connection) -> None:
    deploy(sql, f"{LINEAR}, reason => 'to be sure'")
    assert live(sql) == LINEAR
    assert history(sql) == [("new_score", None, LINEAR), ("specific", LINEAR, LINEAR)]


def test_rollback_undoes_an_undeployment(sql: Connection) -> None:
    deploy(sql, f"{SVM}")
    assert rows(sql, "select * from pgml.undeploy('line', 'it was wrong')") == [("line", "undeploy", None)]
    refused(sql, "select pgml.predict('line', 1)", sqlstate="55000", match='"line" has no deployed model')
    refused(sql, "select pgml.undeploy('line')", sqlstate="55000", match='"line" has no deployed model')
    assert deploy(sql, "'line', 'rollback'") == ("line", "rollback", "svm")
    assert history(sql)[2:] == [("undeploy", SVM, None), ("rollback", None, SVM)]


def test_rollback_passes_over_deleted_models(sql: Connection) -> None:
    for model in (LINEAR_2, LIGHTGBM, SVM):
        deploy(sql, f"{model}")
    sql.execute("select pgml.delete_model(%s, force => true)", [LIGHTGBM])
    deploy(sql, "'line', 'rollback'")
    assert live(sql) == LINEAR_2


def test_a_deployment_that_is_rolled_back_leaves_nothing(sql: Connection) -> None:
    before = contents(sql)
    with undone(sql):
        deploy(sql, "'line', 'most_recent'")
        assert live(sql) == LIGHTGBM
    assert contents(sql) == before


def test_best_score_of_a_metric_that_is_better_when_it_is_less(sql: Connection) -> None:
    sql.execute("alter table pgml.models disable trigger user")
    sql.execute("""
        update pgml.models set metrics = jsonb_build_object('mean_squared_error', (array[9.5, 10.25, 100, 1e-7])[id])
        where id < 5
    """)
    sql.execute("alter table pgml.models enable trigger user")
    sql.execute("update pgml.projects set key_metric = 'mean_squared_error'")
    deploy(sql, "'line'")
    assert live(sql) == LIGHTGBM
    deploy(sql, "'line', algorithm => 'linear'")
    assert live(sql) == LINEAR


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "match"),
    [
        ("'nobody'", "42704", 'project "nobody" does not exist'),
        ("'Line', 'rollback'", "42704", 'project "Line" does not exist'),
        ("''", "42704", 'project "" does not exist'),
        ("null::text", "22004", "project_name is missing"),
        ("null::bigint", "22004", "model_id is missing"),
        ("'line', null::text", "22004", "strategy is missing: one of best_score, most_recent, rollback"),
        ("'line', null", "22004", "strategy is missing"),
        ("'line', 'new_score'", "22023", "is what automatic deployment records: use best_score"),
        ("'line', 'specific'", "22023", r"pgml.deploy\(model_id\)"),
        ("'line', 'undeploy'", "22023", r"pgml.undeploy\(project_name\)"),
        ("'line', 'new_score'::pgml.strategy", "22023", "use best_score"),
        ("'line', 'bogus'", "22023", 'strategy "bogus" does not exist; expected one of: best_score, most_r'),
        ("'line', strategy => 'bogus'", "22023", 'strategy "bogus" does not exist'),
        ("'line', 'bogus'::varchar", "22023", 'strategy "bogus" does not exist'),
        ("'line', 'bogus', 'svm'::pgml.algorithm", "22023", 'strategy "bogus" does not exist'),
        ("'line', 'bogus'::text, 'svm'::pgml.algorithm", "22023", 'strategy "bogus" does not exist'),
        ("'line', null::text, 'svm'::pgml.algorithm", "22004", "strategy is missing"),
        ("'line', 'rollback', 'bogus'", "22023", 'algorithm "bogus" does not exist; expected one of: linear'),
        ("'line', 'rollback', algorithm_name => 'bogus'", "22023", 'algorithm "bogus" does not exist'),
        ("'line', 'rollback'", "55000", '"line" cannot be rolled back: it was deployed only once'),
        ("'line', 'rollback', 'svm'", "55000", '"line" cannot be rolled back: it was deployed only once'),
        ("'line', 'best_score', 'xgboost'", "55000", "has no successful model of algorithm xgboost"),
        (
            "'line', 'best_score', 'lightgbm'",
            "55000",
            "has no successful model of algorithm lightgbm with a .*r2",
        ),
        (
            "'line', 'most_recent', 'xgboost'",
            "55000",
            "by most_recent: it has no successful model of algorithm xgb",
        ),
        ("98765", "42704", "model 98765 does not exist"),
        ("-1", "42704", "model -1 does not exist"),
        ("9223372036854775807", "42704", "model 9223372036854775807 does not exist"),
    ],
)
def test_what_cannot_be_deployed_changes_nothing(
    sql: Connection, arguments: str, sqlstate: str, match: str
) -> None:
    refused(sql, f"select * from pgml.deploy({arguments})", sqlstate=sqlstate, match=match)
    assert live(sql) == LINEAR


def test_a_failed_or_deleted_model(sql: Connection) -> None:
    sql.execute("select pgml.delete_model(%s)", [SVM])
    failed = value(
        sql,
        """
        insert into pgml.models (project_id, algorithm, status, task, metrics, error)
        select id, 'svm', 'failed', task, '{"r2": 1}', 'it crashed' from pgml.projects where name = 'line' returning id
    """,
    )
    for ask in ("pgml.deploy", "pgml.predict"):
        tail = ", array[1])" if ask == "pgml.predict" else ")"
        refused(
            sql, f"select {ask}({SVM}{tail}", sqlstate="55000",
            match=f'model {SVM} of project "line" cannot be used: it is deleted',
        )  # fmt: skip
        refused(
            sql, f"select {ask}({failed}{tail}", sqlstate="55000",
            match=f'model {failed} of project "line" cannot be used: it is failed',
        )  # fmt: skip
    for strategy in ("best_score", "most_recent"):
        refused(
            sql, f"select pgml.deploy('line', '{strategy}', 'svm')", sqlstate="55000",
            match="has no successful model of algorithm svm",
        )  # fmt: skip
    assert deploy(sql, "'line'")[2] == "linear"


def test_a_project_without_a_successful_model(sql: Connection) -> None:
    sql.execute("""
        insert into pgml.projects (name, task, owner, seed, key_metric)
        values ('new', 'regression', 'postgres', 1, 'r2');
        insert into pgml.endpoints (kind, name, project_id)
        select 'project', name, id from pgml.projects where name = 'new'
    """)
    for strategy, match in (
        ("best_score", "no model to deploy by best_score: it has no successful model with a figure for r2"),
        ("most_recent", "no model to deploy by most_recent: it has no successful model"),
        ("rollback", '"new" cannot be rolled back: it has never been deployed'),
    ):
        refused(sql, f"select pgml.deploy('new', '{strategy}')", sqlstate="55000", match=match)
