"""Contacts in RQ's killable work horses: `rq worker -w worker.rq.ContactWorker NAME`.

For handlers that must be killable or may crash their process. FAIRLEAD_AGENT names the agent, FAIRLEAD_HANDLER the
handler. One contact at a time: the session holds one. RQ's own queue is only where the job's record lives; name one
queue, not used by anything else.
"""

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

from redis.exceptions import RedisError as ClientError
from rq import Queue, Retry, Worker
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from fairlead.errors import AgentSignedIn, FairleadError, InvalidSetting, SessionEnded
from fairlead.settings import read_settings
from fairlead.store.client import Store
from fairlead.store.connection import BLOCK_S, connect
from fairlead.store.session import Offer, Session, renew
from fairlead.store.transitions import administering
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper
from worker.contact import contact_of
from worker.identity import holder, is_dead, worker_name
from worker.jobs import ALLOWED, handle, post

LONGEST_HANDLING = timedelta(hours=1)


class AllowedJob(Job):
    """A job that runs only what the allow-list names, whatever Redis says."""

    @property
    def func(self) -> Any:
        if self.func_name not in ALLOWED:
            raise PermissionError(f"job {self.id} names {self.func_name}, which is not in worker.jobs.ALLOWED")
        return super().func


class ContactWorker(Worker):
    """An RQ worker whose jobs are contacts."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"serializer": JSONSerializer, "job_class": AllowedJob})
        settings = read_settings()
        if not settings.agent or not settings.redis_url:
            raise InvalidSetting("an RQ contact worker needs FAIRLEAD_AGENT and FAIRLEAD_REDIS_URL")
        self._store = Store(connect(settings.redis_url.get_secret_value()), settings.instance)
        self._waiter = connect(settings.redis_url.get_secret_value(), max_connections=1)
        self._session = Session(self._store.keys, settings.agent, worker_name(), holder(), capacity=1)
        self._offers: list[Offer] = []
        self._current: tuple[Offer, Job] | None = None
        self._ended = threading.Event()

    def dequeue_job_and_maintain_ttl(
        self,
        timeout: int | None,
        max_idle_time: int | None = None,  # noqa: ARG002  # RQ's signature
    ) -> tuple[Job, Queue] | None:
        """The next contact as a job; first tells the store what became of the one before."""
        if not self._session.epoch:
            self._store.run(administering.prepare_instance(self._store.keys))
            self._sign_in()
            threading.Thread(target=self._keep_alive, daemon=True).start()
        self._settle()
        while not self._offers:
            self.heartbeat()
            if timeout is None or self._stop_requested:
                return None
            self._wait()
        return self._job_of(self._offers.pop(0))

    def teardown(self) -> None:
        """Tell what became of the last contact, give back the rest and sign out."""
        self._ended.set()
        with suppress(SessionEnded):
            self._settle()
            self._store.run(self._session.sign_out())
        super().teardown()  # type: ignore[no-untyped-call]  # RQ's

    def _sign_in(self, replaces: int | None = None) -> None:
        try:
            offers = self._store.run(self._session.sign_in(replaces=replaces))
        except AgentSignedIn as refusal:
            if not is_dead(refusal):
                raise
            self._sign_in(refusal.epoch)
        else:
            self._offers.extend(offers)

    def _keep_alive(self) -> None:
        sweeper = Sweeper(self._store.keys)
        while not self._ended.wait(SWEEP_EVERY_S):
            with suppress(FairleadError):
                self._store.run(renew(self._store.keys, [self._session]))
                while self._store.run(sweeper.sweep()).more:
                    pass

    def _wait(self) -> None:
        with suppress(ClientError):
            self._waiter.blpop([self._store.keys.inbox(self._session.worker)], timeout=BLOCK_S)
        try:
            self._offers += self._store.run(self._session.take()).offers
        except SessionEnded:
            self._sign_in()

    def _job_of(self, offer: Offer) -> tuple[Job, Queue]:
        queue = self.queues[0]
        contact = contact_of(offer)
        fields = contact.fields()
        job = queue.create_job(
            handle, args=(fields,), timeout=int(LONGEST_HANDLING.total_seconds()), description=offer.contact_id
        )
        job.save()
        self._current = (offer, job)
        return job, queue

    def _settle(self) -> None:
        if self._current is None:
            return
        (offer, job), self._current = self._current, None
        with suppress(SessionEnded):
            if job.get_status(refresh=True) == JobStatus.FINISHED:
                turn = self._store.run(self._session.complete([offer]))
            else:
                turn = self._store.run(self._session.fail([(offer, "RQ job failed, see rq's failed registry")]))
            self._offers += turn.offers


def follow_up(queue: Queue, url: str, body: dict[str, Any]) -> Job:
    """POST `body` to `url` after a contact, by a plain RQ worker, repeated three times with growing pauses."""
    return queue.enqueue(post, url, body, retry=Retry(max=3, interval=[1, 10, 60]))
