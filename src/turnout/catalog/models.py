"""Models and their artifacts: written once, never changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Session
from turnout.errors import BrokenArtifact, UnknownModel

_Q = load("models")
# PostgreSQL copies a value several times on its way, and holds none over 1 GB
PART_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """What the catalog says of a model."""

    id: int
    project_id: int | None
    algorithm: str | None
    status: str
    task: str
    deleted: bool
    artifact_sha256: str | None
    metrics: dict[str, Any]
    signature: dict[str, Any]
    predictor: str | None
    framework: str | None
    split: dict[str, Any] | None

    @property
    def usable(self) -> bool:
        return self.status == "successful" and not self.deleted

    @property
    def state(self) -> str:
        return "deleted" if self.deleted else self.status


@dataclass(frozen=True, kw_only=True)
class NewModel:
    """A model on its way into the catalog."""

    num_features: int
    hyperparams: dict[str, Any]
    metrics: dict[str, Any]
    task: str
    classes: list[str] | None
    signature: dict[str, Any]
    predictor: str
    export: dict[str, Any]
    library: dict[str, Any]
    artifact_sha256: str
    artifact: bytes
    # of a model that was trained here: where, on what, by what
    project_id: int | None = None
    snapshot_id: int | None = None
    algorithm: str | None = None
    runtime: str = "python"
    # of one that was uploaded: in which form it is kept, and what was warned of
    imported: dict[str, Any] | None = None
    source: bytes = b""
    # what explains it: nothing for a model that was not trained here
    importance: dict[str, Any] = field(default_factory=dict)
    explanation: dict[str, Any] = field(default_factory=dict)
    explanation_data: bytes = b""
    search: str | None = None
    search_params: dict[str, Any] = field(default_factory=dict)
    search_args: dict[str, Any] = field(default_factory=dict)


def by_id(session: Session, model_id: int) -> ModelRow | None:
    """What the catalog says of a model, deleted or not."""
    row = session.first(_Q["by_id"], model_id)
    if row is None:
        return None
    fields = dict(row)
    fields["metrics"] = json.loads(row["metrics"]) if row["metrics"] else {}
    fields["signature"] = json.loads(row["signature"]) if row["signature"] else {}
    fields["split"] = json.loads(row["split"]) if row["split"] else None
    return ModelRow(**fields)


def get(session: Session, model_id: int) -> ModelRow:
    """What the catalog says of a model that is known to be there.

    Raises
    ------
    UnknownModel
        If it has just gone.
    """
    model = by_id(session, model_id)
    if model is None:
        raise UnknownModel(model_id=model_id)
    return model


def insert(session: Session, model: NewModel) -> int:
    """Store a model with its files, and look whether all of them have arrived; the new id."""
    row = session.one(
        _Q["insert"],
        model.project_id,
        model.snapshot_id,
        model.num_features,
        model.algorithm,
        model.runtime,
        json.dumps(model.hyperparams),
        json.dumps(model.metrics),
        model.task,
        model.classes,
        json.dumps(model.signature),
        model.predictor,
        json.dumps(model.export),
        json.dumps(model.library),
        model.artifact_sha256,
        len(model.artifact),
        model.search,
        json.dumps(model.search_params),
        json.dumps(model.search_args),
        json.dumps(model.importance),
        json.dumps(model.explanation),
        None if model.imported is None else json.dumps(model.imported),
    )
    model_id = int(row["id"])
    store(session, model_id, "model", model.artifact)
    if model.explanation_data:
        store(session, model_id, "explanation", model.explanation_data)
    if model.source:
        store(session, model_id, "source", model.source)
    return model_id


def store(session: Session, model_id: int, path: str, data: bytes) -> None:
    """Store a file of a model in parts.

    Raises
    ------
    BrokenArtifact
        If not all of it has arrived.
    """
    for number, part in enumerate(_parts(data)):
        session.rows(_Q["insert_file"], model_id, path, number, part)
    stored = session.first(_Q["stored_bytes"], model_id, path)
    if not stored or stored["bytes"] != len(data):
        raise BrokenArtifact(model_id=model_id, reason="not all of it was stored")


def _parts(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PART_BYTES):
        yield data[start : start + PART_BYTES]


def source(session: Session, model_id: int) -> tuple[str, bytes] | None:
    """The form in which an uploaded model is kept, and its bytes; none for one that was trained here."""
    row = session.first(_Q["source"], model_id)
    if row is None:
        return None
    return row["format"], b"".join(part["data"] for part in session.rows(_Q["read_file"], model_id, "source"))


def delete(session: Session, model_id: int) -> None:
    """Mark a model as deleted and remove its files; its row stays."""
    session.rows(_Q["mark_deleted"], model_id)
    session.rows(_Q["delete_files"], model_id)


def beyond(session: Session, project_id: int, newest: int) -> list[int]:
    """The ids of all usable models of a project but its newest so many."""
    return [row["id"] for row in session.rows(_Q["beyond"], project_id, newest)]


def remove_project(session: Session, project_id: int) -> None:
    """Remove every model of a project, files first, after its history has gone."""
    session.rows(_Q["delete_files_of_project"], project_id)
    session.rows(_Q["delete_of_project"], project_id)
