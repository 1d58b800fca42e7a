"""The two decisions of routing: which contact a free agent gets, and which agent a contact gets.

Both are functions of what is given and of nothing else. The Lua in store/lua must agree with them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.contact import Waiting
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.slots import may_be_offered

AGENT_QUEUE_PRIORITY = 0
"""Above every standard queue, whose priorities begin at 1."""


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """A signed-in agent as the rules see it.

    `available_us`: when its availability clock was last restarted; `used`: slots taken by channel.
    """

    name: str
    profile: RoutingProfile
    available_us: int
    routable: bool = True
    used: Mapping[Channel, int] = field(default_factory=dict)
    capacity: int = 0


def entries_of(agent: FreeAgent) -> tuple[Entry, ...]:
    """All that the agent serves: its own queue above the profile's entries, on every channel, without delay."""
    own = tuple(Entry(agent_queue(agent.name), channel, AGENT_QUEUE_PRIORITY) for channel in CHANNELS)
    return own + agent.profile.entries


def choose_contact(agent: FreeAgent, waiting: Iterable[Waiting], now_us: int) -> Waiting | None:
    """The contact that the agent takes next, or None when none is eligible.

    The lowest entry priority decides, strictly; then the lowest contact priority, the oldest effective age, and the
    order of arrival.
    """
    if not agent.routable:
        return None
    served = {(entry.queue, entry.channel): entry for entry in entries_of(agent)}

    def is_eligible(contact: Waiting) -> bool:
        entry = served.get((contact.queue, contact.channel))
        return (
            entry is not None
            and may_be_offered(agent.profile, agent.used, contact.channel, agent.capacity)
            and has_waited(contact, entry.delay_s, now_us)
        )

    def rank(contact: Waiting) -> tuple[int, int, int, int]:
        entry_priority = served[contact.queue, contact.channel].priority
        return entry_priority, contact.priority, contact.rank_us, contact.queued_us

    return min(filter(is_eligible, waiting), key=rank, default=None)


def has_waited(contact: Waiting, delay_s: int, now_us: int) -> bool:
    """Whether the contact has really waited that long. Its age adjustment moves its rank, not this."""
    return max(0, now_us - contact.queued_us) >= delay_s * 1_000_000


def choose_agent(contact: Waiting, agents: Iterable[FreeAgent], now_us: int) -> FreeAgent | None:
    """The agent that an arriving contact gets: of those that may take it now, the one available longest."""

    def may_take(agent: FreeAgent) -> bool:
        return choose_contact(agent, [contact], now_us) is not None

    return min(filter(may_take, agents), key=lambda agent: (agent.available_us, agent.name), default=None)


def match(agents: Iterable[FreeAgent], waiting: Iterable[Waiting], now_us: int) -> list[tuple[str, str]]:
    """Who gets what when each agent, from the one available longest, takes its best contact: (agent, contact) pairs."""
    left = list(waiting)
    pairs: list[tuple[str, str]] = []
    for agent in sorted(agents, key=lambda agent: (agent.available_us, agent.name)):
        chosen = choose_contact(agent, left, now_us)
        if chosen is not None:
            left.remove(chosen)
            pairs.append((agent.name, chosen.contact_id))
    return pairs
