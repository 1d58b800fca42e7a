"""What there was at an event, as far as events tell: a Centre's state, made by what each of them says has happened.

Nothing is decided: who got what is in the events. They do not tell criteria, proficiencies, entries and the capacity of
sessions; these are what is known of them now.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from fairlead.domain.agent import Agent
from fairlead.domain.centre.matching import refuse, share
from fairlead.domain.centre.state import Contact, SignedIn, Slot, State
from fairlead.domain.contact import REFUSALS
from fairlead.domain.slots import ON_CONTACT, SlotKind
from fairlead.store.reading import Event

_TO_QUEUE = ("queued", "requeued", "missed", "rejected", "transferred", "overflowed")
_ASSIGNED = ("offered", "connected")
_KINDS: dict[str, SlotKind] = {
    "accepted": "connected", "resumed": "connected", "held": "on_hold", "paused": "paused", "acw_started": "acw",
}  # fmt: skip
_OUT = ("parked", "scheduled", "completed", "abandoned", "expired")
_COMES = ("agent.signed_in", *(f"contact.{word}" for word in _TO_QUEUE))


def replayed(now: State, before: Sequence[Event], after: Sequence[Event]) -> State:
    """The state after the events `before`; `after`: those that came later, up to `now`."""
    replay = Replay(now, [*before, *after])
    for event in before:
        replay.happen(event)
    return replay.state


class Replay:
    """Follows events. Begins with who is there now and has not come by any of the events."""

    def __init__(self, now: State, events: Sequence[Event]) -> None:
        self.state = State(now.configuration)
        self.state.closed = now.closed
        self._held: dict[str, tuple[str, int, Contact]] = {}
        self._rings: dict[str, dict[str, int]] = {}
        """Contact -> at whom else it rings, each with its token."""
        self._parked: dict[str, Contact] = {}
        of = {name: [one for one in events if one.name == name] for name in (*_COMES, "agent.status_changed")}
        came = {one.fields.get("contact", one.fields.get("agent")) for name in _COMES for one in of[name]}
        changed = {one.fields["agent"] for one in of["agent.status_changed"]}
        moved = {one.fields["agent"] for one in events if one.name in ("contact.connected", "contact.accepted")}
        for name in now.agents.keys() - came:
            agent = replace(now.agents[name], slots={}, present_until_us=None)
            if name in changed:
                agent = replace(agent, is_routable=True, next_status="")
            self.state.agents[name] = replace(agent, available_us=0) if name in moved | changed else agent
        for contact_id in now.waiting.keys() - came:
            self.state.waiting[contact_id] = replace(now.waiting[contact_id], again_us=0)

    def happen(self, event: Event) -> None:
        """What the event tells of has happened."""
        kind, _, word = event.name.partition(".")
        if kind == "profile":
            self.state.passes.pop(event.fields["profile"], None)
            self.state.served_last.pop(event.fields["profile"], None)
        elif kind == "agent":
            self._agent(word, event)
        elif kind == "contact" and (word == "rescinded" or "rings" in event.fields):
            self._ring_ends(word, event)
        elif kind == "contact" and word in _TO_QUEUE:
            before = self._leave(event.fields["contact"], _keeps(word, event), event.at_us)
            before = before or self._parked.pop(event.fields["contact"], None)
            self.state.waiting[event.fields["contact"]] = _queued(word, event, before, self.state)
        elif kind == "contact" and word in _ASSIGNED:
            self._assigned(word, event)
        elif kind == "contact" and word in _OUT:
            left = self._leave(event.fields["contact"], None, event.at_us)
            self.state.waiting.pop(event.fields["contact"], None)
            if left and word == "parked":
                self._parked[left.contact_id] = left
        elif kind == "contact" and word in _KINDS:
            self._rekind(word, event)
        elif kind == "contact" and (waiting := self.state.waiting.get(event.fields["contact"])):
            self.state.waiting[waiting.contact_id] = _updated(waiting, word, event)

    def _assigned(self, word: str, event: Event) -> None:
        fields: Any = event.fields
        contact_id, name, token = fields["contact"], fields["agent"], int(fields["token"])
        ringing = self.ringing(contact_id)
        if ringing and word == "offered" and fields["entry_priority"] != "by_hand":
            self.state.turns[ringing.queue] = name
            self.state.set_slot(name, token, Slot("offered", ringing))
            self._rings.setdefault(contact_id, {})[name] = token
            return
        contact = self._leave(contact_id, None, event.at_us)
        contact = contact or Contact(contact_id, fields["queue"], fields["channel"], 0, 0, 0)
        self.state.waiting.pop(contact_id, None)
        self._have_profile(name, fields["profile"])
        if name not in self.state.agents:
            self.state.agents[name] = SignedIn(name, 0, accepts_all=False, capacity=0)
        if fields["entry_priority"] != "by_hand":
            self.state.turns[contact.queue] = name
            with suppress(KeyError):  # the profile has lost the entry since
                share(self.state, self.state.free_agent(name), contact)
        kind: SlotKind = "offered" if word == "offered" else "connected"
        contact = replace(contact, again_us=0)
        self.state.set_slot(name, token, Slot(kind, contact))
        self._held[contact_id] = name, token, contact
        if kind == "connected":
            self.state.restart_clock(name, token)

    def ringing(self, contact_id: str) -> Contact | None:
        """The contact, while it is being offered."""
        name, token, contact = self._held.get(contact_id, ("", 0, None))
        agent = self.state.agents.get(name)
        is_offered = agent is not None and token in agent.slots and agent.slots[token].kind == "offered"
        return contact if is_offered else None

    def _ring_ends(self, word: str, event: Event) -> None:
        """One of several agents at whom a contact rings is done with it; it rings on at the others."""
        contact_id, name, token = event.fields["contact"], event.fields["agent"], int(event.fields["token"])
        rings, held = self._rings.get(contact_id, {}), self._held.get(contact_id)
        if held is None:
            return
        if held[1] == token and rings:
            first = next(iter(rings))
            held = (first, rings.pop(first), held[2])
        rings.pop(name, None)
        if event.fields["reason"] in REFUSALS:
            held = (*held[:2], refuse(self.state, held[2], name, event.at_us))
        self._held[contact_id] = held
        agent = self.state.agents.get(name)
        if agent and token in agent.slots:
            self._free(name, token, agent.slots[token], _keeps(word, event))

    def _free(self, name: str, token: int, slot: Slot, kept_as: SlotKind | None) -> None:
        """A slot is freed, or stays as `kept_as` where the queue keeps it."""
        is_kept = kept_as == "missed" and self.state.queue(slot.contact.queue).missed_slot_s != 0
        if kept_as and (kept_as == "error" or is_kept):
            self.state.set_slot(name, token, replace(slot, kind=kept_as))
        else:
            self.state.free_slot(name, token)

    def _leave(self, contact_id: str, kept_as: SlotKind | None, at_us: int) -> Contact | None:
        """Whoever has the contact has it no longer; its slot stays as `kept_as` where the queue keeps it."""
        if contact_id not in self._held:
            return self.state.waiting.get(contact_id)
        name, token, contact = self._held.pop(contact_id)
        self._rings.pop(contact_id, None)
        agent = self.state.agents.get(name)
        if agent is None or token not in agent.slots:
            return contact  # its session has ended just before
        slot = agent.slots[token]
        if kept_as == slot.kind == "acw":
            return contact  # the agent works on after it
        self._free(name, token, slot, kept_as)
        if slot.kind in ON_CONTACT or slot.kind == "paused":
            self.state.restart_clock(name, at_us)
        return contact

    def _rekind(self, word: str, event: Event) -> None:
        name, token, _ = self._held.get(event.fields["contact"], ("", 0, None))
        agent = self.state.agents.get(name)
        if agent and token in agent.slots:
            self.state.set_slot(name, token, replace(agent.slots[token], kind=_KINDS[word]))
            if word == "accepted":
                self.state.restart_clock(name, event.at_us)

    def _agent(self, word: str, event: Event) -> None:
        name = event.fields["agent"]
        if word == "signed_in":
            self._have_profile(name, event.fields["profile"])
            capacity = int(event.fields.get("capacity") or 0)
            self.state.agents[name] = SignedIn(name, event.at_us, accepts_all=False, capacity=capacity)
        elif word == "resumed" and name in self.state.agents:
            capacity = int(event.fields.get("capacity") or 0)
            self.state.agents[name] = replace(self.state.agents[name], capacity=capacity, present_until_us=None)
        elif word in ("signed_out", "lost"):
            self.state.agents.pop(name, None)
        elif word == "profile_changed":
            self._have_profile(name, event.fields["profile"])
        elif word == "status_changed" and name in self.state.agents:
            self._status(name, event)

    def _status(self, name: str, event: Event) -> None:
        fields, agent = event.fields, self.state.agents[name]
        if "token" in fields:  # the slot of a missed offer is cleared, or work after a contact that has gone on is over
            slot = agent.slots.get(int(fields["token"]))
            if slot:
                self.state.free_slot(name, int(fields["token"]))
            if slot and slot.kind == "acw":
                self.state.restart_clock(name, event.at_us)
            return
        status = self.state.configuration.statuses.get(fields["status"])
        is_routable = status is not None and status.type == "routable"
        available_us = event.at_us if is_routable and not agent.is_routable else agent.available_us
        absent_us = {"absent": event.at_us, "present": None}.get(fields.get("reason", ""), agent.present_until_us)
        self.state.agents[name] = replace(
            agent, status=fields["status"], is_routable=is_routable, available_us=available_us,
            next_status=fields.get("next_status", ""), present_until_us=absent_us,
        )  # fmt: skip

    def _have_profile(self, name: str, profile: str) -> None:
        """The agent has the profile, if there still is one of that name; its proficiencies are those of now."""
        configuration = self.state.configuration
        agent = configuration.agents.get(name, Agent(name, ""))
        if profile in configuration.profiles and agent.profile != profile:
            agents = {**configuration.agents, name: replace(agent, profile=profile)}
            self.state.configuration = replace(configuration, agents=agents)


def _keeps(word: str, event: Event) -> SlotKind | None:
    """As what the agent keeps the slot of a contact that goes back."""
    if word in ("missed", "transferred"):
        return "missed" if word == "missed" else "acw"
    return "error" if event.fields.get("reason") == "error" else None


def _queued(word: str, event: Event, before: Contact | None, state: State) -> Contact:
    fields: Any = event.fields
    contact = before or Contact(fields["contact"], fields["queue"], fields["channel"], 0, 0, 0)
    if word in ("queued", "transferred", "overflowed"):
        contact = replace(contact, step=0, refused=())
    elif fields["reason"] == "retried":
        contact = replace(contact, refused=())
    contact = replace(
        contact, queue=fields["queue"], priority=int(fields["priority"]), queued_us=int(fields["queued_us"]),
        rank_us=int(fields["rank_us"]), again_us=int(fields.get("again_us") or 0),
    )  # fmt: skip
    if fields.get("reason") in REFUSALS and fields.get("agent"):
        contact = refuse(state, contact, fields["agent"], event.at_us)
    return contact


def _updated(contact: Contact, word: str, event: Event) -> Contact:
    if word == "step_expired":
        return replace(contact, step=int(event.fields["step"]))
    if word == "updated":
        return replace(contact, priority=int(event.fields["priority"]), rank_us=int(event.fields["rank_us"]))
    return contact
