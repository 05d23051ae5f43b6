"""Slows down who guesses keys."""

import math
import time
from collections import OrderedDict

FREE = 5
LONGEST = 60.0
MOST = 10_000


class Throttle:
    """Counts the failures of each key, and says how long the next attempt has to wait: 1, 2, 4 ... 60 seconds.

    The keys are bounded in number; the one that failed longest ago is forgotten first.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, key: str, *, now: float | None = None) -> int:
        """Whole seconds until the next attempt is looked at; 0 for at once.

        >>> throttle = Throttle()
        >>> for _ in range(FREE + 1): throttle.failed("ann", now=0.0)
        >>> throttle.wait("ann", now=0.0), throttle.wait("ann", now=2.5), throttle.wait("bob", now=0.0)
        (2, 0, 0)
        """
        count, last = self._failures.get(key, (0, 0.0))
        if count < FREE:
            return 0
        until = last + min(2.0 ** (count - FREE), LONGEST)
        return max(0, math.ceil(until - (time.monotonic() if now is None else now)))

    def failed(self, key: str, *, now: float | None = None) -> None:
        """Count a failure."""
        count, _ = self._failures.pop(key, (0, 0.0))
        self._failures[key] = (min(count + 1, 64), time.monotonic() if now is None else now)
        if len(self._failures) > MOST:
            self._failures.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures."""
        self._failures.pop(key, None)
