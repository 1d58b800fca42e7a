"""Deliveries: a job of RQ for each event and endpoint, which is tried again for as long as four days."""

import logging
import time
from collections.abc import Sequence
from typing import Any, ClassVar

from rq import Queue, Retry, SimpleWorker, get_current_job
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from fairlead.errors import UnknownWebhook
from fairlead.server.connection import connect
from fairlead.server.failures import translated
from fairlead.server.finding import Server
from fairlead.service.webhooks import FAILING_S, Outcome, Webhooks, event_as_json, event_of
from fairlead.store.reading import Event
from fairlead_web.webhooks.addresses import Network
from fairlead_web.webhooks.sending import GONE, Answer, send

log = logging.getLogger(__name__)

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between the attempts, as Standard Webhooks recommends: ten in three and a half days."""

LIMIT_S = 60
KNOWN_S = 3_600
"""How long a job that is done is remembered: a relay that was killed hands the same event on once more."""

LOOKS_EVERY_S = 30
"""How often a process looks for deliveries whose process has died; what it finds is delivered again."""

WAITS_S = 7 * 86_400


class NotTaken(Exception):
    """The endpoint has not taken the event; it is tried again."""


class Deliverer:
    """What a job runs: it sends one event to one endpoint. Raises NotTaken when it is to be tried again."""

    def __init__(self, webhooks: Webhooks, networks: Sequence[Network]) -> None:
        self._webhooks = webhooks
        self._networks = networks

    def __call__(self, webhook_id: str, text: str) -> str:
        event, job = event_of(text), get_current_job()
        try:
            webhook = self._webhooks.webhook(webhook_id)
        except UnknownWebhook:
            return "removed"
        if webhook.off:
            return "off"
        begins_s = time.monotonic()
        answer = send(webhook, event, self._webhooks.instance, self._networks)
        is_last = answer.is_final or not (job and job.retries_left)
        outcome: Outcome = "taken" if answer.is_taken else "given_up" if is_last else "again"
        took_ms = round((time.monotonic() - begins_s) * 1_000)
        self._webhooks.note_delivery(webhook_id, event, outcome, answer.status, answer.error, took_ms)
        if answer.is_taken:
            self._webhooks.note_delivered(webhook_id)
            return "taken"
        return self._not_taken(webhook_id, event, answer, is_last=is_last)

    def _not_taken(self, webhook_id: str, event: Event, answer: Answer, *, is_last: bool) -> str:
        failing_s = self._webhooks.note_failed(webhook_id)
        log.warning("%s not taken by %s: %s", event.event_id, webhook_id, answer.error)
        if answer.status == GONE or failing_s >= FAILING_S:
            self._webhooks.switch_webhook_off(webhook_id, "gone" if answer.status == GONE else "failing")
        if not is_last:
            raise NotTaken(answer.error)
        self._webhooks.give_up(webhook_id, event, answer.error)
        return answer.error


class Delivery(Job):
    """A job that delivers, whatever Redis says that it should run."""

    deliverer: ClassVar[Deliverer]

    @property
    def func(self) -> Any:
        return self.deliverer

    def restore(self, raw_data: dict[bytes, bytes]) -> Any:
        """Read the job without callbacks and webhooks of RQ: ours has none."""
        return super().restore({name: raw_data[name] for name in raw_data if name.decode() not in _NAMES_OF_CODE})


_NAMES_OF_CODE = ("success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks")


def queue_of(server: Server, kind: type[Job] = Delivery) -> Queue:
    """Where the deliveries of an instance wait."""
    name = f"fairlead-webhooks-{server.instance}"
    return Queue(name, connect(server.url, server.instance), serializer=JSONSerializer, job_class=kind)


def hand_on(
    queue: Queue, webhook_id: str, event: Event, *, again: str = "", pauses_s: Sequence[int] = PAUSES_S
) -> bool:
    """Let the event be delivered to the endpoint; False when that was handed on already.

    `again`: tells a replay from the first time; `pauses_s`: between the attempts.
    """
    try:
        with translated():
            queue.enqueue_call(
                f"{__name__}.{Deliverer.__name__}",
                (webhook_id, event_as_json(event)),
                job_id=f"wh-{webhook_id}-{event.event_id}{again}",
                unique=True,
                retry=Retry(max=len(pauses_s), interval=list(pauses_s)),
                timeout=LIMIT_S,
                ttl=WAITS_S,
                result_ttl=KNOWN_S,
                failure_ttl=KNOWN_S,
                description=f"{event.name} to {webhook_id}",
            )
    except DuplicateJobError:
        return False
    return True


def hand_on_all(queue: Queue, webhook_id: str, events: Sequence[Event], again: str) -> int:
    """Let the events be delivered to the endpoint once more; returns how many were not handed on as `again` already."""
    return sum(hand_on(queue, webhook_id, event, again=again) for event in events)


def work(server: Server, webhooks: Webhooks, networks: Sequence[Network] = (), *, is_burst: bool = False) -> None:
    """Deliver until stopped; `is_burst`: until nothing waits."""
    kind = type("Delivery", (Delivery,), {"deliverer": Deliverer(webhooks, networks)})
    queue = queue_of(server, kind)
    worker = SimpleWorker(
        [queue],
        connection=queue.connection,
        job_class=kind,
        serializer=JSONSerializer,
        maintenance_interval=LOOKS_EVERY_S,
        worker_ttl=LOOKS_EVERY_S + 15,  # RQ waits 15 s less for a job, and looks between two waits
    )
    worker.work(burst=is_burst, with_scheduler=not is_burst, logging_level="WARNING")
