"""Takes an instance of the first edition over into a fresh one of today's layout. Nothing else knows of that edition.

The old instance is only read, so that one can go back to it. The new one is made by the transitions that everybody
uses, each contact at the time at which it came, so that its age and its place in line are what they were. Who dies
half way begins again: what has been carried over is recognised. Until all of it is there, the new instance has layout
0, with which no program works.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

import redis

from fairlead.domain.agent import Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import Conflict
from fairlead.server.finding import find_server, reach
from fairlead.service.administrator import apply
from fairlead.service.migrating import first_edition
from fairlead.service.migrating.first_edition import CARRIED, WAITING, Found, Place
from fairlead.service.opening import ACTOR
from fairlead.store.client import Store
from fairlead.store.keys import LAYOUT, MIGRATING
from fairlead.store.procedure import Source, Steps, ask_one, procedure
from fairlead.store.rights import check_rights
from fairlead.store.transitions.configuring import prepare_instance
from fairlead.store.transitions.supervising import assign
from fairlead.store.transitions.working import Session

BATCH = 200
"""How many contacts are read at a time."""

_LEASE_MS = 86_400_000

Advance = Callable[[int, int], object]
"""Takes how many contacts have been carried over, and of how many."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """How many contacts were carried over, by what becomes of them, and how many were not, since they have ended.

    `kept`: queues and agents that were removed from the old configuration while contacts were theirs still.
    """

    waiting: int
    scheduled: int
    parked: int
    ended: int
    kept: tuple[str, ...]


def migrate(
    old_instance: str,
    old_url: str | None = None,
    url: str | None = None,
    instance: str | None = None,
    advance: Advance | None = None,
) -> Migrated:
    """Carry configuration and contacts of an instance of the first edition over into another instance.

    Nobody may push to the old one, or work on it, meanwhile. Raises UnknownInstance when there is no old one, Conflict
    when it needs no migration or the new one is in use already, and a RedisError.
    """
    server = find_server(url, instance)
    old_server = find_server(old_url or server.url, old_instance)
    old = Store(reach(old_server.url, old_server.instance), old_server.instance)
    found = old.run(first_edition.look())
    client = reach(server.url, server.instance)
    _begin(Store(client, server.instance))
    return _Migration(old, found, client, server.instance).run(advance)


def _begin(new: Store) -> None:
    """Make the new instance, unless this was done before. Raises Conflict when it is in use already."""
    version, layout = new.run(_state_of())
    if version and layout != MIGRATING:
        name = new.keys.instance_name
        raise Conflict(f"instance {name!r} is there already: give an instance that is not there; nothing was changed")
    if not version:
        new.run(check_rights())
        new.run(prepare_instance(new.keys))
        new.run(_set_layout(MIGRATING))


@procedure
def _state_of(source: Source) -> Steps[tuple[int, int | None]]:
    version, layout = yield from ask_one("HMGET", source.keys.instance, "version", "layout")
    return int(version or 0), None if layout is None else int(layout)


@procedure
def _set_layout(source: Source, layout: int) -> Steps[None]:
    yield from ask_one("HSET", source.keys.instance, "layout", layout)


@procedure
def _state_of_contact(source: Source, contact_id: str) -> Steps[str]:
    return ((yield from ask_one("HGET", source.keys.contact(contact_id), "state")) or b"").decode()


@procedure
def _live_epoch(source: Source, agent: str) -> Steps[int | None]:
    epoch = yield from ask_one("HGET", source.keys.agent(agent), "epoch")
    return int(epoch) if epoch else None


class _Migration:
    def __init__(self, old: Store, found: Found, client: redis.Redis, instance: str) -> None:
        self._old, self._found, self._at_us = old, found, 0
        self._new = Store(client, instance, actor=ACTOR.get())
        self._dated = Store(client, instance, clock=lambda: self._at_us, actor=ACTOR.get())
        """Runs its requests at the time of the contact that they are about."""
        self._carried = [place for place in found.places if place.state in CARRIED]
        agents, profiles = found.configuration.agents, found.configuration.profiles
        self._parker = Session(self._new.keys, _free_name(agents), "migration", "migration", lease_ms=_LEASE_MS)
        self._profile = _free_name(profiles)

    def run(self, advance: Advance | None) -> Migrated:
        target, kept = with_owners(self._found.configuration, self._carried)
        self._new.run(apply(self._open(target)))
        for first in range(0, len(self._carried), BATCH):
            self._push(self._carried[first : first + BATCH])
            if advance:
                advance(min(len(self._carried), first + BATCH), len(self._carried))
        self._park([place for place in self._carried if place.state == "parked"])
        self._new.run(apply(target))
        self._new.run(_set_layout(LAYOUT))
        return Migrated(
            waiting=sum(place.state in WAITING for place in self._carried),
            scheduled=sum(place.state == "scheduled" for place in self._carried),
            parked=sum(place.state == "parked" for place in self._carried),
            ended=len(self._found.places) - len(self._carried),
            kept=kept,
        )

    def _open(self, target: Configuration) -> Configuration:
        """The configuration while contacts are carried over: each queue takes what was in it, whatever its limits, and
        one more agent is there, whom nothing is routed to.
        """
        queues = {
            name: replace(
                queue, enabled=True, max_contacts=None, hours="", overflow="", overflow_after_s=None,
                raise_after_s=None, retry_delay_s=0, offer_again_after_s=0, skip_steps_when="never",
            )
            for name, queue in target.queues.items()
        }  # fmt: skip
        profile = RoutingProfile(self._profile, {"voice": Concurrency(1)}, ())
        agent = Agent(self._parker.agent, self._profile)
        return replace(
            target,
            queues=queues,
            profiles={**target.profiles, profile.name: profile},
            agents={**target.agents, agent.name: agent},
        )

    def _push(self, places: Sequence[Place]) -> None:
        requests = self._old.run(first_edition.pushes(tuple(places), self._new.keys, self._found.now_us))
        for place, request in zip(places, requests, strict=True):
            self._at_us = place.came_us
            self._dated.run(request)

    def _park(self, places: Sequence[Place]) -> None:
        """Let the one more agent fail with those that had been parked, with the same errors, until they are again."""
        if not places:
            return
        session = self._parker
        self._at_us = min(place.parked_us for place in places)
        self._dated.run(session.sign_in(replaces=self._dated.run(_live_epoch(session.agent))))
        errors = self._old.run(first_edition.parking_errors(tuple(places)))
        for place, error in sorted(zip(places, errors, strict=True), key=lambda pair: pair[0].parked_us):
            self._at_us = place.parked_us
            while self._dated.run(_state_of_contact(place.contact_id)) != "parked":
                self._dated.run(assign(session.keys, place.contact_id, session.agent))
                offers = self._dated.run(session.take()).offers
                self._dated.run(session.fail([(offer, error) for offer in offers]))
        self._dated.run(session.sign_out())


def with_owners(configuration: Configuration, carried: Sequence[Place]) -> tuple[Configuration, tuple[str, ...]]:
    """The configuration with all queues and agents in whose queues contacts are, and those that it had not."""
    queues, agents = dict(configuration.queues), dict(configuration.agents)
    kept = sorted({place.queue for place in carried} - queues.keys() - {f"@{name}" for name in agents})
    for queue in kept:
        if owner := first_edition.owner_of(queue):
            agents[owner] = Agent(owner, min(configuration.profiles))
        else:
            queues[queue] = Queue(queue, enabled=False)
    return replace(configuration, queues=queues, agents=agents), tuple(kept)


def _free_name(names: Container[str]) -> str:
    name = "migration"
    while name in names:
        name += "-"
    return name
