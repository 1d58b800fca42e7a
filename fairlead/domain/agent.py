"""Somebody or something that takes contacts, and the statuses it may be in."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

StatusType: TypeAlias = Literal["routable", "custom", "offline"]


@dataclass(frozen=True, slots=True)
class Status:
    """A named status. Contacts are routed to agents in a `routable` one only."""

    name: str
    type: StatusType


AVAILABLE = Status("Available", "routable")
OFFLINE = Status("Offline", "offline")
BREAK = Status("Break", "custom")


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as configured. It has exactly one routing profile."""

    name: str
    profile: str
    display_name: str = ""
