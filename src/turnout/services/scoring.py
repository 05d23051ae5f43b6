"""Score a whole relation, chunk by chunk, by the model that is live when it begins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from turnout.catalog import chunked, literals, reading, relations, settings
from turnout.domain import columns
from turnout.domain.compatibility import alike
from turnout.errors import (
    InvalidFeature,
    MissingArgument,
    MissingFeature,
    NoAnswer,
    NotSupported,
    UnknownColumn,
    UnusableData,
    UnusableRelation,
    WrongTask,
)
from turnout.runtime.labels import label_text
from turnout.runtime.problem import Problem
from turnout.services import predict, side_by_side
from turnout.services.raw_rows import RawRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from turnout.catalog.relations import Column, Relation
    from turnout.catalog.session import Row, Session
    from turnout.domain.columns import Field
    from turnout.runtime.model import Model

# between two parts it is looked whether the caller has cancelled
ROWS_AT_ONCE = 8192
# the formats that answer in several threads at once, and let each other run
_THREADED = ("trees", "linear", "onnx")


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """A model, and what it is asked about."""

    project: str
    model_id: int
    model: Model
    relation: Relation
    key: Column
    fields: tuple[Field, ...]
    threads: int = 1

    @property
    def classes(self) -> list[Any] | None:
        """The model's classes; none if it is no classifier."""
        return self.model.classes

    @property
    def numbers(self) -> list[float] | None:
        """The answer for each class."""
        return self.model.numbers

    @property
    def labels(self) -> list[str] | None:
        """Each class as text."""
        return None if self.classes is None else [label_text(value) for value in self.classes]

    def named(self, problem: Problem) -> Exception:
        """The error that a problem is for this model."""
        return problem.named(project=self.project, model_id=self.model_id)


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Some rows' answers, as arrays that PostgreSQL reads.

    Attributes
    ----------
    keys
        One text a row.
    scores
        One number a row: the answer, or for a classifier the place of its class, from 1.
    probabilities
        The probabilities of the first row's classes, then those of the second; none unless they were asked for.
    """

    keys: str
    scores: str
    probabilities: str | None


def prepare(session: Session, *, project: str | None, relation: str | None, key: str | None) -> Scoring:
    """Find the live model, the relation and the columns that the model asks for.

    Raises
    ------
    UnknownProject, NothingDeployed, UnknownRelation, UnknownColumn, MissingFeature, InvalidFeature, UnsupportedColumn
        If one of them is not there, or a column is of a kind that the model was not trained on.
    """
    for argument, given, reason in (
        ("relation_name", relation, "it names the rows to score"),
        ("key_column", key, "it names the column that tells the rows apart"),
    ):
        if not given:
            raise MissingArgument(argument=argument, reason=reason)
    threads = settings.predict_threads(session)
    model_id, model = predict.live(session, project)
    _check_task(project or "", model_id, model)
    found = relations.find(session, relation or "")
    by_name = {column.name: column for column in found.columns}
    if key not in by_name:
        raise UnknownColumn(column=key, relation=found.name, columns=", ".join(by_name))
    try:
        fields = tuple(_field(field, by_name) for field in model.fields)
    except Problem as problem:
        error = problem.named(project=project or "", model_id=model_id)
    else:
        return Scoring(
            project=project or "",
            model_id=model_id,
            model=model,
            relation=found,
            key=by_name[key],
            fields=fields,
            threads=threads if model.header["format"] in _THREADED else 1,
        )
    raise error


def _check_task(project: str, model_id: int, model: Model) -> None:
    if model.task == "decomposition":
        raise WrongTask(
            project=project, model_id=model_id, task=model.task, wanted="single answer: ask pgml.decompose"
        )
    if len(model.header.get("targets") or []) > 1:
        raise NotSupported(
            what=f'scoring a relation with model {model_id} of project "{project}"',
            reason="it answers for several targets at once; ask pgml.predict_joint row by row",
        )


def _field(trained: dict[str, Any], by_name: dict[str, Column]) -> Field:
    """How a column of the relation is read where a model was trained on one of that name."""
    name, size = trained["name"], trained.get("size")
    column = by_name.get(name)
    if column is None:
        raise Problem(MissingFeature, column=name, got=", ".join(by_name))
    expected = f"arrays of {size} numbers" if size else trained["type"]
    if column.is_array != (size is not None):
        raise Problem(InvalidFeature, column=name, value=f"of type {column.declared}", expected=expected)
    field = columns.feature(name, column.quoted, column.declared, column.type, size)
    if not alike(trained["type"], field.type):
        raise Problem(InvalidFeature, column=name, value=f"of type {column.declared}", expected=expected)
    return field


def chunks(session: Session, scoring: Scoring, *, probabilities: bool) -> Iterator[Chunk]:
    """Read the relation as one query sees it, and answer for its rows chunk by chunk.

    Raises
    ------
    InvalidFeature, NoAnswer, UnusableRelation
        If a row cannot be answered for; the hint names its key.
    """
    with_probabilities = probabilities and scoring.classes is not None
    for row in _rows(session, scoring, _row_bytes(scoring, with_probabilities)):
        if row["n"]:
            yield _scored(session, scoring, row, with_probabilities)


def _row_bytes(scoring: Scoring, with_probabilities: bool) -> int:
    """What a row takes while its chunk is scored: its numbers, and its classes' probabilities as numbers and text."""
    numbers = sum(field.size or 1 for field in scoring.fields)
    return 8 * numbers + (64 if with_probabilities else 8) * len(scoring.classes or [])


def _rows(session: Session, scoring: Scoring, row_bytes: int) -> Iterator[Row]:
    key, fields = scoring.key.quoted, scoring.fields
    arrays = [field for field in fields if field.size is not None]
    wanted = [("pg_catalog.count(*)", "n"), (reading.keys(key), "keys")]
    wanted += [(reading.aggregate(field), f"c{i}") for i, field in enumerate(fields)]
    wanted += [(reading.other_lengths(field), f"lengths_of_{fields.index(field)}") for field in arrays]
    return chunked.rows(
        session,
        scoring.relation,
        wanted,
        columns=[key, *(field.quoted for field in fields)],
        row_bytes=row_bytes,
    )


def _scored(session: Session, scoring: Scoring, row: Row, with_probabilities: bool) -> Chunk:
    for i, field in enumerate(scoring.fields):
        if others := row.get(f"lengths_of_{i}"):
            value = f"an array of another length in {others} rows or more"
            expected = f"an array of {field.size} numbers"
            raise scoring.named(Problem(InvalidFeature, column=field.name, value=value, expected=expected))
    raw = RawRows(scoring.fields, row)
    scores = _scores(session, scoring, raw, _input(session, scoring, raw))
    if scoring.classes is None:
        return Chunk(keys=row["keys"], scores=literals.reals(scores[:, 0]), probabilities=None)
    # sums in float32 leave the interval by a last bit
    flat = literals.reals(scores.clip(0.0, 1.0).ravel()) if with_probabilities else None
    return Chunk(keys=row["keys"], scores=_places(scores), probabilities=flat)


def _places(scores: NDArray[np.float32]) -> str:
    names = [str(i) for i in range(1, scores.shape[1] + 1)]
    return literals.of(map(names.__getitem__, scores.argmax(axis=1).tolist()))


def _input(session: Session, scoring: Scoring, raw: RawRows) -> Any:
    """The predictor's input, if all rows have one: a matrix, or rows whose values are as they are."""
    place, reason = raw.infinite(), "it has a number out of the range of real"
    if place is None and scoring.model.transform.exact:
        return _records(session, scoring, raw)
    if place is None:
        try:
            return raw.prepared(scoring.model.header)
        except UnusableData as error:
            reason = str(error.details["reason"])
        place = raw.first_unusable(scoring.model.header)
    raise _refused(session, scoring, raw, place, reason)


def _scores(session: Session, scoring: Scoring, raw: RawRows, rows: Any) -> NDArray[np.float32]:
    def answer(part: Any) -> NDArray[np.float32]:
        given: Any = list(chain.from_iterable(part)) if scoring.model.transform.exact else part
        return np.asarray(scoring.model.scores(given, len(part)), np.float32)

    given = [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]
    parts = []
    try:
        for part in side_by_side.mapped(answer, given, scoring.threads):
            parts.append(part)
            session.interrupts()
    except Problem as problem:
        raise _with_key(session, scoring, raw, _first_refused(scoring, rows), problem) from None
    scores = np.concatenate(parts)
    finite = np.isfinite(scores).all(axis=1)
    if not finite.all():
        raise _with_key(session, scoring, raw, int(finite.argmin()), Problem(NoAnswer))
    return scores


def _records(session: Session, scoring: Scoring, raw: RawRows) -> list[Any]:
    """Rows for a model that transforms them itself."""
    found: list[Any] = []
    for place in range(len(raw)):
        try:
            found.append(scoring.model.from_row(raw.row(place)))
        except Problem as problem:
            raise _with_key(session, scoring, raw, place, problem) from None
    return found


def _first_refused(scoring: Scoring, rows: Any) -> int:
    """The first of the rows over which a model that transforms them itself raises."""
    for place, row in enumerate(rows):
        try:
            scoring.model.scores(row, 1)
        except Problem:
            return place
    return 0


def _refused(session: Session, scoring: Scoring, raw: RawRows, place: int, reason: str) -> Exception:
    """The error with which a prediction for one row of the chunk is refused."""
    try:
        scoring.model.from_row(raw.row(place))
    except Problem as problem:
        return _with_key(session, scoring, raw, place, problem)
    return UnusableRelation(relation=scoring.relation.name, reason=reason)


def _with_key(session: Session, scoring: Scoring, raw: RawRows, place: int, problem: Problem) -> Exception:
    found = relations.element(session, raw.keys, place)
    shown = "null" if found is None else f'"{found}"'
    hint = f"in relation {scoring.relation.name}, the row whose {scoring.key.name} is {shown}, maybe among others"
    return scoring.named(Problem(problem.error, **{**problem.details, "hint": hint}))
