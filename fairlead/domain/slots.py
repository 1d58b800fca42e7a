"""Concurrency: whether an agent has a slot for a contact of a channel.

A channel may be offered when fewer of its slots are taken than the
profile gives, and when every *other* channel that the agent now holds allows other channels. The channel's own
setting is not asked.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.reasons import CapacityReached, LimitReached, NoSlot, OtherChannelHeld, TooManyTasks

SlotKind: TypeAlias = Literal["offered", "connected", "on_hold", "paused", "acw", "missed", "error"]
"""What a slot is taken by: a contact, or for missed and error an offer that failed; a paused task takes none."""

WITH_AGENT: tuple[SlotKind, ...] = ("offered", "connected", "on_hold", "paused")
"""The contact is with the agent. One in after-contact work needs nothing more of the agent's program."""

ON_CONTACT: tuple[SlotKind, ...] = ("connected", "on_hold", "acw")
"""The agent's time counts as on contact."""


KEPT: tuple[SlotKind, ...] = ("missed", "error")
"""An offer that failed keeps its slot until it is cleared; it stands in no other channel's way."""

NOTHING: Mapping[Channel, int] = {}


def why_no_slot(
    agent: str,
    profile: RoutingProfile,
    used: Mapping[Channel, int],
    channel: Channel,
    capacity: int = 0,
    paused: int = 0,
    kept: Mapping[Channel, int] = NOTHING,
) -> CapacityReached | NoSlot | TooManyTasks | OtherChannelHeld | None:
    """None when an agent whose slots are taken as `used` says may be offered a contact of `channel`; else why not.

    Offered, connected, on-hold and after-contact contacts, missed and failed offers each take a slot; the `paused`
    tasks take none. Those that are `kept` by missed and failed offers stand in no other channel's way. `capacity` is
    the most contacts that the agent's session holds over all channels; 0: as many as the profile gives.
    """
    concurrency, taken = profile.channels.get(channel), used.get(channel, 0)
    if 0 < capacity <= sum(used.values()):
        return CapacityReached(agent, sum(used.values()), capacity)
    if concurrency is None or taken >= concurrency.slots:
        return NoSlot(agent, channel, taken, concurrency.slots if concurrency else 0)
    if channel == "task" and not may_hold_another_task(profile, taken, paused):
        return TooManyTasks(agent, taken, paused, most_tasks(profile))
    for held, count in used.items():
        if count > kept.get(held, 0) and held != channel and not _allows_others(profile, held):
            return OtherChannelHeld(agent, channel, held)
    return None


def why_at_limit(
    agent: str, profile: RoutingProfile, held: Mapping[tuple[str, Channel], int], queue: str, channel: Channel
) -> LimitReached | None:
    """None when an agent may take one more contact of the queue and channel beside those that it has slots for."""
    most, many = profile.limits().get((queue, channel)), held.get((queue, channel), 0)
    return LimitReached(agent, queue, channel, many, most) if most is not None and many >= most else None


def _allows_others(profile: RoutingProfile, held: Channel) -> bool:
    return held in profile.channels and profile.channels[held].allows_others


def most_tasks(profile: RoutingProfile) -> int:
    """Active and paused tasks together may be twice the profile's tasks."""
    return 2 * profile.channels["task"].slots


def may_hold_another_task(profile: RoutingProfile, active: int, paused: int) -> bool:
    """Whether one more task may be held beside active and paused ones. Resuming a paused one is always allowed."""
    return active + paused < most_tasks(profile)
