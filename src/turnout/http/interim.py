"""Interim responses: a client that hears nothing for a few seconds gives up, though its upload is being looked at.

IBM's SDK sends a model with httpx's default of 5 s between two bytes of the answer, and opening a model may take
longer. HTTP lets a server send "100 Continue" before its answer, as often as it likes. ASGI has no word for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

# below the five seconds, also where both sides are slow
EVERY_SECONDS = 2.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# these are in such a hurry, and take what they have not asked for; not every client does
_HASTY = ("ibm-watsonx-ai", "python-httpx")


@asynccontextmanager
async def awake(request: Request) -> AsyncIterator[None]:
    """Keep a client from giving up while the block goes on, as long as it has not sent an answer."""
    transport = _transport(request)
    if transport is None:
        yield
        return
    task = asyncio.create_task(_say(transport))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _say(transport: asyncio.WriteTransport) -> None:
    while not transport.is_closing():
        await asyncio.sleep(EVERY_SECONDS)
        transport.write(CONTINUE)


def _transport(request: Request) -> asyncio.WriteTransport | None:
    """Where the answer will be written to; none for a client that is patient, or might take this amiss."""
    agent = request.headers.get("user-agent", "").lower()
    if request.scope.get("http_version") != "1.1" or not agent.startswith(_HASTY):
        return None
    # uvicorn's, which holds the connection of this request
    cycle = getattr(request.receive, "__self__", None)
    found: asyncio.WriteTransport | None = getattr(cycle, "transport", None)
    return found
