"""One object of a configuration: of which kind it is, and which others it names."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from fairlead.domain.agent import Agent, Status
from fairlead.domain.hours import Hours
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import Queue

Kind: TypeAlias = Literal["queue", "profile", "agent", "status", "hours"]

Object: TypeAlias = Queue | RoutingProfile | Agent | Status | Hours

LONGEST_DESCRIPTION = 250
"""Characters of the `description` that every object may have."""

MOST_LABELS = 50
"""How many `labels` an object may have: names with texts, which mean nothing to the engine."""

LONGEST_LABEL = 256
"""Characters of the text of a label."""

KIND_OF: dict[type, Kind] = {
    Queue: "queue", RoutingProfile: "profile", Agent: "agent", Status: "status", Hours: "hours",
}  # fmt: skip
"""The kind of each class of objects."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object names another one, which has to be there: a status, to be enabled, too. `field`: where it is named."""

    field: str
    kind: Kind
    name: str


def kind_of(one: Object) -> Kind:
    """Of which kind an object is."""
    return KIND_OF[type(one)]


def references_of(one: Object) -> list[Reference]:
    """Which other objects an object names, each once."""
    if isinstance(one, Agent):
        return [Reference("profile", "profile", one.profile)]
    if isinstance(one, RoutingProfile):
        return [Reference("entries", "queue", queue) for queue in dict.fromkeys(entry.queue for entry in one.entries)]
    if isinstance(one, Queue):
        named = [
            Reference("hours", "hours", one.hours),
            Reference("overflow", "queue", one.overflow),
            Reference("missed_status", "status", one.missed_status),
        ]
        return [reference for reference in named if reference.name]
    return []
