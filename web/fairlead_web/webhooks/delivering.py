"""Deliveries: a job of RQ for each event and endpoint, which is tried again for as long as four days."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, ClassVar, TypeAlias, TypeVar

from rq import Queue, Retry, SimpleWorker, get_current_job
from rq.exceptions import AbandonedJobError, DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException

from fairlead.cli.outage import ASK_AGAIN_S, Outage
from fairlead.errors import RedisError, UnknownWebhook
from fairlead.server.connection import address_of, connect
from fairlead.server.failures import translate, translated
from fairlead.server.finding import Server
from fairlead.server.patience import Patience
from fairlead.service.webhooks import Webhooks
from fairlead.service.webhooks.delivering import FAILING_S, Outcome
from fairlead.service.webhooks.given_up import event_as_json, event_of
from fairlead.store.reading import Event
from fairlead_web.webhooks.addresses import Network
from fairlead_web.webhooks.sending import GONE, Answer, send

T = TypeVar("T")
Outlast: TypeAlias = Callable[[Callable[[], Any]], Any]

log = logging.getLogger(__name__)

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Between the attempts, as Standard Webhooks recommends: ten in three and a half days."""

LIMIT_S = 60
"""How long one attempt may take, whatever hangs."""

GRACE_S = 5
"""How much later the process of an attempt is taken for dead."""

KNOWN_S = 3_600
"""How long a job that is done is remembered: a relay that was killed hands the same event on once more."""

LOOKS_EVERY_S = 30
"""How often a process looks for deliveries whose process has died; what it finds is delivered again."""

WAITS_S = 7 * 86_400


class NotTaken(Exception):
    """The endpoint has not taken the event; it is tried again."""


class Deliverer:
    """What a job runs: it sends one event to one endpoint. Raises NotTaken when it is to be tried again."""

    def __init__(self, webhooks: Webhooks, networks: Sequence[Network], outlast: Outlast) -> None:
        self._webhooks, self._networks, self._outlast = webhooks, networks, outlast

    def __call__(self, webhook_id: str, text: str) -> str:
        event, job = event_of(text), get_current_job()
        try:
            webhook = self._outlast(lambda: self._webhooks.webhook(webhook_id))
        except UnknownWebhook:
            return "removed"
        if webhook.off:
            return "off"
        begins_s = time.monotonic()
        try:
            answer = send(webhook, event, self._webhooks.instance, self._networks)
        except JobTimeoutException:
            answer = Answer(None, "took too long")
        took_ms = round((time.monotonic() - begins_s) * 1_000)
        is_last = answer.is_final or not (job and job.retries_left)
        came: str = self._outlast(lambda: self._came(webhook_id, event, answer, took_ms, is_last=is_last))
        return came

    def _came(self, webhook_id: str, event: Event, answer: Answer, took_ms: int, *, is_last: bool) -> str:
        outcome: Outcome = "taken" if answer.is_taken else "given_up" if is_last else "again"
        self._webhooks.note_delivery(webhook_id, event, outcome, answer.status, answer.error, took_ms)
        if answer.is_taken:
            self._webhooks.note_delivered(webhook_id)
            return "taken"
        failing_s = self._webhooks.note_failed(webhook_id)
        log.warning("%s not taken by %s: %s", event.event_id, webhook_id, answer.error)
        if answer.status == GONE or failing_s >= FAILING_S:
            self._webhooks.switch_webhook_off(webhook_id, "gone" if answer.status == GONE else "failing")
        if not is_last:
            raise NotTaken(answer.error)
        self._webhooks.give_up(webhook_id, event, answer.error)
        return answer.error

    def abandoned(self, job: Job, kind: type[BaseException], *_: Any) -> bool:
        """What RQ calls for a job that has failed: one whose process died in the last attempt is kept, too."""
        if issubclass(kind, AbandonedJobError) and not job.retries_left:
            webhook_id, text = job.args
            self._webhooks.give_up(webhook_id, event_of(text), "the process that delivered it has died")
        return True


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


def queue_of(server: Server, kind: type[Job] = Delivery, retry: Patience | None = None) -> Queue:
    """Where the deliveries of an instance wait."""
    name, client = f"fairlead-webhooks-{server.instance}", connect(server.url, server.instance, retry=retry)
    return Queue(name, client, serializer=JSONSerializer, job_class=kind)


def hand_on(
    queue: Queue,
    webhook_id: str,
    event: Event,
    *,
    again: str = "",
    pauses_s: Sequence[int] = PAUSES_S,
    limit_s: int = LIMIT_S,
) -> bool:
    """Let the event be delivered to the endpoint; False when that was handed on already.

    `again`: tells a replay from the first time; `pauses_s`: between the attempts; `limit_s`: of one of them.
    """
    try:
        with translated():
            queue.enqueue_call(
                f"{__name__}.{Deliverer.__name__}",
                (webhook_id, event_as_json(event)),
                job_id=f"wh-{webhook_id}-{event.event_id}{again}",
                unique=True,
                retry=Retry(max=len(pauses_s), interval=list(pauses_s)) if pauses_s else None,
                timeout=limit_s,
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


class _Worker(SimpleWorker):
    """RQ's worker, which waits for a Redis that cannot serve. It says so once, and once that Redis serves again."""

    _stop_requested = False

    def __init__(
        self,
        server: Server,
        webhooks: Webhooks,
        networks: Sequence[Network],
        say: Callable[[str], object],
        looks_every_s: int,
    ) -> None:
        self._outage, self._process = Outage(say), os.getpid()
        patience = Patience(
            lambda: self._may_wait(), lambda failure: self._tell(failure), lambda: self._tell(None)
        )  # a function stays the same when redis-py copies a Retry
        deliverer = Deliverer(webhooks, networks, self._outlast)
        kind = type("Delivery", (Delivery,), {"deliverer": deliverer})
        queue = queue_of(server, kind, patience)
        super().__init__(
            [queue],
            connection=queue.connection,
            job_class=kind,
            serializer=JSONSerializer,
            exception_handlers=[deliverer.abandoned],
            maintenance_interval=looks_every_s,
            worker_ttl=looks_every_s + 15,  # RQ waits 15 s less for a job, and looks between two waits
        )

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002  # RQ's signature
        """How long an attempt is believed to be alive: RQ would wait a minute more."""
        return ceil(job.timeout or LIMIT_S) + GRACE_S

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """A receiver that does not take something is told of in one line, and is no bug that has a traceback."""
        if exc_info[0] is not NotTaken:
            super().handle_exception(job, *exc_info)

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Stop when the delivery at hand is done; in an outage at once: it comes again, by another process."""
        self._stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's

    def _may_wait(self) -> bool:
        """Always; but who is to end does so here. RQ would try to tell Redis, and fail with tracebacks."""
        scheduler = self.scheduler
        if os.getpid() == self._process and self._stop_requested:
            if scheduler and scheduler._process:
                scheduler._process.terminate()
            os._exit(0)
        elif os.getpid() != self._process and scheduler and scheduler._stop_requested:  # in a process of its own
            os._exit(0)
        return True

    def _tell(self, failure: Any) -> None:
        """Of RQ's processes and threads the one tells that delivers."""
        if os.getpid() == self._process and threading.current_thread() is threading.main_thread():
            self._outage.note(translate(failure, address_of(self.connection)) if failure else None, "RQ")

    def _outlast(self, ask: Callable[[], T]) -> T:
        """The answer, however often the instance has to be asked for it."""
        while True:
            try:
                answer = ask()
            except RedisError as failure:
                self._may_wait()
                self._outage.note(failure)
                time.sleep(ASK_AGAIN_S)
            else:
                self._outage.note(None)
                return answer


def work(
    server: Server,
    webhooks: Webhooks,
    networks: Sequence[Network] = (),
    say: Callable[[str], object] = log.warning,
    *,
    is_burst: bool = False,
    looks_every_s: int = LOOKS_EVERY_S,
) -> None:
    """Deliver until stopped, past every outage of Redis; `is_burst`: until nothing waits."""
    worker = _Worker(server, webhooks, networks, say, looks_every_s)
    worker.work(burst=is_burst, with_scheduler=not is_burst, logging_level="WARNING")
