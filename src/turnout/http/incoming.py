"""Bodies that come in parts: how much is taken of one, and of all together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from turnout.input_errors import BodyTooLarge, TooBusy

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

# what all large bodies of a process may have together, in sizes of the largest one
BODIES = 4
# what is read of a body that is too large, so that a client who sends all of it before it listens hears why
_DRAINED = 4


class Disconnected(Exception):
    """The client has gone."""


class Bodies:
    """The bodies that a process is reading, or has read and not answered.

    Parameters
    ----------
    limit
        Bytes that one of them may have.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0

    async def read(self, receive: Receive, *, announced: int) -> bytearray:
        """A body, to be let go of when it has been answered.

        Raises
        ------
        BodyTooLarge, TooBusy, Disconnected
            Before more of it is kept than may be.
        """
        # grows in place: a copy at the end would hold up everybody else
        body = bytearray()
        size, more = 0, True
        try:
            while more and max(size, announced) <= self.limit:
                part, more = await _part(receive)
                size += len(part)
                self._hold(len(part))
                body += part
        except BaseException:
            self.let_go(size)
            raise
        if max(size, announced) <= self.limit:
            return body
        self.let_go(size)
        body.clear()
        while more and size < _DRAINED * self.limit:
            part, more = await _part(receive)
            size += len(part)
        raise BodyTooLarge(what="the request", limit=self.limit)

    def let_go(self, size: int) -> None:
        """Count a body no more."""
        self._held -= size

    def _hold(self, size: int) -> None:
        self._held += size
        if self._held > BODIES * self.limit:
            raise TooBusy(reason="too many large requests have come at the same time")


async def _part(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)
