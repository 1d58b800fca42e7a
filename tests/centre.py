"""A small contact centre for tests: one clock that the test moves, agents who sign in, contacts that are pushed."""

from collections.abc import Mapping, Sequence
from typing import Any

import redis

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.channel import CHANNELS, MAX_SLOTS, Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.offers import Answer, Offer
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
BEGINS_US = 1_800_000_000 * S


class Clock:
    """A store's clock, which a test sets."""

    def __init__(self, now_us: int = BEGINS_US) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us


class Centre:
    """Queues Q, Other and Overflow, and agents on one profile that serves Q and Other, unless said otherwise.

    Who refuses a contact is offered it again at once, unless a queue is given that says otherwise.
    """

    def __init__(self, client: redis.Redis) -> None:
        self.now_us = BEGINS_US
        self.store = Store(client, clock=lambda: self.now_us)
        self.keys = self.store.keys
        self.sweeper = Sweeper(self.keys)
        self.sessions: dict[str, Session] = {}
        self.version = 0
        self.configure()

    def configure(
        self,
        *queues: Queue,
        profiles: Sequence[RoutingProfile] = (),
        agents: Mapping[str, Any] = {},  # only read
        hours: Sequence[Hours] = (),
        **instance: Any,
    ) -> None:
        """`agents`: name -> profile, proficiencies or an Agent; `instance`: settings of the instance as a whole."""
        named = {name: Queue(name, offer_again_after_s=0) for name in ("Q", "Other", "Overflow")}
        named |= {queue.name: queue for queue in queues}
        used = profiles or [profile(Entry("Q", channel) for channel in CHANNELS)]
        default = used[0].name
        people = {name: Agent(name, default) for name in ("ana", "bo", "cem")}
        for name, given in agents.items():
            if isinstance(given, Agent):
                people[name] = given
            elif isinstance(given, str):
                people[name] = Agent(name, given)
            else:
                people[name] = Agent(name, default, proficiencies=given)
        target = Configuration(
            named, {one.name: one for one in used}, people, {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)},
            {one.name: one for one in hours}, **instance,
        )  # fmt: skip
        request = configuring.apply_configuration(self.keys, target, self.version)
        self.version = self.store.run(request)

    def passes(self, seconds: float) -> None:
        """Time passes, and somebody sweeps at the end of it."""
        self.now_us += round(seconds * S)
        while self.store.run(self.sweeper.sweep()).more:
            pass

    def sign_in(self, name: str, *, accepts: bool = True, lease_s: int = 10**6, **options: Any) -> Session:
        """`accepts`: contacts are connected at once, without being asked."""
        self.now_us += 1
        session = Session(
            self.keys, name, "w-" + name, f"here/{name}/1", lease_ms=lease_s * 1_000, auto_accept=accepts, **options
        )
        self.store.run(session.sign_in())
        self.sessions[name] = session
        return session

    def push(self, contact_id: str, queue: str = "Q", channel: Channel = "voice", **options: Any) -> producing.Receipt:
        self.now_us += 1
        new = NewContact(queue, channel, contact_id=contact_id, **options)
        return self.store.run(producing.push(self.keys, new))

    def does(self, name: str, what: str, *arguments: Any) -> Answer:
        """An agent makes a request of its session; contacts are named by their id."""
        self.now_us += 1
        session = self.sessions[name]
        offers = [
            self.offer(name, one) if isinstance(one, str) and one in self.held(name) else one for one in arguments
        ]
        if what in ("complete", "release"):
            offers = [offers]
        return self.store.run(getattr(session, what)(*offers))

    def fails(self, name: str, contact_id: str, error: str = "ValueError at shop.py:1") -> Answer:
        return self.does(name, "fail", [(self.offer(name, contact_id), error)])

    def clears(self, name: str, contact_id: str) -> Answer:
        token = next(slot.token for slot in self.slots(name) if slot.contact_id == contact_id)
        return self.does(name, "clear", token)

    def renews(self, *names: str) -> list[tuple[str, int]]:
        return self.store.run(renew(self.keys, [self.sessions[name] for name in names]))

    def run(self, build: Any, *arguments: Any, **options: Any) -> Any:
        """A request of a supervisor or a producer."""
        self.now_us += 1
        return self.store.run(build(self.keys, *arguments, **options))

    def offer(self, name: str, contact_id: str) -> Offer:
        session = self.sessions[name]
        last_token, session._last_token = session._last_token, 0
        offers = self.store.run(session.take()).offers
        session._last_token = max(last_token, session._last_token)
        return next(offer for offer in offers if offer.contact_id == contact_id)

    def slots(self, name: str) -> Any:
        return self.store.run(reading.agent_states([name]))[0].slots

    def held(self, name: str) -> dict[str, str]:
        """Contact -> kind of slot."""
        return {slot.contact_id: slot.kind for slot in self.slots(name)}

    def status(self, name: str) -> str:
        return self.store.run(reading.agent_states([name]))[0].status

    def state(self, contact_id: str) -> str:
        return self.store.run(reading.contact(contact_id)).state

    def who(self, contact_id: str) -> str:
        """The agent who has the contact, or nobody."""
        return self.store.run(reading.contact(contact_id)).agent

    def where(self, contact_id: str) -> str:
        return self.store.run(reading.contact(contact_id)).queue

    def line(self, state: str = "queued") -> list[str]:
        return [contact.contact_id for contact in self.store.run(reading.contacts_in(state))]

    def events(self, *names: str) -> list[str]:
        return [event.name for event in self.store.run(reading.events_after()) if event.name in names]

    def counts(self, subject: str) -> dict[str, int]:
        return self.store.run(reading.totals()).get(subject, {})


def profile(entries: Any, name: str = "P", **options: Any) -> RoutingProfile:
    """A profile with as many slots as there may be, each channel beside all others."""
    channels = {channel: Concurrency(MAX_SLOTS[channel], allows_others=True) for channel in CHANNELS}
    return RoutingProfile(name, options.pop("channels", channels), tuple(entries), **options)
