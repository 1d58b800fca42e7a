"""Clients that are cut off at random get every event once and in order."""

import asyncio
from collections.abc import Callable

import pytest
from web.conftest import Serving
from web.followers import Follower, cut_at_random

from fairlead import new_contact
from fairlead.service.gateway import AsyncGateway

SOME = pytest.param(40, 120, 20, id="some")
A_THOUSAND = pytest.param(1_000, 2_000, 60, id="a thousand", marks=[pytest.mark.long, pytest.mark.timeout(900)])


async def settled(is_so: Callable[[], bool]) -> None:
    """Until something is so, for a bounded time."""
    async with asyncio.timeout(240):
        while not is_so():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("clients", "cuts", "rounds"), [SOME, A_THOUSAND])
async def test_no_event_is_missing_or_comes_twice(
    serving: Callable[..., Serving], gateway: AsyncGateway, clients: int, cuts: int, rounds: int
) -> None:
    address = serving().address
    followers = [Follower(address) for _ in range(clients)]
    following = [asyncio.create_task(one.follow()) for one in followers]
    await settled(lambda: all(one.last_id for one in followers))

    cutting = asyncio.create_task(cut_at_random(followers, cuts, 0.01, seed=7))
    for _ in range(rounds):
        async for _ in gateway.push_many(new_contact("BasicQueue") for _ in range(5)):
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
    await cutting
    told = [event.event_id for event in await gateway.newest_events(1_000) if event.name.startswith("contact.")]
    await settled(lambda: all(one.seen[-1:] == told[-1:] for one in followers))
    for one in followers:
        one.close()
    await asyncio.gather(*following)

    assert len(told) == 5 * rounds
    assert sum(one.cuts for one in followers) == cuts
    assert [one for one in followers if one.seen != told or one.gaps] == []
