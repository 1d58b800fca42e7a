"""Several programs at once, and a clock that is doubted, where a contact rings at several agents."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from centre import Centre
from conftest import RealServer
from store.consistency import check
from store.ringing import PEOPLE, rings
from store.world import HOUR_US, PAUSE_US, S, World

from fairlead.domain.agent import Agent
from fairlead.domain.queue import Queue
from fairlead.errors import StaleToken
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring
from fairlead.store.transitions.renewing import renew


@pytest.mark.parametrize("round_", range(5))
def test_of_those_who_accept_at_the_same_time_one_has_it(server: RealServer, round_: int) -> None:
    centre = Centre(server.client())
    centre.configure(Queue("Q", offer_to=10), agents={f"a{number}": "P" for number in range(10)})
    names = [f"a{number}" for number in range(10)]
    for name in names:
        centre.sign_in(name, accepts=False)
    centre.push("c")
    assert sorted(rings(centre)) == names
    offers = {name: centre.offer(name, "c") for name in names}
    stores = {name: Store(server.client(), clock=lambda: centre.now_us) for name in names}

    def answer(name: str) -> str:
        session, offer = centre.sessions[name], offers[name]
        try:
            stores[name].run(session.accept(offer) if int(name[1:]) % 3 else session.reject(offer))
        except StaleToken:
            return ""
        return name

    with ThreadPoolExecutor(10) as threads:
        answered = list(threads.map(answer, names[round_:] + names[:round_]))

    accepted = [name for name in answered if name and int(name[1:]) % 3]
    assert accepted == [centre.who("c")]
    assert centre.state("c") == "connected"
    assert [centre.held(name) for name in names if name not in accepted] == [{}] * 9
    check(centre.store)


def test_what_rang_at_a_doubted_time_rings_as_long_as_it_should(store: Store) -> None:
    world = World(store)
    configuration, version = store.run(reading.configuration_in_force())
    queues = {"BasicQueue": replace(configuration.queues["BasicQueue"], offer_to=3)}
    people = {name: Agent(name, "BasicRoutingProfile") for name in PEOPLE}
    target = replace(configuration, queues=queues, agents={**configuration.agents, **people})
    store.run(configuring.apply_configuration(store.keys, target, version))
    world.sign_in("early")
    world.sweep(world.sweeper())
    world.passes(10 * HOUR_US)
    sessions = [world.sign_in(name, auto_accept=False) for name in PEOPLE]
    for name in ("lost", "rings"):
        world.push(name)
    world.passes(PAUSE_US + S)
    sweeper = world.sweeper()
    world.sweep(sweeper)
    world.sweep(sweeper)

    def ring_at() -> set[str]:
        states = store.run(reading.agent_states(PEOPLE))
        return {one.name for one in states for slot in one.slots if slot.kind == "offered"}

    def passes(seconds: int) -> None:
        for _ in range(seconds // 2):
            world.passes(2 * S)
            store.run(renew(store.keys, sessions))
            world.sweep(sweeper)
            world.sweep(sweeper)

    assert ring_at() == set(PEOPLE)
    passes(14)
    assert ring_at() == set(PEOPLE)
    passes(10)
    missed = [one.fields["agent"] for one in store.run(reading.events_after()) if one.name == "contact.missed"]

    assert sorted(missed) == sorted(PEOPLE)
