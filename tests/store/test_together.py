"""Contacts that are pushed together, by one request, are what each would be by a request of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from centre import Centre
from conftest import REAL_SERVERS, RealServer
from raw import raw
from store.consistency import check
from store.counting import CountingStore

from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import ContactExists, QueueFull, UnknownAgent, UnknownQueue
from fairlead.store import reading
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.transitions import configuring
from fairlead.store.transitions.producing import MOST_TOGETHER, Receipt, push, push_together
from fairlead.store.transitions.working import Session

TIMES = {"queued_us", "rank", "step_us", "entered_us", "expires_us"}

EVERY_KIND: tuple[dict[str, Any], ...] = (
    {"priority": 3},
    {"age_adjustment_s": 60},
    {"age_adjustment_s": -60},
    {"criteria": (parse_step("L:fr >= 4 for 30s"), parse_step("agents [ana]"))},
    {"attributes": {"tier": "gold"}, "headers": {"traceparent": "0"}},
    {"customer": "k", "direction": "outbound", "related_to": "c"},
    {"start_in_s": 60},
    {"expiry_s": 7},
    {"callback": Callback(retries=2)},
    {"queue": "@ana"},
    {"queue": "Small"},
    {"queue": "Small"},
    {},
)


def together(centre: Centre, *contacts: NewContact) -> list[Any]:
    centre.now_us += 1
    return centre.store.run(push_together(centre.keys, contacts, [None] * len(contacts)))


def record(centre: Centre, contact: NewContact) -> dict[bytes, bytes]:
    """What its record holds but for times, since no two contacts come at the same one."""
    fields = raw(centre.store).hgetall(centre.keys.contact(contact.contact_id))
    return {field: value for field, value in fields.items() if field.decode() not in TIMES}


def events(centre: Centre, contact: NewContact) -> list[tuple[str, tuple[str, ...]]]:
    every = centre.store.run(reading.events_after("-", 1_000))
    return [(one.name, tuple(one.fields)) for one in every if one.fields.get("contact") == contact.contact_id]


def test_each_is_what_it_would_be_alone(centre: Centre) -> None:
    new = [
        NewContact(**{"queue": "Q", "channel": "voice", "contact_id": f"c{place}"} | one)
        for place, one in enumerate(EVERY_KIND)
    ]
    queues = (Queue("Q"), Queue("Small", max_contacts=1, overflow="Q"))
    centre.configure(*queues)
    for contact in new:
        centre.now_us += 1
        centre.store.run(push(centre.keys, contact))
    alone = [(record(centre, one), events(centre, one)) for one in new]
    raw(centre.store).flushall()
    other = Centre(raw(centre.store))
    other.configure(*queues)

    receipts = together(other, *new)

    assert [(one.contact_id, one.created) for one in receipts] == [(one.contact_id, True) for one in new]
    assert [one.queue for one in receipts][-4:] == ["@ana", "Small", "Q", "Q"]
    assert [(record(other, one), events(other, one)) for one in new] == alone


def test_one_that_is_refused_keeps_none_of_the_others_away(centre: Centre) -> None:
    centre.configure(Queue("Q"), Queue("Small", max_contacts=1))
    centre.push("there")
    new = [
        NewContact("Nowhere", "voice", contact_id="a"),
        NewContact("Small", "voice", contact_id="b"),
        NewContact("Small", "voice", contact_id="c"),
        NewContact("@nobody", "voice", contact_id="d"),
        NewContact("Q", "voice", b"1", contact_id="there"),
        NewContact("Q", "voice", contact_id="there"),
        NewContact("Q", "voice", contact_id="e"),
        NewContact("Q", "voice", contact_id="e"),
    ]

    answers = together(centre, *new)

    assert [type(one) for one in answers] == [
        UnknownQueue, Receipt, QueueFull, UnknownAgent, ContactExists, Receipt, Receipt, Receipt,
    ]  # fmt: skip
    assert [one.created for one in answers if isinstance(one, Receipt)] == [True, False, True, False]
    assert raw(centre.store).hlen(centre.keys.payloads) == 3


def payloads(centre: Centre) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = raw(centre.store).hgetall(centre.keys.payloads)
    return found


def test_of_new_ones_those_that_are_refused_leave_no_payload(centre: Centre) -> None:
    centre.configure(Queue("Q"), Queue("Small", max_contacts=1))
    new = [
        NewContact(queue, "voice", name.encode(), contact_id=name)
        for name, queue in {"a": "Nowhere", "b": "Small", "c": "Small", "d": "Q", "e": "@nobody"}.items()
    ]

    answers = together(centre, *new)

    assert [type(one) for one in answers] == [UnknownQueue, Receipt, QueueFull, Receipt, UnknownAgent]
    assert payloads(centre) == {b"b": b"b", b"d": b"d"}


def test_of_two_that_come_together_with_one_id_the_first_is_taken(centre: Centre) -> None:
    answers = together(
        centre,
        NewContact("Q", "voice", b"1", contact_id="c"),
        NewContact("Q", "voice", b"2", contact_id="c"),
        NewContact("Q", "voice", b"1", contact_id="c"),
    )

    assert isinstance(answers[1], ContactExists)
    assert [(one.created, one.state) for one in (answers[0], answers[2])] == [(True, "queued"), (False, "queued")]
    assert payloads(centre) == {b"c": b"1"}
    assert centre.line() == ["c"]


def test_who_is_given_one_of_them_is_told_its_payload_with_it(centre: Centre) -> None:
    centre.sign_in("ana", inbox="w")

    together(centre, *[NewContact("Q", "voice", b"of " + name.encode(), contact_id=name) for name in ("c1", "c2")])

    told = raw(centre.store).lrange(centre.keys.inbox("w"), 0, -1)
    assert [b"of c1" in one for one in told] == [True]
    assert payloads(centre) == {b"c1": b"of c1", b"c2": b"of c2"}


def test_they_stand_in_line_and_are_counted_in_the_order_in_which_they_are_given(centre: Centre) -> None:
    names = [f"c{place:02}" for place in range(MOST_TOGETHER)]

    together(centre, *[NewContact("Q", "voice", contact_id=name) for name in reversed(names)])

    assert centre.store.run(reading.ids_in_line("Q", "voice", 100)) == names[::-1]
    assert centre.store.run(reading.totals())["Q:voice"]["queued"] == MOST_TOGETHER


@pytest.fixture
def counting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountingStore]:
    server = RealServer(REAL_SERVERS[0], tmp_path_factory.mktemp("redis"))
    store = CountingStore(server.client())
    yield store
    check(store)
    server.kill()


def test_each_of_as_many_as_may_come_together_is_given_in_one_script(counting: CountingStore) -> None:
    names = [f"a{place:02}" for place in range(MOST_TOGETHER)]
    profile = RoutingProfile("p", {"chat": Concurrency(1)}, (Entry("q", "chat"),))
    target = Configuration(
        {"q": Queue("q")}, {"p": profile}, {name: Agent(name, "p") for name in names},
        {one.name: one for one in (AVAILABLE, OFFLINE)},
    )  # fmt: skip
    counting.run(configuring.apply_configuration(counting.keys, target, 0))
    for name in names:
        counting.run(Session(counting.keys, name, "w", "here/1", auto_accept=False, inbox="here").sign_in())
    new = [NewContact("q", "chat", contact_id=name) for name in names]

    counting.counts = True
    answers = counting.run(push_together(counting.keys, new, [None] * len(new)))

    assert {one.state for one in answers} == {"offered"}
    given = [one for one in counting.run(reading.events_after("-", 1_000)) if one.name == "contact.offered"]
    assert [(one.fields["contact"], one.fields["agent"]) for one in given] == [(name, name) for name in names]
    assert {int(one.fields["waited_us"]) for one in given} == {0}
    assert counting.calls["push_contacts"] <= 1_100


def test_who_comes_after_all_agents_are_taken_waits(centre: Centre) -> None:
    for name in ("ana", "bo"):
        centre.sign_in(name)

    answers = together(centre, *[NewContact("Q", "voice", contact_id=f"c{place}") for place in range(4)])

    assert [one.state for one in answers] == ["connected", "connected", "queued", "queued"]


@pytest.mark.parametrize("free", ["ana", "bo"])
def test_whom_nobody_fits_is_not_in_the_way_of_others(centre: Centre, free: str) -> None:
    centre.sign_in(free)

    answers = together(
        centre,
        NewContact("Q", "voice", contact_id="c1", criteria=(parse_step("agents [nobody]"),)),
        NewContact("Q", "voice", contact_id="c2", criteria=(parse_step("agents [nobody]"),)),
        NewContact("Q", "voice", contact_id="c3"),
    )

    assert [one.state for one in answers] == ["queued", "queued", "connected"]
