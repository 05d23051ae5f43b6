"""The entries that score whole relations."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from turnout.backend.boundary import entry
from turnout.catalog import relations
from turnout.catalog.in_backend import BackendSession
from turnout.errors import NotPermitted
from turnout.services import score_into as writing
from turnout.services import scoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from turnout.services.scoring import Chunk, Scoring

    Answers = tuple[str, str, list[float] | None, list[str] | None, str | None]

SESSION = BackendSession()
READING = BackendSession(reading=True)
_NUMBERS = count(1)


class _Opened:
    """A relation that is being scored, from one call to the next.

    Its cursor lives as long as its transaction. A statement that fails on its way leaves it behind, and the next
    transaction's first one drops it.
    """

    __slots__ = ("asked", "chunks", "transaction")

    def __init__(self, transaction: str, asked: Scoring, chunks: Iterator[Chunk]) -> None:
        self.transaction = transaction
        self.asked = asked
        self.chunks = chunks


_OPENED: dict[int, _Opened] = {}


@entry
def predict_relation(project_name: str | None, relation_name: str | None, key_column: str | None) -> int:
    asked = scoring.prepare(READING, project=project_name, relation=relation_name, key=key_column)
    transaction = relations.transaction(READING)
    for number in [number for number, one in _OPENED.items() if one.transaction != transaction]:
        del _OPENED[number]
    number = next(_NUMBERS)
    _OPENED[number] = _Opened(transaction, asked, scoring.chunks(READING, asked, probabilities=True))
    return number


@entry
def predict_chunk(number: int | None) -> Answers | None:
    opened = _OPENED.pop(number or 0, None)
    if opened is None:
        raise NotPermitted(what="calling this function", reason="it serves pgml.predict_relation")
    chunk = next(opened.chunks, None)
    if chunk is None:
        return None
    # only what has not failed is asked again
    _OPENED[number or 0] = opened
    return (chunk.keys, chunk.scores, opened.asked.numbers, opened.asked.labels, chunk.probabilities)


@entry
def score_into(
    project_name: str | None, relation_name: str | None, key_column: str | None, target_table: str | None
) -> int:
    return writing.score_into(
        SESSION, project=project_name, relation=relation_name, key=key_column, target=target_table
    )
