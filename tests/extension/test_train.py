"""pgml.train as PostgresML's users write it, what it reads, and what it leaves in the catalog."""

from __future__ import annotations

import pytest

from tests.extension.statements import rows, undone, value
from tests.servers import Connection

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table t as select x::real as x, (x % 5)::int as z, 2 * x + 3 * (x % 5) as y from generate_series(1, 40) x;
create table c as select x::real as x, x % 2 as z, case when x % 2 = 0 then 'hi' else 'lo' end as y
  from generate_series(1, 40) x;
create table curved as select x::real as x, (x - 30) * (x - 30) as y from generate_series(1, 60) x;
"""


def train(sql: Connection, arguments: str, bound: tuple[object, ...] = ()) -> tuple[object, ...]:
    return rows(sql, f"select project, task, algorithm, deployed from pgml.train({arguments})", bound)[0]


def newest(sql: Connection, column: str, table: str = "models") -> object:
    return value(sql, f"select {column} from pgml.{table} order by id desc limit 1")


@pytest.mark.parametrize(
    ("arguments", "task", "algorithm"),
    [
        ("'p', 'regression', 't', 'y'", "regression", "linear"),
        ("'p', 'regression', 'public.t', 'y', 'xgboost'", "regression", "xgboost"),
        ("'p', 'regression', 't', 'y', 'xgboost', '{\"n_estimators\": 3}'", "regression", "xgboost"),
        (
            "'p', 'regression', 't', 'y', 'linear', '{}', null, '{}', '{}', 0.5, 'random', 'rust', true, false, '{}'",
            "regression", "linear",
        ),
        ("project_name => 'p', task => 'classification', relation_name => 'c', y_column_name => 'y'",
         "classification", "linear"),
        ("'p', task => 'classification', relation_name => 'c', y_column_name => 'y', algorithm => 'svm'",
         "classification", "svm"),
        ("'p', 'classification', 'c', 'y', algorithm => 'random_forest', hyperparams => '{\"n_estimators\": 3}'",
         "classification", "random_forest"),
        ("'p', 'classification', 'c', 'y', algorithm => 'lightgbm', hyperparams => '{\"n_estimators\": 3}'::jsonb",
         "classification", "lightgbm"),
        ("'p', 'classification', 'c', 'y', test_size => 0.5, test_sampling => 'last', runtime => 'python'",
         "classification", "linear"),
        ("'p', 'classification', 'c', 'y', test_size => 10, test_sampling => 'random'", "classification", "linear"),
        ("'p', 'classification', 'c', 'y', test_size => 0.3::numeric::real", "classification", "linear"),
        ("'p'::varchar, 'regression'::varchar, 't'::varchar, 'y'::varchar", "regression", "linear"),
        ("'p'::varchar, 'regression'::varchar, 't'::varchar, 'y'::varchar, 'svm'::varchar", "regression", "svm"),
        ("'p'::text, 'regression'::text, 't'::text, 'y'::text, 'svm'::text", "regression", "svm"),
        ("'p', 'regression'::pgml.task, 't', 'y'", "regression", "linear"),
        ("'p', 'regression'::pgml.task, 't', 'y', 'svm'::pgml.algorithm", "regression", "svm"),
        ("'p'::text, 'regression'::pgml.task, 't'::text, 'y'::text, 'svm'::pgml.algorithm", "regression", "svm"),
        ("'p', 'regression', 't', 'y', algorithm => 'svm'::pgml.algorithm", "regression", "svm"),
        ("'p', 'regression', 't', 'y', algorithm => 'svm'::varchar", "regression", "svm"),
        ("'p', 'regression', 't', 'y', test_sampling => 'first'::pgml.sampling", "regression", "linear"),
        ("'p', 'regression', 't', 'y', runtime => 'rust'::pgml.runtime", "regression", "linear"),
        ("'p', 'regression', 't', 'y', algorithm => 'svm'::pgml.algorithm, test_sampling => 'last'::pgml.sampling, "
         "runtime => 'python'::pgml.runtime, search => null::pgml.search", "regression", "svm"),
        ("'p', 'regression', 't', 'y', algorithm => null", "regression", "linear"),
    ],
)  # fmt: skip
def test_every_notation(sql: Connection, arguments: str, task: str, algorithm: str) -> None:
    assert train(sql, arguments) == ("p", task, algorithm, True)
    assert rows(sql, "select name, task::text, algorithm::text from pgml.deployed_models") == [
        ("p", task, algorithm)
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        "%s, %s, %s, %s",
        "%s::varchar, %s::varchar, %s::varchar, %s::varchar",
        "project_name => %s, task => %s, relation_name => %s, y_column_name => %s",
        "%s, %s::pgml.task, %s, %s",
    ],
)
def test_bound_by_a_driver(sql: Connection, arguments: str) -> None:
    assert train(sql, arguments, ("p", "regression", "t", "y")) == ("p", "regression", "linear", True)


def test_training_again_needs_only_the_project(sql: Connection) -> None:
    train(
        sql,
        """'p', 'classification', 'c', 'y', 'linear', test_size => 0.5, test_sampling => 'random',
                  preprocess => '{"x": {"scale": "standard"}}'""",
    )
    train(sql, "'p', algorithm => 'svm'")
    train(sql, "'p'")
    train(sql, "'p', 'classification', algorithm => 'random_forest', hyperparams => '{\"n_estimators\": 2}'")
    found = rows(
        sql,
        """
        select m.algorithm::text, relation_name, y_column_name, test_size, test_sampling::text, preprocess
        from pgml.models m join pgml.snapshots s on s.id = m.snapshot_id order by m.id
    """,
    )
    assert [row[0] for row in found] == ["linear", "svm", "linear", "random_forest"]
    same = ("public.t", ["y"], 0.5, "random", {"x": {"scale": "standard"}})
    assert [row[1:] for row in found] == [("public.c", *same[1:])] * 4


def test_the_catalog_of_a_regression(sql: Connection) -> None:
    train(sql, "'p', 'regression', 't', 'y', 'xgboost', '{\"n_estimators\": 5}', test_size => 0.25")
    snapshot = rows(
        sql,
        """
        select relation_name, y_column_name, test_size, test_sampling::text, status::text, materialized,
          columns, analysis, split from pgml.snapshots
    """,
    )[0]
    assert snapshot[:6] == ("public.t", ["y"], 0.25, "stratified", "successful", False)
    columns = snapshot[6]
    assert isinstance(columns, list)
    assert [(c["name"], c["type"], c["label"], c["position"]) for c in columns] == [
        ("x", "float4", False, 1), ("z", "int4", False, 2), ("y", "int4", True, 3),
    ]  # fmt: skip
    statistics = columns[0]["statistics"]
    assert {name: statistics[name] for name in ("min", "max", "median", "distinct", "missing")} == {
        "min": 1.0, "max": 40.0, "median": 20.5, "distinct": 40, "missing": 0,
    }  # fmt: skip
    assert (statistics["mean"], statistics["stddev"]) == pytest.approx((20.5, 11.54), abs=0.01)
    assert statistics["histogram"] == [2] * 20
    assert statistics["edges"] == pytest.approx([1 + i * 39 / 20 for i in range(21)])
    assert statistics["ventiles"] == pytest.approx([1 + i * 39 / 20 for i in range(1, 20)])
    assert columns[2]["statistics"]["max"] == 90.0
    assert snapshot[7] == {"train": 30, "test": 10}
    assert isinstance(snapshot[8], dict)
    assert {"seed", "thresholds", "sampling", "test_size"} <= set(snapshot[8])
    model = rows(
        sql,
        """
        select num_features, algorithm::text, runtime::text, hyperparams -> 'n_estimators', status::text, search,
          search_params, search_args, classes, predictor, actor, error, deleted_at, metrics, signature,
          (select sum(octet_length(data)) from pgml.files f where f.model_id = m.id and f.path = 'model')
            = artifact_bytes
        from pgml.models m
    """,
    )[0]
    assert model[:9] == (2, "xgboost", "python", 5, "successful", None, {}, {}, None)
    assert model[9] in ("trees", "onnx", "xgboost")
    assert model[10:13] == ("postgres", None, None)
    metrics, signature = model[13], model[14]
    assert isinstance(metrics, dict)
    assert set(metrics) == {"r2", "mean_absolute_error", "mean_squared_error", "fit_time", "score_time"}
    assert signature == {
        "fields": [
            {"name": "x", "type": "float4", "size": None},
            {"name": "z", "type": "int4", "size": None},
        ],
        "targets": [{"name": "y", "type": "int4"}],
        "classes": None,
    }
    assert model[15] is True


def test_the_catalog_of_a_classification(sql: Connection) -> None:
    train(sql, "'p', 'classification', 'c', 'y', 'linear'")
    metrics = newest(sql, "metrics")
    assert isinstance(metrics, dict)
    assert set(metrics) == {
        "f1", "precision", "recall", "accuracy", "mcc", "roc_auc", "log_loss", "fit_time", "score_time",
    }  # fmt: skip
    assert newest(sql, "classes") == ["hi", "lo"]
    columns = newest(sql, "columns", "snapshots")
    assert isinstance(columns, list)
    counts = value(
        sql, "select jsonb_object_agg(y, n) from (select y, count(*) as n from c group by y) as classes"
    )
    assert columns[2]["statistics"] == {"distinct": 2, "missing": 0, "categories": counts, "others": 0}
    assert newest(sql, "task::text") == "classification"
    assert newest(sql, "key_metric", "projects") == "f1"
    assert newest(sql, "owner", "projects") == "postgres"


@pytest.mark.parametrize(
    ("view", "columns"),
    [
        (
            "overview",
            "name deployed_at task algorithm runtime relation_name y_column_name test_sampling test_size",
        ),
        ("trained_models", "id name task algorithm runtime created_at test_sampling test_size deployed"),
        ("deployed_models", "id name task algorithm runtime deployed_at"),
    ],
)
def test_the_columns_of_the_views(sql: Connection, view: str, columns: str) -> None:
    cursor = sql.execute(f"select * from pgml.{view}")
    assert [column.name for column in cursor.description or ()] == columns.split()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("projects", "id name task created_at updated_at"),
        ("snapshots", "id relation_name y_column_name test_size test_sampling status columns analysis materialized "
                      "created_at updated_at"),
        ("models", "id project_id snapshot_id num_features algorithm runtime hyperparams status metrics search "
                   "search_params search_args created_at updated_at"),
        ("deployments", "id project_id model_id strategy created_at"),
        ("files", "id model_id path part data created_at updated_at"),
    ],
)  # fmt: skip
def test_the_columns_of_the_tables(sql: Connection, table: str, columns: str) -> None:
    cursor = sql.execute(f"select * from pgml.{table}")
    assert set(columns.split()) <= {column.name for column in cursor.description or ()}


def test_the_rows_of_the_views(sql: Connection) -> None:
    train(sql, "'p', 'regression', 't', 'y'")
    train(sql, "'p', algorithm => 'svm', automatic_deploy => false")
    live, other = (row[0] for row in rows(sql, "select id from pgml.models order by id"))
    assert rows(
        sql, "select id, name, task::text, algorithm::text, deployed from pgml.trained_models order by id"
    ) == [
        (live, "p", "regression", "linear", True),
        (other, "p", "regression", "svm", False),
    ]
    assert rows(sql, "select id, name, algorithm::text from pgml.deployed_models") == [(live, "p", "linear")]
    assert rows(sql, """
        select name, task::text, algorithm::text, runtime::text, relation_name, y_column_name, test_sampling::text,
          test_size from pgml.overview
    """) == [("p", "regression", "linear", "python", "public.t", ["y"], "stratified", 0.25)]  # fmt: skip


def test_only_a_better_model_is_deployed(sql: Connection) -> None:
    assert train(sql, "'p', 'regression', 'curved', 'y'")[3] is True
    assert train(sql, "'p', algorithm => 'random_forest'")[3] is True
    assert train(sql, "'p'")[3] is False
    assert train(sql, "'p', algorithm => 'random_forest', hyperparams => '{\"max_depth\": 1}'")[3] is False
    first, better = rows(
        sql,
        """
        select m.algorithm::text, d.strategy::text, d.reason, d.judgement, d.previous_model_id
        from pgml.deployments d join pgml.models m on m.id = d.model_id order by d.revision
    """,
    )
    assert first[:3] == ("linear", "new_score", "it is the first model of its project")
    assert first[4] is None
    assert better[:2] == ("random_forest", "new_score")
    judgement = better[3]
    assert isinstance(judgement, dict)
    assert judgement["metric"] == "r2"
    assert judgement["challenger"] > judgement["champion"]
    assert judgement["champion_model_id"] == better[4]
    assert judgement["basis"] == "shared_test_rows"
    assert judgement["rows"] == 15
    assert better[2] == (
        f"r2 {judgement['challenger']:.4f} improves on {judgement['champion']:.4f} of model {better[4]}, "
        "on the same 15 test rows, which neither has trained on"
    )
    assert value(sql, "select algorithm::text from pgml.deployed_models") == "random_forest"


def test_models_that_have_no_figure_are_not_compared(session: Connection) -> None:
    said: list[str] = []
    session.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    with undone(session) as sql:
        sql.execute("create table constant as select x, 5 as y from generate_series(1, 30) x")
        train(sql, "'p', 'regression', 'constant', 'y'")
        assert train(sql, "'p', algorithm => 'svm'")[3] is False
    assert said[-1].endswith("each on its own test rows (r2 has no value on the common ones)")


def test_a_training_says_why_it_was_not_deployed(session: Connection) -> None:
    said: list[str] = []
    session.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    with undone(session) as sql:
        train(sql, "'p', 'regression', 't', 'y'")
        train(sql, "'p', algorithm => 'svm', hyperparams => '{\"C\": 0.001}'")
        train(sql, "'p', automatic_deploy => false")
    assert "is deployed: it is the first model of its project" in said[0]
    assert "(svm) is not deployed: r2 " in said[1]
    assert "does not improve on" in said[1]
    assert "is trained and was not to be deployed" in said[2]


def test_automatic_deployment_can_be_left_out(sql: Connection) -> None:
    assert train(sql, "'p', 'regression', 't', 'y', automatic_deploy => false")[3] is False
    assert value(sql, "select count(*) from pgml.deployments") == 0
    assert rows(sql, "select model_id, revision from pgml.endpoints") == [(None, 0)]
    sql.execute("select pgml.deploy('p', 'most_recent')")
    assert value(sql, "select pgml.predict('p', array[1, 1])") == pytest.approx(5.0, abs=1e-3)


def test_a_model_that_callers_cannot_feed_is_not_deployed(sql: Connection) -> None:
    train(sql, "'p', 'regression', 't', 'y'")
    sql.execute("create table t2 as select x, z, 1 as more, y from t")
    assert train(sql, "'p', 'regression', 't2', 'y'")[3] is False
    assert value(sql, "select pgml.predict('p', array[1, 1])") == pytest.approx(5.0, abs=1e-3)


@pytest.mark.parametrize(
    ("arguments", "train_rows", "test_rows"),
    [
        ("test_size => 0.5", 20, 20),
        ("test_size => 10", 30, 10),
        ("test_size => 2", 38, 2),
        ("test_size => 10, test_sampling => 'random'", 30, 10),
        ("test_size => 10, test_sampling => 'first'", 30, 10),
        ("test_size => 0.1, test_sampling => 'last'", 36, 4),
        ("test_size => null", 30, 10),
    ],
)
def test_the_size_of_the_test_part(sql: Connection, arguments: str, train_rows: int, test_rows: int) -> None:
    for target, task in (("t", "regression"), ("c", "classification")):
        train(sql, f"'{target}', '{task}', '{target}', 'y', {arguments}")
        assert newest(sql, "analysis", "snapshots") == {"train": train_rows, "test": test_rows}


def test_first_and_last_rows_are_held_out(sql: Connection) -> None:
    # the first half follows one line and the second another: only a model that trained on its half predicts it
    sql.execute("""
        create table broken as select x::real as x, case when x > 20 then 5 * x else -x end as y
        from generate_series(1, 40) x
    """)
    train(sql, "'first', 'regression', 'broken', 'y', test_size => 0.5, test_sampling => 'first'")
    train(sql, "'last', 'regression', 'broken', 'y', test_size => 0.5, test_sampling => 'last'")
    assert value(sql, "select pgml.predict('first', array[10])") == pytest.approx(50, abs=0.01)
    assert value(sql, "select pgml.predict('last', array[10])") == pytest.approx(-10, abs=0.01)


def test_stratified_keeps_the_share_of_each_class(sql: Connection) -> None:
    sql.execute("""
        create table rare as select x::real as x, case when x % 10 = 0 then 'rare' else 'common' end as y
        from generate_series(1, 200) x
    """)
    train(sql, "'p', 'classification', 'rare', 'y', 'random_forest', '{\"n_estimators\": 2}'")
    split = newest(sql, "split", "snapshots")
    assert isinstance(split, dict)
    assert set(split["thresholds"]) == {"rare", "common"}
    assert newest(sql, "analysis", "snapshots") == {"train": 150, "test": 50}


DATASETS = {
    "digits": (1797, {"image": "smallint[]", "target": "smallint"}),
    "iris": (150, dict.fromkeys(["sepal_length", "sepal_width", "petal_length", "petal_width"], "real")
             | {"target": "integer"}),
    "diabetes": (442, dict.fromkeys(["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6", "target"], "real")),
    "linnerud": (20, dict.fromkeys(["chins", "situps", "jumps", "weight", "waist", "pulse"], "real")),
    "breast_cancer": (569, {"mean radius": "real", "worst fractal dimension": "real", "malignant": "boolean"}),
    "wine": (178, {"alcohol": "real", "od280/od315_of_diluted_wines": "real", "target": "integer"}),
}  # fmt: skip


@pytest.mark.one_server
@pytest.mark.parametrize("name", DATASETS)
def test_load_dataset(sql: Connection, name: str) -> None:
    count, columns = DATASETS[name]
    assert rows(sql, "select table_name, rows from pgml.load_dataset(%s)", [name]) == [
        (f"pgml.{name}", count)
    ]
    found = {
        str(column): kind
        for column, kind in rows(
            sql,
            """
            select attname::text, format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = %s::regclass and attnum > 0
            """,
            [f"pgml.{name}"],
        )
    }
    assert columns.items() <= found.items()
    assert len(found) == {"breast_cancer": 31, "wine": 14}.get(name, len(columns))
    assert value(sql, f"select count(*) from pgml.{name}") == count


def test_load_dataset_with_a_limit_and_twice(sql: Connection) -> None:
    assert rows(sql, "select * from pgml.load_dataset('iris', \"limit\" => 10)") == [("pgml.iris", 10)]
    assert value(sql, "select count(*) from pgml.iris") == 10
    assert rows(sql, "select * from pgml.load_dataset(source => 'iris')") == [("pgml.iris", 150)]
    assert value(sql, "select count(*) from pgml.iris") == 150
    assert value(sql, "select count(*) from pgml.iris where target = 0 and petal_length < 2") == 50
    assert rows(sql, "select * from pgml.load_dataset('iris', null, 0)") == [("pgml.iris", 0)]


def test_what_was_loaded_can_be_trained_on(sql: Connection) -> None:
    sql.execute("select pgml.load_dataset('breast_cancer')")
    train(
        sql, "'p', 'classification', 'pgml.breast_cancer', 'malignant', 'lightgbm', '{\"n_estimators\": 20}'"
    )
    assert newest(sql, "classes") == ["false", "true"]
    right = value(
        sql,
        """
        select avg((pgml.predict('p', b) = malignant::int)::int)::float8 from pgml.breast_cancer b
    """,
    )
    assert float(str(right)) > 0.95
