"""The Python API for programs that ask one instance for many people, such as a server for HTTP.

async with await AsyncGateway.connect() as gateway:
    await gateway.acting("http:ana").push("Support", {"order": 4711})
"""

from fairlead.service.administrator import AsyncAdministrator
from fairlead.service.producer import AsyncProducer
from fairlead.service.supervisor import AsyncSupervisor
from fairlead.store.client import AsyncStore
from fairlead.store.transitions.sweeping import Sweeper


class AsyncGateway(AsyncAdministrator, AsyncSupervisor, AsyncProducer):
    """All that may be asked of an instance, in asyncio, over one set of connections."""

    def __init__(self, store: AsyncStore) -> None:
        super().__init__(store)
        self._sweeper = Sweeper(store.keys)

    async def sweep(self) -> None:
        """Do what has come due, as every worker does once a second: an instance may have nobody else."""
        while (await self._store.run(self._sweeper.sweep())).more:
            pass
