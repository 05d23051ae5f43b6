"""How many uploads are looked at at once, and how many wait for that."""

from __future__ import annotations

import asyncio

import pytest

from turnout.http.turns import Turns
from turnout.space_errors import TooManyUploads


def test_a_few_have_their_turn_and_some_wait_and_the_next_is_sent_away() -> None:
    async def take(turns: Turns, entered: list[int], number: int, going: asyncio.Event) -> None:
        async with turns.turn():
            entered.append(number)
            await going.wait()

    async def crowd() -> None:
        turns, going = Turns(at_once=2, waiting=3), asyncio.Event()
        entered: list[int] = []
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(take(turns, entered, number, going))
            await asyncio.sleep(0)
            assert entered == [0, 1]
            with pytest.raises(TooManyUploads) as refused:
                await take(turns, entered, -1, going)
            assert (refused.value.http_status, refused.value.details["seconds"]) == (429, 10)
            going.set()
        assert entered == [0, 1, 2, 3, 4]
        await take(turns, entered, 5, going)

    asyncio.run(crowd())


def test_who_gives_up_waiting_gives_the_place_free() -> None:
    async def wait(turns: Turns) -> None:
        async with turns.turn():
            pass

    async def crowd() -> None:
        turns = Turns(at_once=1, waiting=1)
        async with turns.turn():
            gone = asyncio.create_task(wait(turns))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            another = asyncio.create_task(wait(turns))
            await asyncio.sleep(0)
            assert not another.done()
        await another

    asyncio.run(crowd())


def test_a_failure_ends_the_turn() -> None:
    async def fail_twice() -> None:
        turns = Turns(at_once=1, waiting=1)
        for _ in range(2):
            with pytest.raises(ValueError, match="failed"):
                async with turns.turn():
                    raise ValueError("failed")

    asyncio.run(fail_twice())
