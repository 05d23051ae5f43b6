"""A session inside a PostgreSQL backend, on ``plpy``."""

from __future__ import annotations

import os

import plpy

from turnout.errors import NotPermitted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from turnout.catalog.query import Query
    from turnout.catalog.session import Row, T

_READ_AS_OWNER = "select pgml._read_as_owner()"
_AS_OWNER = "select pgml._as_owner()"
_READ = "select pgml._read()"
_NO_SLEEP = "select pg_catalog.pg_sleep(0)"
_SLEEP = "select pg_catalog.pg_sleep(0.01)"
_POSTMASTER = os.getppid()


class _Door:
    """Hands work from an entry to the function that runs it with other rights or in another snapshot.

    What is handed over lives in this process's memory, which SQL cannot reach: so a caller of the function who has
    not come through an entry finds nothing to run. The outcome comes back the same way, since an exception that
    passes through PostgreSQL loses its class.
    """

    __slots__ = ("error", "outcome", "sql", "work")

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.work: Callable[[], Any] | None = None
        self.outcome: Any = None
        self.error: BaseException | None = None

    def enter(self, work: Callable[[], T]) -> T:
        self.work = work
        try:
            plpy.execute(self.sql)
            outcome, error = self.outcome, self.error
        finally:
            self.work = self.outcome = self.error = None
        if error is not None:
            raise error
        result: T = outcome
        return result

    def run(self) -> None:
        work, self.work = self.work, None
        if work is None:
            raise NotPermitted(what="calling this function", reason="it serves the other functions of pgml")
        try:
            self.outcome = work()
        except BaseException as error:  # carried over to enter(), which raises it
            self.error = error


OWNER = _Door(_AS_OWNER)
READING_OWNER = _Door(_READ_AS_OWNER)
READER = _Door(_READ)


class BackendSession:
    """The caller's own session and transaction.

    Parameters
    ----------
    reading
        Whether the entry is a stable function, as a prediction is: nothing is written then, and every query
        sees what the caller's statement sees.
    """

    __slots__ = ("_owner", "_plans")

    def __init__(self, *, reading: bool = False) -> None:
        self._plans: dict[str, Any] = {}
        self._owner = READING_OWNER if reading else OWNER

    def _plan(self, query: Query) -> Any:
        plan = self._plans.get(query.name)
        if plan is None:
            plan = self._plans[query.name] = plpy.prepare(query.sql, list(query.types))
        return plan

    def rows(self, query: Query, *values: object) -> list[Row]:
        return list(plpy.execute(self._plan(query), list(values)))

    def first(self, query: Query, *values: object) -> Row | None:
        found = plpy.execute(self._plan(query), values, 1)
        return found[0] if found else None

    def one(self, query: Query, *values: object) -> Row:
        return plpy.execute(self._plan(query), values, 1)[0]

    def run(self, sql: str) -> int:
        return int(plpy.execute(sql).nrows())

    def prepared(self, sql: str, types: Sequence[str]) -> Callable[..., int]:
        plan = plpy.prepare(sql, list(types))

        def run(*values: object) -> int:
            return int(plpy.execute(plan, list(values)).nrows())

        return run

    def stream(self, sql: str, size: int) -> Iterator[Row]:
        cursor = plpy.cursor(sql)
        while batch := cursor.fetch(size):
            yield from batch

    def as_owner(self, work: Callable[[], T]) -> T:
        return self._owner.enter(work)

    def in_one_snapshot(self, work: Callable[[], T]) -> T:
        return READER.enter(work)

    def interrupts(self) -> None:
        # only a sleep that lasts notices that the postmaster is gone, and then ends this process
        plpy.execute(_NO_SLEEP if os.getppid() == _POSTMASTER else _SLEEP)

    def notice(self, text: str) -> None:
        plpy.notice(text)

    def warning(self, text: str) -> None:
        plpy.warning(text)
