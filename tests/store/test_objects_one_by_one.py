"""Changing objects one by one ends as a whole file would, and costs the same among many as among few."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace

import fakeredis
import pytest
from centre import BEGINS_US
from configurations import configurations
from conftest import RealServer
from hypothesis import given, settings
from objects import dump, put, remove
from raw import raw

from fairlead.domain.agent import Agent
from fairlead.domain.configuration import (
    BASIC_PROFILE,
    Configuration,
    fresh_configuration,
)
from fairlead.domain.objects import Object, kind_of
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.configuring import (
    apply_configuration,
)
from fairlead.store.transitions.sweeping import work_off
from fairlead.store.transitions.working import Session


@settings(max_examples=10)
@given(configurations(), configurations())
def test_changing_what_differs_at_once_or_one_by_one_ends_as_if_it_had_always_been_so(
    before: Configuration, after: Configuration
) -> None:
    staying = before.agents.keys() & after.agents.keys()
    whole, different, single = (_in_force(before, staying) for _ in range(3))

    for store, current in ((whole, None), (different, before)):
        store.run(apply_configuration(store.keys, after, 1, current))
    for step in _steps(before, after):
        step(single)

    always = dump(raw(_in_force(after, staying)))
    assert single.run(reading.configuration_in_force())[0] == after
    assert [dump(raw(store)) for store in (whole, different, single)] == [always] * 3


def _in_force(configuration: Configuration, staying: AbstractSet[str]) -> Store:
    """A store with a configuration, whose agents that stay are signed in."""
    store = Store(fakeredis.FakeRedis(server=fakeredis.FakeServer()), clock=lambda: BEGINS_US)
    store.run(apply_configuration(store.keys, configuration, 0))
    for name in sorted(staying):
        store.run(Session(store.keys, name, "w", "here/w/1").sign_in())
    return store


def _steps(before: Configuration, after: Configuration) -> Iterator[Callable[[Store], int]]:
    """Changes one by one, each of which is allowed: what is named comes first and goes last."""

    def step(act: Callable[[Store, Object], int], one: Object) -> Callable[[Store], int]:
        return lambda store: act(store, one)

    alone = [replace(queue, overflow="") for queue in after.queues.values()]
    leaving = [one for one in before.objects() if one.name not in after.of_kind(kind_of(one))]
    free = [replace(one, overflow="") for one in leaving if isinstance(one, Queue)]
    named = [one for one in after.objects() if kind_of(one) in ("status", "hours")]
    naming = [one for one in after.objects() if kind_of(one) not in ("status", "hours")]
    yield from (step(put, one) for one in [*named, *alone, *naming, *free])
    yield from (step(remove, one) for one in reversed(leaving))


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_change_of_one_agent_costs_the_same_among_many_as_among_few(server: RealServer, is_signed_in: bool) -> None:
    costs = []

    for many in (10, 1_000):
        store = Store(server.client(), instance=f"of{many}")
        agents = {f"a{number}": Agent(f"a{number}", BASIC_PROFILE) for number in range(many)}
        store.run(apply_configuration(store.keys, replace(fresh_configuration(), agents=agents), 0))
        if is_signed_in:
            store.run(Session(store.keys, "a1", "w", "here/w/1").sign_in())
        while store.run(work_off(store.keys)):
            pass
        put(store, Agent("a2", BASIC_PROFILE))  # the script is known to the server from here on
        raw(store).execute_command("CONFIG", "RESETSTAT")
        put(store, Agent("a1", BASIC_PROFILE, display_name="First"))
        costs.append(_calls(store))

    assert costs[0] == costs[1]


def _calls(store: Store) -> int:
    stats = raw(store).execute_command("INFO", "commandstats")
    return sum(row["calls"] for row in stats.values())
