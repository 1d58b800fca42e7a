"""A configuration that is too large for one script is put aside piece by piece, and applied as a whole."""

from dataclasses import replace

import fakeredis
import pytest
from centre import Centre, profile
from raw import raw
from store.stepping import at_once, most_calls

from fairlead import errors
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring, staging
from fairlead.store.transitions.sweeping import work_off

KEPT_S = 600


@pytest.fixture(autouse=True)
def _all_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "MOST_COST", 0)


def in_force(centre: Centre) -> Configuration:
    return centre.store.run(reading.configuration_in_force())[0]


def without(configuration: Configuration, queue: str = "", agent: str = "") -> Configuration:
    queues = {name: one for name, one in configuration.queues.items() if name != queue}
    return replace(
        configuration, queues=queues, agents={name: one for name, one in configuration.agents.items() if name != agent}
    )


def staged(centre: Centre, place: int, *names: str) -> list[str]:
    """Queues are put aside as a piece that follows so many others; what is aside then."""
    groups = [configuring._object_group(Queue(name)) for name in names]
    rest = [value for group in groups for value in (*group[:2], staging._text(group))]
    centre.store.run(staging._stage(centre.store, "s", place, rest))
    texts = raw(centre.store).lrange(centre.keys.staged("s"), 0, -1)
    return [text.decode().split(":")[2][: len("First")] for text in texts]


def test_a_piece_that_is_put_aside_again_is_there_once(centre: Centre) -> None:
    assert staged(centre, 0, "First") == ["First"]
    assert staged(centre, 0, "First") == ["First"]
    assert staged(centre, 1, "Secon", "Third") == ["First", "Secon", "Third"]
    assert staged(centre, 1, "Secon", "Third") == ["First", "Secon", "Third"]
    assert staged(centre, 3, "Forth") == ["First", "Secon", "Third", "Forth"]


def test_what_is_put_aside_and_never_applied_is_forgotten(centre: Centre) -> None:
    staged(centre, 0, "First")

    assert raw(centre.store).ttl(centre.keys.staged("s")) == KEPT_S


def test_what_is_in_use_cannot_be_removed_and_nothing_is_put_aside(centre: Centre) -> None:
    centre.push("c", "Overflow")
    centre.sign_in("ana")
    whole = in_force(centre)

    with pytest.raises(errors.QueueInUse, match="Overflow"):
        centre.store.run(staging.attempt(without(whole, queue="Overflow"), centre.version))
    with pytest.raises(errors.AgentInUse, match="ana"):
        centre.store.run(staging.apply(without(whole, agent="ana"), centre.version))

    allowed = without(whole, queue="Other", agent="bo")
    assert centre.store.run(staging.attempt(allowed, centre.version)) == centre.version
    assert in_force(centre) == whole
    assert not raw(centre.store).keys("*staged*")


@pytest.mark.parametrize("calls", [1, 10**6])
def test_all_of_it_is_applied_and_has_one_version(centre: Centre, calls: int) -> None:
    whole = in_force(centre)
    many = {f"S{number:02}": Queue(f"S{number:02}", description="x" * number) for number in range(23)}
    target = replace(without(whole, queue="Other", agent="bo"), queues={**whole.queues, **many})

    with most_calls(calls):
        version = centre.store.run(staging.apply(target, centre.version))

    assert version == centre.version + 1
    assert in_force(centre) == target
    versions = {name: line.split()[0] for name, line in raw(centre.store).hgetall(centre.keys.objects).items()}
    assert {versions[f"queue:{name}".encode()] for name in many} == {str(version).encode()}


def test_what_has_come_into_use_meanwhile_is_not_removed(centre: Centre) -> None:
    whole = in_force(centre)
    target = without(without(whole, queue="Other", agent="bo"), queue="Overflow", agent="cem")
    groups = [configuring._removal_group(kind, name) for kind, name in (
        ("agent", "bo"), ("agent", "cem"), ("queue", "Other"), ("queue", "Overflow"),
    )]  # fmt: skip
    rest = [value for group in groups for value in (*group[:2], staging._text(group))]
    centre.store.run(staging._stage(centre.store, "s", 0, rest))
    centre.push("c", "Other")
    centre.sign_in("bo")

    centre.store.run(configuring._applying(centre.keys, {}, centre.version, staging="s"))
    while centre.store.run(work_off(centre.keys)):
        pass

    assert in_force(centre) == replace(
        target,
        queues={**target.queues, "Other": whole.queues["Other"]},
        agents={**target.agents, "bo": whole.agents["bo"]},
    )


def test_who_works_off_is_told_whether_more_is_left(centre: Centre) -> None:
    many = {f"S{number:02}": Queue(f"S{number:02}") for number in range(23)}
    whole = in_force(centre)
    target = replace(whole, queues={**whole.queues, **many})
    groups = [configuring._object_group(queue) for queue in many.values()]
    rest = [value for group in groups for value in (*group[:2], staging._text(group))]
    centre.store.run(staging._stage(centre.store, "s", 0, rest))
    assert centre.store.run(work_off(centre.keys)) is False

    with most_calls(1):
        centre.store.run(configuring._applying(centre.keys, {}, centre.version, staging="s"))
        answers = [centre.store.run(work_off(centre.keys)) for _ in range(20)]

    first_done = answers.index(False)
    assert first_done > 0
    assert answers == [True] * first_done + [False] * (20 - first_done)
    assert in_force(centre) == target


def test_nobody_else_changes_anything_until_all_is_applied(centre: Centre) -> None:
    whole = in_force(centre)
    other = replace(whole, queues={**whole.queues, "Else": Queue("Else")})
    staged(centre, 0, *(f"Some{number}" for number in range(9)))
    with most_calls(1):
        centre.store.run(configuring._applying(centre.keys, {}, centre.version, staging="s"))
        with pytest.raises(errors.ConfigurationChanged):
            centre.run(configuring.put_object, Queue("Else"), 0)
        with pytest.raises(errors.ConfigurationChanged):
            centre.store.run(configuring.apply_configuration(centre.keys, other, centre.version))
        while centre.store.run(work_off(centre.keys)):
            pass

    centre.run(configuring.put_object, Queue("Else"), 0)

    assert {"Some8", "Else"} <= in_force(centre).queues.keys()


def test_the_first_configuration_of_an_instance_has_version_1(centre: Centre) -> None:
    whole = in_force(centre)
    store = Store(raw(centre.store), "other")

    assert store.run(staging.apply(whole, 0)) == 1
    assert store.run(reading.configuration_in_force()) == (whole, 1)


@pytest.mark.parametrize(("slots", "looks_anew"), [(3, False), (2, True)])
def test_agents_are_looked_at_anew_where_their_channels_change_and_not_where_only_entries_do(
    slots: int, looks_anew: bool
) -> None:
    centre = Centre(fakeredis.FakeRedis())  # others read a small set at once
    chat = profile([Entry("Q", "chat")], channels={"chat": Concurrency(3)})
    centre.configure(profiles=[chat])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
    changed = replace(chat, channels={"chat": Concurrency(slots)}, entries=(Entry("Other", "chat"),))

    with at_once({"MOST_CALLS": 1, "AGENTS_READ": 1}):
        centre.configure(profiles=[changed])

    assert raw(centre.store).exists(f"{centre.keys.prefix}unindexed") == looks_anew
