"""Endpoints: who gets which events, by which secrets, and when one is switched off."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from fairlead.errors import ConfigurationChanged, InvalidWebhook, UnknownWebhook, WebhookOff
from fairlead.service.webhooks import Webhooks
from fairlead.service.webhooks.delivering import FAILING_S
from fairlead.service.webhooks.endpoints import MOST_EVENTS, check_webhook
from fairlead.service.webhooks.given_up import event_as_json, event_of
from fairlead.store.client import Store
from fairlead.store.reading import Event
from fairlead.store.request import Request
from fairlead.store.transitions import hooking
from fairlead.store.transitions.configuring import NEW
from fairlead.store.transitions.hooking import MOST_OLD_SECRETS, OLD_SECRET_S

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
def webhooks(client: redis.Redis) -> Webhooks:
    """Those of an instance on each kind of server."""
    return Webhooks(Store(client))


@pytest.fixture
def timed(client: redis.Redis, clock: Later) -> Webhooks:
    return Webhooks(Store(client, clock=clock))


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
        (URL, ("a" * 65,), "standard"),
        (URL, ("contact.",) * (MOST_EVENTS + 1), "standard"),
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


def test_an_endpoint_that_is_off_takes_nothing_until_it_is_on(webhooks: Webhooks) -> None:
    made, _ = webhooks.create_webhook(URL)

    webhooks.switch_webhook_off(made.webhook_id, "by_hand")
    webhooks.switch_webhook_off(made.webhook_id, "by_hand")
    is_off = webhooks.webhook(made.webhook_id)
    webhooks.switch_webhook_on(made.webhook_id)

    assert (is_off.off, is_off.takes(event("contact.queued"))) == ("by_hand", False)
    on = webhooks.webhook(made.webhook_id)
    assert on == replace(made, version=3)
    assert (made.version, is_off.version) == (1, 2)
    told = [one for one in webhooks.events_after() if "switched" in one.name]
    assert [(one.name, one.fields.get("reason")) for one in told] == [
        ("webhook.switched_off", "by_hand"), ("webhook.switched_on", None),
    ]  # fmt: skip


def test_no_secret_that_a_receiver_may_have_is_lost_when_it_is_rotated_twice(
    timed: Webhooks, clock: Later
) -> None:
    made, first = timed.create_webhook(URL)

    second = timed.rotate_webhook_secret(made.webhook_id)
    clock.passes(60)
    third = timed.rotate_webhook_secret(made.webhook_id)
    clock.passes(OLD_SECRET_S - 60)
    later = timed.webhook(made.webhook_id).secrets
    many = [timed.rotate_webhook_secret(made.webhook_id) for _ in range(2 * MOST_OLD_SECRETS)]

    assert first not in later
    assert later == (third, second)
    assert timed.webhook(made.webhook_id).secrets == tuple(reversed(many[-MOST_OLD_SECRETS - 1 :]))


def test_a_change_names_the_version_that_it_was_made_from(webhooks: Webhooks) -> None:
    made, secret = webhooks.create_webhook(URL)

    changed = webhooks.change_webhook(made.webhook_id, URL, ["contact."], "cloudevents", version=made.version)
    same = webhooks.change_webhook(made.webhook_id, URL, ["contact."], "cloudevents", version=made.version)

    assert (changed.events, changed.format, changed.secrets) == (("contact.",), "cloudevents", (secret,))
    assert same == changed
    with pytest.raises(ConfigurationChanged, match=r"version 2.*for version 1"):
        webhooks.change_webhook(made.webhook_id, URL, version=made.version)
    with pytest.raises(ConfigurationChanged):
        webhooks.remove_webhook(made.webhook_id, made.version)
    with pytest.raises(InvalidWebhook):
        webhooks.change_webhook(made.webhook_id, "ftp://shop.example")
    assert webhooks.change_webhook(made.webhook_id, URL).version == 3
    webhooks.remove_webhook(made.webhook_id, 3)
    assert webhooks.webhooks() == []


def test_events_tell_what_was_done_to_an_endpoint_and_by_whom_but_not_to_itself(client: redis.Redis) -> None:
    webhooks = Webhooks(Store(client, actor="cli:eva"))
    made, _ = webhooks.create_webhook(URL)
    other, _ = webhooks.create_webhook(URL)

    webhooks.change_webhook(made.webhook_id, URL + "?a=b", ["contact."])
    webhooks.rotate_webhook_secret(made.webhook_id)
    webhooks.remove_webhook(made.webhook_id)
    told = [one for one in webhooks.events_after() if one.fields.get("webhook") == made.webhook_id]

    assert [(one.name, one.actor, one.fields.get("changed")) for one in told] == [
        ("webhook.created", "cli:eva", None), ("webhook.changed", "cli:eva", "url events"),
        ("webhook.rotated", "cli:eva", None), ("webhook.removed", "cli:eva", None),
    ]  # fmt: skip
    assert [(made.takes(one), other.takes(one)) for one in told] == [(False, True)] * 4


def test_what_is_off_is_not_replayed_to(webhooks: Webhooks) -> None:
    made, _ = webhooks.create_webhook(URL)
    webhooks.give_up(made.webhook_id, event("contact.queued"), "answered 500")
    webhooks.switch_webhook_off(made.webhook_id, "by_hand")

    with pytest.raises(WebhookOff, match="by_hand"):
        webhooks.to_replay(made.webhook_id)


def test_a_replay_is_of_some_of_all_or_of_the_stream_part_by_part(webhooks: Webhooks) -> None:
    made, _ = webhooks.create_webhook(URL, ["webhook."])
    for number in range(3):
        webhooks.give_up(made.webhook_id if number else "other", event("contact.queued", contact=f"c{number}"), "500")
    ids = [one.undelivered_id for one in webhooks.undelivered()]
    others = [webhooks.create_webhook(URL)[0].webhook_id for _ in range(3)]

    part, some = webhooks.to_replay(made.webhook_id, limit=1), webhooks.to_replay(made.webhook_id, ids[::2])
    first = webhooks.to_replay(made.webhook_id, after="-", limit=4)
    rest = webhooks.to_replay(made.webhook_id, after=first.next_after, limit=4)

    assert ([one.fields["contact"] for one in part.events], part.undelivered_ids, part.more) == (["c1"], [ids[1]], True)
    assert (some.undelivered_ids, some.more) == ([ids[2]], False)
    assert [one.fields["webhook"] for one in first.events + rest.events] == others
    assert (first.more, rest.more, rest.next_after) == (True, False, "")


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


def test_a_removed_endpoint_stays_away(webhooks: Webhooks, client: redis.Redis) -> None:
    made, _ = webhooks.create_webhook(URL)
    webhooks.note_delivery(made.webhook_id, event("contact.queued"), "taken", 204, "", 5)
    webhooks.remove_webhook(made.webhook_id)

    webhooks.note_failed(made.webhook_id)
    webhooks.note_delivered(made.webhook_id)

    assert webhooks.webhooks() == []
    assert not client.keys("*:webhook:*") + client.keys("*:webhooks")
    assert not client.keys("*:deliveries:*")
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


def test_the_first_endpoint_gets_what_happens_from_then_on(webhooks: Webhooks) -> None:
    assert webhooks.relayed() == ""
    webhooks.create_webhook(URL)
    at = webhooks.relayed()
    webhooks.create_webhook(URL)

    assert webhooks.relayed() == at
    assert [one.name for one in webhooks.events_after(at)] == ["webhook.created"]


def test_transitions_answer_whether_anything_was_done(client: redis.Redis) -> None:
    store = Store(client)
    keys = store.keys

    def answered(request: Request[Any]) -> int:
        return store.run(replace(request, read=int))

    assert answered(hooking.put_webhook(keys, "w", NEW, URL, (), "standard", "s")) == 1
    assert answered(hooking.put_webhook(keys, "w", NEW, URL, (), "standard", "s")) == NEW
    assert [answered(hooking.switch_webhook_off(keys, "w", "gone")) for _ in range(2)] == [1, 0]
    assert answered(hooking.rotate_webhook(keys, "w", "t")) == 1
    assert answered(hooking.remove_webhook(keys, "w")) == 1
