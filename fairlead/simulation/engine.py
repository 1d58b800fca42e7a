"""Discrete events in virtual time over the real transitions.

The engine routes nothing: it says who arrives, leaves, hangs up, begins and ends work, and when; the scripts decide,
and their events say what came of it. Several steps share a round trip as long as none of them can bring about anything
before the next: a contact ends no sooner than its handle time after its answer, so the shortest handle time of those
that wait says how far ahead is certain.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import redis

from fairlead.domain.agent import OFFLINE
from fairlead.domain.channel import checked_channel
from fairlead.domain.configuration import Configuration
from fairlead.errors import Conflict, FairleadError
from fairlead.service.intakes import decide_all
from fairlead.service.recorded.arrivals import Arrival
from fairlead.simulation.course import Course, Outcome, Recorder, Visit
from fairlead.simulation.lookahead import Lookahead, delays_us
from fairlead.simulation.pipe import Happened, Pipe
from fairlead.simulation.scenario import Shift
from fairlead.store.client import Store
from fairlead.store.offers import Offer
from fairlead.store.request import Request
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000

LEASE_MS = 20 * 365 * 86_400 * 1_000
"""Nobody renews a session in virtual time."""

LEASES_END_US = LEASE_MS * 1_000 // 2
"""What is due so late is a lease."""

FULL_SWEEP_US = 500_000
"""A sweep looks at delays and at starvation control when the last that did was at least so long ago."""

MOST_STEPS = 200
"""How many steps share a round trip at most."""

EVENTS_KEPT = 10_000
ENDED_RETENTION_S = 60
"""Events are read at once, and nothing asks for a contact that has ended: the server stays small."""


class Kind(IntEnum):
    """The kinds of steps, in the order in which they are taken at the same instant."""

    COMPLETE = 1
    SWEEP = 2
    SIGN_OUT = 3
    SHIFT_ENDS = 4
    SIGN_IN = 5
    ARRIVE = 6
    LEAVE = 7


_UNANSWERED: Mapping[str, Outcome] = {"abandoned": "abandoned", "expired": "expired", "parked": "parked"}

Step = tuple[int, Kind, int, Any]
"""When, what, the number in which it was planned (0: the store says that it is due), of whom or what."""

Tell = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Day:
    """What is simulated: contacts, each with a handle time, and the shifts of the agents.

    `begins_us`: when second 0 is; `until_us`: when to stop, counted from there; None: when nothing can happen any more.
    """

    configuration: Configuration
    arrivals: Sequence[Arrival]
    shifts: Sequence[Shift]
    begins_us: int
    until_us: int | None = None


def simulate(
    client: redis.Redis, day: Day, tell: Tell | None = None, progress: Callable[[int], None] | None = None
) -> Course:
    """Run a day on a server of its own, which is emptied. `tell` gets each event, `progress` how many have arrived."""
    client.flushall()
    return Engine(client, day, tell, progress).run()


class Engine:
    """One run of one day."""

    def __init__(
        self, client: redis.Redis, day: Day, tell: Tell | None, progress: Callable[[int], None] | None
    ) -> None:
        self._day, self._tell, self._progress = day, tell, progress
        self._now_us = day.begins_us
        self._store = Store(client, "simulation", clock=lambda: self._now_us)
        self._pipe = Pipe(self._store, day.begins_us + LEASES_END_US)
        self._sweeper = Sweeper(self._store.keys)
        self._recorder = Recorder(day.configuration.agents)
        self._lookahead = Lookahead(day.configuration, day.arrivals)
        self._delays_us = delays_us(day.configuration)
        self._steps: list[Step] = []
        self._planned = 0
        self._due: deque[int] = deque()
        self._due_until_us = math.inf
        self._swept_us = 0
        self._coming = len(day.arrivals)
        self._present: dict[str, Arrival] = {}
        self._sessions: dict[str, Session] = {}

    def run(self) -> Course:
        """The course of the whole day."""
        self._configure()
        for arrival in self._day.arrivals:
            self._plan(self._at_us(arrival.at_s), Kind.ARRIVE, arrival)
        for shift in self._day.shifts:
            self._plan(self._at_us(shift.from_s), Kind.SIGN_IN, shift.agent)
            if shift.to_s is not None:
                self._plan(self._at_us(shift.to_s), Kind.SHIFT_ENDS, shift.agent)
        while batch := self._next_batch():
            self._take(batch)
        return self._recorder.course(self._day.until_us)

    def _configure(self) -> None:
        kept = replace(self._day.configuration, events_kept=EVENTS_KEPT, ended_retention_s=ENDED_RETENTION_S)
        self._store.run(configuring.prepare_instance(self._store.keys))
        self._store.run(configuring.apply_configuration(self._store.keys, kept, 1))
        answer = self._pipe.send([])
        self._due, self._due_until_us = deque(answer.due_us), answer.due_until_us

    def _at_us(self, at_s: float) -> int:
        return self._day.begins_us + round(at_s * S)

    def _plan(self, at_us: int, kind: Kind, subject: Any) -> None:
        self._planned += 1
        heapq.heappush(self._steps, (at_us, kind, self._planned, subject))

    # What comes next

    def _next_batch(self) -> list[tuple[Step, Request[Any]]]:
        """The next steps that can be taken together; none when the run is over."""
        batch: list[tuple[Step, Request[Any]]] = []
        until_us = self._due_until_us
        while len(batch) < MOST_STEPS and (step := self._next_step()) and not self._is_over(step):
            if batch and (step[0] >= until_us or self._must_be_first(step)):
                break
            self._remove(step)
            self._now_us = max(self._now_us, step[0])
            request = self._request(step)
            if request:
                batch.append(((self._now_us, *step[1:]), request))
                is_unforeseen = step[1] is Kind.SWEEP and bool(self._day.configuration.hours)
                until_us = min(until_us, self._now_us + (0 if is_unforeseen else self._lookahead.certain_us()))
        return batch

    def _next_step(self) -> Step | None:
        planned = self._steps[0] if self._steps else None
        if not self._due:
            return planned
        due: Step = (self._due[0], Kind.SWEEP, 0, None)
        return min(planned, due) if planned else due

    def _remove(self, step: Step) -> None:
        if step[2]:
            heapq.heappop(self._steps)
        while step[1] is Kind.SWEEP and self._due and self._due[0] <= step[0]:
            self._due.popleft()

    def _is_over(self, step: Step) -> bool:
        """Whether nothing is left to happen: what is due for nobody, such as the next opening hours, does not count."""
        if self._day.until_us is not None:
            return step[0] > self._day.begins_us + self._day.until_us
        return not step[2] and not self._coming and not self._present

    def _must_be_first(self, step: Step) -> bool:
        """Whether a step depends on what came of those before it.

        A contact for which an intake chooses by the state; a shift that begins while the agent still works off the last
        one; and a sweep, where delays pass: one that has become void must not be taken, or others would have to keep
        their distance from it.
        """
        _, kind, _, subject = step
        if kind is Kind.SWEEP:
            return bool(self._delays_us) and (subject is None or subject.left_us is None)
        if kind is Kind.ARRIVE:
            return bool(subject.contact.intake)
        return kind is Kind.SIGN_IN and subject in self._sessions

    # What is asked

    def _request(self, step: Step) -> Request[Any] | None:
        """The request of a step; none when it has become void."""
        _, kind, _, subject = step
        match kind:
            case Kind.ARRIVE:
                return self._arrive(subject)
            case Kind.COMPLETE:
                return self._sessions[subject.agent].complete([subject])
            case Kind.LEAVE:
                is_waiting = self._lookahead.may_wait(subject)
                return producing.abandon(self._store.keys, subject) if is_waiting else None
            case Kind.SWEEP:
                return self._sweep(subject)
            case Kind.SIGN_IN:
                return self._sign_in(subject)
            case Kind.SHIFT_ENDS:
                return supervising.set_next_status(self._store.keys, subject, OFFLINE.name)
            case Kind.SIGN_OUT:
                return self._sessions.pop(subject).sign_out()

    def _arrive(self, arrival: Arrival) -> Request[Any]:
        contact_id = arrival.contact.contact_id
        self._coming -= 1
        [decided] = self._store.run(decide_all([arrival.contact], {})) if arrival.contact.intake else [None]
        contact = decided.contact if decided else arrival.contact
        self._present[contact_id] = replace(arrival, contact=contact)
        self._lookahead.enters(contact_id, _handle_us(arrival))
        if arrival.patience_s is not None and not contact.callback:  # who is called back has nothing to leave
            waits_s = (contact.start_in_s or 0) + arrival.patience_s
            self._plan(self._now_us + round(waits_s * S), Kind.LEAVE, contact_id)
        return producing.push(self._store.keys, arrival.contact, decided)

    def _sweep(self, visit: Visit | None) -> Request[Any] | None:
        """A sweep for what is due, or for a contact whose delay has passed: none when that waits no more."""
        if visit and visit.left_us is not None:
            return None
        is_full = self._now_us - self._swept_us >= FULL_SWEEP_US
        if visit and not is_full:
            self._plan(self._swept_us + FULL_SWEEP_US, Kind.SWEEP, visit)
            return None
        if is_full:
            self._swept_us = self._now_us
        return self._sweeper.sweep()

    def _sign_in(self, agent: str) -> Request[Any]:
        if agent in self._sessions:
            return supervising.set_next_status(self._store.keys, agent, "")
        session = Session(self._store.keys, agent, "simulation", f"simulation/{agent}", lease_ms=LEASE_MS)
        self._sessions[agent] = session
        return session.sign_in()

    # What came of it

    def _take(self, batch: list[tuple[Step, Request[Any]]]) -> None:
        answer = self._pipe.send([(step[0], request) for step, request in batch])
        refused: list[Happened] = []
        for (step, request), reply in zip(batch, answer.replies, strict=True):
            if isinstance(reply, FairleadError):
                refused += self._refused(step, reply)
            elif step[1] is Kind.SWEEP and request.read(reply).more:
                self._plan(step[0], Kind.SWEEP, None)
            elif step[1] is Kind.SIGN_IN:
                request.read(reply)  # the session learns its number
        for event in sorted([*refused, *answer.events], key=lambda event: event.at_us):
            self._learn(event)
        self._due, self._due_until_us = deque(answer.due_us), answer.due_until_us
        if self._progress:
            self._progress(len(self._day.arrivals) - self._coming)

    def _refused(self, step: Step, failure: FairleadError) -> Iterator[Happened]:
        """The event of a contact that no queue let in; the store has none, since it does not know the contact."""
        at_us, kind, _, subject = step
        if kind is Kind.LEAVE:
            return  # it was answered by a step of the same round trip
        if kind is not Kind.ARRIVE or not isinstance(failure, Conflict):
            raise failure
        contact = self._present[subject.contact.contact_id].contact
        queue = contact.queue or f"intake {contact.intake}"
        told = {"contact": contact.contact_id, "queue": queue, "channel": contact.channel}
        yield Happened("contact.refused", at_us, {name.encode(): value.encode() for name, value in told.items()})

    def _learn(self, event: Happened) -> None:
        at_us = event.at_us - self._day.begins_us
        subject, _, what = event.name.partition(".")
        if subject == "agent":
            self._learn_of_agent(event[b"agent"], what, event, at_us)
        elif subject == "contact":
            self._learn_of_contact(event[b"contact"], what, event, at_us)
        if self._tell:
            names = {name: event[name.encode()] for name in ("contact", "agent", "queue")}
            self._tell({"at_s": at_us / S, "event": event.name, **names})

    def _learn_of_agent(self, agent: str, what: str, event: Happened, at_us: int) -> None:
        if what == "signed_in":
            self._recorder.begins(agent, at_us)
        elif what == "status_changed" and event[b"status"] == OFFLINE.name and event[b"reason"]:
            self._recorder.ends(agent, at_us)
            self._plan(event.at_us, Kind.SIGN_OUT, agent)

    def _learn_of_contact(self, contact_id: str, what: str, event: Happened, at_us: int) -> None:
        if what in ("queued", "overflowed", "transferred"):
            queue, channel = event[b"queue"], checked_channel(event[b"channel"])
            visit = self._recorder.enters(contact_id, queue, channel, at_us)
            for delay_us in self._delays_us.get((queue, channel), ()):
                self._plan(int(event[b"queued_us"]) + delay_us, Kind.SWEEP, visit)
        elif what == "connected":
            self._recorder.answers(contact_id, event[b"agent"], at_us)
            self._lookahead.leaves(contact_id)
            self._plan(event.at_us + _handle_us(self._present[contact_id]), Kind.COMPLETE, _offer(event))
        elif what == "completed":
            self._recorder.finishes(contact_id, at_us)
            self._is_gone(contact_id)
        elif what == "refused":
            self._recorder.refuses(event[b"queue"], checked_channel(event[b"channel"]))
            self._is_gone(contact_id)
        elif what in _UNANSWERED:
            self._recorder.leaves(contact_id, _UNANSWERED[what], at_us)
            self._is_gone(contact_id)

    def _is_gone(self, contact_id: str) -> None:
        self._lookahead.leaves(contact_id)
        self._present.pop(contact_id)


def _handle_us(arrival: Arrival) -> int:
    return round((arrival.handle_s or 0) * S)


def _offer(event: Happened) -> Offer:
    """The hand-out that an event tells of, as far as a session needs it to end it."""
    return Offer(
        agent=event[b"agent"],
        contact_id=event[b"contact"],
        token=int(event[b"token"]),
        state="connected",
        queue=event[b"queue"],
        channel=checked_channel(event[b"channel"]),
        priority=0,
        attempt=1,
        queued_us=0,
        deadline_us=None,
        attributes={},
        headers={},
        direction="inbound",
        customer="",
        payload=b"",
    )
