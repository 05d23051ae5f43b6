"""What cannot be trained: one clear message each, a SQLSTATE that callers can act on, and nothing is left."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from tests.extension.statements import contents, refused, rows, value
from tests.servers import Connection, Database

pytestmark = pytest.mark.usefixtures("server")

SCRIPT = """
create table t as select x::real as x, (x % 5)::real as z, x * 2.0::real as y, x % 2 as c
  from generate_series(1, 40) x;
create table empty (x real, y real);
create table one_row as select 1 as x, 2 as y;
create table same_rows as select 1 as x, 2 as y from generate_series(1, 20);
create table one_class as select x, 'all' as y from generate_series(1, 20) x;
create table null_targets as select x, nullif(x % 10, 3) as y from generate_series(1, 20) x;
create table null_texts as select x, nullif('k' || x % 10, 'k3') as y from generate_series(1, 20) x;
create table nan_targets as select x, case when x = 3 then 'NaN'::real else x end as y from generate_series(1, 20) x;
create table null_features as select nullif(x, 3) as x, x % 2 as y from generate_series(1, 20) x;
create table nan_features as select case when x = 3 then 'NaN'::real else x end as x, x % 2 as y
  from generate_series(1, 20) x;
create table infinite as select case when x = 3 then '-Infinity'::real else x end as x, x % 2 as y
  from generate_series(1, 20) x;
create table too_large as select case when x = 3 then 1e39 else x end::float8 as x, x % 2 as y
  from generate_series(1, 20) x;
create table far_too_large as select case when x = 3 then 1e400 else x end::numeric as x, x % 2 as y
  from generate_series(1, 20) x;
create table text_target as select x, 'k' || x % 2 as y from generate_series(1, 20) x;
create table only_target as select x as y from generate_series(1, 20) x;
create table uuids as select gen_random_uuid() as id, x, x as y from generate_series(1, 20) x;
create table documents as select '{}'::jsonb as d, x, x as y from generate_series(1, 20) x;
create table words as select array['a', 'b'] as w, x, x as y from generate_series(1, 20) x;
create table ragged as select array_fill(1, array[x % 3 + 1]) as a, x as y from generate_series(1, 20) x;
create table hollow as select '{}'::int[] as a, x as y from generate_series(1, 20) x;
create table array_target as select x, array[x] as y from generate_series(1, 20) x;
create view broken as select 1 / (x - 3) as x, x as y from generate_series(1, 20) x;
create sequence counter;
select pgml.train('taken', 'regression', 't', 'y');
"""


@pytest.mark.parametrize(
    ("arguments", "sqlstate", "match"),
    [
        ("''", "22004", "project_name is missing"),
        ("null::text", "22004", "project_name is missing"),
        ("'new'", "42704", 'project "new" does not exist'),
        ("'new', 'regression'", "22004", "relation_name is missing"),
        (
            "'new', null, 't', 'y'",
            "22004",
            'task is missing: project "new" is new; it is one of regression, class',
        ),
        ("'new', 'regression', 't'", "22004", "y_column_name is missing: it names the column to predict"),
        (
            "'new', 'regresion', 't', 'y'",
            "22023",
            'task "regresion" does not exist; expected one of: regression, cl',
        ),
        ("'new', 'clustering', 't', 'y', 'svm'", "0A000", "algorithm svm for clustering is not supported"),
        (
            "'taken', 'classification', 't', 'c'",
            "22023",
            '"taken" is a regression project, and cannot be trained for',
        ),
        (
            "'new', 'regression', 't', 'y', 'forest'",
            "22023",
            'algorithm "forest" does not exist; expected one of: lin',
        ),
        (
            "'new', 'regression', 't', 'y', algorithm => 'forest'",
            "22023",
            'algorithm "forest" does not exist',
        ),
        (
            "'new', 'regression', 't', 'y', 'svm', runtime => 'java'",
            "22023",
            'runtime "java" does not exist; .* rust',
        ),
        (
            "'new', 'regression', 't', 'y', search => 'bayes'",
            "22023",
            'search "bayes" does not exist; .* grid, ran',
        ),
        (
            "'new', 'regression', 't', 'y', test_sampling => 'middle'",
            "22023",
            'test_sampling "middle" does not exist',
        ),
        ("'new', 'regression', 'nope', 'y'", "42P01", 'relation "nope" does not exist'),
        ("'new', 'regression', 'nope.t', 'y'", "42P01", 'relation "nope.t" does not exist'),
        ("'new', 'regression', '', 'y'", "42P01", 'relation "" does not exist'),
        ("'new', 'regression', '\"', 'y'", "42P01", 'relation """ does not exist'),
        ("'new', 'regression', 'a.b.c.d', 'y'", "42P01", 'relation "a.b.c.d" does not exist'),
        ("'new', 'regression', 'counter', 'y'", "42P01", 'relation "counter" does not exist'),
        (
            "'new', 'regression', 't', 'nope'",
            "42703",
            'column "nope" does not exist in relation "public.t"; it has: x, ',
        ),
        ("'new', 'regression', 't', ''", "42703", 'column "" does not exist'),
        ("'new', 'regression', 't', 'y', test_size => 0", "22023", "test_size is 0, expected a share"),
        ("'new', 'regression', 't', 'y', test_size => 1", "22023", "test_size is 1.*, expected a share"),
        ("'new', 'regression', 't', 'y', test_size => -0.5", "22023", "test_size is -0.5, expected a share"),
        ("'new', 'regression', 't', 'y', test_size => 'NaN'", "22023", "test_size is nan, expected a share"),
        (
            "'new', 'regression', 't', 'y', test_size => 'Infinity'",
            "22023",
            "test_size is inf, expected a share",
        ),
        (
            "'new', 'regression', 't', 'y', test_size => 2.5",
            "22023",
            "test_size is 2.5, expected a whole number",
        ),
        (
            "'new', 'regression', 't', 'y', test_size => 40",
            "22023",
            "has 40 rows, and test_size 40 leaves none to tr",
        ),
        (
            "'new', 'regression', 't', 'y', test_size => 1000",
            "22023",
            "has 40 rows, and test_size 1000 leaves none",
        ),
        (
            "'new', 'regression', 'empty', 'y'",
            "22023",
            'relation "empty" cannot be trained on: it has no rows',
        ),
        (
            "'new', 'regression', 'one_row', 'y'",
            "22023",
            "it has 1 row, and test_size 0.25 leaves none to train on",
        ),
        ("'new', 'regression', 'same_rows', 'y'", "22023", "its 20 rows are too few different ones"),
        ("'new', 'classification', 'one_class', 'y'", "22023", 'target column "y" has one class only, "all"'),
        (
            "'new', 'regression', 'null_targets', 'y'",
            "22004",
            '2 of 20 rows of relation "null_targets" have no value',
        ),
        ("'new', 'classification', 'null_targets', 'y'", "22004", "2 of 20 rows"),
        ("'new', 'classification', 'null_texts', 'y'", "22004", "2 of 20 rows"),
        ("'new', 'regression', 'nan_targets', 'y'", "22023", 'target column "y" is NaN or infinite in a row'),
        (
            "'new', 'regression', 'null_features', 'y'",
            "22023",
            'column "x" has no value in .* impute it: preprocess =>',
        ),
        (
            "'new', 'classification', 'null_features', 'y', 'svm'",
            "22023",
            'column "x" has no value in .* impute it',
        ),
        (
            "'new', 'regression', 'nan_features', 'y'",
            "22023",
            'column "x" has no value in .* impute it: preprocess =>',
        ),
        (
            "'new', 'regression', 'infinite', 'y'",
            "22023",
            'column "x" has a value that is infinite or out of',
        ),
        (
            "'new', 'regression', 'infinite', 'y', 'xgboost'",
            "22023",
            'column "x" has a value that is infinite or out',
        ),
        (
            "'new', 'regression', 'too_large', 'y', 'lightgbm'",
            "22023",
            'column "x" has a value that is infinite or out',
        ),
        (
            "'new', 'regression', 'far_too_large', 'y'",
            "22023",
            '"far_too_large" .* a number out of the range of doub',
        ),
        (
            "'new', 'regression', 'text_target', 'y'",
            "42804",
            'column "y" has type text, .* the target of a regress',
        ),
        (
            "'new', 'regression', 'array_target', 'y'",
            "42804",
            'column "y" has type integer.., which cannot be used as',
        ),
        ("'new', 'regression', 'only_target', 'y'", "22023", "it has no column but its target"),
        (
            "'new', 'regression', 'uuids', 'y'",
            "42804",
            'column "id" has type uuid, which cannot be used as a featu',
        ),
        (
            "'new', 'regression', 'documents', 'y'",
            "42804",
            'column "d" has type jsonb, which cannot be used as a fe',
        ),
        (
            "'new', 'regression', 'words', 'y'",
            "42804",
            r'column "w" has type text\[\], which cannot be used as a fea',
        ),
        ("'new', 'regression', 'ragged', 'y'", "42804", 'column "a" has type an array of changing length'),
        ("'new', 'regression', 'hollow', 'y'", "22023", 'the arrays of column "a" are empty'),
        ("'new', 'regression', 'broken', 'y'", "22012", "division by zero"),
    ],
)
def test_what_cannot_be_trained(sql: Connection, arguments: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select * from pgml.train({arguments})", sqlstate=sqlstate, match=match)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ("hyperparams => '[]'", r"hyperparams is \[\], expected a JSON object"),
        ("hyperparams => '3'", "hyperparams is 3, expected a JSON object"),
        ("hyperparams => '{\"C\": 1e5000}'", "expected a JSON object whose numbers are in the range of double"),
        ("'random_forest', '{\"n_estimators\": 1e99}'", "is 1e\\+99, expected an integer of at most 1000000"),
        ("'random_forest', '{}', 'grid', '{\"n_estimators\": [1e99]}'", "is 1e\\+99, expected an integer of at most"),
        ("search_params => '[]'", r"search_params is \[\], expected a JSON object"),
        ("preprocess => '1'", "preprocess is 1, expected a JSON object"),
        ("'linear', '{\"nope\": 1}'", 'hyperparameter "nope" of linear: does not exist; there are: copy_X, fit_'),
        ("'linear', '{\"fit_intercepts\": 1}'", "does not exist; did you mean fit_intercept"),
        ("'linear', '{\"fit_intercept\": 17}'", 'hyperparameter "fit_intercept" of linear: is 17, and must be'),
        ("'svm', '{\"C\": -1}'", 'hyperparameter "C" of svm: is -1, and must be a float in the range'),
        ("'svm', '{\"C\": \"x\"}'", 'hyperparameter "C" of svm: is \'x\''),
        ("'svm', '{\"C\": [1]}'", 'hyperparameter "C" of svm: is '),
        ("'svm', '{\"kernel\": \"nope\"}'", "hyperparameter \"kernel\" of svm: is 'nope', and must be a str among"),
        ("'random_forest', '{\"n_estimators\": 0}'", 'hyperparameter "n_estimators" of random_forest: is 0'),
        ("'random_forest', '{\"n_estimators\": 2.5}'", 'hyperparameter "n_estimators" of random_forest: is 2.5'),
        ("'random_forest', '{\"max_depth\": \"deep\"}'", 'hyperparameter "max_depth" of random_forest: is \'deep\''),
        ("'random_forest', '{\"n_estimator\": 3}'", "does not exist; did you mean n_estimators"),
        ("'xgboost', '{\"n_estimator\": 3}'", 'hyperparameter "n_estimator" of xgboost: does not exist; did you mean'),
        ("'xgboost', '{\"n_estimators\": \"many\"}'", 'hyperparameter "n_estimators" of xgboost: is \'many\''),
        ("'xgboost', '{\"max_depth\": \"deep\"}'", 'hyperparameter "max_depth" of xgboost: is \'deep\''),
        ("'xgboost', '{\"max_depth\": -3}'", 'hyperparameter "max_depth" of xgboost: is -3'),
        ("'xgboost', '{\"learning_rate\": \"fast\"}'", 'hyperparameter "learning_rate" of xgboost: is \'fast\''),
        ("'xgboost', '{\"subsample\": 7}'", 'hyperparameter "subsample" of xgboost: is 7'),
        ("'xgboost', '{\"booster\": \"nope\"}'", 'hyperparameter "booster" of xgboost: is \'nope\''),
        ("'xgboost', '{\"objective\": \"multi:softmax\"}'", 'hyperparameter "objective" of xgboost: is \'multi:soft'),
        ("'lightgbm', '{\"num_leafs\": 3}'", 'hyperparameter "num_leafs" of lightgbm: does not exist; did you mean'),
        ("'lightgbm', '{\"num_leaves\": 1}'", 'hyperparameter "num_leaves" of lightgbm: is 1'),
        ("'lightgbm', '{\"num_leaves\": \"x\"}'", 'hyperparameter "num_leaves" of lightgbm: is \'x\''),
        ("'lightgbm', '{\"n_estimators\": 0}'", 'hyperparameter "n_estimators" of lightgbm: is 0'),
        ("'lightgbm', '{\"learning_rate\": -1}'", 'hyperparameter "learning_rate" of lightgbm: is -1'),
        ("'lightgbm', '{\"boosting_type\": \"nope\"}'", 'hyperparameter "boosting_type" of lightgbm: is \'nope\''),
        ("preprocess => '{\"x\": 1}'", 'preprocess of column "x" is 1, expected an object with encode, impute, sca'),
        ("preprocess => '{\"x\": {\"nope\": 1}}'", 'preprocess of column "x": key "nope" does not exist; expected'),
        ("preprocess => '{\"x\": {\"impute\": \"nope\"}}'", 'preprocess of column "x": impute "nope" does not exist'),
        ("preprocess => '{\"x\": {\"scale\": \"nope\"}}'", 'preprocess of column "x": scale "nope" does not exist'),
        ("preprocess => '{\"x\": {\"encode\": \"nope\"}}'", 'preprocess of column "x": encode "nope" does not exist'),
    ],
)  # fmt: skip
def test_hyperparameters_and_preprocessing(sql: Connection, arguments: str, match: str) -> None:
    error = refused(
        sql,
        f"select * from pgml.train('new', 'regression', 't', 'y', {arguments})",
        sqlstate="22023",
        match=match,
    )
    message = error.diag.message_primary or ""
    assert not any(sign in message for sign in ("Stack trace", ".cpp", ".cc:", "site-packages", "\n"))


def test_preprocessing_of_a_column_that_is_not_there(sql: Connection) -> None:
    refused(
        sql, """select pgml.train('new', 'regression', 't', 'y', preprocess => '{"q": {"impute": "mean"}}')""",
        sqlstate="42703", match='column "q" does not exist in relation "t"; it has: x, z, c',
    )  # fmt: skip


@pytest.mark.parametrize("algorithm", ["dbscan", "optics", "spectral"])
def test_an_algorithm_that_cannot_answer_for_other_rows(sql: Connection, algorithm: str) -> None:
    for argument in (f"'{algorithm}'", f"'{algorithm}'::pgml.algorithm"):
        refused(
            sql, f"select pgml.train('new', 'clustering', 't', null, {argument})", sqlstate="0A000",
            match=f"algorithm {algorithm} is not supported: it has no way to answer for rows that it was not",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "arguments", "sqlstate", "match"),
    [
        (
            "nope",
            "",
            "22023",
            'dataset "nope" is not known; expected one of: breast_cancer, diabetes, digits, iris',
        ),
        ("Iris", "", "22023", 'dataset "Iris" is not known'),
        (None, "", "22004", "source is missing: one of breast_cancer"),
        ("iris", ", 'setosa'", "22023", 'subset is "setosa", expected null: iris has no parts'),
        ("iris", ', "limit" => -1', "22023", "limit is -1, expected a number of rows from 0 up"),
    ],
)
def test_datasets(sql: Connection, source: str | None, arguments: str, sqlstate: str, match: str) -> None:
    refused(sql, f"select pgml.load_dataset(%s{arguments})", [source], sqlstate=sqlstate, match=match)
    assert value(sql, "select to_regclass('pgml.iris')") is None


def test_the_session_trains_on_after_an_error(sql: Connection) -> None:
    for arguments in ("'linear', '{\"nope\": 1}'", "'svm', '{\"C\": -1}'", "test_size => 1000"):
        with pytest.raises(psycopg.Error), sql.transaction():
            sql.execute(f"select pgml.train('new', 'regression', 't', 'y', {arguments})")
        sql.execute("select pgml.train('new', 'regression', 't', 'y')")
    assert value(sql, "select count(*) from pgml.trained_models where name = 'new'") == 3


def test_what_is_trained_on_again_has_changed(sql: Connection) -> None:
    sql.execute("create table going as select * from t")
    sql.execute("select pgml.train('new', 'regression', 'going', 'y')")
    sql.execute("alter table going drop column z")
    assert rows(sql, "select deployed from pgml.train('new')") == [(False,)]
    sql.execute("alter table going rename column y to z")
    refused(
        sql, "select pgml.train('new')", sqlstate="42703", match='column "y" does not exist in .*has: x, z, c'
    )
    sql.execute("drop table going")
    refused(sql, "select pgml.train('new')", sqlstate="42P01", match='relation "public.going" does not exist')


CHANGES = (
    "drop table slow_table cascade",
    "alter table slow_table drop column x cascade",
    "truncate slow_table",
)


def test_what_a_training_reads_is_kept_as_it_is(database: Database) -> None:
    with database.connect() as trainer, database.connect() as other:
        other.execute("""
            create table slow_table as select * from t;
            create view slow as select x, y from slow_table where pg_sleep(0.02) is not null
        """)
        table = value(other, "select 'slow_table'::regclass::oid")
        outcome: list[object] = []

        def train() -> None:
            trainer.execute("select pgml.train('slow', 'regression', 'slow', 'y', automatic_deploy => false)")
            outcome.append(value(trainer, "select analysis from pgml.snapshots order by id desc limit 1"))

        thread = threading.Thread(target=train)
        thread.start()
        _wait_for_lock(other, table, granted=True)
        other.execute("set lock_timeout = '50ms'")
        for change in CHANGES:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(change)
        other.execute("set lock_timeout = 0")
        other.execute("drop table slow_table cascade")
        thread.join()
        assert outcome == [{"train": 30, "test": 10}]
        other.execute("select pgml.delete_project('slow')")


def test_a_relation_that_goes_before_it_is_read(database: Database) -> None:
    with database.connect() as trainer, database.connect() as other:
        other.execute("create table leaving as select * from t")
        table = value(other, "select 'leaving'::regclass::oid")
        before = contents(other)
        outcome: list[str | None] = []

        def train() -> None:
            try:
                trainer.execute("select pgml.train('leaving', 'regression', 'leaving', 'y')")
            except psycopg.Error as error:
                outcome.append(error.sqlstate)

        thread = threading.Thread(target=train)
        with other.transaction():
            other.execute("drop table leaving")
            thread.start()
            _wait_for_lock(other, table, granted=False)
        thread.join()
        assert outcome == ["42P01"]
        assert contents(other) == before


def _wait_for_lock(connection: Connection, table: object, *, granted: bool) -> None:
    """Until another session has, or waits for, the lock of one who reads the table."""
    asked = """
        select exists (select from pg_locks where relation = %s and granted = %s and mode = 'AccessShareLock'
                       and pid <> pg_backend_pid())
    """
    deadline = time.monotonic() + 60
    while not value(connection, asked, [table, granted]):
        assert time.monotonic() < deadline, "the training has not come to the table"
        time.sleep(0.01)
