"""Concurrency: whether an agent has a slot for a contact of a channel.

A channel may be offered when fewer of its slots are taken than the
profile gives, and when every *other* channel that the agent now holds allows other channels. The channel's own
setting is not asked.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel
from fairlead.domain.profile import RoutingProfile

SlotKind: TypeAlias = Literal["offered", "held", "on_hold", "paused", "acw", "missed", "error"]
"""What a slot is taken by: a contact, or for missed and error an offer that failed; a paused task takes none."""

WITH_AGENT: tuple[SlotKind, ...] = ("offered", "held", "on_hold", "paused")
"""The contact is with the agent. One in after-contact work needs nothing more of the agent's program."""

ON_CONTACT: tuple[SlotKind, ...] = ("held", "on_hold", "acw")
"""The agent's time counts as on contact."""


def may_be_offered(
    profile: RoutingProfile,
    used: Mapping[Channel, int],
    channel: Channel,
    capacity: int = 0,
    paused: int = 0,
) -> bool:
    """Whether an agent whose slots are taken as `used` says may be offered a contact of `channel`.

    Offered, connected, held and after-contact contacts, missed and failed offers each take a slot; the `paused` tasks
    take none. `capacity` is the most contacts that the agent's session holds over all channels; 0: as many as the
    profile gives.
    """
    concurrency = profile.channels.get(channel)
    if concurrency is None or used.get(channel, 0) >= concurrency.slots:
        return False
    if channel == "task" and not may_hold_another_task(profile, used.get(channel, 0), paused):
        return False
    if 0 < capacity <= sum(used.values()):
        return False
    held = [other for other, count in used.items() if count > 0 and other != channel]
    return all(other in profile.channels and profile.channels[other].allows_others for other in held)


def may_hold_another_task(profile: RoutingProfile, active: int, paused: int) -> bool:
    """Active and paused tasks together may be twice the profile's tasks. Resuming a paused one is always allowed."""
    return active + paused < 2 * profile.channels["task"].slots
