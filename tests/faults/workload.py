"""A contact centre in which everything goes wrong by chance, all of it drawn by a seed, by a clock that stands still.

Clients lose replies and repeat requests, pause beyond their leases and go on as if nothing were, and start again under
the same name; handlers fail; supervisors interfere; profiles change. What clients were told is kept.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import redis

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import Conflict, FairleadError, NotFound
from fairlead.service.history import History, record_history
from fairlead.service.history.recording import Configured, Told
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.offers import Offer
from fairlead.store.request import Request
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
LEASE_S = 6
AGENTS = {"ana": "P", "bo": "P", "cem": "R", "dora": "R"}
ASKS_TO_ACCEPT = ("bo", "cem", "dora")
QUEUES = {
    "Q": Queue("Q", max_attempts=3, retry_delay_s=1, acw_s={"voice": 1}, offer_to=3),
    "Other": Queue("Other", max_attempts=2, retry_delay_s=0),
}
PAIRS: tuple[tuple[str, Channel], ...] = (("Q", "voice"), ("Q", "chat"), ("Other", "voice"), ("Other", "task"))


@dataclass
class Client:
    """A process that represents one agent. `has`: what it was told that it holds; it pauses until `pauses_until_us`."""

    session: Session
    has: dict[str, Offer] = field(default_factory=dict)
    pauses_until_us: int = 0


class Workload:
    """`told`: what clients were told; `is_broken`: the transitions are, so that any request may fail."""

    def __init__(self, client: redis.Redis, seed: int, *, is_broken: bool = False) -> None:
        self.is_broken = is_broken
        self.random = random.Random(seed)
        self.now_us = 1_800_000_000 * S
        self.store = Store(client, clock=lambda: self.now_us)
        self.keys = self.store.keys
        self.sweeper = Sweeper(self.keys)
        self.told: list[Told] = []
        self.configured: list[Configured] = []
        self.clients: dict[str, Client] = {}
        self.zombies: list[Client] = []
        self.pushed = 0
        self._configure()
        for name in AGENTS:
            self._start(name)

    def run(self, steps: int) -> History:
        """So many steps, then all goes well for a while. Returns what has happened."""
        acts: list[tuple[int, Callable[[], None]]] = [
            (30, self._push), (60, self._work), (12, self._time_passes), (3, self._restart), (3, self._pause),
            (4, self._interfere), (4, self._change_status), (3, self._zombie_goes_on), (2, self._configure),
            (3, self._leave), (3, self._is_quiet), (4, self._all_are_free),
        ]  # fmt: skip
        weights = [weight for weight, _ in acts]
        for act in self.random.choices([act for _, act in acts], weights, k=steps):
            self._do(act)
        for _ in range(12):
            self._do(partial(self._time_passes, everybody=True))
            for client in self.clients.values():
                self._do(partial(self._ask, client, client.session.take))
        history = self.store.run(record_history())
        history.told, history.configured = self.told, self.configured
        return history

    def _do(self, act: Callable[[], None]) -> None:
        try:
            act()
        except FairleadError:
            if not self.is_broken:
                raise

    # What clients ask

    def _ticks(self) -> None:
        self.now_us += self.random.randint(50, 2_000)

    def _ask(
        self, client: Client, build: Callable[[], Request[Any]], offer: Offer | None = None, word: str = ""
    ) -> None:
        """Ask, and perhaps lose the reply; then ask the same once more, or never hear of it."""
        self._ticks()
        request = build()
        is_lost = self.random.random() < 0.15
        if is_lost:
            before = client.session._last_token
            self._try(request)
            client.session._last_token = before
            if self.random.random() < 0.5:
                client.has.pop(offer.contact_id if offer else "", None)
                return
            known = {"last_token": client.session._last_token}
            request = replace(request, args={**request.args, **known})
        self._ticks()
        answer = self._try(request)
        is_fenced = answer is None or (offer is not None and offer.contact_id in answer.fenced)
        if offer and word:
            self.told.append(Told("done", offer.contact_id, offer.agent, offer.token, word=word, fenced=is_fenced))
        if offer:
            client.has.pop(offer.contact_id, None)
        for one in answer.offers if answer else ():
            self.told.append(Told("given", one.contact_id, one.agent, one.token, one.attempt))
            client.has[one.contact_id] = one
            if word == "accepted" and offer and one.contact_id == offer.contact_id:
                client.has[one.contact_id] = replace(one, state="connected")
        if word == "accepted" and offer and not is_fenced:
            client.has[offer.contact_id] = replace(offer, state="connected")

    def _try(self, request: Request[Any]) -> Any:
        try:
            return self.store.run(request)
        except (Conflict, NotFound):
            return None

    def _work(self) -> None:
        awake = [one for one in self.clients.values() if one.pauses_until_us <= self.now_us]
        if awake:
            self._does_something(self.random.choice(awake))

    def _does_something(self, client: Client) -> None:
        session = client.session
        if not client.has or self.random.random() < 0.1:
            self._ask(client, session.take)
            return
        offer = client.has[self.random.choice(sorted(client.has))]
        is_poison = int(offer.contact_id[1:]) % 10 == 0
        if offer.state == "offered":
            if self.random.random() < 0.8:
                self._ask(client, lambda: session.accept(offer), offer, "accepted")
            else:
                self._ask(client, lambda: session.reject(offer), offer, "rejected")
        elif is_poison or self.random.random() < 0.1:
            self._ask(client, lambda: session.fail([(offer, "ValueError at x.py:1")]), offer, "failed")
        elif self.random.random() < 0.1:
            self._ask(client, lambda: session.release([offer]), offer, "released")
        elif self.random.random() < 0.1:
            self._ask(client, lambda: session.transfer(offer, self.random.choice(["Q", "Other"])), offer, "transferred")
        else:
            self._ask(client, lambda: session.complete([offer]), offer, "completed")

    def _zombie_goes_on(self) -> None:
        """A process that was overtaken still believes that it holds what it held."""
        for zombie in [one for one in self.zombies if one.has][-3:]:
            offer = zombie.has.pop(self.random.choice(sorted(zombie.has)))
            self._ticks()
            answer = self._try(zombie.session.complete([offer]))
            is_fenced = answer is None or offer.contact_id in answer.fenced
            told = Told("done", offer.contact_id, offer.agent, offer.token, word="completed", fenced=is_fenced)
            self.told.append(told)

    # Sessions

    def _start(self, name: str) -> None:
        self._ticks()
        worker = f"w-{name}"
        session = Session(
            self.keys, name, worker, f"here/{name}/1", LEASE_S * 1_000, name not in ASKS_TO_ACCEPT, 0, worker
        )
        before = self.clients.get(name)
        client = self.clients[name] = Client(session)
        for offer in self.store.run(session.sign_in(replaces=before.session.epoch if before else None)):
            self.told.append(Told("given", offer.contact_id, offer.agent, offer.token, offer.attempt))
            client.has[offer.contact_id] = offer

    def _restart(self) -> None:
        name = self.random.choice(sorted(self.clients))
        self.zombies.append(replace(self.clients[name], has=dict(self.clients[name].has)))
        self._start(name)

    def _pause(self) -> None:
        client = self.clients[self.random.choice(sorted(self.clients))]
        client.pauses_until_us = self.now_us + self.random.choice([1, LEASE_S // 2, LEASE_S + 2]) * S

    def _time_passes(self, *, everybody: bool = False) -> None:
        self.now_us += self.random.randint(1, 10) * S // 10
        while self.store.run(self.sweeper.sweep()).more:
            pass
        awake = [one for one in self.clients.values() if everybody or one.pauses_until_us <= self.now_us]
        self._ticks()
        lost = dict(self.store.run(renew(self.keys, [one.session for one in awake])))
        for name in sorted(lost):
            self.zombies.append(self.clients[name])
            self._start(name)

    def _change_status(self) -> None:
        client = self.clients[self.random.choice(sorted(self.clients))]
        status = self.random.choice([AVAILABLE.name, AVAILABLE.name, BREAK.name])
        self._ask(client, lambda: client.session.set_status(status))

    def _is_quiet(self) -> None:
        """Contacts come, and for some seconds nobody asks for anything."""
        for _ in range(3):
            self._push()
        for _ in range(5):
            self._time_passes(everybody=True)

    def _all_are_free(self) -> None:
        """What waits and what clients have heard of ends, and all are available: the next one rings at several."""
        waiting = {one.contact_id for one in self.store.run(reading.contacts_in("queued", 1_000))}
        for one in sorted(waiting.union(*(client.has for client in self.clients.values()))):
            self._ticks()
            self._try(supervising.stop(self.keys, one))
        for name in AGENTS:
            self._ticks()
            self._try(supervising.clear_slots(self.keys, name))
            self._try(supervising.set_agent_status(self.keys, name, AVAILABLE.name))
            self.clients[name].has.clear()
        self._push()

    # Producers, supervisors, administrators

    def _push(self) -> None:
        self._ticks()
        queue, channel = self.random.choice(PAIRS)
        new = NewContact(queue, channel, b"1", self.random.randint(3, 5), contact_id=f"c{self.pushed}")
        self.pushed += 1
        for _ in range(self.random.choice([1, 1, 2])):  # the reply may be lost
            self._ticks()
            self.store.run(producing.push(self.keys, new))
        self.told.append(Told("pushed", new.contact_id))

    def _some(self) -> str:
        return f"c{self.random.randint(max(0, self.pushed - 40), max(0, self.pushed - 1))}"

    def _leave(self) -> None:
        self._ticks()
        self._try(producing.abandon(self.keys, self._some()))

    def _interfere(self) -> None:
        one, name = self._some(), self.random.choice(sorted(AGENTS))
        self._ticks()
        self._try(self.random.choice([
            lambda: supervising.assign(self.keys, one, name),
            lambda: supervising.move(self.keys, one, self.random.choice(["Q", "Other"]), "back"),
            lambda: supervising.stop(self.keys, one),
            lambda: supervising.retry(self.keys, one),
            lambda: producing.update(self.keys, one, priority=self.random.randint(1, 5)),
            lambda: supervising.clear_slots(self.keys, name),
            lambda: supervising.set_agent_status(self.keys, name, AVAILABLE.name),
        ])())  # fmt: skip

    def _configure(self) -> None:
        """Delays and priorities change, and act at once."""
        draw = self.random
        channels = {"voice": Concurrency(1), "chat": Concurrency(2), "task": Concurrency(2, allows_others=True)}
        profiles = {
            name: RoutingProfile(name, channels, tuple(  # type: ignore[arg-type]  # channels are literals
                Entry(queue, channel, draw.randint(1, 2), draw.choice([0, 0, 2, 4]))
                for queue, channel in PAIRS if draw.random() < 0.8 or (queue, channel) == PAIRS[-1]
            ))
            for name in ("P", "R")
        }  # fmt: skip
        agents = {name: Agent(name, profile) for name, profile in AGENTS.items()}
        statuses = {status.name: status for status in (AVAILABLE, OFFLINE, BREAK)}
        target = Configuration(QUEUES, profiles, agents, statuses)
        version = self.configured[-1].version if self.configured else 0
        self._ticks()
        version = self.store.run(configuring.apply_configuration(self.keys, target, version))
        self.configured.append(Configured(target, version))
