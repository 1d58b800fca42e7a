"""The loops that all desks of a worker share: wake-ups, lost ones, leases, the sweep.

Two of them have a connection of their own. A wait for wake-ups blocks the connection that it is on. And leases are
renewed whatever becomes of the desks' connection: while that one is silent, or full of what desks have asked, a session
that is late by a third of its lease has nothing else to be late by.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import TypeVar

from fairlead.errors import RedisError
from fairlead.server.connection import BLOCK_S, RETRIES
from fairlead.server.finding import Server
from fairlead.server.wire import Wire
from fairlead.store.client import AsyncStore
from fairlead.store.hints import next_hint
from fairlead.store.reading import last_stamp
from fairlead.store.transitions.renewing import find_finished, find_unseen, renew
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper
from fairlead.store.transitions.working import Session
from fairlead_worker.desk import Desk
from fairlead_worker.link import Link, pause_s
from fairlead_worker.logs import get_logger

T = TypeVar("T")

log = get_logger()

RENEWALS_PER_LEASE = 3
"""One renewal may be lost, and a second be late, before the lease ends."""

LOOK_EVERY_S = 1.0
"""How long a lost wake-up goes unnoticed."""

AGENTS_AT_ONCE = 250
"""Of so many agents one script is asked: it is done in some 2 ms, and keeps Redis from others no longer."""

LOOKS_UNTIL_FINISHED = 5
"""After how many looks what Redis has forgotten is looked for, too: it forgets when it loses its last writes."""


class Background:
    """The shared loops of one worker: each runs until it is cancelled."""

    def __init__(
        self, server: Server, store: AsyncStore, inbox: str, lease_ms: int, link: Link, desks: Mapping[str, Desk]
    ) -> None:
        self._server = server
        self._store = store
        self._inbox = inbox
        self._lease_ms = lease_ms
        self._link = link
        self._desks = desks

    def parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """The loops by name."""
        return {"wake-ups": self.wake, "lost wake-ups": self.look, "leases": self.renew, "sweep": self.sweep}

    async def wake(self) -> None:
        """Wait for hints, and poke whom they name."""
        async with self._connected(retries=0) as store:
            await self._wake(store)

    async def _wake(self, store: AsyncStore) -> None:
        attempt, is_told = 0, False
        while True:
            try:
                hint = await store.run(next_hint(self._inbox, BLOCK_S))
            except RedisError as failure:
                attempt += 1
                self._link.failed("wake-ups", failure)
                await asyncio.sleep(pause_s(attempt))
                for desk in self._desks.values():
                    desk.poke()
                continue
            attempt = 0
            self._link.served("wake-ups")
            desk_of = self._desks.get(hint.agent) if hint else None
            if hint and desk_of:
                desk_of.hear(hint)
                await asyncio.sleep(0)  # the desk says first what a quick handler has ended already
            elif hint and not is_told:
                is_told = True
                log.warning("a wake-up does not name an agent of this worker", inbox=self._inbox)

    async def look(self) -> None:
        """Ask once a second which agents hold what they have not seen, and at times what is finished already.

        Nobody has been given anything since a look that found nothing as long as the stamp stands where it stood.
        """
        settled: object = self
        for number in count(1):
            await asyncio.sleep(LOOK_EVERY_S)
            stamp = await self._link.ask("lost wake-ups", self._store, last_stamp())
            if stamp != settled:
                settled = stamp
                for sessions in _in_pieces(self._sessions()):
                    asked = find_unseen(self._store.keys, sessions)
                    for agent in await self._link.ask("lost wake-ups", self._store, asked):
                        self._desks[agent].poke()
                        settled = self
            if number % LOOKS_UNTIL_FINISHED == 0:
                await self._find_finished()

    async def _find_finished(self) -> None:
        handled = [(desk.session, desk.handled_tokens) for desk in self._desks.values() if desk.session.epoch]
        for some in _in_pieces(handled):
            for held in await self._link.ask("lost wake-ups", self._store, find_finished(self._store.keys, some)):
                self._desks[held.agent].find(held)

    async def renew(self) -> None:
        """Let the sessions live on."""
        async with self._connected() as store:
            while True:
                await asyncio.sleep(self._lease_ms / 1_000 / RENEWALS_PER_LEASE)
                for sessions in _in_pieces(self._sessions()):
                    for agent, epoch in await self._link.ask("leases", store, renew(store.keys, sessions)):
                        self._desks[agent].lose(epoch)

    async def sweep(self) -> None:
        """Do what has come due, for the whole instance."""
        sweeper = Sweeper(self._store.keys)
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            while (await self._link.ask("sweep", self._store, sweeper.sweep())).more:
                pass

    @asynccontextmanager
    async def _connected(self, retries: int = RETRIES) -> AsyncIterator[AsyncStore]:
        """A loop's own connection, which is closed when the loop ends."""
        store = AsyncStore(Wire(self._server.url, self._server.instance, retries=retries), self._server.instance)
        try:
            yield store
        finally:
            await store.close()

    def _sessions(self) -> list[Session]:
        return [desk.session for desk in self._desks.values() if desk.session.epoch]


def _in_pieces(some: Sequence[T]) -> Iterator[Sequence[T]]:
    return (some[first : first + AGENTS_AT_ONCE] for first in range(0, len(some), AGENTS_AT_ONCE))
