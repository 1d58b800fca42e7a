"""Handlers on a contact centre whose clock the test moves: run as the worker runs them, on each kind of server."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from fairlead_worker.testing import handle, handle_async

from fairlead import Callback, Contact, testing
from fairlead.errors import HandlerNotFound, UnknownAgent
from fairlead.testing import Centre

SHOP = """
[queues.Orders]
retry_delay_s = 60
max_attempts = 3
service_level_s = 20
[queues.Complaints]
retry_delay_s = 0

[profiles.Shop]
channels.voice = { slots = 1 }
entries = [{ queue = "Orders", channel = "voice" }, { queue = "Complaints", channel = "voice", delay_s = 30 }]

[agents.ana]
profile = "Shop"
proficiencies = { "Language:French" = 4 }
[agents.bo]
profile = "Shop"
"""


@pytest.fixture(params=["fakeredis", "embedded"])
def shop(request: pytest.FixtureRequest) -> Iterator[Centre]:
    with testing.centre(SHOP, request.param) as centre:
        yield centre


class Unlucky:
    """A plain handler that fails for the first times."""

    def __init__(self, failures: int) -> None:
        self.left = failures

    def __call__(self, contact: Contact) -> None:
        self.left -= 1
        if self.left >= 0:
            raise ValueError("what the customer said")


async def move_on(contact: Contact) -> None:
    if contact.queue == "Orders":
        contact.transfer("Complaints")


def outcomes(handled: list[Any]) -> list[tuple[str, str, str]]:
    return [(one.agent, one.contact_id, one.outcome) for one in handled]


def test_a_handler_that_fails_twice_succeeds_when_the_clock_has_moved_over_its_pauses(shop: Centre) -> None:
    handler = Unlucky(failures=2)
    shop.push("Orders", contact_id="c")

    first = handle(shop, "ana", handler)
    shop.advance(59)
    none = handle(shop, "ana", handler)
    shop.advance(1)
    second = handle(shop, "ana", handler)
    shop.advance(120)
    third = handle(shop, "ana", handler)

    assert [(one.outcome, one.attempt) for one in first + none + second + third] == [
        ("failed", 1), ("failed", 2), ("completed", 3),
    ]  # fmt: skip
    assert none == []
    assert shop.contact("c").state == "completed"


def test_a_failure_is_told_to_the_test_and_by_the_contact(shop: Centre) -> None:
    shop.push("Orders", contact_id="c")

    [failed] = handle(shop, "ana", Unlucky(failures=1))

    assert failed.error.startswith("ValueError at test_testing.py:")
    assert shop.contact("c").error == failed.error


def test_a_contact_that_has_failed_too_often_is_parked(shop: Centre) -> None:
    shop.push("Orders", contact_id="c")

    for _ in range(3):
        handle(shop, "ana", Unlucky(failures=1))
        shop.advance(300)

    assert shop.contact("c").state == "parked"


def test_an_async_handler_transfers_and_the_profiles_delay_passes_by_the_clock(shop: Centre) -> None:
    shop.push("Orders", contact_id="c")

    moved = handle(shop, ["ana", "bo"], move_on)
    shop.advance(29)
    early = handle(shop, ["ana", "bo"], move_on)
    shop.advance(1)
    late = handle(shop, ["ana", "bo"], move_on)

    assert [(one.outcome, one.goes_to) for one in moved] == [("transferred", "Complaints")]
    assert (early, [one.outcome for one in late]) == ([], ["completed"])


def test_a_contact_that_is_transferred_to_a_colleague_is_handled_by_them_at_once(shop: Centre) -> None:
    def ask_bo(contact: Contact) -> None:
        if contact.agent == "ana":
            contact.transfer("@bo")

    shop.push("@ana", contact_id="c")

    handled = handle(shop, ["bo", "ana"], ask_bo)

    assert outcomes(handled) == [("ana", "c", "transferred"), ("bo", "c", "completed")]


def test_a_transfer_that_the_store_refuses_has_failed(shop: Centre) -> None:
    shop.push("Orders", contact_id="c")

    [failed] = handle(shop, "ana", lambda contact: contact.transfer("Nowhere"))

    assert (failed.outcome, failed.error) == ("failed", "UnknownQueue")


def test_a_routing_step_that_expires_brings_the_contact_to_somebody_else(shop: Centre) -> None:
    shop.push("Orders", contact_id="c", criteria=["Language:French >= 3 for 30s"])

    before = handle(shop, "bo", "echo")
    shop.advance(30)
    after = handle(shop, "bo", "echo")

    assert (before, outcomes(after)) == ([], [("bo", "c", "completed")])


def test_the_service_level_goes_by_the_moved_clock(shop: Centre) -> None:
    for seconds in (0, 19, 40):
        shop.push("Orders")
        shop.advance(seconds)
        handle(shop, "ana", "echo")

    [row] = shop.supervisor.report(60, 0)

    assert row.answer_speed_s == pytest.approx(59 / 3, abs=0.001)
    assert row.service_level == pytest.approx(200 / 3, abs=0.1)


def test_agents_with_one_slot_share_what_waits_until_nothing_is_left(shop: Centre) -> None:
    ids = [shop.push("Orders").contact_id for _ in range(8)]
    both_work = threading.Barrier(2)

    handled = handle(shop, ["ana", "bo"], lambda _: both_work.wait(60))

    assert sorted(one.contact_id for one in handled) == sorted(ids)
    assert {one.agent for one in handled} == {"ana", "bo"}
    assert not any(agent.is_signed_in for agent in shop.supervisor.agents())


def test_a_contact_that_is_always_released_is_given_to_each_agent_once(shop: Centre) -> None:
    shop.push("Orders", contact_id="c")

    handled = handle(shop, ["ana", "bo"], lambda contact: contact.release())

    assert sorted(outcomes(handled)) == [("ana", "c", "released"), ("bo", "c", "released")]
    assert shop.contact("c").state == "queued"


def test_a_callback_that_reaches_nobody_is_tried_again_later(shop: Centre) -> None:
    shop.push("Orders", contact_id="c", callback=Callback(delay_s=600, retry_delay_s=300, retries=1))
    shop.advance(600)

    first = handle(shop, "ana", lambda contact: contact.retry_callback())
    shop.advance(300)
    second = handle(shop, "ana", "echo")

    assert outcomes(first + second) == [("ana", "c", "retried"), ("ana", "c", "completed")]


async def test_an_asyncio_test_shares_its_event_loop_with_the_handler(shop: Centre) -> None:
    answered: asyncio.Queue[str] = asyncio.Queue()

    async def answer(contact: Contact) -> None:
        await answered.put(contact.payload["order"])

    shop.push("Orders", {"order": "cable"})

    [done] = await handle_async(shop, "ana", answer)

    assert (done.outcome, answered.get_nowait()) == ("completed", "cable")


async def test_what_a_handler_pushes_is_handled_too(shop: Centre) -> None:
    async def split(contact: Contact) -> None:
        await asyncio.sleep(0)
        if contact.contact_id == "whole":
            shop.push("Orders", contact_id="half")

    shop.push("Orders", contact_id="whole")

    handled = await handle_async(shop, ["ana", "bo"], split)

    assert sorted(one.contact_id for one in handled) == ["half", "whole"]


def test_whatever_keeps_an_agent_from_working_is_raised_and_nobody_stays_signed_in(shop: Centre) -> None:
    with pytest.raises(UnknownAgent, match="zoe"):
        handle(shop, ["ana", "zoe"], "echo")
    with pytest.raises(HandlerNotFound):
        handle(shop, "ana", "nowhere:at_all")

    assert not any(agent.is_signed_in for agent in shop.supervisor.agents())


def story(server: testing.ServerKind) -> list[tuple[str, int, Any]]:
    """All that happens in a day of work."""
    with testing.centre(SHOP, server) as shop:
        for number in range(4):
            shop.push("Orders", contact_id=f"c{number}", criteria=["Language:French >= 3 for 30s"])
            handle(shop, "bo" if number % 2 else "ana", Unlucky(failures=1) if number < 2 else move_on)
            shop.advance(45.5)
        shop.advance(3_600)
        handle(shop, ["ana"], "echo")
        events = shop.supervisor.events()
    return [
        (event.name, event.at_us, [event.fields.get(one) for one in ("contact", "agent", "token")]) for event in events
    ]


def test_an_embedded_server_gives_the_same_results_as_fakeredis() -> None:
    fake = story("fakeredis")

    real = story("embedded")

    assert {name for name, _, _ in fake} >= {"contact.requeued", "contact.transferred", "contact.step_expired"}
    assert real == fake
