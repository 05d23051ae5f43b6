"""Materialized snapshots: the rows of a training stay, whatever becomes of their relation."""

from __future__ import annotations

import psycopg
import pytest

from tests.servers import Database


def test_rows_are_copied_and_trained_on_again(empty_database: Database) -> None:
    with empty_database.connect() as sql:
        sql.execute("create table t as select x, x * 2 as y from generate_series(1, 40) x")
        sql.execute("create view v as select * from t")
        sql.execute("select pgml.train('m', 'regression', 'v', 'y', materialize_snapshot => true)")
        row = sql.execute("select id, relation_name, materialized from pgml.snapshots").fetchone()
        assert row is not None
        snapshot, name, materialized = row
        assert (name, materialized) == ("public.v", True)
        assert sql.execute(f"select count(*) from pgml.snapshot_{snapshot}").fetchone() == (40,)

        sql.execute("truncate t")
        sql.execute("select pgml.train('m', algorithm => 'random_forest')")
        analysis = sql.execute("select analysis from pgml.snapshots order by id desc limit 1").fetchone()
        assert analysis == ({"test": 10, "train": 30},)
        relation = sql.execute("select relation_name from pgml.snapshots order by id desc limit 1").fetchone()
        assert relation == (f"pgml.snapshot_{snapshot}",)


def test_a_training_that_fails_leaves_no_table(empty_database: Database) -> None:
    with empty_database.connect() as sql:
        sql.execute("create table t as select x, null::int as y from generate_series(1, 40) x")
        with pytest.raises(psycopg.errors.NullValueNotAllowed):
            sql.execute("select pgml.train('m', 'regression', 't', 'y', materialize_snapshot => true)")
        assert sql.execute(
            "select count(*) from pg_tables where tablename like 'snapshot\\_%'"
        ).fetchone() == (0,)
