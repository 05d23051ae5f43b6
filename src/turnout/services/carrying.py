"""One model of PostgresML's Rust runtime, from its file and its columns to an artifact that has answered."""

from dataclasses import dataclass
from typing import Any

from turnout.catalog import postgresml
from turnout.catalog.over_wire import WireSession
from turnout.catalog.postgresml import Old
from turnout.catalog.session import Row
from turnout.domain import postgresml as facts
from turnout.domain.postgresml import NotCarried
from turnout.runtime.artifact import pack, unpack
from turnout.runtime.model import Model
from turnout.training.native_child import NativeReader

# rows to ask both servers for: zeros among them, which XGBoost may take for missing
_PROBES = (0.0, 1.0, -1.0, 0.5, 10.0)
_NEAR = 1e-4


@dataclass(frozen=True, kw_only=True)
class Carried:
    """An artifact, its header, and whether the old server has answered alike."""

    artifact: bytes
    header: dict[str, Any]
    compared: bool


def carry(session: WireSession, reader: NativeReader, old: Old, project: Row, model: Row) -> Carried:
    """Make an artifact of a model that its library wrote itself.

    Parameters
    ----------
    session
        The old database.
    reader
        Reads the file.

    Raises
    ------
    NotCarried
        With the reason.
    """
    if model["id"] not in old.files:
        raise NotCarried("its file is missing")
    snapshot = old.snapshots[model["snapshot_id"]]
    facts.check_columns(snapshot)
    job = {
        "task": facts.task_of(project),
        "algorithm": facts.algorithm_of(model),
        "snapshot": snapshot,
        "rewritten_by": _rewriter(old, model),
    }
    artifact = reader.artifact(job, postgresml.contents(session, model["id"]))
    header, payload = unpack(artifact)
    answers = _answers(session, model, header)
    if answers is None:
        return Carried(artifact=artifact, header=header, compared=False)
    others = {name: value for name, value in header.items() if name != "missing"}
    for candidate in dict.fromkeys((artifact, pack(others, bytes(payload)))):
        if _alike(Model.load(candidate), answers):
            return Carried(artifact=candidate, header=header, compared=True)
    raise NotCarried("it answers otherwise here than on the old server")


def _rewriter(old: Old, model: Row) -> int | None:
    """The newest model on the same snapshot: each training writes its statistics there."""
    newest = max(
        (other for other in old.models if other.get("snapshot_id") == model["snapshot_id"]),
        key=lambda other: (other["created_at"], other["id"]),
    )
    return None if newest["id"] == model["id"] else int(newest["id"])


def _answers(
    session: WireSession, model: Row, header: dict[str, Any]
) -> list[tuple[list[float], float]] | None:
    """What the old server says to some rows; none where it can't be asked, or gets such models wrong."""
    if (model.get("hyperparams") or {}).get("objective") or any("encode" in e for e in header["transform"]):
        return None
    width = sum(field["size"] or 1 for field in header["fields"])
    probes = [[value] * width for value in _PROBES]
    probes += [[float((row + place) % 3) for place in range(width)] for row in range(3)]
    answers = postgresml.answers(session, model["id"], probes)
    return None if answers is None else list(zip(probes, answers, strict=True))


def _alike(model: Model, answers: list[tuple[list[float], float]]) -> bool:
    return all(
        abs(model.predict_array(list(probe)) - answer) <= _NEAR * max(abs(answer), 1)
        for probe, answer in answers
    )
