"""Threads that answer: in order, without the server's signals, and with no work left behind."""

from __future__ import annotations

import signal
import threading

import pytest

from turnout.services.side_by_side import mapped


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_in_the_order_of_what_was_given(threads: int) -> None:
    assert list(mapped(lambda x: -x, list(range(40)), threads)) == [-x for x in range(40)]
    assert list(mapped(lambda x: -x, [], threads)) == []


def test_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)
    assert sorted(mapped(lambda _: both.wait(), [0, 1], 2)) == [0, 1]


def test_signals_go_to_the_thread_that_asks() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    both = threading.Barrier(2, timeout=60)

    def blocked(_: int) -> set[int]:
        both.wait()
        return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))

    for mask in mapped(blocked, [0, 1], 2):
        assert {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM} <= mask
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_an_error_goes_through_and_ends_the_threads() -> None:
    def refuse(x: int) -> int:
        if x == 3:
            raise ValueError("three")
        return x

    found = mapped(refuse, list(range(1000)), 2)
    assert [next(found), next(found), next(found)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)
    assert threading.active_count() == 1


def test_what_has_begun_is_waited_for() -> None:
    ended: list[int] = []
    begun, go_on = threading.Barrier(3, timeout=60), threading.Event()

    def work(x: int) -> int:
        begun.wait()
        if x:
            go_on.wait(60)
        ended.append(x)
        return x

    found = mapped(work, [0, 1, 2], 3)
    assert next(found) == 0
    go_on.set()
    found.close()
    assert threading.active_count() == 1
    assert {1, 2} <= set(ended)
