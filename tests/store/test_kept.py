"""What a server's transitions keep of a configuration lasts as long as the configuration is the same, whoever changes
it.
"""

from typing import Any

import pytest
from centre import Centre
from conftest import RealServer
from raw import raw

from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store import reading


@pytest.fixture
def centre(server: RealServer) -> Centre:
    client = server.client()
    client.flushall()
    return Centre(client)


def profile(*entries: Entry, most: int = 1) -> RoutingProfile:
    return RoutingProfile("p", {"voice": Concurrency(most)}, entries)


def reads(centre: Centre, act: Any) -> list[str]:
    """Which records of the configuration `act` has Redis read."""
    with raw(centre.store).monitor() as monitor:
        act()
        raw(centre.store).echo("done")
        asked = []
        for one in monitor.listen():
            if one["command"].startswith("ECHO"):
                return [line for line in asked if ":profile:" in line or ":queue:" in line or ":servers:" in line]
            asked.append(one["command"])
    return []


def test_a_configuration_that_is_the_same_is_read_once(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("a")
    centre.push("b")

    assert reads(centre, lambda: centre.push("c")) == []
    assert reads(centre, lambda: centre.does("ana", "take")) == []


def test_a_change_is_seen_by_the_very_next_request(centre: Centre) -> None:
    centre.configure(profiles=[profile(Entry("Q", "voice"))])
    centre.sign_in("ana")
    centre.push("a")
    centre.push("b")
    assert list(centre.held("ana")) == ["a"]

    centre.configure(Queue("Q", acw_s={"voice": 30}), profiles=[profile(Entry("Q", "voice"), most=2)])
    centre.does("ana", "complete", "a")

    assert centre.held("ana") == {"a": "acw", "b": "connected"}


def test_a_change_by_an_edition_that_leaves_no_mark_is_seen(centre: Centre) -> None:
    """Such a one writes the records and counts the configuration's version up."""
    centre.configure(profiles=[profile(Entry("Q", "voice"))])
    centre.sign_in("ana")
    centre.push("a")
    client, keys = raw(centre.store), centre.keys

    client.hset(keys.queue("Q"), "acw:voice", "30")
    client.hincrby(keys.instance, "version", 1)
    centre.does("ana", "complete", "a")

    assert centre.held("ana") == {"a": "acw"}


def test_of_a_configuration_without_a_mark_nothing_is_kept_until_a_sweep_has_given_it_one(centre: Centre) -> None:
    client, keys = raw(centre.store), centre.keys
    client.hdel(keys.instance, "mark")
    centre.push("a")
    assert reads(centre, lambda: centre.push("b")) != []

    centre.passes(1)
    centre.push("c")

    assert reads(centre, lambda: centre.push("d")) == []


def test_two_configurations_of_the_same_version_are_told_apart(centre: Centre) -> None:
    """As after a failover: what one server has kept is not what the other has written since."""
    version = raw(centre.store).hget(centre.keys.instance, "version")
    centre.sign_in("ana")
    centre.push("a")
    centre.does("ana", "complete", "a")

    centre.configure(Queue("Q", acw_s={"voice": 30}))
    raw(centre.store).hset(centre.keys.instance, "version", version)
    centre.push("b")
    centre.does("ana", "complete", "b")

    assert centre.held("ana") == {"b": "acw"}


def test_who_looks_tells_two_configurations_of_the_same_version_apart(centre: Centre) -> None:
    version = raw(centre.store).hget(centre.keys.instance, "version")
    before, _ = centre.store.run(reading.configuration_without_agents())

    centre.configure(Queue("Q", acw_s={"voice": 30}))
    raw(centre.store).hset(centre.keys.instance, "version", version)
    after, _ = centre.store.run(reading.configuration_without_agents())

    assert before.queues["Q"].acw_s == {}
    assert after.queues["Q"].acw_s == {"voice": 30}
