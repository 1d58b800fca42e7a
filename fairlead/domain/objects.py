"""One object of a configuration: of which kind it is, and which others it names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fairlead.domain.agent import Agent, Status
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Intake
from fairlead.domain.names import AGENT_QUEUE_PREFIX, is_agent_queue
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import InvalidConfiguration

Kind: TypeAlias = Literal["queue", "profile", "agent", "status", "hours", "intake"]

KINDS: tuple[Kind, ...] = ("status", "hours", "queue", "profile", "agent", "intake")
"""Each after those whose objects it may name, but for queues."""

Object: TypeAlias = Queue | RoutingProfile | Agent | Status | Hours | Intake

LONGEST_DESCRIPTION = 250
"""Characters of the `description` that every object may have."""

MOST_LABELS = 50
"""How many `labels` an object may have: names with texts, which mean nothing to the engine."""

LONGEST_LABEL = 256
"""Characters of the text of a label."""

KIND_OF: dict[type, Kind] = {
    Queue: "queue", RoutingProfile: "profile", Agent: "agent", Status: "status", Hours: "hours",
    Intake: "intake",
}  # fmt: skip
"""The kind of each class of objects."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An object names another one, which has to be there: a status, to be enabled, too. `field`: where it is named."""

    field: str
    kind: Kind
    name: str


def kind_of(one: Object) -> Kind:
    """Of which kind an object is. Raises InvalidConfiguration for what is none."""
    kind = KIND_OF.get(type(one))
    if kind is None:
        raise InvalidConfiguration(f"{one!r:.80} is no object of a configuration: those are {', '.join(KINDS)}")
    return kind


def checked_kind(kind: Kind) -> Kind:
    """The kind itself. Raises InvalidConfiguration when there is none of that name."""
    if kind not in KINDS:
        raise InvalidConfiguration(f"{kind!r:.80} is no kind of object: choose one of {', '.join(KINDS)}")
    return kind


def references_of(one: Object) -> list[Reference]:
    """Which other objects an object names, each once."""
    if isinstance(one, Agent):
        overflow = [Reference("overflow", "queue", one.overflow)]
        return [Reference("profile", "profile", one.profile), *overflow * (one.overflow != "")]
    if isinstance(one, RoutingProfile):
        served = [Reference("entries", "queue", queue) for queue in dict.fromkeys(entry.queue for entry in one.entries)]
        is_served = any(entry.queue == one.outbound_queue for entry in one.entries)
        outbound = [Reference("outbound_queue", "queue", one.outbound_queue)]
        return served + outbound * (one.outbound_queue != "" and not is_served)
    if isinstance(one, Queue):
        named = [
            Reference("hours", "hours", one.hours),
            Reference("overflow", "queue", one.overflow),
            Reference("missed_status", "status", one.missed_status),
        ]
        return [reference for reference in named if reference.name]
    return list(_named_by(one)) if isinstance(one, Intake) else []


def _named_by(intake: Intake) -> Iterator[Reference]:
    """The queues and agents to which an intake sends contacts, and the queues that its conditions ask about."""
    queues = [choice.queue for choice in intake.choices() if choice.queue]
    for queue in dict.fromkeys([*queues, *intake.asks()]):
        if is_agent_queue(queue):
            yield Reference("rules", "agent", queue.removeprefix(AGENT_QUEUE_PREFIX))
        else:
            yield Reference("rules", "queue", queue)
