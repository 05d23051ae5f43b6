"""Work that needs no session, done by several threads of this process."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import TypeVar

    Given = TypeVar("Given")
    Found = TypeVar("Found")


def mapped(work: Callable[[Given], Found], given: Sequence[Given], threads: int) -> Generator[Found]:
    """What comes of each, in their order; whoever stops asking waits for what has begun, and no more.

    The server's handlers of signals belong to its own thread, so ours get no signals.
    """
    if threads == 1 or len(given) < 2:
        yield from map(work, given)
        return
    pool = ThreadPoolExecutor(min(threads, len(given)))
    try:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            # a thread has the mask of the one that starts it
            futures = [pool.submit(work, one) for one in given]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for future in futures:
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)
