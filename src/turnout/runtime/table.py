"""Rows as callers over HTTP send them, matched to a model's columns by name, and what the model answers for them."""

from __future__ import annotations

from array import array as floats
from itertools import chain
from operator import itemgetter

from turnout.input_errors import (
    InvalidBody,
    InvalidRow,
    InvalidValue,
    MissingColumns,
    NoAnswerForRow,
    RepeatedColumn,
)
from turnout.runtime.cells import cell, shortened, shown
from turnout.runtime.predictions import finisher
from turnout.runtime.problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from turnout.runtime.model import Model

    Pick = Callable[[Sequence[Any]], Sequence[Any]]

# plans that are kept; callers of a model use few orders of columns
PLANS = 64
# rows that are prepared and answered together, between which other threads get their turn
ROWS_AT_ONCE = 1024
_NAMES_SHOWN = 20
# seconds for a row of a model that nobody has asked yet: sums are quick, and nobody is to wait for a library's model
_QUICK, _SLOW = 0.00001, 0.002


class Plan:
    """How rows with certain fields become a model's.

    Attributes
    ----------
    pick : function or None
        Takes the model's columns out of a row, in their order; none if a row is that already.
    width : int
        How many values a row has.
    warnings : list of str
        What callers should know about their fields.
    """

    __slots__ = ("pick", "warnings", "width")

    def __init__(self, pick: Pick | None, width: int, warnings: list[str]) -> None:
        self.pick = pick
        self.width = width
        self.warnings = warnings


class Table:
    """A model as it is asked over HTTP.

    Parameters
    ----------
    model
        What answers.

    Attributes
    ----------
    fields : list of str
        The names of what each answer has.
    row_seconds : float
        How long a row takes, as far as is known.
    """

    __slots__ = (
        "_finish", "_names", "_one", "_plain", "_plans", "_predictor", "_straight", "_transform", "fields",
        "row_seconds",
    )  # fmt: skip

    def __init__(self, model: Model) -> None:
        columns = model.transform.columns
        # not the model itself, which has this table: a circle would keep both until somebody looks for circles
        self._transform = model.transform
        self._predictor = model.predictor
        self._names = [column.name for column in columns]
        # a row is one list of numbers, and nothing else
        self._plain = not model.transform.exact and all(
            column.size == 1 and not column.text for column in columns
        )
        arithmetic = model.transform.arithmetic()
        # and these are the predictor's input as they are
        self._straight = self._plain and arithmetic is not None and arithmetic[1] is None
        self._one = model.predictor.one
        self._plans: dict[tuple[str, ...], Plan] = {}
        self.fields, self._finish = finisher(model)
        self.row_seconds = _QUICK if hasattr(model.predictor, "width") else _SLOW

    @staticmethod
    def of(model: Model) -> Table:
        """The table of a model, made when it is first asked for."""
        found: Table | None = model.table
        if found is None:
            found = model.table = Table(model)
        return found

    def plan(self, fields: list[Any] | None, block: str) -> Plan:
        """How rows with these fields become the model's.

        Parameters
        ----------
        fields
            The names of the columns; none for rows in the order of the model's own.
        block
            What an error calls the rows.

        Raises
        ------
        InvalidBody, MissingColumns, RepeatedColumn
            If one of them is no text; if a column of the model is not there, or is there twice.
        """
        if fields is None:
            return Plan(None, len(self._names), [])
        key = tuple(fields)
        try:
            found = self._plans.get(key)
        except TypeError:  # some of them are no names
            found = None
        if found is None:
            _check_names(fields, block)
            found = self._planned(key, block)
            # names that a model doesn't know may be long and many
            if len(key) <= 2 * len(self._names) + PLANS:
                if len(self._plans) >= PLANS:
                    self._plans.pop(next(iter(self._plans)), None)
                self._plans[key] = found
        return found

    def took(self, seconds: float) -> None:
        """Learn how long a row has taken: one hiccup makes no slow model, and a few quick answers make a quick one."""
        known = self.row_seconds
        self.row_seconds = min(seconds, 1.25 * known) if seconds > known else (known + seconds) / 2

    def answers(self, plan: Plan, rows: list[Any], block: str, start: int = 0) -> list[list[Any]]:
        """An answer for each row.

        Parameters
        ----------
        plan
            How the rows become the model's.
        rows
            Some of a block's rows, each a list of JSON values.
        block
            What an error calls the rows.
        start
            The number of the first of them in its block.

        Raises
        ------
        InvalidRow, InvalidValue, NoAnswerForRow
            For the first row that cannot be answered.
        """
        if len(rows) == 1:
            prepared = self._prepared(plan, rows[0], block, start)
            try:
                found = self._finish(self._one(prepared))
            except Problem as problem:
                raise _refused(problem, start, block) from None
            if found is None:
                raise NoAnswerForRow(row=start, block=block)
            return [found]
        answers: list[list[Any]] = []
        for at in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[at : at + ROWS_AT_ONCE]
            answers += self._several(plan, part, block, start + at)
        return answers

    def _several(self, plan: Plan, rows: list[Any], block: str, start: int) -> list[list[Any]]:
        buffer = self._together(plan, rows) if self._straight else None
        if buffer is None:
            buffer = self._transform.buffer()
            for at, row in enumerate(rows, start):
                buffer.extend(self._prepared(plan, row, block, at))
        try:
            scores = self._predictor.many(buffer, len(rows))
        except Problem:
            # one of them is to blame, and found when each is asked about
            return [
                answer
                for at, row in enumerate(rows, start)
                for answer in self.answers(plan, [row], block, at)
            ]
        answers: list[Any] = list(map(self._finish, scores.tolist() if hasattr(scores, "tolist") else scores))
        if None in answers:
            raise NoAnswerForRow(row=start + answers.index(None), block=block)
        return answers

    def _together(self, plan: Plan, rows: list[Any]) -> floats[float] | None:
        """The predictor's input for rows of plain numbers; none if one of them takes a closer look."""
        try:
            if set(map(len, rows)) != {plan.width} or set(map(type, rows)) != {list}:
                return None
            picked = rows if plan.pick is None else map(plan.pick, rows)
            buffer = floats("f", chain.from_iterable(picked))
        except (TypeError, OverflowError):
            return None
        total = sum(buffer)
        return buffer if total - total == 0.0 else None

    def _prepared(self, plan: Plan, row: Any, block: str, at: int) -> floats[float]:
        """The predictor's input for one row."""
        if type(row) is not list or len(row) != plan.width:
            got = f"{len(row)} values" if isinstance(row, list) else shown(row)
            raise InvalidRow(row=at, block=block, got=got, expected=f"an array of {plan.width} values")
        values = row if plan.pick is None else plan.pick(row)
        if self._plain:
            try:
                return self._transform.array(floats("f", values))  # type: ignore[arg-type]
            except (TypeError, OverflowError, Problem):
                # nulls, texts, what is refused: each column by itself
                pass
        return self._looked_at(values, block, at)

    def _looked_at(self, values: Sequence[Any], block: str, at: int) -> floats[float]:
        try:
            cells = list(map(cell, values, self._transform.columns))
            return self._transform.values(cells)
        except Problem as problem:
            told = problem.details
        raise InvalidValue(
            row=at,
            block=block,
            column=told["column"],
            value=shortened(str(told["value"])),
            expected=told["expected"],
        )

    def _planned(self, fields: tuple[str, ...], block: str) -> Plan:
        places = {name: at for at, name in enumerate(fields)}
        missing = [name for name in self._names if name not in places]
        if missing:
            raise MissingColumns(block=block, columns=_listed(missing), got=_listed(fields) or "none")
        if len(places) != len(fields):
            for name in self._names:
                if fields.count(name) > 1:
                    raise RepeatedColumn(block=block, column=name)
        wanted = [places[name] for name in self._names]
        known = set(self._names)
        extra = [name for name in fields if name not in known]
        warnings = [f"{block} has columns that the model does not know, which are ignored: {_listed(extra)}"]
        identity = wanted == list(range(len(fields)))
        return Plan(None if identity else _picker(wanted), len(fields), warnings if extra else [])


def _refused(problem: Problem, at: int, block: str) -> InvalidRow:
    """A model that transforms its rows itself may refuse one for reasons of its own."""
    got = f"refused by the model ({shortened(str(problem.details.get('reason', problem.error.code)))})"
    return InvalidRow(row=at, block=block, got=got, expected="one like those that it was trained on")


def _check_names(fields: list[Any], block: str) -> None:
    for at, field in enumerate(fields):
        if not isinstance(field, str):
            raise InvalidBody(reason=f"{block}: fields[{at}] is {shown(field)}, expected a text")


def _picker(places: list[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    only = places[0]
    return lambda row: (row[only],)


def _listed(names: Sequence[str]) -> str:
    shown_names = [f'"{shortened(name)}"' for name in names[:_NAMES_SHOWN]]
    more = len(names) - _NAMES_SHOWN
    return ", ".join(shown_names) + (f" and {more} more" if more > 0 else "")
