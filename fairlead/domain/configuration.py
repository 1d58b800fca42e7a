"""A whole configuration, and the one that a fresh instance has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent, Status
from fairlead.domain.channel import CHANNELS, MAX_SLOTS
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Intake
from fairlead.domain.objects import KINDS, Kind, Object, Reference
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

ENDED_RETENTION_S = 3_600
"""How long the record of an ended contact is kept, in seconds; a push that repeats its id is recognised as long."""

EVENTS_KEPT = 100_000
"""About how many events the stream keeps."""

MEASURES_KEPT_S = 172_800
"""How long the measures of each minute are kept, in seconds: two days."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything an administrator decides, by name.

    `ended_retention_s`, `events_kept` and `measures_kept_s` concern the instance as a whole, and so do
    `agent_queue_overflow` and `agent_queue_overflow_after_s`: how the own queues of those agents overflow who have no
    `overflow` of their own.
    """

    queues: Mapping[str, Queue]
    profiles: Mapping[str, RoutingProfile]
    agents: Mapping[str, Agent]
    statuses: Mapping[str, Status]
    hours: Mapping[str, Hours] = field(default_factory=dict)
    ended_retention_s: int = ENDED_RETENTION_S
    events_kept: int = EVENTS_KEPT
    measures_kept_s: int = MEASURES_KEPT_S
    intakes: Mapping[str, Intake] = field(default_factory=dict)
    agent_queue_overflow: str = ""
    agent_queue_overflow_after_s: int | None = None

    def of_kind(self, kind: Kind) -> Mapping[str, Object]:
        """The objects of one kind, by name."""
        tables: dict[Kind, Mapping[str, Object]] = {
            "status": self.statuses, "hours": self.hours, "queue": self.queues, "profile": self.profiles,
            "agent": self.agents, "intake": self.intakes,
        }  # fmt: skip
        return tables[kind]

    def routable_statuses(self) -> frozenset[str]:
        """The statuses in which agents are routed contacts."""
        return frozenset(name for name, status in self.statuses.items() if status.type == "routable")

    def references(self) -> list[Reference]:
        """Which objects the instance as a whole names."""
        overflow = [Reference("agent_queue_overflow", "queue", self.agent_queue_overflow)]
        return overflow * (self.agent_queue_overflow != "")

    def objects(self) -> Iterator[Object]:
        """All objects, each after those that it names, but for queues."""
        for kind in KINDS:
            yield from self.of_kind(kind).values()


BASIC_QUEUE = "BasicQueue"
BASIC_PROFILE = "BasicRoutingProfile"


def fresh_configuration() -> Configuration:
    """What an instance has before anything is configured, so that a contact can be routed at once."""
    basic = RoutingProfile(
        name=BASIC_PROFILE,
        display_name="Basic routing profile",
        channels={channel: Concurrency(MAX_SLOTS[channel]) for channel in CHANNELS},
        entries=tuple(Entry(BASIC_QUEUE, channel) for channel in CHANNELS),
    )
    return Configuration(
        queues={BASIC_QUEUE: Queue(BASIC_QUEUE, display_name="Basic queue")},
        profiles={BASIC_PROFILE: basic},
        agents={},
        statuses=built_in_statuses() | {BREAK.name: BREAK},
    )


def built_in_statuses() -> dict[str, Status]:
    """The statuses that every configuration has."""
    return {status.name: status for status in (AVAILABLE, OFFLINE)}
