"""Giving work to the process that trains, and rows to work on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from turnout.catalog.session import Session
from turnout.errors import TurnoutError
from turnout.services import source
from turnout.services.source import Rows
from turnout.training.executors import LocalExecutor

Executors = Callable[[str | None], LocalExecutor]


@contextmanager
def at_work(executor: LocalExecutor) -> Iterator[LocalExecutor]:
    """The executor, started; it stays warm after an error of ours, and does not outlive any other."""
    try:
        executor.start()
        yield executor
    except TurnoutError:
        executor.forget()
        raise
    except BaseException:
        # cancelled, or the database has refused something: no process is to outlive that
        executor.kill()
        raise
    executor.forget()


def give(session: Session, executor: LocalExecutor, job: dict[str, Any], rows: Rows) -> None:
    """Describe a job, and send it the rows.

    Raises
    ------
    TurnoutError
        As `turnout.services.source.send` does, or whatever the job finds wrong with what it is given.
    """
    executor.begin(
        job
        | {
            "relation": rows.relation.asked,
            "fields": [column.described() for column in rows.features],
            "targets": [column.described() for column in rows.targets],
        }
    )

    def send(count: int, columns: list[bytes]) -> None:
        executor.rows({"count": count, "lengths": [len(column) for column in columns]}, b"".join(columns))

    source.send(session, rows, send)
