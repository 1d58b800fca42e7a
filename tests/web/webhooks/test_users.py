"""Relay and deliverer do their work as users of Redis that may nothing else."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, eventually
from deployed import DeployedServer
from fairlead_web.webhooks.delivering import hand_on, queue_of
from web.webhooks.conftest import IMPATIENT, Start
from web.webhooks.receiving import Holding, Receiver

from fairlead.server.finding import Server
from fairlead.service.producer import Producer
from fairlead.service.webhooks import Webhooks
from fairlead.store.reading import Event

QUEUED = Event("1-1", "contact.queued", 1, {"contact": "c1"})


@pytest.fixture(params=REAL_SERVERS)
def deployed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeployedServer]:
    server = DeployedServer(request.param, tmp_path)
    yield server
    server.kill()


def test_relay_and_deliverer_work_as_users_of_their_own(
    deployed: DeployedServer, receiver: Receiver, start: Start
) -> None:
    impatient = ("-c", IMPATIENT.format(url=deployed.url_of("deliver")))
    by_web = queue_of(Server(deployed.url_of("web"), "fairlead"))
    with Webhooks.connect(deployed.url_of("admin")) as webhooks:
        made, _ = webhooks.create_webhook(receiver.url)
        start("relay", url=deployed.url_of("relay"))
        delivers = start(*impatient)

        receiver.answers = lambda _: 204 if receiver.received else 500  # RQ's scheduler sends it again
        with Producer.connect(deployed.url_of("producer")) as producer:
            producer.push("BasicQueue", contact_id="c1")
        eventually(lambda: webhooks.deliveries(made.webhook_id)[:1] and len(receiver.received) == 2)
        holding = Holding(receiver)
        hand_on(by_web, made.webhook_id, QUEUED, pauses_s=[], limit_s=3)
        assert holding.came.wait(60)
        os.killpg(delivers.pid, signal.SIGKILL)
        delivers = start(*impatient)
        holding.let_go()
        eventually(lambda: webhooks.undelivered() != [])
        receiver.answers = lambda _: 410
        hand_on(by_web, made.webhook_id, replace(QUEUED, event_id="2-1"))
        eventually(lambda: webhooks.webhook(made.webhook_id).off == "gone")
        delivers.terminate()
        assert delivers.wait(60) == 0

    refused = deployed.client().acl_log()
    assert [(one["username"], one["object"]) for one in refused if one["username"] in ("relay", "deliver", "web")] == []
