"""Listings in pages: the newest first, each page saying where the next one begins."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request

from turnout.service_errors import InvalidRequest

T = TypeVar("T")
After = tuple[str, UUID]
_START = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_([0-9a-f-]{36})")


class Page:
    """Which part of a listing is asked for.

    Attributes
    ----------
    limit
        How many it may have.
    after
        Time and id of the last one of the page before.
    """

    def __init__(
        self,
        request: Request,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        start: Annotated[
            str | None, Query(max_length=100, description='From "next" of the page before.')
        ] = None,
    ) -> None:
        self.limit = limit
        self.after = None if start is None else _after(start)
        self._url = request.url.remove_query_params("start")

    def answer(
        self,
        found: Sequence[T],
        total: int,
        shape: Callable[[T], dict[str, Any]],
        place: Callable[[T], After],
    ) -> dict[str, Any]:
        """A page as it is answered.

        Parameters
        ----------
        found
            One more than the page may have, if there are more.
        total
            How many there are on all pages.
        shape
            What an entry looks like.
        place
            Time and id of an entry.
        """
        shown = found[: self.limit]
        answer: dict[str, Any] = {
            "limit": self.limit,
            "total_count": total,
            "first": {"href": str(self._url)},
            "resources": [shape(one) for one in shown],
        }
        if len(found) > self.limit:
            start = "{}_{}".format(*place(shown[-1]))
            answer["next"] = {"href": str(self._url.include_query_params(start=start)), "start": start}
        return answer


def _after(start: str) -> After:
    found = _START.fullmatch(start)
    try:
        if found:
            return found[1], UUID(found[2])
    except ValueError:
        pass
    raise InvalidRequest(reason=f'start is {start!r}, expected what "next" of a page said')


PageOf = Annotated[Page, Depends()]
