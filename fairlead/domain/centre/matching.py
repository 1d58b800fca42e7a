"""How contacts that come and agents who become free find each other, and what is done with contacts that come back."""

from dataclasses import replace

from fairlead.domain.agent import acw_limit, offer_window_ms
from fairlead.domain.centre.state import US, Assignment, Contact, Slot, State
from fairlead.domain.choose import choose_agent, choose_contact, is_shared, preference, share_of, share_start
from fairlead.domain.contact import FOR_GOOD, REFUSALS, Waiting, counts_as_attempt, pause_s
from fairlead.domain.eligible import Circumstances, FreeAgent, is_refused_by_all, served_by
from fairlead.domain.names import AGENT_QUEUE_PREFIX, is_agent_queue
from fairlead.domain.slots import SlotKind


def best_of(state: State, name: str, now_us: int) -> Waiting | None:
    """The contact that the agent takes next, or None."""
    agent = state.free_agent(name)
    served = served_by(agent)
    line = [one.waiting() for one in state.waiting.values() if (one.queue, one.channel) in served]
    return choose_contact(agent, line, state.circumstances(agent.profile.name, now_us))


def fill(state: State, name: str, now_us: int) -> None:
    """The agent takes its best, one after the other, until it can take nothing."""
    while best := best_of(state, name, now_us):
        give(state, name, best.contact_id, now_us)


def walk(state: State, now_us: int) -> None:
    """From the agent available longest, each takes its best, one at a time, until nobody can take anything."""
    able = set(state.agents)
    while able:
        first = min(able, key=lambda name: (state.agents[name].available_us, name))
        if not take(state, first, now_us):
            able.remove(first)  # what waits only gets less, so that it can take nothing later, either


def take(state: State, name: str, now_us: int) -> bool:
    """The agent's best contact goes to it, or to whom the contact's queue prefers. False when it can take nothing."""
    best = best_of(state, name, now_us)
    if best is None:
        return False
    is_by_time = state.queue(best.queue).agent_choice == "longest_idle"
    give(state, name if is_by_time else preferred(state, best, now_us)[0], best.contact_id, now_us)
    return True


def preferred(state: State, contact: Waiting, now_us: int) -> list[str]:
    """Who would take the contact next, as its queue prefers them."""
    queue, last = state.queue(contact.queue), state.turns.get(contact.queue, "")
    free = {name: state.free_agent(name) for name in state.agents if best_of(state, name, now_us) == contact}

    def rank(one: str) -> tuple[tuple[float, str], int, str]:
        by_choice = preference(contact, free[one], queue.agent_choice, last, queue.choice_proficiency)
        return by_choice, free[one].available_us, one

    return sorted(free, key=rank)


def arrive(state: State, contact: Contact, now_us: int) -> None:
    """A contact comes into its line; whoever may take it takes its own best, until the contact is gone."""
    stand(state, contact, now_us)
    owner = contact.queue.removeprefix(AGENT_QUEUE_PREFIX)
    if is_agent_queue(contact.queue):
        if owner in state.agents:
            fill(state, owner, now_us)
        return
    while standing := state.waiting.get(contact.contact_id):
        given = Circumstances(now_us, state.closed)
        first = choose_agent(standing.waiting(), map(state.free_agent, state.agents), given)
        if first is None:
            return
        take(state, first.name, now_us)


def stand(state: State, contact: Contact, now_us: int) -> None:
    """A contact stands in its line, its steps and its pause by the clock."""
    state.waiting[contact.contact_id] = contact.at(now_us)


def give(
    state: State, name: str, contact_id: str, now_us: int, *, by_hand: bool = False, at_once: bool = False
) -> None:
    """A waiting contact is given to an agent. `by_hand`: no share is counted; `at_once`: connected without an offer.

    One that is offered by the rules rings at as many agents as its queue says: at those who would take it next, too.
    """
    agent, standing = state.agents[name], state.waiting[contact_id]
    is_offered = not (agent.accepts_all or at_once)
    others: list[str] = []
    if is_offered and not by_hand and state.queue(standing.queue).offer_to > 1:
        others = [one for one in preferred(state, standing.waiting(), now_us) if one != name]
        others = [one for one in others if not state.agents[one].accepts_all]
    token = state.stamp(now_us)
    contact = replace(state.waiting.pop(contact_id), again_us=0)
    if not by_hand:
        share(state, state.free_agent(name), contact)
        state.turns[contact.queue] = name
    if not is_offered:
        state.set_slot(name, token, Slot("connected", state.answered(contact)))
        state.restart_clock(name, token)
        state.given.append(Assignment(name, contact_id, is_offered))
        return
    ring(state, name, contact, token, now_us)
    for other in others[: state.queue(contact.queue).offer_to - 1]:
        ring(state, other, contact, state.stamp(now_us), now_us)
        state.turns[contact.queue] = other


def ring(state: State, name: str, contact: Contact, token: int, now_us: int) -> None:
    """An agent is asked whether it takes a contact."""
    configured, queue = state.configuration.agents[name], state.queue(contact.queue)
    window_ms = offer_window_ms(configured, queue, contact.channel)
    state.set_slot(name, token, Slot("offered", contact, now_us + window_ms * 1_000))
    state.given.append(Assignment(name, contact.contact_id, is_offered=True))


def share(state: State, agent: FreeAgent, contact: Contact) -> None:
    """The entry by which the contact was chosen has had its share."""
    entry, profile = served_by(agent)[contact.queue, contact.channel], agent.profile.name
    if not is_shared(agent, entry):
        return
    passes, last = state.passes.setdefault(profile, {}), state.served_last.get(profile, 0)
    state.served_last[profile] = share_start(entry, passes, last)
    passes[entry.queue, entry.channel] = share_of(entry, passes, last)


def come_back(state: State, contact: Contact, reason: str, now_us: int, name: str = "") -> None:
    """A contact comes back from an agent, of that name, that held it, or was offered it. While it rings at others it
    stays with them.
    """
    queue, rings = state.queue(contact.queue), state.rings(contact.contact_id)
    if rings:
        contact = refuse(state, contact, name, now_us) if reason in REFUSALS else contact
        for other, token in rings:
            state.set_slot(other, token, replace(state.agents[other].slots[token], contact=contact))
        return
    contact = replace(contact, attempts=contact.attempts + counts_as_attempt(reason))
    if counts_as_attempt(reason) and contact.attempts >= queue.max_attempts:
        state.parked[contact.contact_id] = contact
        return
    if reason == "failed":
        contact = replace(contact, again_us=now_us + pause_s(queue.retry_delay_s, contact.attempts) * US)
    if reason in REFUSALS:
        contact = refuse(state, contact, name, now_us)
        if park_refused(state, contact):
            return
    stand(state, contact, now_us)


def refuse(state: State, contact: Contact, name: str, now_us: int) -> Contact:
    """The contact as one that the agent is not offered again at once, or at all. A pause stands for that time."""
    again_s = state.queue(contact.queue).offer_again_after_s
    if again_s == 0 or (again_s is not None and contact.again_us):
        return contact
    others = tuple(one for one in contact.refused if one[0] != name)
    until_us = FOR_GOOD if again_s is None else now_us + again_s * US
    return replace(contact, refused=(*others, (name, until_us)))


def park_refused(state: State, contact: Contact) -> bool:
    """The contact is parked when all who serve it have refused it for good."""
    is_so = is_refused_by_all(contact.waiting(), map(state.free_agent, state.agents))
    if is_so:
        state.parked[contact.contact_id] = contact
    return is_so


def come_due(state: State, due_us: int, what: str, contact_id: str, now_us: int) -> None:
    """What ends by itself at a time, of those that `due` names, has ended; nobody is walked yet."""
    if what in ("step", "pause"):
        stand(state, state.waiting[contact_id], now_us)
        return
    kind: SlotKind = "offered" if what == "offer" else "acw"
    name, token = next(
        (name, token)
        for name, token in state.slots(kind)
        if state.agents[name].slots[token].contact.contact_id == contact_id
        and state.agents[name].slots[token].ends_us == due_us
    )
    if kind == "acw":
        clear(state, name, token, now_us)
        return
    contact = state.agents[name].slots[token].contact
    state.set_slot(name, token, Slot("missed", contact))
    come_back(state, contact, "missed", now_us, name)


def clear(state: State, name: str, token: int, now_us: int) -> None:
    """After-contact work ends, or the slot of a missed offer is freed."""
    slot = state.agents[name].slots[token]
    if slot.kind == "acw":
        state.counts["completed"] += not slot.has_moved
        end_part(state, name, token, now_us)
    else:
        state.free_slot(name, token)


def begin_acw(state: State, name: str, token: int, now_us: int, *, has_moved: bool = False) -> bool:
    """After-contact work begins in the slot of a contact that has ended or gone on, where there is some. Answers
    whether it has; a paused task has no slot for it.
    """
    slot = state.agents[name].slots[token]
    queue, channel = state.queue(slot.contact.queue), slot.contact.channel
    limit = acw_limit(state.configuration.agents[name], queue, channel)
    if not limit or slot.kind == "paused":
        return False
    ends_us = None if limit == "unlimited" else now_us + limit * US
    state.set_slot(name, token, Slot("acw", slot.contact, ends_us, has_moved))
    return True


def end_part(state: State, name: str, token: int, now_us: int) -> Contact:
    """The agent's part in a contact is over, however it ended: it is handled, and the agent's clock starts anew."""
    state.counts["handled"] += 1
    state.restart_clock(name, now_us)
    return state.free_slot(name, token)
