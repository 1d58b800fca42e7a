"""Runs handlers on a contact centre of `fairlead.testing`, as the worker runs them: its desks, its fence, its scripts.

def test_an_order_is_booked(centre):
    centre.push("BasicQueue", {"item": "cable"})
    [done] = handle(centre, "ana", book)
    assert done.outcome == "completed"

With `pytest_plugins = ["fairlead_worker.testing"]` pytest has the fixture `centre`. There are no assertions here for it
to rewrite: PYTEST_DONT_REWRITE keeps it from a warning when tests import this module first.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from fairlead.domain.criteria import Step
from fairlead.service.contact import Contact, Outcome
from fairlead.service.identity import holder, inbox_name
from fairlead.store.client import AsyncStore
from fairlead.store.offers import Answer, Offer
from fairlead.store.request import Request
from fairlead.store.transitions.renewing import find_unseen
from fairlead.store.transitions.working import Session
from fairlead.testing import FOREVER_S, Centre, Given
from fairlead.testing import centre as new_centre
from fairlead_worker.desk import Desk
from fairlead_worker.fence import Fence
from fairlead_worker.handlers import Handler
from fairlead_worker.link import Link
from fairlead_worker.threads import Threads
from fairlead_worker.watching import end_tasks
from fairlead_worker.worker import checked_agents, checked_handler

__all__ = ["Handled", "centre", "centre_configuration", "handle", "handle_async"]


@dataclass(frozen=True, slots=True)
class Handled:
    """One contact that a handler is done with.

    `outcome`: completed, released, transferred, retried (a callback), or failed. `goes_to`: the target of a transfer.
    `error`: type and place of what the handler raised, or the error with which its transfer or retry was refused.
    """

    contact_id: str
    agent: str
    attempt: int
    outcome: str
    goes_to: str = ""
    error: str = ""


def handle(centre: Centre, agents: Iterable[str] | str, handler: Handler | str, *, profile: str = "") -> list[Handled]:
    """Sign the agents in, handle what they are given until nobody is given anything, and sign them out.

    The clock stands still meanwhile. Answers what was handled, in the order in which it ended. `profile`: the routing
    profile of agents that are not known. An agent whose handler releases a contact is given no other one: it would get
    the same again at once. In asyncio: `await handle_async(...)`. Raises what keeps an agent from signing in.
    """
    return asyncio.run(handle_async(centre, agents, handler, profile=profile))


async def handle_async(
    centre: Centre, agents: Iterable[str] | str, handler: Handler | str, *, profile: str = ""
) -> list[Handled]:
    """As `handle`, in a running event loop."""
    names, checked = checked_agents(agents), checked_handler(handler)
    store, handled = centre.new_async_store(), dict[int, Handled]()
    with Threads() as threads:
        fence = Fence(checked, threads)
        desks = [
            _Desk(store, Link(), _session(store, name, handled), fence, profile=profile, take_over=False)
            for name in names
        ]
        working = {asyncio.create_task(desk.run()): desk for desk in desks}
        try:
            await _until_nothing_is_left(store, working)
        finally:
            await end_tasks(working)
            for desk in desks:
                await desk.sign_out()
            await store.close()
    return list(handled.values())


@pytest.fixture
def centre_configuration() -> Given:
    """The configuration of the fixture `centre`: a file, a text in TOML, or a Configuration. Tests override it."""
    return None


@pytest.fixture
def centre(centre_configuration: Given) -> Iterator[Centre]:
    """A contact centre whose clock the test moves."""
    with new_centre(centre_configuration) as one:
        yield one


@dataclass
class _Session(Session):
    """Notes what it tells the store. What is told last of a token counts: a refused transfer has failed."""

    handled: dict[int, Handled] = field(default_factory=dict)

    def complete(self, offers: Iterable[Offer]) -> Request[Answer]:
        return super().complete([self._noted(offer, "completed") for offer in offers])

    def release(self, offers: Iterable[Offer]) -> Request[Answer]:
        return super().release([self._noted(offer, "released") for offer in offers])

    def fail(self, failures: Iterable[tuple[Offer, str]]) -> Request[Answer]:
        return super().fail([(self._noted(offer, "failed", error=error), error) for offer, error in failures])

    def transfer(self, offer: Offer, queue: str, *, criteria: Sequence[Step | str] = ()) -> Request[Answer]:
        return super().transfer(self._noted(offer, "transferred", goes_to=queue), queue, criteria=criteria)

    def retry_callback(self, offer: Offer) -> Request[Answer]:
        return super().retry_callback(self._noted(offer, "retried"))

    def _noted(self, offer: Offer, outcome: str, **more: Any) -> Offer:
        self.handled[offer.token] = Handled(offer.contact_id, self.agent, offer.attempt, outcome, **more)
        return offer


class _Desk(Desk):
    """A desk that is done when its handler has released a contact."""

    def _note(self, offer: Offer, contact: Contact) -> None:
        super()._note(offer, contact)
        if contact.outcome is Outcome.RELEASE:
            self.drain()


def _session(store: AsyncStore, name: str, handled: dict[int, Handled]) -> _Session:
    lease_ms, inbox = round(FOREVER_S * 1_000), inbox_name("testing")
    return _Session(store.keys, name, "testing", holder(), lease_ms=lease_ms, inbox=inbox, handled=handled)


async def _until_nothing_is_left(store: AsyncStore, working: Mapping[asyncio.Task[None], Desk]) -> None:
    """Nobody waits for hints here: whoever was given something is asked for, and poked."""
    while True:
        for task, desk in working.items():
            await _until_idle(task, desk)
        there = [desk for task, desk in working.items() if not task.done()]
        unseen = await store.run(find_unseen(store.keys, [desk.session for desk in there]))
        if not unseen:
            return
        for desk in there:
            if desk.agent in unseen:
                desk.poke()


async def _until_idle(task: asyncio.Task[None], desk: Desk) -> None:
    """Raises what has ended the desk, if anything has."""
    idle = asyncio.create_task(desk.idle.wait())
    await asyncio.wait({task, idle}, return_when=asyncio.FIRST_COMPLETED)
    idle.cancel()
    if task.done():
        task.result()
