"""What a process serves from: its connections, and the looks that all clients share."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Request

from fairlead.cli.outage import Outage
from fairlead.errors import FairleadError
from fairlead.server.finding import Server, find_server
from fairlead.service.gateway import AsyncGateway
from fairlead.service.shared import AsyncShared
from fairlead.service.snapshot import Snapshot, described
from fairlead_web.api.access import RATE, Access
from fairlead_web.api.ring import SIZE, Ring
from fairlead_web.metrics import exposition
from fairlead_web.webhooks.addresses import Network

SWEEP_EVERY_S = 1.0
MOST_STREAMS = 2_000
"""How many streams of events one process serves."""


class Look:
    """A snapshot, and what is made of it, each once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._made: dict[Callable[[Snapshot], bytes], bytes] = {}

    def made(self, make: Callable[[Snapshot], bytes]) -> bytes:
        """What `make` makes of it."""
        if make not in self._made:
            self._made[make] = make(self.snapshot)
        return self._made[make]


def as_json(snapshot: Snapshot) -> bytes:
    """The snapshot for programs."""
    return orjson.dumps(described(snapshot))


def as_metrics(snapshot: Snapshot) -> bytes:
    """The snapshot for Prometheus."""
    return exposition(snapshot).encode()


class Site:
    """What a process serves from. `say`: tells a person that Redis fails, and that it serves again; `where`: the
    instance, for the jobs that deliver webhooks; `networks`: of one's own, which webhooks may reach. Whoever reads all
    events to reconstruct something holds `reconstructing`, so that however many ask, all others are answered.
    """

    def __init__(
        self,
        gateway: AsyncGateway,
        say: Callable[[str], object] = print,
        *,
        ring_size: int = SIZE,
        most_streams: int = MOST_STREAMS,
        rate: float = RATE,
        where: Server | None = None,
        networks: Sequence[Network] = (),
    ) -> None:
        self.gateway = gateway
        self._outage = Outage(say)
        self.ring = Ring(gateway, lambda failure: self._outage.note(failure, "events"), ring_size)
        self.look: AsyncShared[Look] = AsyncShared(self._take)
        self.access = Access(gateway, rate=rate)
        self.reconstructing = asyncio.Lock()
        self.most_streams = most_streams
        self.streams = 0
        self._where = where
        self.networks = networks

    @cached_property
    def deliveries(self) -> Any:
        """Where deliveries of webhooks wait; RQ is loaded when it is asked for."""
        from fairlead_web.webhooks.delivering import queue_of

        return queue_of(self._where or find_server(None, None))

    async def _take(self) -> Look:
        return Look(await self.gateway.snapshot("signed_in"))

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """While this lasts the ring is filled and what comes due is done."""
        await self.access.refresh()
        await self.ring.fill()
        tasks = [asyncio.create_task(self.ring.follow()), asyncio.create_task(self._sweep())]
        try:
            yield
        finally:
            self.ring.close()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _sweep(self) -> None:
        while not self.ring.is_closed:
            try:
                await self.gateway.sweep()
                self._outage.note(None, "sweep")
            except FairleadError as failure:
                self._outage.note(failure, "sweep")
            await asyncio.sleep(SWEEP_EVERY_S)


def site_of(request: Request) -> Site:
    """The site of the application that was asked."""
    site: Any = request.app.state.site
    assert isinstance(site, Site)  # noqa: S101  # the application has put it there
    return site


def gateway_for(request: Request) -> AsyncGateway:
    """The instance, asked for who asks: `may` has found out who that is."""
    return site_of(request).gateway.acting(request.state.caller.actor)


def acting_for(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=255, description="Makes a repetition within ten minutes harmless")
    ] = None,
) -> AsyncGateway:
    """The same for one request that changes something, which is known again by its key."""
    gateway = gateway_for(request)
    if idempotency_key is None:
        return gateway
    asked = f"{request.method} {request.url.path} {idempotency_key}".encode()
    return gateway.named("key-" + hashlib.blake2b(asked, digest_size=16).hexdigest())


TheSite = Annotated[Site, Depends(site_of)]
Asks = Annotated[AsyncGateway, Depends(gateway_for)]
Acts = Annotated[AsyncGateway, Depends(acting_for)]
