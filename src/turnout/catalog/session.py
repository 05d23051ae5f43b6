"""What a service talks to: a session of PostgreSQL, inside a backend or over the wire."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from turnout.catalog.query import Query

T = TypeVar("T")
Row = Mapping[str, Any]


class Session(Protocol):
    """Runs named queries in the caller's transaction."""

    def rows(self, query: Query, *values: object) -> list[Row]:
        """All rows of a query."""

    def one(self, query: Query, *values: object) -> Row:
        """The row of a query that always has one."""

    def first(self, query: Query, *values: object) -> Row | None:
        """The first row of a query, or None."""

    def run(self, sql: str) -> int:
        """Run a statement that has no parameters; the number of rows it touched."""

    def prepared(self, sql: str, types: Sequence[str]) -> Callable[..., int]:
        """A statement with parameters ``$1`` ... ``$n``, to be run many times; each gives the rows it touched."""

    def stream(self, sql: str, size: int) -> Iterator[Row]:
        """The rows of a statement, fetched ``size`` at a time."""

    def as_owner(self, work: Callable[[], T]) -> T:
        """Run ``work`` with the rights of the extension's owner."""

    def in_one_snapshot(self, work: Callable[[], T]) -> T:
        """Run ``work``, which only reads, so that all its queries see the same rows."""

    def interrupts(self) -> None:
        """Raise if the caller has cancelled."""

    def notice(self, text: str) -> None:
        """Tell the caller something that is no error."""

    def warning(self, text: str) -> None:
        """Tell the caller something to look at."""
