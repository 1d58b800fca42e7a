"""What a handler gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import orjson

from fairlead.domain.channel import Channel
from fairlead.domain.contact import Direction
from fairlead.domain.names import checked_queue_name
from fairlead.store.offers import Offer


class Outcome(Enum):
    """What becomes of a contact when its handler is done."""

    COMPLETE = "complete"
    RELEASE = "release"
    TRANSFER = "transfer"
    RETRY_CALLBACK = "retry_callback"


@dataclass(slots=True)
class Contact:
    """A connected contact. A handler that returns has completed it, unless it asked for something else.

    `token` rises with every hand-out of the contact: give it to whatever must refuse an overtaken handler.
    `attempt`: 1 for the first time; above that, the contact came back after a failure or a crash.
    `headers`: the context of the trace in which it was pushed.
    """

    contact_id: str
    queue: str
    channel: Channel
    priority: int
    token: int
    attempt: int
    agent: str
    direction: Direction
    customer: str
    attributes: Mapping[str, str]
    headers: Mapping[str, str]
    payload: Any = field(repr=False)
    outcome: Outcome = field(default=Outcome.COMPLETE, init=False)
    goes_to: str = field(default="", init=False)

    def complete(self) -> None:
        """End the contact when the handler returns; this is what happens without a word, too."""
        self.outcome = Outcome.COMPLETE

    def release(self) -> None:
        """Give the contact back to its place in line when the handler returns."""
        self.outcome = Outcome.RELEASE

    def transfer(self, queue: str) -> None:
        """Hand the contact on to a queue, or to `@agent`, when the handler returns. Raises InvalidName."""
        self.outcome, self.goes_to = Outcome.TRANSFER, checked_queue_name(queue)

    def retry_callback(self) -> None:
        """The customer of a callback was not reached: try again after its retry delay, when the handler returns."""
        self.outcome = Outcome.RETRY_CALLBACK

    def fields(self) -> dict[str, Any]:
        """What the producer and the store say of the contact, as plain values."""
        names = ("contact_id", "queue", "channel", "priority", "token", "attempt", "agent", "direction", "customer")
        return {name: getattr(self, name) for name in names} | {
            "attributes": dict(self.attributes),
            "headers": dict(self.headers),
            "payload": self.payload,
        }

    def as_json(self) -> bytes:
        """The contact for a program's standard input."""
        return orjson.dumps(self.fields())


def contact_of(offer: Offer) -> Contact:
    """The handler's view of a connected offer."""
    return Contact(
        contact_id=offer.contact_id,
        queue=offer.queue,
        channel=offer.channel,
        priority=offer.priority,
        token=offer.token,
        attempt=offer.attempt,
        agent=offer.agent,
        direction=offer.direction,
        customer=offer.customer,
        attributes=offer.attributes,
        headers=offer.headers,
        payload=orjson.loads(offer.payload),
    )
