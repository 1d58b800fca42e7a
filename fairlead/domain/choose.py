"""The two decisions of routing: which contact a free agent gets, and which agent a contact gets.

Both are functions of what is given and of nothing else: of those whom no filter of eligible.py stops they take the one
that ranks first. The Lua in store/lua must agree with them.
"""

from collections.abc import Iterable, Mapping
from typing import get_args

from fairlead.domain.channel import Channel
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import Skill
from fairlead.domain.eligible import AGENT_QUEUE_PRIORITY, Circumstances, FreeAgent, served_by, why_not
from fairlead.domain.profile import Entry
from fairlead.domain.queue import AgentChoice
from fairlead.domain.reasons import Advantage, Ahead, Reason


def choose_contact(agent: FreeAgent, waiting: Iterable[Waiting], given: Circumstances) -> Waiting | None:
    """The contact that the agent takes next, or None when none is eligible.

    The lowest entry priority decides, strictly; then the lowest contact priority, the oldest effective age, and the
    order of arrival. In a profile that shares by weight the entry that has had least for its weight comes first.
    """
    served = served_by(agent)

    def is_eligible(contact: Waiting) -> bool:
        return why_not(agent, contact, served.get((contact.queue, contact.channel)), given) is None

    def rank(contact: Waiting) -> tuple[int, ...]:
        return rank_for(agent, contact, served[contact.queue, contact.channel], given)

    return min(filter(is_eligible, waiting), key=rank, default=None)


def in_order(agent: FreeAgent, waiting: Iterable[Waiting], given: Circumstances) -> list[Waiting]:
    """What waits where the agent serves, in the order in which it would take it if nothing else stopped it."""
    served = served_by(agent)
    line = [one for one in waiting if (one.queue, one.channel) in served]
    return sorted(line, key=lambda one: rank_for(agent, one, served[one.queue, one.channel], given))


def why_not_next(agent: FreeAgent, contact: Waiting, waiting: Iterable[Waiting], given: Circumstances) -> Reason | None:
    """None when the contact is the one that the agent takes next of all that wait, itself among them; else why not."""
    entry = served_by(agent).get((contact.queue, contact.channel))
    reason = why_not(agent, contact, entry, given)
    if reason is not None:
        return reason
    first = choose_contact(agent, waiting, given)
    return None if first is None or first == contact else why_behind(agent, contact, first, given)


def why_behind(agent: FreeAgent, contact: Waiting, other: Waiting, given: Circumstances) -> Ahead:
    """By what another contact goes before this one for the agent, who serves both and may be offered both."""
    served = served_by(agent)
    first, second = (rank_for(agent, one, served[one.queue, one.channel], given) for one in (other, contact))
    place = next((place for place in range(len(first)) if first[place] != second[place]), -1)
    by: Advantage = get_args(Advantage)[place]
    return Ahead(agent.name, contact.contact_id, other.contact_id, by, first[place], second[place])


def rank_for(agent: FreeAgent, contact: Waiting, entry: Entry, given: Circumstances) -> tuple[int, ...]:
    """What `Advantage` names, in its order; the lowest goes first."""
    return (*_entry_rank(agent, entry, given), contact.priority, contact.rank_us, contact.queued_us)


def _entry_rank(agent: FreeAgent, entry: Entry, given: Circumstances) -> tuple[int, int]:
    if not is_shared(agent, entry):
        return entry.priority, 0
    return 1, given.passes.get((entry.queue, entry.channel), 0)


def is_shared(agent: FreeAgent, entry: Entry) -> bool:
    """Whether the entry competes by its weight instead of its priority; the agent's own queue never does."""
    return agent.profile.sharing == "weighted" and entry.priority != AGENT_QUEUE_PRIORITY


SHARE_SCALE = 1_000_000

SERVED_S = 30 * 86_400
"""How long it is remembered which agent served a customer last."""


def share_of(entry: Entry, passes: Mapping[tuple[str, Channel], int], served_last: int) -> int:
    """The entry's pass after it was served: the further on, the later it is served again.

    Stride scheduling (Waldspurger, 1995): each service moves the pass on by 1 / weight, and the lowest pass is served
    next.
    """
    return share_start(entry, passes, served_last) + SHARE_SCALE // entry.weight


def share_start(entry: Entry, passes: Mapping[tuple[str, Channel], int], served_last: int) -> int:
    """The entry's pass as it is served: no lower than what was served last, so that an entry that was empty does not
    save up its share.
    """
    return max(passes.get((entry.queue, entry.channel), 0), served_last)


def choose_agent(
    contact: Waiting,
    agents: Iterable[FreeAgent],
    given: Circumstances,
    choice: AgentChoice = "longest_idle",
    proficiency: str = "",
) -> FreeAgent | None:
    """The agent that an arriving contact gets, of those that may take it now.

    `longest_idle`: the one available longest, over all profiles; the others prefer an agent by something else
    (`preference`), and fall back to that.
    """

    def may_take(agent: FreeAgent) -> bool:
        return why_not(agent, contact, served_by(agent).get((contact.queue, contact.channel)), given) is None

    def rank(agent: FreeAgent) -> tuple[tuple[float, str], int, str]:
        preferred = preference(contact, agent, choice, given.turns.get(contact.queue, ""), proficiency)
        return preferred, agent.available_us, agent.name

    return min(filter(may_take, agents), key=rank, default=None)


def preference(
    contact: Waiting, agent: FreeAgent, choice: AgentChoice, last_turn: str = "", proficiency: str = ""
) -> tuple[float, str]:
    """The lower, the sooner the agent is chosen for the contact; the same for all with `longest_idle`.

    `least_loaded`: who holds the fewest contacts; `lowest_load_ratio`: of as many as it may hold; `round_robin`: the
    next by name after `last_turn`, to whom a contact of the queue was given last, and round again; `most_skilled`: who
    has the highest levels of what the criteria name; `highest_proficiency`: of `proficiency`; `last_agent`: who last
    served the customer.
    """
    if choice == "round_robin":
        return float(agent.name <= last_turn), agent.name
    return _distance(contact, agent, choice, proficiency), ""


def _distance(contact: Waiting, agent: FreeAgent, choice: AgentChoice, proficiency: str) -> float:
    if choice == "least_loaded":
        return sum(agent.used.values())
    if choice == "lowest_load_ratio":
        return sum(agent.used.values()) / _most(agent)
    if choice == "most_skilled":
        conditions = [one for conditions in contact.criteria.ands for one in conditions]
        asked = {one.name for one in conditions if isinstance(one, Skill) and not one.negated}
        return -sum(agent.proficiencies.get(name, 0) for name in asked)
    if choice == "highest_proficiency":
        return -agent.proficiencies.get(proficiency, 0)
    if choice == "last_agent":
        return int(agent.name != contact.last_agent)
    return 0


def _most(agent: FreeAgent) -> int:
    """How many contacts the agent holds at most: as its profile gives, and no more than its session can."""
    slots = sum(one.slots for one in agent.profile.channels.values())
    return min(agent.capacity, slots) if agent.capacity else slots
