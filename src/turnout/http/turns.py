"""Takes a few at once, lets some more wait, and sends the next one away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from turnout.space_errors import TooManyUploads


class Turns:
    """What is done for a few models at once in one process.

    Parameters
    ----------
    at_once
        How many are in their blocks.
    waiting
        How many wait for one of them to leave it.
    """

    def __init__(self, at_once: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._places = waiting
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as the block.

        Raises
        ------
        TooManyUploads
            If as many as may wait do so already.
        """
        if self._waiting >= self._places:
            raise TooManyUploads(waiting=self._waiting, seconds=10)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()
