"""The catalog of PostgresML, read over the wire, and what is carried over from it, written into ours."""

import json
from dataclasses import dataclass
from typing import Any

import psycopg

from turnout.catalog import models
from turnout.catalog.over_wire import WireSession
from turnout.catalog.query import load
from turnout.catalog.session import Row
from turnout.errors import NameTaken, NotPermitted
from turnout.server_errors import CannotMigrate

_Q = load("postgresml")


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The file of a model, as the old catalog has it."""

    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Old:
    """All that the old catalog says, in the order of its ids; deployments in the order of their times."""

    database: str
    zone: str
    projects: list[Row]
    snapshots: dict[int, Row]
    models: list[Row]
    deployments: list[Row]
    files: dict[int, Stored]


def read(session: WireSession) -> Old:
    """Read the old catalog, but for its files' contents.

    Raises
    ------
    CannotMigrate
        If it is none, or ours.
    """
    kind = session.one(_Q["kind"])
    if kind["ours"] or not kind["there"]:
        reason = "its schema pgml is already ours" if kind["ours"] else "it has no tables of PostgresML"
        raise CannotMigrate(
            database=kind["database"], reason=reason, hint="--from names the database that PostgresML is in"
        )
    return Old(
        database=kind["database"],
        zone=kind["zone"],
        projects=_documents(session, "projects"),
        snapshots={row["id"]: row for row in _documents(session, "snapshots")},
        models=_documents(session, "models"),
        deployments=_documents(session, "deployments"),
        files={
            row["model_id"]: Stored(bytes=row["bytes"], sha256=row["sha256"])
            for row in session.rows(_Q["files"])
        },
    )


def _documents(session: WireSession, name: str) -> list[Row]:
    return [json.loads(row["row"]) for row in session.rows(_Q[name])]


def contents(session: WireSession, model_id: int) -> bytes:
    """The file of a model, its parts put together."""
    return b"".join(row["data"] for row in session.rows(_Q["file"], model_id))


def answers(session: WireSession, model_id: int, rows: list[list[float]]) -> list[float] | None:
    """What the old server answers for rows of features; none where PostgresML doesn't run any more."""
    try:
        with session.connection.transaction():
            return [float(session.one(_Q["predict"], model_id, row)["answer"]) for row in rows]
    except psycopg.errors.QueryCanceled:
        raise
    except psycopg.Error:
        return None


def require_owner(session: WireSession) -> str:
    """The role of the session, which must be the extension's owner, or a member of it.

    Raises
    ------
    CannotMigrate, NotPermitted
        If there is no extension, or it belongs to others.
    """
    found = session.first(_Q["owner"])
    kind = session.one(_Q["kind"])
    if found is None or not kind["ours"]:
        raise CannotMigrate(
            database=kind["database"],
            reason="the extension is not installed where the models are to go",
            hint="turnout install --dsn ... puts it there",
        )
    if not found["owns"]:
        raise NotPermitted(
            what=f'migrating as role "{found["role"]}"', reason=f'schema pgml belongs to "{found["owner"]}"'
        )
    return str(found["role"])


def taken(session: WireSession, names: list[str]) -> list[str]:
    """Those of the names that an endpoint has already."""
    return [row["name"] for row in session.rows(_Q["taken"], names)]


def literals(session: WireSession, texts: list[str]) -> list[str]:
    """Texts as SQL writes them."""
    return [row["literal"] for row in session.rows(_Q["literals"], texts)]


def call(session: WireSession, function: str, arguments: list[str]) -> str:
    """The statement that calls a function of ours; its arguments are written as SQL already."""
    return str(session.one(_Q["call"], function, arguments)["statement"])


def insert_project(session: WireSession, project: Row, **made: Any) -> tuple[int, int]:
    """Store a project with its endpoint; the ids of both.

    Raises
    ------
    NameTaken
        If somebody has just made one of that name.
    """
    row = session.first(
        _Q["insert_project"],
        project["name"],
        made["task"],
        made["owner"],
        made["seed"],
        made["key_metric"],
        project["created_at"],
        project["updated_at"],
        made["zone"],
    )
    endpoint = row and session.first(_Q["insert_endpoint"], project["name"], row["id"])
    if not row or not endpoint:
        raise NameTaken(name=project["name"], kind="project")
    return int(row["id"]), int(endpoint["id"])


def insert_snapshot(session: WireSession, snapshot: Row, **made: Any) -> int:
    """Store a snapshot; its id."""
    row = session.one(
        _Q["insert_snapshot"],
        snapshot["relation_name"],
        snapshot.get("y_column_name"),
        snapshot["test_size"],
        made["sampling"],
        json.dumps(snapshot.get("columns")),
        json.dumps(snapshot.get("analysis")),
        json.dumps(made["preprocess"]),
        snapshot["created_at"],
        snapshot["updated_at"],
        made["zone"],
    )
    return int(row["id"])


def insert_model(session: WireSession, model: Row, **made: Any) -> int:
    """Store a model, with its artifact if it has one; its id."""
    artifact: bytes | None = made["artifact"]
    row = session.one(
        _Q["insert_model"],
        made["project_id"],
        made["snapshot_id"],
        made["num_features"],
        made["algorithm"],
        made["runtime"],
        json.dumps(model.get("hyperparams") or {}),
        made["status"],
        json.dumps(model.get("metrics")),
        made["search"],
        json.dumps(model.get("search_params") or {}),
        json.dumps(model.get("search_args") or {}),
        made["task"],
        made["classes"],
        json.dumps(made["signature"]),
        made["predictor"],
        json.dumps(made["library"]),
        made["sha256"],
        made["bytes"],
        made["error"],
        model["created_at"],
        model["updated_at"],
        made["zone"],
    )
    model_id = int(row["id"])
    if artifact is not None:
        models.store(session, model_id, "model", artifact)
    return model_id


def insert_deployment(session: WireSession, *values: object) -> None:
    """Store a deployment: endpoint, project, model, strategy, revision, previous model, reason, time and its zone."""
    session.rows(_Q["insert_deployment"], *values)


def point(session: WireSession, endpoint_id: int, model_id: int, revision: int) -> None:
    """Let an endpoint, which nobody has seen yet, answer with the model of its last deployment."""
    session.rows(_Q["point"], endpoint_id, model_id, revision)
