"""Somebody or something that takes contacts, the statuses it may be in, and what it is proficient in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import OFFER_WINDOW_MS, Channel
from fairlead.domain.queue import AcwLimit, Queue

StatusType: TypeAlias = Literal["routable", "custom", "offline"]

Proficiencies: TypeAlias = Mapping[str, int]
"""`Attribute:Value` -> level, 1 to 5."""

MOST_PROFICIENCIES = 50


@dataclass(frozen=True, slots=True)
class Status:
    """A named status. Contacts are routed to agents in a `routable` one only.

    `enabled`: nobody can be put into a disabled status; who is in it stays until they leave.
    """

    name: str
    type: StatusType
    display_name: str = ""
    enabled: bool = True
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


AVAILABLE = Status("Available", "routable")
OFFLINE = Status("Offline", "offline")
BREAK = Status("Break", "custom")


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as configured. It has exactly one routing profile.

    `auto_accept`: channels on which an offer is connected at once, without being asked for; `acw_s`: its longest
    after-contact work by channel, and `offer_window_ms`: how long an offer waits for its answer; on a channel that is
    left out both are as the contact's queue says. `overflow`: the queue that gets what its own queue cannot take, and
    what has waited there for `overflow_after_s`, whether it is busy or away; without one as the configuration says of
    all agent queues.
    """

    name: str
    profile: str
    display_name: str = ""
    proficiencies: Proficiencies = field(default_factory=dict)
    auto_accept: frozenset[Channel] = frozenset()
    acw_s: Mapping[Channel, AcwLimit] = field(default_factory=dict)
    offer_window_ms: Mapping[Channel, int] = field(default_factory=dict)
    overflow: str = ""
    overflow_after_s: int | None = None
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def acw_limit(agent: Agent, queue: Queue, channel: Channel) -> AcwLimit:
    """How long the agent's after-contact work lasts at most: as its configuration says, else as the queue's does."""
    return agent.acw_s.get(channel, queue.acw_s.get(channel, 0))


def offer_window_ms(agent: Agent, queue: Queue, channel: Channel) -> int:
    """How long an offer waits for its answer: as the agent's configuration says, else as the queue's does."""
    return agent.offer_window_ms.get(channel, queue.offer_window_ms.get(channel, OFFER_WINDOW_MS[channel]))
