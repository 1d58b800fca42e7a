"""Whoever is given something by a request that is not its own is told through its inbox."""

from collections.abc import Callable

import pytest
from centre import Centre, S, profile
from raw import hinted, raw

from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.server.connection import SOCKET_TIMEOUT_S
from fairlead.service.agent import wait
from fairlead.store.hints import Hint, read_hint
from fairlead.store.new_contact import Callback
from fairlead.store.offers import Offer
from fairlead.store.request import Request
from fairlead.store.transitions import producing, supervising

WAYS: dict[str, Callable[[Centre], object]] = {
    "its customer leaves": lambda centre: centre.run(producing.abandon, "rings"),
    "its customer wants to be called back": lambda centre: centre.run(
        producing.request_callback, "rings", Callback(delay_s=60)
    ),
    "it is moved": lambda centre: centre.run(supervising.move, "rings", "Overflow"),
    "it is given to another agent": lambda centre: centre.run(supervising.assign, "rings", "bo"),
    "it is ended": lambda centre: centre.run(supervising.stop, "rings"),
    "it expires": lambda centre: centre.passes(10),
    "it is missed and its slot is cleared": lambda centre: [centre.passes(s) for s in (20, 5)],
}


@pytest.mark.parametrize("how", WAYS)
def test_an_agent_whose_offer_ends_is_told_of_the_next(centre: Centre, how: str) -> None:
    centre.configure(Queue("Q", missed_slot_s=5, offer_again_after_s=None))
    centre.sign_in("ana", accepts=False, inbox="w-ana")
    centre.sign_in("bo", accepts=False)
    centre.does("bo", "set_status", "Break")
    centre.push("rings", **({"expiry_s": 10} if how == "it expires" else {}))
    centre.push("waits")
    told(centre, "ana")

    WAYS[how](centre)

    assert "offered" in centre.held("ana").values()
    assert told(centre, "ana") == {"ana"}


def test_an_agent_whose_after_contact_work_ends_by_itself_is_told_of_the_next(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 10}))
    centre.sign_in("ana", inbox="w-ana")
    centre.push("first")
    centre.does("ana", "complete", "first")
    centre.push("waits")
    told(centre, "ana")

    centre.passes(10)

    assert centre.held("ana") == {"waits": "connected"}
    assert told(centre, "ana") == {"ana"}


def test_an_agent_whom_a_supervisor_makes_available_is_told_of_the_next(centre: Centre) -> None:
    centre.sign_in("ana", inbox="w-ana")
    centre.does("ana", "set_status", "Break")
    centre.push("waits")
    told(centre, "ana")

    centre.run(supervising.set_agent_status, "ana", "Available")

    assert centre.held("ana") == {"waits": "connected"}
    assert told(centre, "ana") == {"ana"}


def test_nobody_is_told_of_what_its_own_request_answers(centre: Centre) -> None:
    centre.push("first")
    centre.push("second")
    centre.sign_in("ana", inbox="w-ana")

    turn = centre.does("ana", "complete", "first")

    assert [offer.contact_id for offer in turn.offers] == ["second"]
    assert told(centre, "ana") == set()


@pytest.mark.parametrize(
    "ask",
    [
        lambda centre: centre.run(supervising.set_agent_status, "ana", "Available"),
        lambda centre: centre.run(supervising.set_next_status, "ana", ""),
        lambda centre: centre.run(producing.abandon, "rings"),
        lambda centre: centre.passes(25),
        lambda centre: centre.push("other", "@ana"),
        lambda centre: centre.push("other", "@ana", "chat"),
    ],
)
def test_nobody_is_told_when_nothing_was_given(centre: Centre, ask: Callable[[Centre], object]) -> None:
    calls_and_chats = {"voice": Concurrency(1), "chat": Concurrency(1)}
    centre.configure(Queue("Q", missed_slot_s=5), profiles=[profile([Entry("Q", "voice")], channels=calls_and_chats)])
    centre.sign_in("ana", accepts=False, inbox="w-ana")
    centre.push("rings", expiry_s=22)
    told(centre, "ana")

    ask(centre)

    assert told(centre, "ana") == set()


def told(centre: Centre, name: str) -> set[str]:
    """Who stands in the inbox of an agent's worker, which is emptied."""
    names = set(hinted(centre.store, f"w-{name}"))
    raw(centre.store).delete(centre.keys.inbox(f"w-{name}"))
    return names


def test_a_long_wait_never_outlasts_the_patience_of_its_connection(centre: Centre) -> None:
    steps = wait(centre.sign_in("ana", inbox="w-ana"), 3_600).steps(centre.store._dialect.source)
    rounds, reply = [], None

    for _ in range(6):
        rounds.append(steps.send(reply))
        reply = [] if isinstance(rounds[-1], Request) else [None]

    blocked = [one[0] for one in rounds if not isinstance(one, Request)]
    assert [command[:2] for command in blocked] == [("BLPOP", centre.keys.inbox("w-ana"))] * 3
    assert all(0 < float(command[2]) < SOCKET_TIMEOUT_S for command in blocked)
    assert [one.script for one in rounds if isinstance(one, Request)] == ["find_unseen"] * 3


@pytest.mark.parametrize("limit_s", [0.0001, 0, -1, float("nan")])
def test_a_short_wait_ends(centre: Centre, limit_s: float) -> None:
    session = centre.sign_in("ana", inbox="w-ana")

    is_given = [centre.store.run(wait(session, limit_s))]
    centre.push("c1")
    centre.store.client.send([("DEL", centre.keys.inbox("w-ana"))])
    is_given.append(centre.store.run(wait(session, limit_s)))

    assert is_given == [False, True]


def test_a_hint_brings_the_offer_to_a_session_that_has_missed_nothing(centre: Centre) -> None:
    ana = centre.sign_in("ana", inbox="w-ana")
    centre.push("c1", payload=b'{"zero": "\\u0000"}')

    (hint,) = hints(centre)
    offer = ana.told(hint)

    assert offer == centre.offer("ana", "c1")
    assert offer.payload == b'{"zero": "\\u0000"}'
    assert ana.told(hint) is None  # it knows it


@pytest.mark.parametrize("accepts", [True, False])
def test_an_offer_is_told_whole_by_the_hint_and_whenever_it_is_asked_for(centre: Centre, accepts: bool) -> None:
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    ana = centre.sign_in("ana", accepts=accepts, inbox="w-ana")
    centre.does("ana", "set_status", "Break")
    centre.push(
        "c1", channel="chat", payload=b"[1]", priority=3, age_adjustment_s=60, attributes={"tier": "gold"},
        customer="c17", headers=headers,
    )  # fmt: skip
    queued_us = centre.now_us
    centre.passes(5)
    centre.run(supervising.set_agent_status, "ana", "Available")
    given_us = centre.now_us

    (hint,) = hints(centre)
    offer = ana.told(hint)

    token = centre.slots("ana")[0].token
    assert offer == Offer(
        "ana", "c1", token, "connected" if accepts else "offered", "Q", "chat", 3, 1, queued_us,
        None if accepts else given_us + 20 * S, {"tier": "gold"}, "inbound", "c17", headers, b"[1]",
    )  # fmt: skip
    assert centre.offer("ana", "c1") == offer
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "set_status", "Available")
    if accepts:
        assert centre.offer("ana", "c1") == offer


def test_a_contact_is_hinted_once_however_many_are_given_after_it(centre: Centre) -> None:
    centre.sign_in("ana", inbox="w-ana")
    centre.does("ana", "set_status", "Break")
    for place in range(3):
        centre.push(f"c{place}", channel="chat")

    centre.run(supervising.set_agent_status, "ana", "Available")

    assert [hint.offer[0] for hint in hints(centre)] == [b"c0", b"c1", b"c2"]
    assert 0 < raw(centre.store).ttl(centre.keys.inbox("w-ana")) <= 60


def test_a_session_that_has_missed_an_offer_asks(centre: Centre) -> None:
    ana = centre.sign_in("ana", inbox="w-ana")
    centre.push("c1", channel="chat")
    centre.push("c2", channel="chat")

    first, second = hints(centre)

    assert ana.told(second) is None
    assert [offer.contact_id for offer in filter(None, map(ana.told, (first, second)))] == ["c1", "c2"]
    assert centre.store.run(ana.take()).offers == ()


def test_a_hint_for_a_session_that_is_over_brings_nothing(centre: Centre) -> None:
    ana = centre.sign_in("ana", inbox="w-ana")
    centre.push("c1")
    (hint,) = hints(centre)

    centre.store.run(ana.sign_in(replaces=ana.epoch))

    assert ana.told(hint) is None


@pytest.mark.parametrize(
    "junk", [b"", b"\0" * 40, b"ana\x001\x000" + b"\0x" * 14, b"\xff", b"ana\x00\xb2\x000" + b"\0" * 14]
)
def test_junk_in_an_inbox_is_no_offer(centre: Centre, junk: bytes) -> None:
    ana = centre.sign_in("ana", inbox="w-ana")
    ana.epoch = 1

    assert ana.told(read_hint(junk)) is None


def hints(centre: Centre) -> list[Hint]:
    return [read_hint(text) for text in raw(centre.store).lrange(centre.keys.inbox("w-ana"), 0, -1)]
