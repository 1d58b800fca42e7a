"""The parts of a worker are watched: one that dies is started again, or ends the worker with an error."""

import asyncio

import pytest
from fairlead_worker.watching import MOST_DEATHS, end_tasks, keep_running

from fairlead.errors import InvalidName, WorkerFailed


async def test_a_part_that_dies_by_accident_is_started_again() -> None:
    lives: list[int] = []

    async def part() -> None:
        lives.append(len(lives))
        if len(lives) < 3:
            raise ValueError

    await keep_running("part", part)

    assert lives == [0, 1, 2]


async def test_a_part_that_always_dies_ends_the_worker_with_an_error() -> None:
    lives: list[int] = []

    async def part() -> None:
        lives.append(1)
        raise KeyError

    with pytest.raises(WorkerFailed, match=r"failed 5 times, last with KeyError at test_watching\.py"):
        await keep_running("part", part)

    assert len(lives) == MOST_DEATHS


async def test_a_cancellation_that_nobody_asked_for_is_a_death_too() -> None:
    lives: list[int] = []

    async def part() -> None:
        lives.append(1)
        if len(lives) == 1:
            raise asyncio.CancelledError

    await keep_running("part", part)

    assert len(lives) == 2


async def test_a_part_that_is_cancelled_ends() -> None:
    task = asyncio.create_task(keep_running("part", asyncio.Event().wait))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_part_that_gives_up_says_why() -> None:
    async def part() -> None:
        raise InvalidName("no such thing")

    with pytest.raises(InvalidName, match="no such thing"):
        await keep_running("part", part)


async def test_a_part_that_loses_a_cancellation_is_cancelled_again() -> None:
    lost: list[int] = []

    async def part() -> None:
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append(1)
                if len(lost) == 3:
                    raise

    task = asyncio.create_task(part())
    await asyncio.sleep(0)

    await end_tasks([task])

    assert task.cancelled()
    assert len(lost) == 3
