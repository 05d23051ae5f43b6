"""Write the predictions for a whole relation into a table, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from turnout.catalog import targets
from turnout.errors import InvalidArgument, MissingArgument
from turnout.services import scoring

if TYPE_CHECKING:
    from turnout.catalog.session import Session


def score_into(
    session: Session, *, project: str | None, relation: str | None, key: str | None, target: str | None
) -> int:
    """Score a relation and insert each row's key and answer; how many rows were inserted.

    Parameters
    ----------
    session
        The caller's; its rights decide what can be read and written.
    target
        A table with the columns ``key`` and ``prediction``, of which ``label`` and ``probabilities`` are filled too
        where a classifier answers; it is made if it does not exist.

    Raises
    ------
    TurnoutError
        As `scoring.prepare` and `scoring.chunks` do; `UnusableTable` if the table cannot take the values.
    """
    if not target:
        raise MissingArgument(argument="target_table", reason="it names where the predictions go")
    asked = scoring.prepare(session, project=project, relation=relation, key=key)
    table = targets.find_or_make(session, target, asked.key.declared)
    if table.id == asked.relation.id:
        raise InvalidArgument(
            argument="target_table",
            value=f"{table.name}, which is the relation to score",
            expected="another table",
        )
    filled = targets.check(session, table, asked.key.declared, classifies=asked.classes is not None)
    write = targets.writer(session, table, asked.key.declared, filled)
    return sum(
        write(chunk.keys, chunk.scores, asked.numbers, asked.labels, chunk.probabilities)
        for chunk in scoring.chunks(session, asked, probabilities="probabilities" in filled)
    )
