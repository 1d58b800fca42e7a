"""What the tests of a worker in one's own process share."""

import asyncio
from collections.abc import Callable

from conftest import eventually

from fairlead import Contact


async def soon(is_so: Callable[[], object]) -> None:
    """`eventually`, while the event loop goes on."""
    await asyncio.to_thread(eventually, is_so)


class Gate:
    """A handler that holds each contact until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.cancelled: list[str] = []

    async def __call__(self, contact: Contact) -> None:
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled.append(contact.contact_id)
            raise


def seen_by(contacts: list[str]) -> Callable[[Contact], None]:
    return lambda contact: contacts.append(f"{contact.agent} {contact.contact_id}")
