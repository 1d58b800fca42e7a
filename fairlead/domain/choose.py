"""The two decisions of routing: which contact a free agent gets, and which agent a contact gets.

Both are functions of what is given and of nothing else. The Lua in store/lua must agree with them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fairlead.domain.agent import Proficiencies
from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import Skill
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import AgentChoice
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
    paused: int = 0
    proficiencies: Proficiencies = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else decides. `closed`: queues that hold what is in them; `passes`: see `share_of`, by (queue, channel)."""

    now_us: int
    closed: frozenset[str] = frozenset()
    passes: Mapping[tuple[str, Channel], int] = field(default_factory=dict)


def entries_of(agent: FreeAgent) -> tuple[Entry, ...]:
    """All that is routed to the agent: its own queue above the profile's entries, on every channel, without delay."""
    own = tuple(Entry(agent_queue(agent.name), channel, AGENT_QUEUE_PRIORITY) for channel in CHANNELS)
    return own + tuple(entry for entry in agent.profile.entries if not entry.manual_only)


def choose_contact(agent: FreeAgent, waiting: Iterable[Waiting], given: Circumstances) -> Waiting | None:
    """The contact that the agent takes next, or None when none is eligible.

    The lowest entry priority decides, strictly; then the lowest contact priority, the oldest effective age, and the
    order of arrival. In a profile that shares by weight the entry that has had least for its weight comes first.
    """
    if not agent.routable:
        return None
    served = {(entry.queue, entry.channel): entry for entry in entries_of(agent)}

    def is_eligible(contact: Waiting) -> bool:
        entry = served.get((contact.queue, contact.channel))
        return (
            entry is not None
            and contact.queue not in given.closed
            and may_be_offered(agent.profile, agent.used, contact.channel, agent.capacity, agent.paused)
            and contact.again_us <= given.now_us
            and has_waited(contact, entry.delay_s, given.now_us)
            and contact.criteria.holds(agent.name, agent.proficiencies)
        )

    def rank(contact: Waiting) -> tuple[int, int, int, int, int]:
        entry = served[contact.queue, contact.channel]
        return (*_entry_rank(agent, entry, given), contact.priority, contact.rank_us, contact.queued_us)

    return min(filter(is_eligible, waiting), key=rank, default=None)


def _entry_rank(agent: FreeAgent, entry: Entry, given: Circumstances) -> tuple[int, int]:
    is_shared = agent.profile.sharing == "weighted" and entry.priority != AGENT_QUEUE_PRIORITY
    return (1 if is_shared else entry.priority, given.passes.get((entry.queue, entry.channel), 0) if is_shared else 0)


SHARE_SCALE = 1_000_000

SERVED_S = 30 * 86_400
"""How long it is remembered which agent served a customer last."""


def share_of(entry: Entry, passes: Mapping[tuple[str, Channel], int], served_last: int) -> int:
    """The entry's pass after it was served: the further on, the later it is served again.

    Stride scheduling (Waldspurger, 1995): each service moves the pass on by 1 / weight, and the lowest pass is served
    next. It begins no lower than what was served last, so that an entry that was empty does not save up its share.
    """
    return max(passes.get((entry.queue, entry.channel), 0), served_last) + SHARE_SCALE // entry.weight


def has_waited(contact: Waiting, delay_s: int, now_us: int) -> bool:
    """Whether the contact has really waited that long. Its age adjustment moves its rank, not this."""
    return max(0, now_us - contact.queued_us) >= delay_s * 1_000_000


def choose_agent(
    contact: Waiting, agents: Iterable[FreeAgent], given: Circumstances, choice: AgentChoice = "longest_idle"
) -> FreeAgent | None:
    """The agent that an arriving contact gets, of those that may take it now.

    `longest_idle`: the one available longest, over all profiles; the others prefer an agent by something else, and
    fall back to that: who holds the fewest contacts, who has the highest levels of what the criteria name, who last
    served the customer.
    """

    def may_take(agent: FreeAgent) -> bool:
        return choose_contact(agent, [contact], given) is not None

    def rank(agent: FreeAgent) -> tuple[int, int, str]:
        return preference(contact, agent, choice), agent.available_us, agent.name

    return min(filter(may_take, agents), key=rank, default=None)


def preference(contact: Waiting, agent: FreeAgent, choice: AgentChoice) -> int:
    """The lower, the sooner the agent is chosen for the contact; 0 for all with `longest_idle`."""
    if choice == "least_loaded":
        return sum(agent.used.values())
    if choice == "most_skilled":
        asked = {one.name for both in contact.criteria.ands for one in both if isinstance(one, Skill)}
        return -sum(agent.proficiencies.get(name, 0) for name in asked)
    if choice == "last_agent":
        return int(agent.name != contact.last_agent)
    return 0
