"""From the stream to the receiver: each event at least once, by real processes that are killed on the way."""

import json
import os
import signal
from collections.abc import Sequence

import pytest
from commands import Run
from conftest import RealServer, eventually
from fairlead_web.webhooks.addresses import read_networks
from fairlead_web.webhooks.delivering import Delivery, hand_on, queue_of, work
from fairlead_web.webhooks.relaying import relay_batch
from raw import raw
from rq.job import Job
from rq.serializers import JSONSerializer
from web.webhooks.conftest import Start
from web.webhooks.receiving import Receiver

from fairlead.server.finding import Server
from fairlead.service.producer import Producer
from fairlead.service.webhooks import Webhooks
from fairlead.service.webhooks.delivering import FAILING_S
from fairlead.store.client import Store
from fairlead.store.reading import Event

HOME = read_networks("127.0.0.0/8")
CANARY = "kanarienvogel"


def push(server: RealServer, ids: Sequence[str]) -> None:
    with Producer.connect(server.url) as producer:
        for contact_id in ids:
            producer.push("BasicQueue", {"said": CANARY}, contact_id=contact_id)


def told_ids(webhooks: Webhooks, after: str) -> list[str]:
    return [one.event_id for one in webhooks.events_after(after, 10_000)]


def relay_all(webhooks: Webhooks, where: Server) -> int:
    handed_on = 0
    while more := relay_batch(webhooks, queue_of(where)):
        handed_on += more
    return handed_on


def test_each_event_is_delivered_although_relays_are_killed_and_deliverers_stopped(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, start: Start
) -> None:
    webhooks.create_webhook(receiver.url)
    begins = webhooks.relayed()
    for part in range(2):
        relays, delivers = start("relay"), start("deliver")
        push(server, [f"c{part}-{number}" for number in range(30)])
        many = len(receiver.received)
        eventually(lambda many=many: len(receiver.received) > many)  # type: ignore[misc]
        relays.kill()
        delivers.terminate()
        assert (relays.wait(60), delivers.wait(60)) == (-signal.SIGKILL, 0)

    start("relay")
    start("deliver")

    # what RQ was just taking when it was told to end waits for a look after those whose process has died
    eventually(lambda: set(receiver.ids()) >= set(told_ids(webhooks, begins)), within_s=240)
    assert set(receiver.ids()) == set(told_ids(webhooks, begins))
    assert CANARY not in "".join(one.body.decode() for one in receiver.received)
    assert webhooks.undelivered() == []


def test_what_is_handed_on_twice_is_delivered_once(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, where: Server
) -> None:
    webhooks.create_webhook(receiver.url)
    begins = webhooks.relayed()
    push(server, ["c1", "c2"])

    first = relay_all(webhooks, where)
    work(where, webhooks, HOME, is_burst=True)
    webhooks.note_relayed(begins)  # as a relay that was killed before it noted
    second = relay_all(webhooks, where)
    work(where, webhooks, HOME, is_burst=True)

    assert (first, second) == (2, 0)
    assert receiver.ids() == told_ids(webhooks, begins)


def test_an_endpoint_gets_nothing_of_before_it_was_made_and_only_what_it_asks_for(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, where: Server
) -> None:
    push(server, ["before"])
    webhooks.create_webhook(receiver.url, ["contact.queued"])
    webhooks.create_webhook(receiver.url, ["agent."])
    push(server, ["after"])

    relay_all(webhooks, where)
    work(where, webhooks, HOME, is_burst=True)

    assert [one.told["data"]["contact"] for one in receiver.received] == ["after"]


def test_without_endpoints_nothing_is_handed_on_and_no_place_is_noted(
    server: RealServer, webhooks: Webhooks, where: Server
) -> None:
    push(server, ["c1"])

    assert relay_batch(webhooks, queue_of(where), 1) == 0
    assert webhooks.relayed() == ""


def test_a_receiver_that_fails_is_asked_again_and_then_given_up(
    webhooks: Webhooks, receiver: Receiver, where: Server
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda one: 503 if one.told["data"]["contact"] == "bad" else 200
    for number, name in enumerate(("bad", "good")):
        event = Event(f"{number}-1", "contact.queued", 1, {"contact": name})
        hand_on(queue_of(where), made.webhook_id, event, pauses_s=[0, 0])

    work(where, webhooks, HOME, is_burst=True)

    assert sorted(receiver.ids()) == ["0-1", "0-1", "0-1", "1-1"]
    assert [(one.event.event_id, one.error) for one in webhooks.undelivered()] == [("0-1", "answered 503")]
    came = [(one.event_id, one.outcome, one.status, one.error) for one in webhooks.deliveries(made.webhook_id)]
    assert sorted(came) == [
        ("0-1", "again", 503, "answered 503"), ("0-1", "again", 503, "answered 503"),
        ("0-1", "given_up", 503, "answered 503"), ("1-1", "taken", 200, ""),
    ]  # fmt: skip


def test_a_failed_delivery_is_tried_again_by_itself(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, start: Start
) -> None:
    webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: 500 if not receiver.received else 200
    start("relay")
    start("deliver")
    push(server, ["c1"])

    eventually(lambda: len(receiver.received) == 2)

    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    eventually(lambda: webhooks.webhooks()[0].failing_us is None)


def test_who_says_that_it_is_gone_is_switched_off(webhooks: Webhooks, receiver: Receiver, where: Server) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: 410
    for number in range(3):
        hand_on(queue_of(where), made.webhook_id, Event(f"{number}-1", "contact.queued", 1, {}))

    work(where, webhooks, HOME, is_burst=True)

    assert len(receiver.received) == 1
    assert webhooks.webhook(made.webhook_id).off == "gone"
    assert [one.event.event_id for one in webhooks.undelivered()] == ["0-1"]


@pytest.mark.parametrize(("failing_s", "off"), [(FAILING_S - 60, ""), (FAILING_S + 60, "failing")])
def test_who_has_taken_nothing_for_five_days_is_switched_off(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, where: Server, failing_s: int, off: str
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    receiver.answers = lambda _: 500
    webhooks.note_failed(made.webhook_id)
    store = Store(server.client())
    key = store.keys.webhook(made.webhook_id)
    raw(store).hincrby(key, "failing_us", -failing_s * 1_000_000)

    hand_on(queue_of(where), made.webhook_id, Event("1-1", "contact.queued", 1, {}), pauses_s=[0])
    work(where, webhooks, HOME, is_burst=True)

    assert webhooks.webhook(made.webhook_id).off == off


@pytest.mark.parametrize("end", ["remove_webhook", "switch_webhook_off"])
def test_who_is_removed_or_off_is_asked_no_more(
    webhooks: Webhooks, receiver: Receiver, where: Server, end: str
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    hand_on(queue_of(where), made.webhook_id, Event("1-1", "contact.queued", 1, {}))
    getattr(webhooks, end)(made.webhook_id, *(["by_hand"] if end == "switch_webhook_off" else []))

    work(where, webhooks, HOME, is_burst=True)

    assert receiver.received == []
    assert webhooks.undelivered() == []


def test_an_address_that_may_not_be_asked_is_given_up_at_once(
    webhooks: Webhooks, receiver: Receiver, where: Server
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    hand_on(queue_of(where), made.webhook_id, Event("1-1", "contact.queued", 1, {}))

    work(where, webhooks, is_burst=True)

    assert receiver.connections == 0
    [given_up] = webhooks.undelivered()
    assert "not public" in given_up.error


def test_a_job_runs_nothing_that_redis_names(
    webhooks: Webhooks, receiver: Receiver, where: Server, tmp_path: object
) -> None:
    queue = queue_of(where)
    job = Job.create(
        "os.mkdir", args=[f"{tmp_path}/made"], connection=queue.connection, serializer=JSONSerializer, id="evil"
    )
    job.origin = queue.name
    job.save()
    queue.connection.rpush(queue.key, "evil")

    work(where, webhooks, HOME, is_burst=True)

    assert not os.path.exists(f"{tmp_path}/made")
    assert not hasattr(Delivery, "deliverer")


def test_the_commands_tell_what_there_is(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_WEBHOOK_NETWORKS", "127.0.0.0/8")

    def said(*words: str, code: int = 0) -> str:
        done = run(server.url, "webhooks", *words)
        assert done.code == code, done
        return done.out or done.err

    made = json.loads(said("create", receiver.url, "--event", "contact.", "--json"))
    webhook_id = made["webhook_id"]
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in said("list", "--json")
    assert said("change", webhook_id, receiver.url, "--event", "contact.") == f"{webhook_id} is changed\n"
    assert said("deliveries", webhook_id) == "none\n"
    assert said("test", webhook_id) == "taken: answered 204\n"
    receiver.answers = lambda _: 500
    assert "not taken: answered 500" in said("test", webhook_id, code=1)
    assert json.loads(said("rotate", webhook_id, "--json"))["secret"] != made["secret"]

    webhooks.give_up(webhook_id, Event("5-1", "contact.queued", 1, {"contact": "c1"}), "answered 500")
    assert json.loads(said("failed", "--json"))[0]["event_id"] == "5-1"
    receiver.answers = lambda _: 200
    assert said("replay", webhook_id) == "1 handed on for delivery\n"
    said("deliver", "--burst")
    assert receiver.ids()[-1] == "5-1"
    assert said("failed") == "none\n"
    assert "taken" in said("deliveries", webhook_id)
    assert json.loads(said("deliveries", webhook_id, "--json"))[0]["event_id"] == "5-1"

    push(server, ["c9"])
    assert said("replay", webhook_id, "--after", "-") == "1 handed on for delivery\n"
    said("deliver", "--burst")
    assert receiver.received[-1].told["data"]["contact"] == "c9"

    said("off", webhook_id)
    assert json.loads(said("list", "--json"))[0]["off"] == "by_hand"
    said("on", webhook_id)
    said("remove", webhook_id)
    assert said("list") == "none\n"
    assert "does not exist" in said("remove", webhook_id, code=3)
