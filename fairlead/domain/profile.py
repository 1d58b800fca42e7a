"""What a group of agents takes: channels with their concurrency, queues with priority and delay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel

HIGHEST_PRIORITY = 1
LOWEST_PRIORITY = 99
LONGEST_DELAY_S = 9_999
LARGEST_WEIGHT = 100

AvailabilityTimer: TypeAlias = Literal["since_last_activity", "since_last_inbound"]
Sharing: TypeAlias = Literal["strict", "weighted"]


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many contacts of one channel an agent holds at a time.

    `allows_others`: whether contacts of *other* channels may be offered while one of this channel is held.
    """

    slots: int
    allows_others: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a profile: contacts of this channel in this queue, at this rank, after this wait.

    `priority` 1 (first) to 99; `delay_s` 0 to 9,999 seconds of real waiting before the contact is eligible;
    `manual_only`: nothing is routed by this entry, its agents pick from a worklist; another entry may route the same;
    `weight`: its share among the entries of a profile that shares by weight, 1 to 100; `max_contacts`: how many
    contacts of this queue and channel an agent holds at most, None: as many as its slots allow.
    """

    queue: str
    channel: Channel
    priority: int = HIGHEST_PRIORITY
    delay_s: int = 0
    manual_only: bool = False
    weight: int = 1
    max_contacts: int | None = None


@dataclass(frozen=True, slots=True)
class RoutingProfile:
    """Many agents share one profile; changing it changes what all of them do next.

    `agent_availability_timer`: whether outbound work restarts the availability clock; `sharing`: by strict entry
    priority, or by weight, so that no entry starves; `outbound_queue`: the queue for which contacts count that its
    agents begin without naming one.
    """

    name: str
    channels: Mapping[Channel, Concurrency]
    entries: tuple[Entry, ...]
    display_name: str = ""
    agent_availability_timer: AvailabilityTimer = "since_last_activity"
    sharing: Sharing = "strict"
    outbound_queue: str = ""
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def limits(self) -> Mapping[tuple[str, Channel], int]:
        """(queue, channel) -> how many contacts of it an agent takes at most, where that is limited."""
        limits = ((entry, entry.max_contacts) for entry in self.entries)
        return {(entry.queue, entry.channel): most for entry, most in limits if most is not None}
