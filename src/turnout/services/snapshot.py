"""Describe a relation as a training reads it, without training: a row of ``pgml.snapshots`` of its own."""

from dataclasses import dataclass
from typing import Any

from turnout.catalog import relations, settings, snapshots
from turnout.catalog.relations import Relation
from turnout.catalog.session import Session
from turnout.catalog.snapshots import Source
from turnout.domain import choices
from turnout.errors import MissingArgument
from turnout.services import source
from turnout.services.recording import columns
from turnout.services.working import Executors, at_work, give

# numbers that no classification is likely to be meant for; it would count each of them
_FRACTIONS = ("float4", "float8", "numeric")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be described; what is None is what `pgml.train` takes for it."""

    relation: str | None
    target: str | None
    test_size: float | None = 0.25
    sampling: str | None = "stratified"
    preprocess: dict[str, Any]


def snapshot(session: Session, executors: Executors, request: Request) -> Source:
    """Read a relation with the caller's rights, and store the statistics of its columns.

    Raises
    ------
    TurnoutError
        What a training on it would raise before it fits, and before anything is written.
    """
    asked = _checked(request)
    python = session.as_owner(lambda: settings.python(session))
    with at_work(executors(python)) as executor:
        relation = relations.find(session, asked.relation)
        task = _task(relation, asked)
        rows = source.fields_of(session, relation, asked.targets, task=task)
        job = {
            "do": "describe",
            "task": task,
            # no row is put on a side
            "split": {"sampling": asked.sampling, "seed": 0, "test_size": asked.test_size},
            "preprocess": asked.preprocess,
        }
        give(session, executor, job, rows)
        described = executor.described()
    found = Source(
        relation=rows.relation.name,
        targets=asked.targets,
        test_size=asked.test_size,
        sampling=asked.sampling,
        preprocess=asked.preprocess,
    )
    session.as_owner(
        lambda: snapshots.insert(
            session,
            found,
            columns=columns(rows, described["columns"]),
            analysis=described["rows"],
            split=None,
        )
    )
    return asked


def _checked(request: Request) -> Source:
    if not request.relation:
        raise MissingArgument(argument="relation_name", reason="it names what to read")
    if not request.target:
        raise MissingArgument(argument="y_column_name", reason="it names the column to predict")
    if request.sampling is not None:
        choices.one_of("test_sampling", request.sampling, choices.SAMPLINGS)
    source.check_test_size(request.test_size)
    return Source(
        relation=request.relation,
        targets=(request.target,),
        test_size=0.25 if request.test_size is None else request.test_size,
        sampling=request.sampling or "stratified",
        preprocess=request.preprocess,
    )


def _task(relation: Relation, asked: Source) -> str:
    """What the target is likely to be for, which decides how it is read and whether its values are counted."""
    fractions = any(column.name in asked.targets and column.type in _FRACTIONS for column in relation.columns)
    return "regression" if fractions else "classification"
