"""What is kept with a model so that it can be explained: read only, written with the model itself."""

import json
from dataclasses import dataclass
from typing import Any

from turnout.catalog.query import load
from turnout.catalog.session import Session

_Q = load("explanations")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the catalog says of how a model can be explained; nothing for one that was not trained here."""

    algorithm: str | None
    importance: dict[str, Any]
    explanation: dict[str, Any]


def of_model(session: Session, model_id: int) -> Kept | None:
    """What was kept with a model, deleted or not; none if there is no such model."""
    row = session.first(_Q["of_model"], model_id)
    if row is None:
        return None
    return Kept(
        algorithm=row["algorithm"],
        importance=json.loads(row["importance"] or "{}"),
        explanation=json.loads(row["explanation"] or "{}"),
    )


def data(session: Session, model_id: int, path: str) -> bytes:
    """The bytes of one of a model's files; empty if it is not there."""
    return b"".join(row["data"] for row in session.rows(_Q["parts"], model_id, path))
