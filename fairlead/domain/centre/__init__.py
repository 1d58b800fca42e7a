"""What each transition does to queues and agents, decided by the rules alone.

A Centre is what a store holds, as plain values: it forgets nothing and asks nobody. Its methods have the names of the
transitions, take the time in microseconds (`now_us`, which never falls), and answer the assignments that they made, in
order. The scripts must do the same to the store. What it leaves out: refusals (whoever calls it asks for what the store
would allow), overflow, hours of operation, expiry, schedules, starvation control, next statuses, and what a queue does
about missed offers beside keeping their slots.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from fairlead.domain.centre.matching import (
    arrive,
    begin_acw,
    clear,
    come_back,
    come_due,
    end_part,
    fill,
    give,
    park_refused,
    walk,
)
from fairlead.domain.centre.state import US, Assignment, Contact, SignedIn, Slot, State
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import rank_of
from fairlead.domain.criteria import Step
from fairlead.domain.queue import Rank
from fairlead.domain.slots import KEPT, SlotKind

__all__ = ["Assignment", "Centre", "Contact", "SignedIn", "Slot", "SlotKind", "State"]

SessionEnd: TypeAlias = Literal["signed_out", "lost", "replaced"]

Standing: TypeAlias = Literal["new", "repeated", "reused", "late"]
"""How a session's request stands. What is reused or late is refused; a repetition has no effect of its own."""


class Centre:
    """`state` may be read at any time; it is changed by the transitions alone."""

    def __init__(self, configuration: Configuration) -> None:
        self.state = State(configuration)

    # Transitions of those who produce and supervise

    def push(self, new: Contact, now_us: int) -> list[Assignment]:
        """A contact enters its queue; its times are set here, its age adjustment (`age_us`) is kept."""
        self.state.counts["pushed"] += 1
        queued_us = self.state.stamp(now_us)
        rank_us = rank_of(queued_us, new.age_us // US)
        arrive(self.state, replace(new, queued_us=queued_us, rank_us=rank_us, step_us=now_us), now_us)
        return self._answer()

    def abandon(self, contact_id: str, now_us: int) -> list[Assignment]:
        """The customer of a contact that waits, or rings, leaves."""
        self.state.waiting.pop(contact_id, None)
        for name, token in self.state.rings(contact_id):
            self.state.free_slot(name, token)
        self.state.counts["abandoned"] += 1
        walk(self.state, now_us)
        return self._answer()

    def update(
        self,
        contact_id: str,
        now_us: int,
        priority: int | None = None,
        age_adjustment_s: int | None = None,
        criteria: tuple[Step, ...] | None = None,
    ) -> list[Assignment]:
        """What a waiting contact ranks by or asks for changes; what is as it was changes nothing."""
        before = contact = self.state.waiting[contact_id]
        if priority is not None:
            contact = replace(contact, priority=priority)
        if age_adjustment_s is not None:
            rank_us = rank_of(contact.rank_us + contact.age_us, age_adjustment_s)
            contact = replace(contact, rank_us=rank_us, age_us=age_adjustment_s * US)
        if criteria is not None and criteria != contact.steps:
            contact = replace(contact, steps=criteria, step=0, step_us=now_us)
        if contact == before:
            return []
        del self.state.waiting[contact_id]
        arrive(self.state, contact, now_us)
        return self._answer()

    def annotate(self, contact_id: str, changes: Mapping[str, str | None]) -> None:
        """Attributes of a contact that has not ended change, wherever it is; None removes one, the others stay."""
        for places in (self.state.waiting, self.state.parked):
            if contact_id in places:
                places[contact_id] = _annotated(places[contact_id], changes)
        for name, token in self.state.slots("offered", "connected", "on_hold", "paused", "acw"):
            slot = self.state.agents[name].slots[token]
            if slot.contact.contact_id == contact_id:
                self.state.set_slot(name, token, replace(slot, contact=_annotated(slot.contact, changes)))

    def move(
        self, contact_id: str, queue: str, rank: Rank, now_us: int, criteria: tuple[Step, ...] | None = None
    ) -> list[Assignment]:
        """A waiting contact goes to another queue: its wait, its delay and its routing steps, or others, begin anew. In
        its own queue it goes to another place.
        """
        is_there = self.state.waiting[contact_id].queue == queue
        if is_there and rank == "keep" and criteria is None:
            return []
        contact, queued_us = self.state.waiting.pop(contact_id), self.state.stamp(now_us)
        rank_us = {"keep": contact.rank_us, "back": queued_us, "front": 0}[rank]
        if is_there:
            age_us = contact.age_us if rank == "keep" else 0
            moved = replace(contact, rank_us=rank_us, age_us=age_us)
            if criteria is not None:
                moved = replace(moved, steps=criteria, step=0, step_us=now_us)
            arrive(self.state, moved, now_us)
            return self._answer()
        moved = replace(
            contact, queue=queue, queued_us=queued_us, rank_us=rank_us, age_us=contact.age_us if rank == "keep" else 0,
            steps=contact.steps if criteria is None else criteria, step=0, step_us=now_us, refused=(),
            is_answered=False,
        )  # fmt: skip
        arrive(self.state, moved, now_us)
        return self._answer()

    def retry(self, contact_id: str, now_us: int) -> list[Assignment]:
        """A parked contact goes back to its place, its attempts forgiven."""
        arrive(self.state, replace(self.state.parked.pop(contact_id), attempts=0, refused=()), now_us)
        return self._answer()

    def assign(self, contact_id: str, name: str, now_us: int) -> list[Assignment]:
        """A supervisor gives a waiting contact to an agent, past entries, delays, criteria, pauses and slots."""
        give(self.state, name, contact_id, now_us, by_hand=True)
        return self._answer()

    def apply_configuration(self, configuration: Configuration, now_us: int) -> list[Assignment]:
        """The configuration changes, and acts at once; a profile that has changed shares anew."""
        for name, profile in configuration.profiles.items():
            if profile != self.state.configuration.profiles.get(name):
                self.state.passes.pop(name, None)
                self.state.served_last.pop(name, None)
        self.state.configuration = configuration
        walk(self.state, now_us)
        return self._answer()

    def sweep(self, now_us: int) -> list[Assignment]:
        """What has come due by now happens in order of time; all stands in line before the first agent is walked."""
        for due_us, what, contact_id in self.state.due():
            if due_us <= now_us:
                come_due(self.state, due_us, what, contact_id, now_us)
        walk(self.state, now_us)
        for contact in list(self.state.waiting.values()):
            if park_refused(self.state, contact):
                del self.state.waiting[contact.contact_id]
        return self._answer()

    # Transitions of an agent's session

    def sign_in(self, name: str, now_us: int, *, accepts_all: bool = True, capacity: int = 0) -> list[Assignment]:
        """A session of the agent begins; it is Available and is given what it may take."""
        self.state.agents[name] = SignedIn(name, self.state.stamp(now_us), accepts_all, capacity)
        return self._filled(name, now_us)

    def resume_session(
        self, name: str, now_us: int, *, accepts_all: bool = True, capacity: int = 0, lost: Sequence[str] = ()
    ) -> list[Assignment]:
        """A live session goes on with another holder: what the agent holds, its status and its clock stay.

        `lost`: the sessions that its former holder had beside it, when that holder is dead. They end first.
        """
        self.state.stamp(now_us)
        agent = self.state.agents[name]
        self.state.agents[name] = replace(agent, accepts_all=accepts_all, capacity=capacity, op=0, asked="")
        given = self.end_sessions(lost, "lost", now_us)
        return given + self._filled(name, now_us)

    def end_sessions(self, names: Sequence[str], reason: SessionEnd, now_us: int) -> list[Assignment]:
        """Sessions end together: all that they held stands in line before the first agent is walked."""
        for slot in [slot for name in names for slot in self.state.agents.pop(name).slots.values()]:
            self.state.counts["handled"] += slot.kind in ("acw", "connected", "on_hold", "paused")
            if slot.kind == "acw":
                self.state.counts["completed"] += not slot.has_moved
            elif slot.kind != "missed":
                come_back(self.state, slot.contact, "" if slot.kind == "offered" else reason, now_us)
        walk(self.state, now_us)
        return self._answer()

    def ask(self, name: str, op: int, asked: str) -> Standing:
        """How a request of the agent's session stands by its number and by what it asks; a new one is the last one."""
        agent = self.state.agents[name]
        if op < agent.op:
            return "late"
        if op == agent.op:
            return "repeated" if asked == agent.asked else "reused"
        self.state.agents[name] = replace(agent, op=op, asked=asked)
        return "new"

    def take(self, name: str, now_us: int) -> list[Assignment]:
        """The agent is given what it may take now, which a repetition of any request does, too."""
        return self._filled(name, now_us)

    def set_status(self, name: str, now_us: int, *, is_routable: bool) -> list[Assignment]:
        """The agent's status changes; becoming routable restarts its clock, and clears what it has missed. At one who
        is not routable nothing rings.
        """
        agent, since_us = self.state.agents[name], self.state.stamp(now_us)
        available_us = since_us if is_routable and not agent.is_routable else agent.available_us
        self.state.agents[name] = replace(agent, is_routable=is_routable, available_us=available_us)
        for token, slot in agent.slots.items():
            if is_routable and slot.kind in KEPT:
                self.state.free_slot(name, token)
            elif not is_routable and slot.kind == "offered":
                come_back(self.state, self.state.free_slot(name, token), "rescinded", now_us, name)
        walk(self.state, now_us)
        return self._filled(name, now_us)

    def accept(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """The agent answers what it is offered. It rings no more at others, who take what they may then."""
        slot = self.state.agents[name].slots[token]
        self.state.set_slot(name, token, Slot("connected", self.state.answered(slot.contact)))
        self.state.restart_clock(name, self.state.stamp(now_us))
        for other, its_token in self.state.rings(slot.contact.contact_id):
            self.state.free_slot(other, its_token)
        walk(self.state, now_us)
        return self._filled(name, now_us)

    def reject(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """The agent refuses what it is offered."""
        come_back(self.state, self.state.free_slot(name, token), "rejected", now_us, name)
        walk(self.state, now_us)
        return self._filled(name, now_us)

    def complete(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """The agent is done: after-contact work begins where there is some; a paused task has no slot for it."""
        if not begin_acw(self.state, name, token, now_us):
            end_part(self.state, name, token, now_us)
            self.state.counts["completed"] += 1
        return self._filled(name, now_us)

    def clear(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """After-contact work ends, or the slot of a missed offer is freed."""
        clear(self.state, name, token, now_us)
        return self._filled(name, now_us)

    def hold(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """A connected contact is put on hold."""
        return self._rekind(name, token, "on_hold", now_us)

    def pause(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """A connected task is paused, and takes no slot meanwhile."""
        return self._rekind(name, token, "paused", now_us)

    def resume(self, name: str, token: int, now_us: int) -> list[Assignment]:
        """What is on hold or paused is connected again."""
        return self._rekind(name, token, "connected", now_us)

    def release(self, name: str, tokens: Sequence[int], now_us: int) -> list[Assignment]:
        """The agent gives contacts back; they keep their places."""
        return self._give_back(name, tokens, "released", now_us)

    def fail(self, name: str, tokens: Sequence[int], now_us: int) -> list[Assignment]:
        """The agent's handlers have failed: each contact keeps its place and pauses, or is parked."""
        return self._give_back(name, tokens, "failed", now_us)

    def transfer(
        self, name: str, token: int, queue: str, now_us: int, criteria: tuple[Step, ...] = ()
    ) -> list[Assignment]:
        """A contact that the agent holds is handed on: it keeps its time and its attempts, not its criteria."""
        if begin_acw(self.state, name, token, now_us, has_moved=True):
            held = self.state.agents[name].slots[token].contact
        else:
            held = end_part(self.state, name, token, now_us)
        contact = replace(
            held, queue=queue, steps=criteria, step=0, step_us=now_us, refused=(), is_answered=False,
        )  # fmt: skip
        arrive(self.state, contact, now_us)
        return self._filled(name, now_us)

    def begin(self, name: str, new: Contact, now_us: int) -> list[Assignment]:
        """The agent begins a contact itself, connected at once; it is nobody's answer to a queue."""
        self.state.counts["begun"] += 1
        queued_us = self.state.stamp(now_us)
        contact = replace(new, queued_us=queued_us, rank_us=queued_us, step_us=now_us, is_answered=True)
        self.state.waiting[contact.contact_id] = contact
        give(self.state, name, contact.contact_id, now_us, by_hand=True, at_once=True)
        return self._filled(name, now_us)

    def pick(self, name: str, contact_id: str, now_us: int) -> list[Assignment]:
        """The agent picks a contact from its worklist; it is connected at once."""
        give(self.state, name, contact_id, now_us, by_hand=True, at_once=True)
        return self._filled(name, now_us)

    def _give_back(self, name: str, tokens: Sequence[int], reason: str, now_us: int) -> list[Assignment]:
        for contact in [end_part(self.state, name, token, now_us) for token in tokens]:
            come_back(self.state, contact, reason, now_us, name)
        walk(self.state, now_us)
        return self._filled(name, now_us)

    def _rekind(self, name: str, token: int, kind: SlotKind, now_us: int) -> list[Assignment]:
        self.state.set_slot(name, token, replace(self.state.agents[name].slots[token], kind=kind))
        return self._filled(name, now_us)

    def _filled(self, name: str, now_us: int) -> list[Assignment]:
        fill(self.state, name, now_us)
        return self._answer()

    def _answer(self) -> list[Assignment]:
        given, self.state.given = self.state.given, []
        return given


def _annotated(contact: Contact, changes: Mapping[str, str | None]) -> Contact:
    merged = {**contact.attributes, **changes}
    return replace(contact, attributes={name: text for name, text in merged.items() if text is not None})
