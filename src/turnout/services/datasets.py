"""Load one of the small sets that come along into a table, for tutorials and tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from turnout.catalog import samples, settings
from turnout.catalog.session import Session
from turnout.errors import InvalidArgument, MissingArgument, UnknownDataset
from turnout.training import datasets
from turnout.training.executors import LocalExecutor


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """The table that was made, and its rows."""

    table: str
    rows: int


def load(
    session: Session,
    executors: Callable[[str | None], LocalExecutor],
    *,
    name: str | None,
    subset: str | None = None,
    limit: int | None = None,
) -> Loaded:
    """Make ``pgml.<name>`` of one of scikit-learn's sets; a table of that name gets its rows replaced.

    Raises
    ------
    UnknownDataset, InvalidArgument
        If there is no such set, or it has no such part.
    """
    if name is None:
        raise MissingArgument(argument="source", reason=f"one of {', '.join(datasets.NAMES)}")
    if name not in datasets.NAMES:
        raise UnknownDataset(source=name, choices=", ".join(datasets.NAMES))
    if subset is not None:
        raise InvalidArgument(argument="subset", value=f'"{subset}"', expected=f"null: {name} has no parts")
    if limit is not None and limit < 0:
        raise InvalidArgument(argument="limit", value=limit, expected="a number of rows from 0 up")
    python = session.as_owner(lambda: settings.python(session))
    table = datasets.fetch(executors(python).python, name, session.interrupts)
    rows = table["rows"][:limit]
    samples.replace(session, name, table["columns"], json.dumps(rows))
    return Loaded(table=f"pgml.{name}", rows=len(rows))
