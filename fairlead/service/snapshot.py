"""An instance at one time, and the measures that follow from it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from fairlead.domain import measures
from fairlead.domain.agent import StatusType
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.domain.queue import SERVICE_LEVEL_S
from fairlead.domain.slots import ON_CONTACT
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_one, procedure
from fairlead.store.reading import AgentState, QueueState


@dataclass(frozen=True, slots=True)
class QueueMeasures:
    """A queue's measures on one channel; domain/measures.py defines each.

    Waits and handle time in seconds, service level (within the queue's threshold), abandon rate and agent non-response
    in %; None where there is nothing yet to measure.
    """

    queue: str
    channel: str
    in_queue: int
    oldest_s: float
    service_level: float | None
    answer_speed_s: float | None
    answered: int
    abandoned: int
    abandon_rate: float | None
    completed: int
    handle_s: float | None
    non_response: float | None


@dataclass(frozen=True, slots=True)
class QueueNow(QueueMeasures):
    """The same with what a page needs to judge it: the queue's threshold, how many signed-in agents are routed its
    contacts (`agents_staffed`), and to how many of them one can be offered now.
    """

    service_level_s: int
    agents_staffed: int
    agents_available: int


@dataclass(frozen=True, slots=True)
class AgentMeasures:
    """How many agents there are of each kind, and how many slots are taken and free.

    online: not offline; staffed: online and not in a custom status; available: can take a contact now; on_contact: one
    connected, on hold or in after-contact work; acw: contacts in after-contact work; error: holds a missed, rejected or
    error slot; non_productive: in a custom status.
    """

    online: int
    staffed: int
    available: int
    on_contact: int
    acw: int
    error: int
    non_productive: int
    slots_active: int
    slots_available: int


Agents: TypeAlias = Literal["all", "shown", "signed_in", "none"]
"""Whom a snapshot has, since reading them costs most: `all` with everything that is known of them; `shown`, all with
what tables show, so without name for display, lease, activity, inbox and holder; `signed_in`, only those
who are, with the same.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance at one time. The configuration is without its agents."""

    at_us: int
    configuration: Configuration
    version: int
    queues: tuple[QueueState, ...]
    agents: tuple[AgentState, ...]
    parked: int

    def status_type(self, agent: AgentState) -> StatusType:
        """The type of the agent's status; offline when it is not signed in."""
        status = self.configuration.statuses.get(agent.status)
        return status.type if status and agent.is_signed_in else "offline"

    def queue_measures(self) -> list[QueueMeasures]:
        """The measures of every queue and channel, each with its queue's own threshold."""
        return [queue_measures(state, self.service_level_s(state.queue)) for state in self.queues]

    def service_level_s(self, queue: str) -> int:
        """The threshold of a queue, in seconds."""
        found = self.configuration.queues.get(queue)
        return found.service_level_s if found else SERVICE_LEVEL_S

    def queues_now(self) -> list[QueueNow]:
        """The measures of every queue and channel, with who is there for it."""
        staffed = Counter(agent.profile for agent in self.agents if self.status_type(agent) == "routable")
        available: Counter[tuple[str, str]] = Counter(
            (agent.profile, one)
            for agent in self.agents
            for one in (*agent.offerable_channels, *agent.offerable_limited)
        )
        serving: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for name, profile in self.configuration.profiles.items():
            for entry in profile.entries:
                if not entry.manual_only:
                    limited = f"{entry.queue}:{entry.channel}"
                    serving[entry.queue, entry.channel][name] = limited if entry.max_contacts else entry.channel
        return [
            QueueNow(
                **asdict(one),
                service_level_s=self.service_level_s(one.queue),
                agents_staffed=sum(staffed[name] for name in serving[one.queue, one.channel]),
                agents_available=sum(available[pool] for pool in serving[one.queue, one.channel].items()),
            )
            for one in self.queue_measures()
        ]

    def described_agent(self, agent: AgentState) -> dict[str, Any]:
        """An agent for programs; `capacity`: how many slots of each channel its profile gives."""
        profile = self.configuration.profiles.get(agent.profile)
        capacity = {channel: one.slots for channel, one in profile.channels.items()} if profile else {}
        return asdict(agent) | {"status_type": self.status_type(agent), "capacity": capacity}

    def agent_measures(self) -> AgentMeasures:
        """Counts over all agents."""
        types = [self.status_type(agent) for agent in self.agents]
        kinds = [{slot.kind for slot in agent.slots} for agent in self.agents]
        slots = [slot.kind for agent in self.agents for slot in agent.slots]
        return AgentMeasures(
            online=sum(kind != "offline" for kind in types),
            staffed=types.count("routable"),
            available=sum(bool(agent.offerable_channels) for agent in self.agents),
            on_contact=sum(not kind.isdisjoint(ON_CONTACT) for kind in kinds),
            acw=slots.count("acw"),
            error=sum(not kind.isdisjoint(("missed", "error")) for kind in kinds),
            non_productive=types.count("custom"),
            slots_active=len(slots) - slots.count("paused"),
            slots_available=sum(free_slots(self, agent) for agent in self.agents),
        )


@procedure
def take_snapshot(source: Source, agents: Agents = "all", *, afresh: bool = False) -> Steps[Snapshot]:
    """Read the instance as it is now, with these of its agents.

    It costs what has or had contacts and who is signed in; who takes one after the other reads the configuration, and
    all that changes with it alone, once, and then those agents of whom an event has told. `afresh`: all of them.
    """
    configuration, version = yield from reading.configuration_without_agents().steps(source)
    return Snapshot(
        at_us=(yield from reading.now_us().steps(source)),
        configuration=configuration,
        version=version,
        queues=tuple((yield from reading.queue_states().steps(source))),
        agents=tuple((yield from _agents(source, agents, version, afresh=afresh))),
        parked=(yield from ask_one("ZCARD", source.keys.parked)),
    )


def _agents(source: Source, agents: Agents, version: int, *, afresh: bool) -> Steps[list[AgentState]]:
    if agents == "all":
        return (yield from reading.agent_states().steps(source))
    if agents == "none":
        return []
    signed_in = agents == "signed_in"
    return (yield from reading.agents_followed(version, signed_in=signed_in, afresh=afresh).steps(source))


def described(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot for programs; times in microseconds on the engine's clock, waits in seconds."""
    return {
        "at_us": snapshot.at_us,
        "configuration_version": snapshot.version,
        "parked": snapshot.parked,
        "measures": asdict(snapshot.agent_measures()),
        "queues": [asdict(queue) for queue in snapshot.queues_now()],
        "agents": [snapshot.described_agent(agent) for agent in snapshot.agents],
    }


def queue_measures(state: QueueState, service_level_s: int = SERVICE_LEVEL_S) -> QueueMeasures:
    """The measures of a queue on a channel since the instance was made."""
    counts = state.totals
    return QueueMeasures(
        queue=state.queue,
        channel=state.channel,
        in_queue=state.waiting + state.offered,
        oldest_s=state.oldest_us / 1e6,
        service_level=measures.service_level(counts, service_level_s),
        answer_speed_s=measures.average_speed_of_answer_s(counts),
        answered=measures.total(counts, "a"),
        abandoned=measures.total(counts, "x"),
        abandon_rate=measures.abandon_rate(counts),
        completed=measures.completed(counts),
        handle_s=measures.average_handle_time_s(counts),
        non_response=measures.non_response(counts),
    )


def free_slots(snapshot: Snapshot, agent: AgentState) -> int:
    """How many slots of the channels that the agent may be offered now are free."""
    profile = snapshot.configuration.profiles.get(agent.profile)
    if not profile or not agent.offerable_channels:
        return 0
    used = Counter(slot.channel for slot in agent.slots if slot.kind != "paused")
    slots = {one: concurrency.slots for one, concurrency in profile.channels.items()}
    return sum(max(0, slots.get(one, 0) - used[one]) for one in agent.offerable_channels)


def slots_text(snapshot: Snapshot, agent: AgentState) -> str:
    """Taken slots of each channel that the profile gives: `voice 0/1  chat 2/3`."""
    profile = snapshot.configuration.profiles.get(agent.profile)
    if profile is None:
        return ""
    used = [slot.channel for slot in agent.slots if slot.kind != "paused"]
    most = profile.channels
    return "  ".join([f"{one} {used.count(one)}/{most[one].slots}" for one in CHANNELS if one in most])


def rates(before: Snapshot, now: Snapshot) -> Mapping[str, float]:
    """Contacts queued, answered, completed and abandoned for each second between two snapshots."""
    seconds = max(1e-6, (now.at_us - before.at_us) / 1e6)
    counted, counts = _counts(before), _counts(now)
    return {name: (value - counted[name]) / seconds for name, value in counts.items()}


def _counts(snapshot: Snapshot) -> dict[str, int]:
    whole = measures.added(state.totals for state in snapshot.queues)
    kinds = {"answered": "a", "abandoned": "x"}
    counted = {name: measures.total(whole, kind) for name, kind in kinds.items()}
    return {"queued": whole.get("queued", 0), **counted, "completed": measures.completed(whole)}
