"""An instance at one time, and the measures that follow from it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fairlead.domain.agent import StatusType
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration
from fairlead.store.client import Store
from fairlead.store.reading import (
    AgentState,
    QueueState,
    engine_now_us,
    read_agent_states,
    read_configuration,
    read_queue_states,
)


@dataclass(frozen=True, slots=True)
class QueueMeasures:
    """A queue's measures on one channel. Waits in seconds, service level in %, None when nothing has left yet."""

    queue: str
    channel: str
    in_queue: int
    oldest_s: float
    service_level: float | None
    answer_speed_s: float | None
    answered: int
    abandoned: int
    completed: int


@dataclass(frozen=True, slots=True)
class AgentMeasures:
    """How many agents there are of each kind, and how many slots are taken and open."""

    online: int
    staffed: int
    available: int
    on_contact: int
    error: int
    non_productive: int
    slots_active: int
    slots_available: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An instance at one time."""

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


def take_snapshot(store: Store) -> Snapshot:
    """Read the instance as it is now."""
    configuration, version = read_configuration(store)
    return Snapshot(
        at_us=engine_now_us(store),
        configuration=configuration,
        version=version,
        queues=tuple(read_queue_states(store)),
        agents=tuple(read_agent_states(store)),
        parked=store.client.zcard(store.keys.parked),
    )


def queue_measures(state: QueueState) -> QueueMeasures:
    """The measures of a queue on a channel.

    Service level: answered within the threshold, in % of all that were answered or abandoned. Average speed of
    answer: from enqueueing to accepting, of answered contacts.
    """
    totals = Counter(state.totals)
    left = totals["answered"] + totals["abandoned"]
    return QueueMeasures(
        queue=state.queue,
        channel=state.channel,
        in_queue=state.waiting + state.offered,
        oldest_s=state.oldest_us / 1e6,
        service_level=100 * totals["within"] / left if left else None,
        answer_speed_s=totals["wait_us"] / totals["answered"] / 1e6 if totals["answered"] else None,
        answered=totals["answered"],
        abandoned=totals["abandoned"],
        completed=totals["completed"],
    )


def agent_measures(snapshot: Snapshot) -> AgentMeasures:
    """Counts of agents: online (not offline), staffed (online and not custom), available (can take a contact now)."""
    types = {agent.name: snapshot.status_type(agent) for agent in snapshot.agents}
    kinds = [{slot.kind for slot in agent.slots} for agent in snapshot.agents]
    return AgentMeasures(
        online=sum(kind != "offline" for kind in types.values()),
        staffed=sum(kind == "routable" for kind in types.values()),
        available=sum(bool(agent.open_channels) for agent in snapshot.agents),
        on_contact=sum("held" in kind for kind in kinds),
        error=sum("missed" in kind for kind in kinds),
        non_productive=sum(kind == "custom" for kind in types.values()),
        slots_active=sum(len(agent.slots) for agent in snapshot.agents),
        slots_available=sum(free_slots(snapshot, agent) for agent in snapshot.agents),
    )


def free_slots(snapshot: Snapshot, agent: AgentState) -> int:
    """How many slots of the channels that the agent may be offered now are free."""
    profile = snapshot.configuration.profiles.get(agent.profile)
    used = Counter(slot.channel for slot in agent.slots)
    return sum(profile.channels[one].slots - used[one] for one in agent.open_channels) if profile else 0


def slots_text(snapshot: Snapshot, agent: AgentState) -> str:
    """Taken slots of each channel that the profile gives: `voice 0/1  chat 2/3`."""
    profile = snapshot.configuration.profiles.get(agent.profile)
    used = Counter(slot.channel for slot in agent.slots)
    if profile is None:
        return ""
    return "  ".join(f"{one} {used[one]}/{profile.channels[one].slots}" for one in CHANNELS if one in profile.channels)


def rates(before: Snapshot, now: Snapshot) -> Mapping[str, float]:
    """Contacts queued, answered, completed and abandoned for each second between two snapshots."""
    seconds = max(1e-6, (now.at_us - before.at_us) / 1e6)
    return {
        name: (_total(now, name) - _total(before, name)) / seconds
        for name in ("queued", "answered", "completed", "abandoned")
    }


def _total(snapshot: Snapshot, name: str) -> int:
    return sum(state.totals.get(name, 0) for state in snapshot.queues)
