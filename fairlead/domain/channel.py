"""The four channels and what differs between them."""

from typing import Literal, TypeAlias, get_args

from fairlead.errors import InvalidContact

Channel: TypeAlias = Literal["voice", "chat", "task", "email"]

CHANNELS: tuple[Channel, ...] = get_args(Channel)

MAX_SLOTS: dict[Channel, int] = {"voice": 1, "chat": 10, "task": 10, "email": 10}
"""The most contacts of a channel that a routing profile may give one agent at a time."""

OFFER_WINDOW_MS: dict[Channel, int] = {"voice": 20_000, "chat": 20_000, "task": 30_000, "email": 30_000}
"""How long an offer waits for its answer unless the queue says otherwise, in milliseconds."""


def checked_channel(name: str) -> Channel:
    """The channel of that name. Raises InvalidContact."""
    if name in CHANNELS:
        return name
    raise InvalidContact(f"channel {name[:80]!r} does not exist: choose one of {', '.join(CHANNELS)}")
