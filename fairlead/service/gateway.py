"""The Python API for programs that ask one instance for many people, such as a server for HTTP.

async with await AsyncGateway.connect() as gateway:
    await gateway.acting("http:ana").push("Support", {"order": 4711})
"""

from copy import copy
from typing import Self

from fairlead.service import desks
from fairlead.service.administrator import AsyncAdministrator
from fairlead.service.asked import of_nothing
from fairlead.service.producer import AsyncProducer
from fairlead.service.supervisor import AsyncSupervisor
from fairlead.service.webhooks import Hooking
from fairlead.store import reading
from fairlead.store.client import AsyncStore
from fairlead.store.transitions.sweeping import Sweeper


class _ForMany:
    has_all_events = of_nothing(reading.has_all_events)
    open_desk = of_nothing(desks.open_desk)
    keep_desk = of_nothing(desks.keep_desk)
    close_desk = of_nothing(desks.close_desk)


class AsyncGateway(_ForMany, Hooking, AsyncAdministrator, AsyncSupervisor, AsyncProducer):
    """All that may be asked of an instance, in asyncio, over one set of connections."""

    def __init__(self, store: AsyncStore) -> None:
        super().__init__(store)
        self._sweeper = Sweeper(store.keys)

    def acting(self, actor: str) -> Self:
        """The same over the same connections, for somebody else, as events tell it. Raises InvalidName."""
        other = copy(self)
        other._store = self._store.acting(actor)
        return other

    async def sweep(self) -> None:
        """Do what has come due, as every worker does once a second: an instance may have nobody else."""
        while (await self._store.run(self._sweeper.sweep())).more:
            pass

    def desk(self, agent: str, epoch: int) -> desks.AsyncDesk:
        """What an agent may do in a session that was begun with `open_desk`."""
        return desks.AsyncDesk(self, agent, epoch)
