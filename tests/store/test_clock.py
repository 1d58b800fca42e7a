"""A clock that is set by an hour neither ends nor freezes a lease."""

import pytest

from fairlead.store.client import Store
from fairlead.store.reading import engine_now_us, read_agent_states
from fairlead.store.session import Session
from fairlead.store.transitions import administering
from fairlead.store.transitions.sweeping import Sweeper

HOUR_US = 3_600_000_000


class Monotonic:
    """The sweeper's own clock, moved by hand."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


def signed_in(store: Store) -> None:
    store.run(administering.prepare_instance(store.keys))
    store.run(Session(store.keys, "ana", "w", "here").sign_in(profile="BasicRoutingProfile"))


@pytest.mark.parametrize("jump_us", [HOUR_US, -HOUR_US])
def test_a_clock_that_jumps_moves_no_lease(store: Store, jump_us: int) -> None:
    signed_in(store)
    sweeper = Sweeper(store.keys)
    store.run(sweeper.sweep())
    before_us = engine_now_us(store)

    store.client.hincrby(store.keys.instance, "offset_us", jump_us)  # what scripts see when Redis' clock is set
    store.run(sweeper.sweep())

    assert abs(engine_now_us(store) - before_us) < 60_000_000
    assert read_agent_states(store, ["ana"])[0].is_signed_in


def test_time_that_really_passes_ends_a_lease_whatever_the_clock_says(store: Store) -> None:
    signed_in(store)
    monotonic = Monotonic()
    sweeper = Sweeper(store.keys, monotonic)
    store.run(sweeper.sweep())

    monotonic.ns += HOUR_US * 1_000  # an hour has passed, but the server's clock was set back by it
    store.run(sweeper.sweep())

    assert not read_agent_states(store, ["ana"])[0].is_signed_in
