"""Where our errors become PostgreSQL's, with SQLSTATE, message and hint."""

from __future__ import annotations

import plpy

from turnout.errors import TurnoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """An entry that raises our errors as PostgreSQL's own.

    Nothing else is caught: a cancelled query, above all, has to go through.
    """

    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TurnoutError as error:
            failure = _as_database_error(error)
        # raised out here, so that the message does not drag the inner traceback along
        raise failure

    return call


def _as_database_error(error: TurnoutError) -> Exception:
    """An error that PL/Python reports with our code; its class's name begins the message."""
    kind = type(type(error).__name__, (plpy.Error,), {"__module__": "pgml"})
    failure: Exception = kind(error.message)
    failure.sqlstate = error.sqlstate  # type: ignore[attr-defined]
    if error.advice:
        failure.hint = error.advice  # type: ignore[attr-defined]
    return failure
