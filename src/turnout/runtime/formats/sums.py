"""What trees and linear combinations have in common: the compiled arithmetic where it is, and its two ways in."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable
    from typing import Any

    Shortcut = Callable[[list[Any]], Any]


def _compiled() -> Any:
    try:
        from turnout.runtime import _sums  # type: ignore[attr-defined]
    except ImportError:  # no compiler when this was installed
        return None
    return _sums


COMPILED = _compiled()


class PlainSums:
    """Sums without a compiler: what asks the two formats, which make ``_sums`` of a row each in its own way.

    Attributes
    ----------
    width, scores : int
        How many numbers a row has, and how many scores.
    """

    __slots__ = ("_scores", "scores", "width")

    _scores: Callable[[list[float]], list[float]]
    scores: int
    width: int

    def _sums(self, row: list[float]) -> list[float]:
        raise NotImplementedError

    def one(self, buffer: Any) -> list[float]:
        """The scores of one row of float32."""
        row = _numbers(buffer)
        if len(row) != self.width:
            raise ValueError(f"a row has {self.width} numbers here")
        return self._scores(self._sums(row))

    def many(self, rows: Any, scores: bytearray) -> None:
        """The scores of many rows of float32."""
        numbers = _numbers(rows)
        width, out = self.width, memoryview(scores).cast("f")
        place = 0
        for start in range(0, len(numbers), width):
            for score in self._scores(self._sums(numbers[start : start + width])):
                out[place] = score
                place += 1


def _numbers(buffer: Any) -> list[float]:
    """The numbers of a buffer of float32."""
    return list(memoryview(buffer).cast("B").cast("f"))


# rows for each thread at least, which take longer than to start one
_SHARE = 1_000


class SumsPredictor:
    """Scores from sums.

    Parameters
    ----------
    sums
        The compiled sums, or their twin in Python.
    threads
        How many threads many rows are divided among; 0 for one for each core.
    """

    __slots__ = ("_sums", "_threads", "one")

    def __init__(self, sums: Any, threads: int) -> None:
        self._sums = sums
        self._threads = threads
        self.one: Callable[[array[float]], list[float]] = sums.one

    @property
    def width(self) -> int:
        """Numbers in a row."""
        width: int = self._sums.width
        return width

    def many(self, buffer: Any, count: int) -> Any:
        """The scores of several rows, a matrix without numpy."""
        scores = bytearray(4 * count * self._sums.scores)
        if self._threads != 1 and count >= 2 * _SHARE and COMPILED:
            self._divided(buffer, scores, count)
        else:
            self._sums.many(buffer, scores)
        return memoryview(scores).cast("f", (count, self._sums.scores)) if count else []

    def shortcuts(
        self,
        numbers: list[float] | None,
        takes_missing: bool,
        scaling: tuple[array[float], array[float]] | None,
    ) -> tuple[Shortcut, Shortcut] | None:
        """From a caller's list of plain numbers to the answer at once, or to none where it takes a closer look.

        Parameters
        ----------
        numbers
            What each class is as a number; none for a model that answers with its only score.
        takes_missing
            Whether a missing number is the model's business.
        scaling
            A shift and a scale for every number, float64.

        Returns
        -------
        two functions
            One gives a number, the other one what PL/Python makes a real of soonest. None if nothing is compiled.
        """
        if COMPILED is None or (numbers is None and self._sums.scores != 1):
            return None
        known = tuple(numbers) if numbers is not None else None
        self._sums.ready(known, takes_missing, *(scaling or (None, None)))
        return self._sums.answer, self._sums.written

    def _divided(self, buffer: Any, scores: bytearray, count: int) -> None:
        import os
        from concurrent.futures import ThreadPoolExecutor
        from itertools import pairwise

        threads = min(self._threads or os.cpu_count() or 1, count // _SHARE)
        rows, out = memoryview(buffer).cast("B"), memoryview(scores)
        wide, deep = 4 * self._sums.width, 4 * self._sums.scores
        bounds = [count * i // threads for i in range(threads + 1)]
        with ThreadPoolExecutor(threads) as pool:
            parts = [
                pool.submit(self._sums.many, rows[start * wide : end * wide], out[start * deep : end * deep])
                for start, end in pairwise(bounds)
            ]
            for part in parts:
                part.result()
