"""How it was decided who got a contact, after the fact: what the event has recorded, and what all events before it let
one reconstruct, judged by the rules that route.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias

from fairlead.domain.centre.state import State
from fairlead.domain.choose import choose_contact, in_order, why_behind
from fairlead.domain.contact import Waiting
from fairlead.domain.eligible import FreeAgent, served_by, why_not
from fairlead.domain.reasons import Reason
from fairlead.errors import NotFound, UnknownContact
from fairlead.service.explain import described_reason
from fairlead.service.replaying import replayed
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_one, procedure
from fairlead.store.reading import Event
from fairlead.store.reading.events import PAGE
from fairlead.store.reading.state import read_step

Side: TypeAlias = Literal["contact", "agent", "sweep", "hand"]
"""contact: it came into its line and was given to an agent; agent: it became free, or asked, and took a contact; sweep:
time had passed, or the configuration had changed, and the agent available longest took a contact; hand: somebody gave
it.
"""

_DECIDED = ("contact.offered", "contact.connected")


@dataclass(frozen=True, slots=True)
class AgentThen:
    """An agent who serves the contact, as it was; `reason`: what stopped it from taking the contact, None: nothing."""

    agent: str
    profile: str
    available_us: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class ContactThen:
    """A contact that waited where the agent serves, and what stopped the agent from taking it first; None: nothing."""

    contact: Waiting
    entry_priority: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Who got a contact, and why. `event` is what was recorded; all else is reconstructed.

    `side`: what made the decision; `agents`: who serves the contact, first who could take it, the one available longest
    first; `contacts`: what waited where the agent serves, in its order; `chosen`: what the rules choose for the agent
    from what is reconstructed, "" for nothing; `unsure`: what the events do not tell, a sentence each; `rings`: of a
    contact that rang at several agents at once, all of them, the one whom it was decided for first.
    """

    event: Event
    side: Side
    agents: tuple[AgentThen, ...]
    contacts: tuple[ContactThen, ...]
    chosen: str
    unsure: tuple[str, ...]
    rings: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the rules choose by what is reconstructed what was chosen."""
        return self.side == "hand" or self.chosen == self.event.fields["contact"]


@procedure
def explain_offer(source: Source, contact_id: str, token: int | None = None) -> Steps[Decision]:
    """How it was decided who got the contact: the last time, or that of a fencing token.

    The whole stream of events is read. Raises UnknownContact when nothing is known of the contact, NotFound when it was
    never given to an agent, or the event is no longer in the stream.
    """
    now = yield from reading.state_now().steps(source)
    events = yield from all_events(source)
    asked = [
        place
        for place, event in enumerate(events)
        if event.name in _DECIDED
        and event.fields["contact"] == contact_id
        and (token is None or event.fields["token"] == str(token))
    ]
    if not asked:
        raise (yield from _not_found(source, contact_id, token, events))
    event, rings = events[asked[-1]], rings_with(events, asked[-1])
    place = rings[0]
    then = replayed(now.state, events[:place], events[place:])
    lacking = yield from _read_criteria(source, then)
    unsure = list(_unsure(events, place, lacking))
    version = yield from ask_one("HGET", source.keys.profile(event.fields["profile"]), "version")
    if (version or b"").decode() != event.fields["profile_version"]:
        unsure.append(
            f"profile {event.fields['profile']!r} has changed since version {event.fields['profile_version']}: "
            "its entries are those of now"
        )
    decided = _decision(events, place, event, then, tuple(unsure))
    names = tuple(events[one].fields["agent"] for one in rings)
    return replace(decided, rings=names if len(names) > 1 else ())


def rings_with(events: Sequence[Event], place: int) -> list[int]:
    """The places of the events that tell of one offering, to one agent or to several at once, in order."""
    event = events[place]

    def is_of_it(other: Event) -> bool:
        same = other.fields.get("contact") == event.fields["contact"] and other.at_us == event.at_us
        return same and other.name == "contact.offered" and other.fields["entry_priority"] != "by_hand"

    first = last = place
    while is_of_it(event) and first > 0 and is_of_it(events[first - 1]):
        first -= 1
    while is_of_it(event) and last + 1 < len(events) and is_of_it(events[last + 1]):
        last += 1
    return list(range(first, last + 1))


def all_events(source: Source) -> Steps[list[Event]]:
    """All that the stream has, oldest first."""
    found: list[Event] = []
    while True:
        page = yield from reading.events_after(found[-1].event_id if found else "-", PAGE).steps(source)
        found += page
        if len(page) < PAGE:
            return found


def _not_found(source: Source, contact_id: str, token: int | None, events: Sequence[Event]) -> Steps[NotFound]:
    """Why there is no decision: the contact is not known, or no event tells of one."""
    if not any(event.fields.get("contact") == contact_id for event in events):
        yield from reading.contact(contact_id).steps(source)
    which = "" if token is None else f" with token {token}"
    return UnknownContact(
        f"no event tells that contact {contact_id!r} was given to an agent{which}: it never was, or the stream no "
        f"longer has it; see `fairlead contacts timeline {contact_id}`"
    )


def _read_criteria(source: Source, state: State) -> Steps[int]:
    """What the contacts in line asked is in their records. Answers of how many there is none any more."""
    records = yield from reading.contacts_by_id(list(state.waiting)).steps(source)
    for record in records:
        waiting = state.waiting[record.contact_id]
        state.waiting[record.contact_id] = replace(waiting, steps=tuple(map(read_step, record.criteria)))
    return len(state.waiting) - len(records)


def _unsure(events: Sequence[Event], place: int, lacking: int) -> Iterator[str]:
    first = events[0].name
    if first not in ("queue.updated", "profile.updated"):
        yield "the stream does not go back to the beginning: what was there before is known by what has come of it"
    if lacking:
        yield f"what {lacking:,} of the contacts asked of agents is not known: their records have expired"
    if any(_may_change_criteria(event) for event in events):
        yield "criteria have been changed, or dropped by a transfer: they are taken as they are now"
    if any(event.name in ("profile.updated", "queue.updated") for event in events[place:]):
        yield "the configuration has changed since: entries, proficiencies and settings are those of now"


def _may_change_criteria(event: Event) -> bool:
    is_updated = event.name == "contact.updated" and "criteria" in event.fields["changed"]
    return is_updated or event.fields.get("reason") in ("moved", "transferred")


def _decision(
    events: Sequence[Event], place: int, event: Event, then: State, unsure: tuple[str, ...]
) -> Decision:
    """`place`: of the first event that tells of it; `event`: the one that is asked about."""
    contact_id, name, at_us = event.fields["contact"], event.fields["agent"], event.at_us
    side = side_of(events, place)
    waiting = {one.contact_id: one.waiting() for one in then.waiting.values()}
    known = [then.free_agent(one) for one in then.agents if one in then.configuration.agents]
    agents = _agents_then(then, known, waiting[contact_id], at_us) if contact_id in waiting else []
    taker = next((one for one in known if one.name == name), None)
    contacts = _contacts_then(then, taker, list(waiting.values()), at_us) if taker else []
    chosen = next((one.contact.contact_id for one in contacts if one.reason is None), "")
    return Decision(event, side, tuple(agents), tuple(contacts), chosen, unsure)


def _agents_then(then: State, known: Sequence[FreeAgent], contact: Waiting, at_us: int) -> list[AgentThen]:
    """Who serves the contact; first who could take it, the one available longest first."""
    found: list[AgentThen] = []
    for agent in known:
        entry = served_by(agent).get((contact.queue, contact.channel))
        if entry:
            reason = why_not(agent, contact, entry, then.circumstances(agent.profile.name, at_us))
            found.append(AgentThen(agent.name, agent.profile.name, agent.available_us, reason))
    return sorted(found, key=lambda one: (one.reason is not None, one.available_us, one.agent))


def _contacts_then(then: State, agent: FreeAgent, waiting: Sequence[Waiting], at_us: int) -> list[ContactThen]:
    """What waited where the agent serves, in its order."""
    given, served = then.circumstances(agent.profile.name, at_us), served_by(agent)
    first = choose_contact(agent, waiting, given)
    found: list[ContactThen] = []
    for one in in_order(agent, waiting, given):
        entry = served[one.queue, one.channel]
        reason = why_not(agent, one, entry, given)
        if reason is None and first and one != first:
            reason = why_behind(agent, one, first, given)
        found.append(ContactThen(one, entry.priority, reason))
    return found


def side_of(events: Sequence[Event], place: int) -> Side:
    """What the same script has told before: that the contact came into its line, or what its agent did."""
    event = events[place]
    contact_id, name = event.fields["contact"], event.fields["agent"]
    if event.fields["entry_priority"] == "by_hand":
        return "hand"
    for before in reversed(events[:place]):
        if before.at_us != event.at_us or before.actor != event.actor:
            break
        if before.fields.get("contact") == contact_id:
            return "contact"
        if before.fields.get("agent") == name and before.name not in _DECIDED:
            return "agent"
    return "agent" if event.actor == f"agent:{name}" else "sweep"


def described_decision(found: Decision) -> dict[str, Any]:
    """A decision for programs: what was recorded, and beside it what is reconstructed."""
    return {
        "recorded": {
            "id": found.event.event_id, "event": found.event.name, "at_us": found.event.at_us,
            "actor": found.event.actor, **found.event.fields,
        },
        "reconstructed": {
            "side": found.side,
            "rings": list(found.rings),
            "agents": [asdict(one) | {"reason": described_reason(one.reason)} for one in found.agents],
            "contacts": [
                {
                    "contact": one.contact.contact_id, "queue": one.contact.queue, "channel": one.contact.channel,
                    "entry_priority": one.entry_priority, "priority": one.contact.priority,
                    "rank_us": one.contact.rank_us, "queued_us": one.contact.queued_us,
                    "why_not": described_reason(one.reason),
                }
                for one in found.contacts
            ],
            "chosen": found.chosen,
            "agrees": found.agrees,
            "unsure": list(found.unsure),
        },
    }  # fmt: skip
