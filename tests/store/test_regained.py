"""What was put off at a doubted time comes due later, once, when the doubt was time that has really passed."""

import pytest
from raw import raw
from store.world import HOUR_US, LEASE_US, S, World

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import PAUSE_US


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def test_who_has_the_regained_lease_loses_it_when_it_is_not_renewed(world: World) -> None:
    world.sign_in("ana")
    world.sweep(world.sweeper())
    world.passes(10 * HOUR_US)
    world.sign_in("bo")
    world.passes(PAUSE_US + S)
    sweeper = world.sweeper()
    world.sweep(sweeper)

    world.passes(LEASE_US)
    world.sweep(sweeper)
    world.sweep(sweeper)

    assert not world.is_signed_in("bo")


def test_who_asked_for_something_before_its_lease_was_regained_is_given_what_comes(world: World) -> None:
    ana = world.sign_in("ana")
    sweeper = world.sweeper()
    world.sweep(sweeper)
    world.push("first")
    offers = world.store.run(ana.take()).offers
    world.passes(8 * S)  # nobody sweeps, as while a replica takes over
    world.store.run(renew(world.store.keys, [ana]))
    world.sweep(sweeper)
    present_us = int(raw(world.store).hget(world.store.keys.agent("ana"), "present_us"))
    world.passes(present_us - world.store.run(reading.now_us()) + S // 10)
    world.store.run(ana.complete(offers))

    world.sweep(sweeper)
    world.push("second")

    assert raw(world.store).hexists(world.store.keys.instance, "regained")
    assert int(raw(world.store).hget(world.store.keys.agent("ana"), "present_us")) > present_us
    assert world.store.run(reading.contact("second")).state == "connected"


def test_an_offer_and_an_expiry_that_were_regained_end_in_their_time(world: World) -> None:
    world.sign_in("ana")
    world.sweep(world.sweeper())
    world.passes(10 * HOUR_US)
    bo = world.sign_in("bo", auto_accept=False)
    for contact_id, expiry_s in (("lost", 3_600), ("rings", 3_600), ("waits", 30)):
        world.push(contact_id, expiry_s=expiry_s)
    world.passes(PAUSE_US + S)
    sweeper = world.sweeper()
    world.sweep(sweeper)

    for _ in range(20):
        world.passes(2 * S)
        world.store.run(renew(world.store.keys, [bo]))
        world.sweep(sweeper)
        world.sweep(sweeper)

    assert world.store.run(reading.contact("waits")).state == "expired"
    assert any(event.name == "contact.missed" for event in world.store.run(reading.events_after()))
