"""What tests of a Wire share."""

from fairlead.server.wire import Wire
from fairlead.store.client import AsyncStore


async def asked(wire: Wire, *words: str | int) -> object:
    """The reply to one command, or the error for one, as a Store gets it."""
    return (await AsyncStore(wire).client.send([words]))[0]
