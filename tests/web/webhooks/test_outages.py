"""Relays and deliverers that die, and a Redis that does: it costs time, not events."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from fairlead_web.webhooks.addresses import read_networks
from fairlead_web.webhooks.delivering import hand_on, queue_of, work
from web.webhooks.conftest import IMPATIENT, Start
from web.webhooks.receiving import Holding, Receiver

from fairlead.server.finding import Server
from fairlead.service.producer import Producer
from fairlead.service.webhooks import Webhooks
from fairlead.store.reading import Event

HOME = read_networks("127.0.0.0/8")
QUEUED = Event("1-1", "contact.queued", 1, {"contact": "c1"})

@pytest.fixture
def own(tmp_path: Path) -> RealServer:
    return RealServer(REAL_SERVERS[0], tmp_path, "--appendonly", "yes", "--appendfsync", "always")


@pytest.mark.parametrize("is_last", [False, True], ids=["with attempts left", "in the last attempt"])
def test_what_a_killed_deliverer_had_in_hand_is_delivered_by_another_or_kept(
    server: RealServer, webhooks: Webhooks, receiver: Receiver, where: Server, start: Start, is_last: bool
) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    holding = Holding(receiver)
    hand_on(queue_of(where), made.webhook_id, QUEUED, pauses_s=[] if is_last else [0], limit_s=3)
    delivers = start("-c", IMPATIENT.format(url=server.url))
    assert holding.came.wait(60)
    os.killpg(delivers.pid, signal.SIGKILL)
    holding.let_go()

    start("-c", IMPATIENT.format(url=server.url))

    if is_last:
        eventually(lambda: webhooks.undelivered() != [])
        [kept] = webhooks.undelivered()
        assert (kept.event, kept.error) == (QUEUED, "the process that delivered it has died")
        assert webhooks.deliveries(made.webhook_id) == []
    else:
        eventually(lambda: [one.outcome for one in webhooks.deliveries(made.webhook_id)] == ["taken"])
        assert webhooks.undelivered() == []
    assert receiver.ids() == ["1-1"] * (1 if is_last else 2)


def test_an_attempt_that_hangs_ends(webhooks: Webhooks, receiver: Receiver, where: Server) -> None:
    made, _ = webhooks.create_webhook(receiver.url)
    holding = Holding(receiver)
    hand_on(queue_of(where), made.webhook_id, QUEUED, pauses_s=[], limit_s=1)

    work(where, webhooks, HOME, is_burst=True)
    holding.let_go()

    assert [one.error for one in webhooks.undelivered()] == ["took too long"]
    assert [one.outcome for one in webhooks.deliveries(made.webhook_id)] == ["given_up"]


def test_a_relay_goes_on_after_an_outage_and_ends_in_one_when_it_is_told_to(
    own: RealServer, receiver: Receiver, start: Start
) -> None:
    with Webhooks.connect(own.url) as webhooks:
        webhooks.create_webhook(receiver.url)
        relays = start("relay", url=own.url)
        assert relays.stderr
        assert "relays events" in relays.stderr.readline()
        own.kill()
        assert "waiting for it" in relays.stderr.readline()
        own.start()
        assert "serves again" in relays.stderr.readline()
        with Producer.connect(own.url) as producer:
            producer.push("BasicQueue", contact_id="c1")
        where = Server(own.url, "fairlead")
        eventually(lambda: queue_of(where).count == 1)
        work(where, webhooks, HOME, is_burst=True)
        assert [one.told["data"]["contact"] for one in receiver.received] == ["c1"]

        own.kill()
        relays.terminate()
        assert relays.wait(60) == 0


def test_a_deliverer_outlasts_outages_says_so_once_and_ends_in_one_when_it_is_told_to(
    own: RealServer, receiver: Receiver, start: Start
) -> None:
    queue = queue_of(Server(own.url, "fairlead"))
    with Webhooks.connect(own.url) as webhooks:
        made, _ = webhooks.create_webhook(receiver.url)
        holding = Holding(receiver)
        hand_on(queue, made.webhook_id, QUEUED)
        delivers = start("deliver", url=own.url)
        assert holding.came.wait(60)
        own.kill()
        holding.let_go()  # what came of it can be told to nobody
        assert delivers.stderr
        told = [delivers.stderr.readline()]
        own.start()
        told.append(delivers.stderr.readline())
        eventually(lambda: [one.outcome for one in webhooks.deliveries(made.webhook_id)] == ["taken"])

        own.kill()  # while it waits for the next
        told.append(delivers.stderr.readline())
        own.start()
        told.append(delivers.stderr.readline())
        hand_on(queue, made.webhook_id, replace(QUEUED, event_id="2-1"))
        eventually(lambda: receiver.ids() == ["1-1", "2-1"])

        own.kill()
        told.append(delivers.stderr.readline())
        delivers.terminate()
        _, rest = delivers.communicate(timeout=60)

    away, back = f"warning: no Redis answers at {own.socket}", "Redis serves again"
    assert [one.startswith(begins) for one, begins in zip(told, [away, back, away, back, away], strict=True)] == (
        [True] * 5
    ), told
    assert (delivers.returncode, rest) == (0, "")


def test_a_relay_ends_when_it_is_told_to(webhooks: Webhooks, start: Start, receiver: Receiver) -> None:
    relays = start("relay")
    assert relays.stderr
    assert "relays events" in relays.stderr.readline()

    relays.terminate()

    assert relays.wait(60) == 0
