"""Requests that manage are small: of a larger one, no more is read than shows that it is."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

LIMIT = 8 << 20
# these stream their bodies into a file, and have a bound of their own
_STREAMED = "/content"


def bounded(scope: Scope, receive: Receive) -> Receive:
    """What a request is read by: it ends with 413 where too much comes."""
    if scope["path"].endswith(_STREAMED):
        return receive
    size = 0

    async def part() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LIMIT:
            # the one kind of exception that FastAPI lets through while it reads a body
            raise HTTPException(413)
        return message

    return part
