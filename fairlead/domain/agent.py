"""Somebody or something that takes contacts, the statuses it may be in, and what it is proficient in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from fairlead.domain.channel import Channel

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

    `auto_accept`: channels on which an offer is connected at once, without being asked for.
    """

    name: str
    profile: str
    display_name: str = ""
    proficiencies: Proficiencies = field(default_factory=dict)
    auto_accept: frozenset[Channel] = frozenset()
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
