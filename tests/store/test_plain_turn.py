"""The straight way of a push and of a turn in which nothing is out of the ordinary leaves and answers what the general
one does.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st
from store.stepping import FEW, at_once
from store.straight import CHATS, QUEUES, SALES, CountedStore, Pair, S

from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising


def drawn_configuration(random: Random) -> Configuration:
    odd = random.random() < 0.3
    queues = {
        name: Queue(
            name, offer_again_after_s=0, retry_delay_s=0,
            **({"acw_s": {"chat": 5}} if odd and random.random() < 0.2 else {}),
            **({"agent_choice": "round_robin"} if odd and random.random() < 0.1 else {}),
        )
        for name in QUEUES
    }  # fmt: skip
    entries = []
    for name in QUEUES:
        for channel in ("voice", "chat", "task"):
            if random.random() < 0.7:
                delay_s, most = (random.choice([0, 0, 3]), random.choice([None, None, 1])) if odd else (0, None)
                entries.append(Entry(name, channel, random.choice([1, 1, 2, 3]), delay_s, max_contacts=most))
    entries = entries or [Entry("Sales", "chat")]
    used = {entry.channel for entry in entries}
    concurrency = {
        channel: Concurrency(1 if channel == "voice" else random.randint(1, 3), random.random() < 0.5)
        for channel in sorted(used)
    }
    timer = "since_last_inbound" if odd and random.random() < 0.2 else "since_last_activity"
    sharing = "weighted" if odd and random.random() < 0.2 else "strict"
    profile = RoutingProfile("P", concurrency, tuple(entries), agent_availability_timer=timer, sharing=sharing)
    agents = {
        name: Agent(name, "P", proficiencies={"L:fr": 3} if odd and random.random() < 0.2 else {},
                    **({"acw_s": {"task": 4}} if odd and random.random() < 0.2 else {}))
        for name in ("ana", "bo")
    }  # fmt: skip
    return Configuration(queues, {"P": profile}, agents, {one.name: one for one in (AVAILABLE, OFFLINE, BREAK)})


def drawn_contact(random: Random, number: int) -> NewContact:
    options: dict[str, Any] = {}
    if random.random() < 0.04:
        options |= random.choice([
            {"attributes": {"a": "b"}}, {"customer": "c1"}, {"criteria": (parse_step("L:fr >= 2 for 4s"),)},
            {"age_adjustment_s": 2}, {"expiry_s": 9},
        ])  # fmt: skip
    return NewContact(
        random.choice(QUEUES), random.choice(["voice", "chat", "task"]), b'"x"', random.choice([1, 1, 2, 5]),
        contact_id=f"c{number}", **options,
    )  # fmt: skip


def step(pair: Pair, random: Random, number: int) -> None:
    what = random.choice(["push", "push", "push", "turn", "turn", "turn", "turn", "again", "status", "other", "time"])
    if what == "push":
        contact = drawn_contact(random, number)
        pair.each(lambda place, store: producing.push(store.keys, contact))
    elif what == "time":
        pair.now_us += random.choice([1, 900_000, 4 * S, 70 * S])
        pair.each(lambda place, store: pair.sweepers[place].sweep())
    elif what == "status":
        name, status = random.choice(sorted(pair.sessions)), random.choice(["Available", "Available", "Break"])
        pair.does(name, lambda session, held: session.set_status(status))
    else:
        name, chance = random.choice(sorted(pair.sessions)), random.random()
        if what == "other":
            pair.does(name, lambda session, held: session.hold(held[0]) if held and chance < 0.5 else session.take())
        elif what == "again":
            pair.does_again(name)
        else:
            many = random.choice([1, 1, 2, 3])
            pair.does(name, lambda session, held: session.complete(held[:many] if chance < 0.9 else held[-1:] * 2))
            if chance < 0.8:
                pair.held[name] = [held[many:] for held in pair.held[name]]


def drawn(pair: Pair, seed: int) -> None:
    random = Random(seed)
    configuration = drawn_configuration(random)
    pair.each(lambda place, store: configuring.apply_configuration(store.keys, configuration, 0))
    for number in range(random.choice([0, 20])):  # few: agents wait
        contact = drawn_contact(random, 1_000 + number)
        pair.each(lambda place, store, contact=contact: producing.push(store.keys, contact))
    for name in ("ana", "bo"):
        pair.sign_in(name, auto_accept=random.random() < 0.9, capacity=random.choice([0, 1, 1, 2]))
    for number in range(40):
        step(pair, random, number)
        if number % 8 == 7:
            pair.is_agreed()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_the_straight_way_leaves_and_answers_what_the_general_one_does(any_client: redis.Redis, seed: int) -> None:
    drawn(Pair(any_client), seed)


def test_what_is_drawn_often_goes_the_straight_way(client: redis.Redis) -> None:
    turned = given = 0
    for seed in range(8):
        pair = Pair(client, CountedStore)
        drawn(pair, seed)
        turned += pair.taken("turned") + pair.taken("pushed")
        given += pair.taken("given")

    assert turned > 8 * 15
    assert given > 5


def full(pair: Pair, *, capacity: int = 1, **changed: Any) -> None:
    """Ana holds one of six chats, and others wait; `changed` of the configuration, which is plain else."""
    pair.configure(**changed)
    for number in range(6):
        contact = NewContact(QUEUES[number % 2], "chat", b'"x"', contact_id=f"c{number}")
        pair.each(lambda place, store, contact=contact: producing.push(store.keys, contact))
    pair.sign_in("ana", auto_accept=changed.get("auto_accept", True), capacity=capacity)


def completes(pair: Pair, many: int = 1) -> int:
    """Ana completes `many` of what she holds; how often that went the straight way."""
    pair.client.delete("turned")
    pair.does("ana", lambda session, held: session.complete(held[:many]))
    pair.is_agreed()
    return pair.taken("turned")


def test_a_plain_turn_goes_the_straight_way(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair)

    assert completes(pair) == 1


def push(pair: Pair, contact: NewContact) -> None:
    pair.each(lambda place, store: producing.push(store.keys, contact))


def waits(client: redis.Redis, slots: int, many: int) -> Pair:
    """Ana, who may have so many chats at once, has `many`, and none waits."""
    pair = Pair(client, CountedStore)
    pair.configure(profile=replace(CHATS, channels={"chat": Concurrency(slots)}))
    pair.sign_in("ana", auto_accept=True)
    for number in range(many):
        push(pair, NewContact("Sales", "chat", b'"x"', contact_id=f"c{number}"))
    pair.does("ana", lambda session, held: session.take())
    pair.now_us += 90 * S
    return pair


@pytest.mark.parametrize(("slots", "many"), [(1, 1), (2, 2), (3, 2)])
def test_what_ends_where_nothing_waits_goes_the_straight_way(client: redis.Redis, slots: int, many: int) -> None:
    pair = waits(client, slots, many)

    assert completes(pair) == 1
    assert b"ana" in {member for member, _ in pair.keys(0)[b":available:P:chat"]}


def test_several_that_end_where_nothing_waits_go_the_straight_way(client: redis.Redis) -> None:
    pair = waits(client, 3, 2)

    assert completes(pair, 2) == 1


def test_too_few_that_wait_for_who_takes_more_go_the_general_way(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair, capacity=0, profile=replace(CHATS, channels={"chat": Concurrency(5)}))

    assert completes(pair, 2) == 0


def test_who_could_take_what_waits_before_goes_the_general_way(client: redis.Redis) -> None:
    pair = waits(client, 2, 1)
    for number in range(2):
        push(pair, NewContact("Support", "email", b'"x"', contact_id=f"e{number}"))
    entries, two = (*CHATS.entries, Entry("Support", "email")), Concurrency(2)
    with at_once(FEW):  # nobody has swept since she may take it
        pair.configure(profile=RoutingProfile("P", {"chat": two, "email": two}, entries), version=1)

    assert completes(pair) == 0


CONFIGURED: dict[str, dict[str, Any]] = {
    "acw of the queue": {"sales": replace(SALES, acw_s={"chat": 9})},
    "acw of the agent": {"ana": Agent("ana", "P", acw_s={"chat": 9})},
    "proficiencies": {"ana": Agent("ana", "P", proficiencies={"L:fr": 2})},
    "a choice of agents": {"sales": replace(SALES, agent_choice="round_robin")},
    "a delay": {"profile": replace(CHATS, entries=(Entry("Sales", "chat", delay_s=900), Entry("Support", "chat", 2)))},
    "weights": {"profile": replace(CHATS, sharing="weighted")},
    "a limit": {"profile": replace(CHATS, entries=(Entry("Sales", "chat", max_contacts=1), Entry("Support", "chat")))},
    "a timer": {"profile": replace(CHATS, agent_availability_timer="since_last_inbound")},
}
"""What of a configuration a turn must go the general way for."""


@pytest.mark.parametrize("what", CONFIGURED)
def test_what_is_configured_otherwise_goes_the_general_way(client: redis.Redis, what: str) -> None:
    pair = Pair(client, CountedStore)
    full(pair, **CONFIGURED[what])

    assert completes(pair) == 0


def is_held(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.hold(held[0]))


def has_a_next_status(pair: Pair) -> None:
    pair.each(lambda place, store: supervising.set_next_status(store.keys, "ana", "Break"))


def takes_a_break(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.set_status("Break"))


def is_absent(pair: Pair) -> None:
    pair.now_us += 10**6 * S


def becomes_absent(pair: Pair) -> None:
    """Its presence ends just as it asks."""
    pair.now_us = int(pair.keys(0)[b":agent:ana"][b"present_us"]) - 7


def has_a_contact_of_its_own(pair: Pair) -> None:
    contact = NewContact("@ana", "chat", b'"x"', contact_id="own")
    pair.each(lambda place, store: producing.push(store.keys, contact))


def closes_a_queue(pair: Pair) -> None:
    never = Hours("Never", "UTC", {})
    pair.configure(sales=replace(SALES, hours="Never"), hours=[never], version=1)


def has_asked_since(pair: Pair) -> None:
    pair.does("ana", lambda session, held: session.take())
    for session in pair.sessions["ana"]:
        session._op -= 2


def is_signed_in_anew(pair: Pair) -> None:
    for session in pair.sessions["ana"]:
        session.epoch -= 1


def has_a_token_of_later(pair: Pair) -> None:
    for session in pair.sessions["ana"]:
        session._last_token += 3_600 * S


def has_the_token_that_comes_next(pair: Pair) -> None:
    """Of contacts that come at the same time each has a token of one more."""
    pair.now_us -= S
    for session in pair.sessions["ana"]:
        session._last_token = int(pair.keys(0)[b":instance"][b"stamp"]) + 1


def asks_for_a_skill(pair: Pair) -> None:
    contact = NewContact("Support", "chat", criteria=(parse_step("L:fr >= 2"),), contact_id="c9")
    pair.each(lambda place, store: producing.push(store.keys, contact))


def has_attributes(pair: Pair) -> None:
    """The contact that comes next."""
    contact = NewContact("Sales", "chat", priority=1, attributes={"a": "b"}, contact_id="c9")
    pair.each(lambda place, store: producing.push(store.keys, contact))


@pytest.mark.parametrize(
    "happens",
    [
        is_held, has_a_next_status, takes_a_break, is_absent, becomes_absent, has_a_contact_of_its_own, closes_a_queue,
        has_a_token_of_later, has_the_token_that_comes_next, has_asked_since, is_signed_in_anew, asks_for_a_skill,
        has_attributes,
    ],
)  # fmt: skip
def test_what_has_happened_goes_the_general_way(client: redis.Redis, happens: Callable[[Pair], None]) -> None:
    pair = Pair(client, CountedStore)
    full(pair)

    happens(pair)

    assert completes(pair) == 0


def test_an_agent_who_is_asked_goes_the_general_way(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair, auto_accept=False)
    pair.does("ana", lambda session, held: session.accept(held[-1]))

    assert completes(pair) == 0


def test_a_session_that_was_not_told_of_what_it_holds_is_told_of_it(client: redis.Redis) -> None:
    pair = Pair(client, CountedStore)
    full(pair, capacity=0, profile=replace(CHATS, channels={"chat": Concurrency(2)}))
    for session in pair.sessions["ana"]:
        session._last_token = 0  # the answer with both was lost

    assert completes(pair) == 0
    assert [len(held) for held in pair.held["ana"]] == [4, 4]
