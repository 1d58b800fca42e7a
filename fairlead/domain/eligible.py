"""Whether an agent may be offered a contact now, and if not, why not: the filters of routing, each in one place.

A function of what is given and of nothing else. The Lua in store/lua must agree with it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fairlead.domain.agent import AVAILABLE, Proficiencies
from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.contact import FOR_GOOD, Waiting
from fairlead.domain.criteria import Condition, Preferred, Skill
from fairlead.domain.names import AGENT_QUEUE_PREFIX, agent_queue, is_agent_queue
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import Nobody
from fairlead.domain.reasons import (
    Absent,
    CapacityReached,
    Closed,
    Delayed,
    LimitReached,
    ManualOnly,
    NextStatusSet,
    NoSlot,
    NotRoutable,
    NotServed,
    NotSignedIn,
    OtherChannelHeld,
    Pausing,
    Reason,
    Refused,
    SomebodyElses,
    TooManyTasks,
    Unmatched,
)
from fairlead.domain.slots import why_at_limit, why_no_slot

AGENT_QUEUE_PRIORITY = 0
"""Above every standard queue, whose priorities begin at 1."""


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """An agent as the rules see it. Times are microseconds on the engine's clock.

    `available_us`: when its availability clock was last restarted; `status` is the name of its status, `routable`
    whether that is a routable one; `used`: slots taken by channel, `kept`: those of them that a missed or failed offer
    keeps, `held`: slots taken by queue and channel; `capacity`: the most contacts that its session holds
    over all channels, 0: as many as the profile gives; `paused`: how many paused tasks it holds;
    `present_until_us`: when it is taken out of routing unless its session is renewed, None: never.
    """

    name: str
    profile: RoutingProfile
    available_us: int
    routable: bool = True
    used: Mapping[Channel, int] = field(default_factory=dict)
    capacity: int = 0
    paused: int = 0
    proficiencies: Proficiencies = field(default_factory=dict)
    status: str = AVAILABLE.name
    next_status: str = ""
    is_signed_in: bool = True
    present_until_us: int | None = None
    kept: Mapping[Channel, int] = field(default_factory=dict)
    held: Mapping[tuple[str, Channel], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else decides. `closed`: queues that hold what is in them; `passes`: see `share_of`, by (queue, channel);
    `turns`: of a queue that chooses in turn, to whom one of its contacts was given last.
    """

    now_us: int
    closed: frozenset[str] = frozenset()
    passes: Mapping[tuple[str, Channel], int] = field(default_factory=dict)
    turns: Mapping[str, str] = field(default_factory=dict)


def entries_of(agent: FreeAgent) -> tuple[Entry, ...]:
    """All that the agent serves: its own queue above the profile's entries, on every channel, without delay."""
    own = tuple(Entry(agent_queue(agent.name), channel, AGENT_QUEUE_PRIORITY) for channel in CHANNELS)
    return own + agent.profile.entries


def served_by(agent: FreeAgent) -> Mapping[tuple[str, Channel], Entry]:
    """(queue, channel) -> the entry by which the agent serves it; one that routes goes before a manual-only one."""
    by_hand_first = sorted(entries_of(agent), key=lambda entry: not entry.manual_only)
    return {(entry.queue, entry.channel): entry for entry in by_hand_first}


def why_not(agent: FreeAgent, contact: Waiting, entry: Entry | None, given: Circumstances) -> Reason | None:
    """None when the agent may be offered the contact now; else the first filter that stops the pair.

    `entry` is the one by which the agent serves the contact's queue and channel, of `served_by`, None when it has none.
    The filters stand in this order: what is configured, what the agent is and does, what it has a slot for, how long
    the contact has to wait, what the contact asks for. What lasts is told before what passes.
    """
    return (
        _why_not_served(agent, contact, entry, given)
        or _why_not_available(agent, given)
        or _why_no_slot(agent, contact)
        or _why_not_yet(agent, contact, entry, given)
        or _why_refused(agent, contact, given)
        or _why_unmatched(agent, contact)
    )


def told_apart(contact: Waiting) -> frozenset[str]:
    """The agents whom `why_not` of the contact knows by name: who has refused it, and whom its criteria name."""
    conditions = (condition for conditions in contact.criteria.ands for condition in conditions)
    named = {name for one in conditions if isinstance(one, Preferred) for name in one.agents}
    return frozenset(named.union(name for name, _ in contact.refused))


def _why_not_served(
    agent: FreeAgent, contact: Waiting, entry: Entry | None, given: Circumstances
) -> SomebodyElses | NotServed | ManualOnly | Closed | None:
    if entry is None and is_agent_queue(contact.queue):
        return SomebodyElses(agent.name, contact.queue.removeprefix(AGENT_QUEUE_PREFIX))
    if entry is None:
        return NotServed(agent.name, agent.profile.name, contact.queue, contact.channel)
    if entry.manual_only:
        return ManualOnly(agent.name, agent.profile.name, contact.queue, contact.channel)
    return Closed(contact.queue) if contact.queue in given.closed else None


def _why_not_available(
    agent: FreeAgent, given: Circumstances
) -> NotSignedIn | Absent | NotRoutable | NextStatusSet | None:
    if not agent.is_signed_in:
        return NotSignedIn(agent.name)
    if agent.present_until_us is not None and agent.present_until_us <= given.now_us:
        return Absent(agent.name, given.now_us - agent.present_until_us)
    if not agent.routable:
        return NotRoutable(agent.name, agent.status)
    return NextStatusSet(agent.name, agent.next_status) if agent.next_status else None


def _why_no_slot(
    agent: FreeAgent, contact: Waiting
) -> CapacityReached | NoSlot | TooManyTasks | OtherChannelHeld | LimitReached | None:
    return why_no_slot(
        agent.name, agent.profile, agent.used, contact.channel, agent.capacity, agent.paused, agent.kept
    ) or why_at_limit(agent.name, agent.profile, agent.held, contact.queue, contact.channel)


def _why_not_yet(
    agent: FreeAgent, contact: Waiting, entry: Entry | None, given: Circumstances
) -> Pausing | Delayed | None:
    if contact.again_us > given.now_us:
        return Pausing(contact.contact_id, contact.again_us - given.now_us)
    delay_s = entry.delay_s if entry else 0
    left_us = delay_s * 1_000_000 - waited_us(contact, given.now_us)
    return Delayed(contact.contact_id, agent.profile.name, delay_s, left_us) if left_us > 0 else None


def waited_us(contact: Waiting, now_us: int) -> int:
    """How long the contact has really waited. Its age adjustment moves its rank, not this."""
    return max(0, now_us - contact.queued_us)


def _why_refused(agent: FreeAgent, contact: Waiting, given: Circumstances) -> Refused | None:
    """Who has refused it is not asked again at once, in its own queue neither."""
    for name, until_us in contact.refused:
        if name == agent.name and (until_us == FOR_GOOD or until_us > given.now_us):
            return Refused(agent.name, contact.contact_id, until_us - given.now_us if until_us else None)
    return None


def is_refused_by_all(contact: Waiting, signed_in: Iterable[FreeAgent]) -> bool:
    """Whether all agents who are signed in and serve the contact have refused it for good, and there are some."""
    serving = [agent.name for agent in signed_in if _routes(agent, contact)]
    return bool(serving) and all((name, FOR_GOOD) in contact.refused for name in serving)


def _routes(agent: FreeAgent, contact: Waiting) -> bool:
    asked = (contact.queue, contact.channel, False)
    return any((entry.queue, entry.channel, entry.manual_only) == asked for entry in agent.profile.entries)


def _why_unmatched(agent: FreeAgent, contact: Waiting) -> Unmatched | None:
    """In an agent queue steps do not run."""
    if is_agent_queue(contact.queue):
        return None
    failing = contact.criteria.failing(agent.name, agent.proficiencies)
    if not failing:
        return None
    has = tuple(_level(agent, condition) for condition in failing)
    return Unmatched(agent.name, contact.contact_id, contact.step, tuple(map(str, failing)), has)


def is_anybody(contact: Waiting, agents: Iterable[FreeAgent], given: Circumstances, when: Nobody) -> bool:
    """Whether of the agents who serve the contact's queue and whom it does not exclude, whatever their delays, any is
    there: available (a slot for it, now), staffed (in a routable status), or signed in.
    """

    def is_there(agent: FreeAgent) -> bool:
        entry = served_by(agent).get((contact.queue, contact.channel))
        if entry is None or entry.manual_only or not agent.is_signed_in or _why_unmatched(agent, contact):
            return False
        if when == "nobody_available":
            return not (_why_not_available(agent, given) or _why_no_slot(agent, contact))
        return agent.routable or when != "nobody_staffed"

    return any(map(is_there, agents))


def _level(agent: FreeAgent, condition: Condition) -> str:
    return str(agent.proficiencies.get(condition.name, "none")) if isinstance(condition, Skill) else ""
