"""A contact centre in which everything is done that may be done, drawn by a seed, by a clock that the draw moves.

Refusals are no failures. After each step the checker of states looks at all that is in the instance: what it tells, and
whatever a script raises, is one.
"""

import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import redis
from soak.configurations import AGENTS, QUEUES, draw_configuration, draw_profile, draw_queue

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE
from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.criteria import Step, parse_step
from fairlead.errors import FairleadError, RedisError, SessionEnded
from fairlead.store import reading
from fairlead.store.checking import Finding, examine_state
from fairlead.store.client import Store
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.offers import Offer
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

T = TypeVar("T")

S = 1_000_000
BEGINS_US = 1_800_000_000 * S
LEASE_S = 150
CONTACTS = 40
"""How many contacts wait or are held at most: with more, nothing new happens to any of them."""
OPEN = ("queued", "offered", "scheduled", "connected", "on_hold", "paused", "acw", "parked")
HOLDERS = ("here/1", "here/2", "there/1")
STEPS = (
    "L:fr >= 3 for 5s", "L:fr >= 1", "L:de >= 2 or agents [bo] for 20s", "not (L:fr >= 1) for 90s", "agents [cem, ana]",
)  # fmt: skip
PAUSES_S = (0, 0.001, 0.5, 0.5, 0.5, 1, 1, 1, 1, 4, 5, 5, 5, 20, 20, 31, 61)
LONG_PAUSES_S = (95, 700, 4_000, 30_000)


MOST_SWEEPS = 100


class Broken(AssertionError):
    """What the checker of states tells after a step."""


class Everything:
    """`steps`: how many have been made; `made`: how many of each kind, and how refused; `last`: the newest ones."""

    def __init__(self, client: redis.Redis, seed: int) -> None:
        client.flushall()
        self.random = random.Random(seed)
        self.now_us = BEGINS_US
        self.store = Store(client, clock=lambda: self.now_us)
        self.keys = self.store.keys
        self.sweeper = Sweeper(self.keys)
        self.sessions: dict[str, Session] = {}
        self.acting = ""
        self.steps, self.made = 0, Counter[str]()
        self.last: deque[str] = deque(maxlen=12)
        self.store.run(configuring.apply_configuration(self.keys, draw_configuration(self.random), 0))

    def run(self, steps: int, every: int = 1) -> None:
        """Make so many steps; the state is looked at after `every` so many. Raises Broken, and what scripts raise."""
        moves = [(name, getattr(self, name), weight) for name, weight in MOVES.items()]
        weights = [weight for *_, weight in moves]
        ends = self.steps + steps
        while self.steps < ends:
            [(name, move, _)] = self.random.choices(moves, weights)
            self.now_us += self.random.randint(20, 2_000)
            self.last.append(name)
            try:
                self.acting = ""
                move()
            except NothingThere:
                self.last.pop()
                continue
            except RedisError:
                raise
            except FairleadError as refusal:
                if isinstance(refusal, SessionEnded):
                    self.sessions.pop(self.acting, None)
                name += f" {type(refusal).__name__}"
                self.last[-1] = name
            self.made[name] += 1
            self.steps += 1
            if self.steps % every == 0:
                self.look()

    def look(self) -> None:
        """Compare all that is there. Raises Broken."""
        self._work_off()
        if findings := self.store.run(examine_state()).findings:
            raise Broken(_told(findings))

    def _work_off(self) -> None:
        """A sweep leaves nothing to be done; while there is some, the instance is not yet what it will be."""
        for _ in range(MOST_SWEEPS):
            if not self.store.run(self.sweeper.sweep()).more:
                return
        raise Broken(f"after {MOST_SWEEPS} sweeps there still is more to do")

    # What is drawn

    def _one(self, some: Sequence[T]) -> T:
        if not some:
            raise NothingThere
        return self.random.choice(some)

    def _criteria(self) -> tuple[Step, ...]:
        if self.random.random() < 0.6:
            return ()
        passing = [step for step in self.random.sample(STEPS, 2) if " for " in step]
        return tuple(parse_step(step) for step in (*passing, self.random.choice(STEPS)))

    def _queue(self) -> str:
        return self._one((*QUEUES, *QUEUES, "@ana", "@dora"))

    def _contact(self, *states: str) -> str:
        for state in self.random.sample(states, len(states)):
            if found := self.store.run(reading.contacts_in(state, 20)):
                return self._one(found).contact_id
        raise NothingThere

    def _session(self) -> Session:
        self.acting = self._one(sorted(self.sessions))
        return self.sessions[self.acting]

    def _offer(self, *kinds: str) -> tuple[Session, Offer]:
        for name in self.random.sample(sorted(self.sessions), len(self.sessions)):
            self.acting, session = name, self.sessions[name]
            last_token, session._last_token = session.last_token, 0
            offers = self.store.run(session.take()).offers
            session._last_token = max(last_token, session.last_token)
            if found := [offer for offer in offers if not kinds or offer.state in kinds]:
                return session, self._one(found)
        raise NothingThere

    # Transitions of those who produce

    def push(self) -> None:
        if self.store.client.send([("HLEN", self.keys.payloads)])[0] >= CONTACTS:
            raise NothingThere
        draw = self.random
        options: dict[str, Any] = {}
        if draw.random() < 0.15:
            options["start_in_s"] = draw.choice([1, 40, 5_000])
        if draw.random() < 0.2:
            options["expiry_s"] = draw.choice([3, 50, 9_000])
        if draw.random() < 0.3:
            options["customer"] = f"customer{draw.randint(1, 4)}"
        channel: Channel = draw.choice(CHANNELS)
        if channel == "voice" and draw.random() < 0.1:
            options = {"callback": self._callback()}
        self.store.run(producing.push(self.keys, NewContact(
            self._queue(), channel, b'"x"', draw.randint(1, 4), draw.choice([0, 0, 0, 30, -20]), f"c{self.steps}",
            self._criteria(), {"a": "1"}, **options,
        )))  # fmt: skip

    def _callback(self) -> Callback:
        draw = self.random
        return Callback(draw.choice([0, 30]), draw.choice([5, 100]), draw.randint(0, 2))

    def abandon(self) -> None:
        self.store.run(producing.abandon(self.keys, self._contact("queued", "offered", "scheduled")))

    def update(self) -> None:
        change: dict[str, Any] = self.random.choice([
            {"priority": self.random.randint(1, 4)}, {"age_adjustment_s": self.random.choice([-10, 0, 50])},
            {"criteria": self._criteria()}, {"attributes": {"b": self.random.choice([None, "2"])}},
        ])  # fmt: skip
        contact_id = self._contact("queued", "offered", "scheduled", "connected", "parked")
        self.store.run(producing.update(self.keys, contact_id, **change))

    def reschedule(self) -> None:
        at_us = self.now_us + self.random.choice([1, 60, 4_000]) * S
        self.store.run(producing.reschedule(self.keys, self._contact("scheduled"), at_us))

    def request_callback(self) -> None:
        queue = self.random.choice(["", *QUEUES])
        self.store.run(
            producing.request_callback(self.keys, self._contact("queued", "offered"), self._callback(), queue)
        )

    # Transitions of those who supervise

    def move(self) -> None:
        rank, criteria = self._one(["keep", "back", "front"]), self.random.choice([None, self._criteria()])
        contact_id = self._contact("queued", "offered", "scheduled")
        self.store.run(supervising.move(self.keys, contact_id, self._queue(), rank, criteria=criteria))

    def assign(self) -> None:
        self.store.run(supervising.assign(self.keys, self._contact("queued", "offered"), self._session().agent))

    def retry(self) -> None:
        self.store.run(supervising.retry(self.keys, self._contact("parked")))

    def stop(self) -> None:
        contact_id = self._contact(*OPEN)
        self.store.run(supervising.stop(self.keys, contact_id))

    def hold_or_pause_or_resume(self) -> None:
        what = self._one([supervising.hold, supervising.pause, supervising.resume])
        self.store.run(what(self.keys, self._contact("connected", "on_hold", "paused")))

    def transfer_by_supervisor(self) -> None:
        contact_id = self._contact("connected", "on_hold")
        self.store.run(supervising.transfer(self.keys, contact_id, self._queue(), criteria=self._criteria()))

    def clear_slots(self) -> None:
        self.store.run(supervising.clear_slots(self.keys, self._one(AGENTS)))

    def set_agent_status(self) -> None:
        status = self._one([AVAILABLE, AVAILABLE, BREAK, OFFLINE]).name
        self.store.run(supervising.set_agent_status(self.keys, self._session().agent, status))

    def set_next_status(self) -> None:
        status = self._one([AVAILABLE, BREAK, OFFLINE]).name
        self.store.run(supervising.set_next_status(self.keys, self._session().agent, status))

    def sign_out_agent(self) -> None:
        self.store.run(supervising.sign_out_agent(self.keys, self._session().agent))

    # Transitions of an agent's session

    def sign_in(self) -> None:
        name, draw = self._one(AGENTS), self.random
        before, holder = self.sessions.get(name), draw.choice(HOLDERS)
        session = Session(
            self.keys, name, holder.replace("/", "-"), holder, LEASE_S * 1_000, draw.random() < 0.3,
            draw.choice([0, 0, 2]), draw.choice(["", holder.replace("/", "-")]),
        )  # fmt: skip
        if before is None:
            self.store.run(session.sign_in())
        else:
            begins = draw.choice([lambda epoch, **how: session.sign_in(replaces=epoch, **how), session.resume_session])
            is_dead = before.holder != holder and draw.random() < 0.5
            self.store.run(begins(before.epoch, is_dead=is_dead))
        self.sessions[name] = session

    def sign_out(self) -> None:
        self.store.run(self._session().sign_out())

    def renew(self) -> None:
        chosen = [one for one in self.sessions.values() if self.random.random() < 0.8]
        for name, _ in self.store.run(renew(self.keys, chosen)):
            del self.sessions[name]

    def set_status(self) -> None:
        self.store.run(self._session().set_status(self._one([AVAILABLE, AVAILABLE, BREAK]).name))

    def accept(self) -> None:
        session, offer = self._offer("offered")
        self.store.run(session.accept(offer))

    def reject(self) -> None:
        session, offer = self._offer("offered")
        self.store.run(session.reject(offer))

    def report_error(self) -> None:
        session, offer = self._offer("offered")
        self.store.run(session.report_error(offer, "OSError at line.py:1"))

    def complete(self) -> None:
        session, offer = self._offer("connected", "on_hold", "paused")
        self.store.run(session.complete([offer]))

    def fail(self) -> None:
        session, offer = self._offer("connected")
        self.store.run(session.fail([(offer, "ValueError at shop.py:1")]))

    def release(self) -> None:
        session, offer = self._offer("connected", "on_hold")
        self.store.run(session.release([offer]))

    def transfer(self) -> None:
        session, offer = self._offer("connected")
        self.store.run(session.transfer(offer, self._queue(), criteria=self._criteria()))

    def hold_or_pause_or_resume_oneself(self) -> None:
        session, offer = self._offer("connected", "on_hold", "paused")
        self.store.run(getattr(session, self._one(["hold", "pause", "resume"]))(offer))

    def retry_callback(self) -> None:
        session, offer = self._offer("connected")
        self.store.run(session.retry_callback(offer))

    def begin(self) -> None:
        channel, contact_id = self._one(CHANNELS), f"o{self.steps}"
        new = NewContact("Sales", channel, b"1", contact_id=contact_id, direction="outbound")
        self.store.run(self._session().begin(new, queue=self.random.choice(["", *QUEUES])))

    def pick(self) -> None:
        self.store.run(self._session().pick(self._contact("queued", "offered")))

    def clear(self) -> None:
        agents = self.store.run(reading.agent_states(sorted(self.sessions)))
        slots = [(one.name, slot) for one in agents for slot in one.slots if slot.kind in ("acw", "missed", "error")]
        self.acting, slot = self._one(slots)
        self.store.run(self.sessions[self.acting].clear(slot.token))

    def act_late(self) -> None:
        """A session goes on with what it held once, whoever has it now."""
        session, offer = self._offer()
        what: Callable[[Any], Any] = self._one([session.accept, session.reject, session.hold, session.resume])
        self.store.run(session.set_status(self._one([AVAILABLE, BREAK]).name))
        self.store.run(what(replace(offer, token=offer.token - self.random.randint(0, 1))))

    # Transitions of time and of administrators

    def time_passes(self) -> None:
        pauses_s = PAUSES_S if self.random.random() < 0.95 else LONG_PAUSES_S
        self.now_us += round(self._one(pauses_s) * S)
        self.store.run(self.sweeper.sweep())

    def all_are_free(self) -> None:
        """All ends and all are available, so that what comes next has the choice among many, and may ring at them."""
        for state in OPEN:
            for contact in self.store.run(reading.contacts_in(state, CONTACTS)):
                self.store.run(supervising.stop(self.keys, contact.contact_id))
        for name in sorted(self.sessions):
            self.store.run(supervising.set_agent_status(self.keys, name, AVAILABLE.name))
        current, _ = self.store.run(reading.configuration_in_force())
        entries = [one for profile in current.profiles.values() for one in profile.entries if not one.delay_s]
        entries.sort(key=lambda one: -current.queues[one.queue].offer_to)
        for number in range(2):
            one = self._one(entries[:5])
            self.store.run(producing.push(self.keys, NewContact(
                one.queue, one.channel, b'"x"', contact_id=f"c{self.steps}-{number}"
            )))  # fmt: skip

    def configure(self) -> None:
        current, version = self.store.run(reading.configuration_in_force())
        if self.random.random() < 0.3:
            self.store.run(configuring.apply_configuration(self.keys, draw_configuration(self.random), version))
            return
        name = self._one(QUEUES)
        change = self._one([
            {"queues": {**current.queues, name: draw_queue(self.random, name)}},
            {"profiles": {**current.profiles, "P": draw_profile(self.random, "P")}},
        ])  # fmt: skip
        target = replace(current, **change)
        self.store.run(configuring.apply_configuration(self.keys, target, version, current))


class NothingThere(FairleadError):
    """There is nothing of what was drawn."""


MOVES = {
    "push": 30, "abandon": 2, "update": 4, "reschedule": 1, "request_callback": 2, "move": 4, "assign": 3, "retry": 3,
    "stop": 1, "hold_or_pause_or_resume": 3, "transfer_by_supervisor": 2, "clear_slots": 2, "set_agent_status": 3,
    "set_next_status": 2, "sign_out_agent": 1, "sign_in": 10, "sign_out": 1, "renew": 8, "set_status": 4, "accept": 14,
    "reject": 5, "report_error": 2, "complete": 14, "fail": 8, "release": 4, "transfer": 6,
    "hold_or_pause_or_resume_oneself": 6, "retry_callback": 4, "begin": 3, "pick": 2, "clear": 8, "act_late": 3,
    "time_passes": 12, "all_are_free": 4, "configure": 2,
}  # fmt: skip
"""Every transition, and how often it is made beside the others."""


def _told(findings: Sequence[Finding]) -> str:
    return "\n".join(f"{one.key}\n    stands {one.stands}\n    should {one.should}" for one in findings)
