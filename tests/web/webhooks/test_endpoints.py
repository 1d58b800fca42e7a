"""Endpoints: who gets which events, by which secrets, and when one is switched off."""

from contextlib import suppress

import pytest
from conftest import RealServer
from hypothesis import given
from hypothesis import strategies as st
from raw import raw

from fairlead.errors import InvalidWebhook, UnknownWebhook
from fairlead.service.webhooks import FAILING_S, OLD_SECRET_S, Webhooks, check_webhook, event_as_json, event_of
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.reading import Event

URL = "https://shop.example/in"


class Later:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now_us = 1_800_000_000_000_000

    def __call__(self) -> int:
        return self.now_us

    def passes(self, seconds: float) -> None:
        self.now_us += round(seconds * 1e6)


@pytest.fixture
def clock() -> Later:
    return Later()


@pytest.fixture
def timed(server: RealServer, webhooks: Webhooks, clock: Later) -> Webhooks:
    return Webhooks(Store(server.client(), clock=clock))


def event(name: str, **fields: str) -> Event:
    return Event("1-0", name, 1, fields)


@pytest.mark.parametrize(
    ("events", "taken"),
    [
        ((), ["contact.queued", "agent.lost"]),
        (("contact.",), ["contact.queued"]),
        (("agent.lost", "queue."), ["agent.lost"]),
    ],
)
def test_an_endpoint_gets_the_events_whose_names_begin_so(
    webhooks: Webhooks, events: tuple[str, ...], taken: list[str]
) -> None:
    made, _ = webhooks.create_webhook(URL, events)

    assert [name for name in ("contact.queued", "agent.lost") if made.takes(event(name))] == taken
    assert webhooks.webhooks() == [made]


@pytest.mark.parametrize(
    ("url", "events", "form"),
    [
        ("ftp://shop.example/", (), "standard"),
        ("https://", (), "standard"),
        ("https://shop.example:99999/", (), "standard"),
        ("https://shop.example:0/", (), "standard"),
        ("https://me:word@shop.example/", (), "standard"),
        ("https://shop.example/#there", (), "standard"),
        ("https://shop.example/a b", (), "standard"),
        ("https://shop.example/\n", (), "standard"),
        ("https://schöner.example/", (), "standard"),
        ("https://shop.example/" + "a" * 2_000, (), "standard"),
        ("https://[::1", (), "standard"),
        ("", (), "standard"),
        (URL, ("",), "standard"),
        (URL, ("contact queued",), "standard"),
        (URL, (), "xml"),
    ],
)
def test_what_can_be_no_endpoint_is_refused(webhooks: Webhooks, url: str, events: tuple[str, ...], form: str) -> None:
    with pytest.raises(InvalidWebhook):
        webhooks.create_webhook(url, events, form)  # type: ignore[arg-type]

    assert webhooks.webhooks() == []


@given(url=st.text(max_size=60) | st.from_regex(r"https?://.{0,40}"), name=st.text(max_size=20))
def test_no_text_breaks_the_check(url: str, name: str) -> None:
    with suppress(InvalidWebhook):
        check_webhook(url, [name], "standard")


def test_a_password_in_an_address_is_not_repeated_in_the_error(webhooks: Webhooks) -> None:
    with pytest.raises(InvalidWebhook) as refusal:
        webhooks.create_webhook("https://me:geheim@shop.example/")

    assert "geheim" not in str(refusal.value)


def test_a_secret_is_told_once_and_stands_in_no_listing(webhooks: Webhooks) -> None:
    made, secret = webhooks.create_webhook(URL)

    assert secret.startswith("whsec_")
    assert made.secrets == (secret,)
    assert secret not in repr(made)


def test_the_secret_before_is_good_for_a_day(timed: Webhooks, clock: Later) -> None:
    made, old = timed.create_webhook(URL)

    new = timed.rotate_webhook_secret(made.webhook_id)
    clock.passes(OLD_SECRET_S - 1)
    both = timed.webhook(made.webhook_id).secrets
    clock.passes(1)

    assert new != old
    assert both == (new, old)
    assert timed.webhook(made.webhook_id).secrets == (new,)


def test_an_endpoint_that_is_off_takes_nothing_until_it_is_on(webhooks: Webhooks, server: RealServer) -> None:
    made, _ = webhooks.create_webhook(URL)

    webhooks.switch_webhook_off(made.webhook_id, "by_hand")
    webhooks.switch_webhook_off(made.webhook_id, "by_hand")
    is_off = webhooks.webhook(made.webhook_id)
    webhooks.switch_webhook_on(made.webhook_id)

    assert (is_off.off, is_off.takes(event("contact.queued"))) == ("by_hand", False)
    assert webhooks.webhook(made.webhook_id) == made
    told = [one for one in webhooks.events_after() if one.name == "webhook.switched_off"]
    assert [one.fields for one in told] == [{"webhook": made.webhook_id, "reason": "by_hand"}]


def test_for_how_long_an_endpoint_fails_counts_from_its_first_failure_since_it_took_something(
    timed: Webhooks, clock: Later
) -> None:
    made, _ = timed.create_webhook(URL)

    first = timed.note_failed(made.webhook_id)
    clock.passes(FAILING_S)
    later = timed.note_failed(made.webhook_id)
    timed.note_delivered(made.webhook_id)
    again = timed.note_failed(made.webhook_id)

    assert (first, later, again) == (0, FAILING_S, 0)


def test_a_removed_endpoint_stays_away(webhooks: Webhooks, server: RealServer) -> None:
    made, _ = webhooks.create_webhook(URL)
    webhooks.remove_webhook(made.webhook_id)

    webhooks.note_failed(made.webhook_id)
    webhooks.note_delivered(made.webhook_id)

    assert webhooks.webhooks() == []
    assert not raw(Store(server.client())).keys("*webhook:*")
    for ask in (webhooks.webhook, webhooks.remove_webhook, webhooks.switch_webhook_on, webhooks.rotate_webhook_secret):
        with pytest.raises(UnknownWebhook):
            ask(made.webhook_id)
    with pytest.raises(UnknownWebhook):
        webhooks.switch_webhook_off(made.webhook_id, "by_hand")


def test_what_was_given_up_is_listed_by_endpoint_until_it_is_forgotten(webhooks: Webhooks) -> None:
    for number in range(3):
        webhooks.give_up("a" if number else "b", event("contact.queued", contact=f"c{number}"), "answered 500")

    found = webhooks.undelivered("a")
    webhooks.forget_undelivered([found[0].undelivered_id])

    assert [one.event.fields["contact"] for one in found] == ["c1", "c2"]
    assert {one.error for one in found} == {"answered 500"}
    assert [one.event.fields["contact"] for one in webhooks.undelivered()] == ["c0", "c2"]
    assert [one.event.fields["contact"] for one in webhooks.undelivered(limit=1)] == ["c0"]


@given(fields=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3), actor=st.text(max_size=8))
def test_an_event_is_kept_as_it_was(fields: dict[str, str], actor: str) -> None:
    one = Event("1-2", "contact.queued", 5, fields, actor)

    assert event_of(event_as_json(one)) == one


def test_the_first_endpoint_gets_what_happens_from_then_on(webhooks: Webhooks, server: RealServer) -> None:
    assert webhooks.relayed() == ""
    webhooks.create_webhook(URL)
    at = webhooks.relayed()
    webhooks.create_webhook(URL)

    assert webhooks.relayed() == at
    assert [one.event_id for one in Store(server.client()).run(reading.events_after(at if at != "0-0" else "-"))] == []
