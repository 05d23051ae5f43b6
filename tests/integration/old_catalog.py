"""A database as PostgresML 2 leaves it: its tables, and what its trainings wrote into them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from tests.servers import Connection

TABLES = """
create schema pgml;
create type pgml.task as enum ('regression', 'classification', 'clustering', 'decomposition', 'text_generation');
create type pgml.sampling as enum ('random', 'last', 'stratified');
create type pgml.runtime as enum ('python', 'rust', 'openai');
create type pgml.strategy as enum ('new_score', 'best_score', 'most_recent', 'rollback', 'specific');
create table pgml.projects (
  id bigserial primary key, name text not null unique, task pgml.task not null,
  created_at timestamp not null default clock_timestamp(), updated_at timestamp not null default clock_timestamp()
);
create table pgml.snapshots (
  id bigserial primary key, relation_name text not null, y_column_name text[], test_size float4 not null,
  test_sampling pgml.sampling not null, status text not null, columns jsonb, analysis jsonb,
  created_at timestamp not null default clock_timestamp(), updated_at timestamp not null default clock_timestamp(),
  materialized boolean default false
);
create table pgml.models (
  id bigserial primary key, project_id bigint not null references pgml.projects on delete cascade,
  snapshot_id bigint references pgml.snapshots on delete set null, num_features int not null, algorithm text not null,
  runtime pgml.runtime default 'python', hyperparams jsonb not null, status text not null, metrics jsonb, search text,
  search_params jsonb not null, search_args jsonb not null,
  created_at timestamp not null default clock_timestamp(), updated_at timestamp not null default clock_timestamp()
);
create table pgml.deployments (
  id bigserial primary key, project_id bigint not null references pgml.projects on delete cascade,
  model_id bigint not null references pgml.models on delete cascade, strategy pgml.strategy not null,
  created_at timestamp not null default clock_timestamp()
);
create table pgml.files (
  id bigserial primary key, model_id bigint not null references pgml.models on delete cascade, path text not null,
  part int not null, created_at timestamp not null default clock_timestamp(),
  updated_at timestamp not null default clock_timestamp(), data bytea not null, unique (model_id, path, part)
);
set timezone = 'UTC';
"""
# version 1 had no types of its own, other names, and kept models in a column
TABLES_1 = """
create schema pgml;
create table pgml.projects (id bigserial primary key, name text, objective text,
  created_at timestamp default clock_timestamp(), updated_at timestamp default clock_timestamp());
create table pgml.snapshots (id bigserial primary key, relation_name text, y_column_name text[], test_size float4,
  test_sampling text, status text, columns jsonb, analysis jsonb,
  created_at timestamp default clock_timestamp(), updated_at timestamp default clock_timestamp());
create table pgml.models (id bigserial primary key, project_id bigint, snapshot_id bigint, algorithm_name text,
  hyperparams jsonb, status text, search text, search_params jsonb, search_args jsonb, metrics jsonb, pickle bytea,
  created_at timestamp default clock_timestamp(), updated_at timestamp default clock_timestamp());
create table pgml.deployments (id bigserial primary key, project_id bigint, model_id bigint, strategy text,
  created_at timestamp default clock_timestamp());
create table pgml.files (id bigserial primary key, model_id bigint, path text, part int, data bytea);
insert into pgml.projects (name, objective) values ('Old', 'regression');
insert into pgml.snapshots (relation_name, y_column_name, test_size, test_sampling, status, columns)
values ('houses', '{price}', 0.25, 'random', 'created', '{"a": "real", "price": "real"}');
insert into pgml.models
  (project_id, snapshot_id, algorithm_name, hyperparams, status, search_params, search_args, metrics, pickle)
values (1, 1, 'orthoganl_matching_pursuit', '{}', 'successful', '{}', '{}', '{"r2": 0.5}', 'cos');
insert into pgml.deployments (project_id, model_id, strategy) values (1, 1, 'best_fit');
"""
# what PostgresML's own files of XGBoost 1.6 answer for some rows
WRITTEN = json.loads((Path(__file__).parent / "postgresml" / "xgboost_1_6.json").read_text())
ROWS = WRITTEN["rows"]
# a program that would leave a file if anybody ran it
PICKLE = b"cos\nsystem\n(S'touch /tmp/turnout_ran_a_pickle'\ntR."


def xgboost_file(name: str) -> bytes:
    """A file that XGBoost 1.6 has written."""
    return base64.b64decode(WRITTEN["models"][name]["data"])


def expected(name: str) -> Any:
    """What XGBoost 1.6 answers for the rows with it."""
    return WRITTEN["models"][name]["answers"]


def lightgbm_file(objective: str, labels: int = 1, width: int = 3) -> bytes:
    """A file that LightGBM writes."""
    generator = np.random.default_rng(3)
    rows = generator.normal(size=(300, width)).astype("f")
    goal = rows[:, 0] * 2 - rows[:, 1] if labels == 1 else np.digitize(rows[:, 0], [-0.5, 0.5][: labels - 1])
    params: dict[str, Any] = {"objective": objective, "verbosity": -1, "num_leaves": 6}
    if labels > 2:
        params["num_class"] = labels
    return str(lightgbm.train(params, lightgbm.Dataset(rows, goal), 5).model_to_string()).encode()


def column(name: str, kind: str = "float4", *, label: bool = False, **more: Any) -> dict[str, Any]:
    """A column as snapshots describe it."""
    asked = {"encode": "native", "impute": "error", "scale": "preserve"} | more.pop("preprocessor", {})
    return {
        "name": name,
        "pg_type": kind,
        "nullable": True,
        "label": label,
        "size": more.pop("size", 1),
        "array": kind.endswith("[]"),
        "preprocessor": asked,
        "statistics": {"min": 0.0, "max": 2.0, "mean": 0.75, "missing": 0, **more},
    }


@dataclass
class OldCatalog:
    """Fills the old tables as trainings and deployments did."""

    connection: Connection
    _clock: int = 0

    @property
    def dsn(self) -> str:
        info = self.connection.info
        return f"postgresql://{info.user}:{info.password}@{info.host}:{info.port}/{info.dbname}"

    def project(self, name: str, task: str) -> int:
        sql = "insert into pgml.projects (name, task) values (%s, %s) returning id"
        return self._id(sql, name, task)

    def snapshot(self, columns: list[dict[str, Any]], relation: str = "public.houses") -> int:
        placed = [{**found, "position": place} for place, found in enumerate(columns, 1)]
        sql = """
            insert into pgml.snapshots
              (relation_name, y_column_name, test_size, test_sampling, status, columns, analysis)
            values (%s, %s, 0.5, 'last', 'in_progress', %s, '{"samples": 200}') returning id
        """
        labels = [found["name"] for found in columns if found["label"]]
        return self._id(sql, relation, labels, json.dumps(placed))

    def model(
        self, project: int, snapshot: int | None, algorithm: str, data: bytes | None, **more: Any
    ) -> int:
        sql = """
            insert into pgml.models (project_id, snapshot_id, num_features, algorithm, runtime, hyperparams, status,
              metrics, search_params, search_args, created_at)
            values (%s, %s, 3, %s, %s, %s, %s, %s, '{}', '{}', %s) returning id
        """
        model = self._id(
            sql, project, snapshot, algorithm, more.get("runtime", "rust"), json.dumps(more.get("hyperparams", {})),
            more.get("status", "successful"), json.dumps(more.get("metrics", {"r2": 0.5, "f1": 0.5})), self._now(),
        )  # fmt: skip
        if data is not None:
            self.connection.execute(
                "insert into pgml.files (model_id, path, part, data) values (%s, 'estimator.rmp', 0, %s)",
                [model, data],
            )
        return model

    def deploy(self, project: int, model: int, strategy: str) -> None:
        self.connection.execute(
            "insert into pgml.deployments (project_id, model_id, strategy, created_at) values (%s, %s, %s, %s)",
            [project, model, strategy, self._now()],
        )

    def _now(self) -> str:
        self._clock += 1
        return f"2024-02-{self._clock:02} 12:00"

    def _id(self, sql: str, *values: object) -> int:
        row = self.connection.execute(sql.encode(), values).fetchone()
        assert row is not None
        return int(str(row[0]))
