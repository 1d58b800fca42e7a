"""Contacts in RQ's killable work horses: `rq worker -w fairlead_worker.rq.ContactWorker NAME`.

For handlers that must be killable or may crash their process. FAIRLEAD_AGENT names the agent, FAIRLEAD_HANDLER the
handler, FAIRLEAD_HANDLER_LIMIT how long it may take. One contact at a time: the session holds one. RQ's own queue is
only where the job's record lives; name one queue, not used by anything else. A job is JSON and names its contact; the
work horse reads the rest from the store, so that nothing of a payload comes into RQ's keys. The records last as long as
those of ended contacts.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from typing import Any

import redis
from redis.exceptions import RedisError as ClientError
from rq import Queue, Retry, Worker
from rq.exceptions import InvalidJobOperation, StopRequested
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from fairlead.domain.agent import OFFLINE
from fairlead.domain.configuration import ENDED_RETENTION_S
from fairlead.errors import FairleadError, InvalidSetting, RedisError
from fairlead.server.connection import SOCKET_TIMEOUT_S, connect
from fairlead.server.failures import translate
from fairlead.server.patience import ASK_AGAIN_AFTER_S, Patience
from fairlead.service.agent import find_forgotten, new_session, sign_in
from fairlead.service.identity import worker_name
from fairlead.service.tracing import Handling, watcher
from fairlead.settings import read_settings
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.hints import forget_inbox, next_hint
from fairlead.store.instances import ended_retention_s, prepare
from fairlead.store.offers import Answer, Offer
from fairlead.store.request import Request
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper
from fairlead.telemetry import export_spans, instrument_by_environment
from fairlead_worker.handlers import describe, kind_of
from fairlead_worker.jobs import ALLOWED, HandlerFailed, handle, post
from fairlead_worker.limits import Limits, read_limits
from fairlead_worker.link import OVERTAKEN
from fairlead_worker.worker import DRAIN_LIMIT_S

LONGEST_HANDLING_S = 3_600
"""The limit of a handler that has no other one."""

FOLLOW_UP_WAITS_S = 86_400
"""How long a follow-up waits for a worker: one that comes a day late helps nobody."""

_NAMES_OF_CODE = ("success_callback_name", "failure_callback_name", "stopped_callback_name", "webhooks")


class AllowedJob(Job):
    """A job that runs only what the allow-list names, whatever Redis says."""

    @property
    def func(self) -> Any:
        if self.func_name not in ALLOWED:
            raise PermissionError(f"job {self.id} names {self.func_name}, which is not in fairlead_worker.jobs.ALLOWED")
        return super().func

    def restore(self, raw_data: dict[bytes, bytes]) -> Any:
        """Read the job without its callbacks and webhooks: our jobs have none, and they would be run as named."""
        return super().restore({name: raw_data[name] for name in raw_data if name.decode() not in _NAMES_OF_CODE})


class ContactWorker(Worker):
    """An RQ worker whose jobs are contacts. `drain_limit_s`: how long SIGTERM lets the work horse go on."""

    drain_limit_s = DRAIN_LIMIT_S
    _stop_requested = False

    @property
    def connection_timeout(self) -> int:
        """RQ's is its blocking time, for which a contact worker has no use."""
        return int(SOCKET_TIMEOUT_S)

    def __init__(self, queues: Sequence[Queue], *args: Any, connection: redis.Redis, **options: Any) -> None:
        """RQ's command makes the queues, with pickle unless told otherwise: only their names are used."""
        settings = read_settings()
        if not settings.agent or not settings.redis_url:
            raise InvalidSetting("an RQ contact worker needs FAIRLEAD_AGENT and FAIRLEAD_REDIS_URL")
        url = settings.redis_url.get_secret_value()
        instrument_by_environment("fairlead-rq")
        _check_server_of_rq(connection)
        self._limits = Limits(read_limits(settings.handler_limit.split(",") if settings.handler_limit else ()))
        self._ended = threading.Event()
        patience = Patience(lambda: self._may_wait(), lambda failure: self._tell(failure))
        connection.set_retry(patience)
        self._store = Store(connect(url, settings.instance, retry=patience), settings.instance)
        self._heart = Store(connect(url, settings.instance, max_connections=1, retries=0), settings.instance)
        self._waiter = Store(connect(url, settings.instance, max_connections=1, retries=0), settings.instance)
        self._session = new_session(self._store.keys, settings.agent, worker_name(), auto_accept=True, capacity=1)
        if watching := watcher():
            self._session = watching.watched(self._session, pulls=False)
        self._handling: Handling | None = None
        self._profile = ""
        self._offers: list[Offer] = []
        self._current: tuple[Offer, Job] | None = None
        self._stops_at_s = float("inf")
        ours = [Queue(queue.name, connection, serializer=JSONSerializer, job_class=AllowedJob) for queue in queues]
        kinds = {"serializer": JSONSerializer, "job_class": AllowedJob, "queue_class": Queue}
        super().__init__(ours, *args, **options | kinds | {"connection": connection})

    def dequeue_job_and_maintain_ttl(
        self,
        timeout: int | None,
        max_idle_time: int | None = None,  # noqa: ARG002  # RQ's signature
    ) -> tuple[Job, Queue] | None:
        """The next contact as a job; first tells the store what became of the one before.

        Ends the process, with the error's exit code, when asking again does not help.
        """
        try:
            return self._next_job(is_burst=timeout is None)
        except (FairleadError, ClientError) as failure:
            error = translate(failure) if isinstance(failure, ClientError) else failure
            self.log.error("Worker %s: %s", self.name, error)
            if self._stop_requested:
                return None
            raise SystemExit(error.exit_code) from failure

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """In the work horse: what the handler traces by itself is within the handler's span, which the worker ends."""
        if self._handling is None:
            return super().perform_job(job, queue, execution)
        try:
            with self._handling.current():
                return super().perform_job(job, queue, execution)
        finally:
            export_spans()

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ makes the record of a job that runs last for ever: give it an end again."""
        super().prepare_job_execution(job, remove_from_intermediate_queue)
        with self.connection.pipeline() as pipeline:
            for key in (job.key, job.started_job_registry.key):
                pipeline.expire(key, ceil(job.timeout or LONGEST_HANDLING_S) + (job.failure_ttl or 0))
            pipeline.execute()

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Keep the last line of what RQ would keep: the error without the source lines of its traceback."""
        super().handle_job_failure(job, queue, started_job_registry, _last_line(exc_string), execution)

    def request_stop(self, signum: Any, frame: Any) -> None:
        """Stop when the contact at hand is done. RQ would break off whatever request is under way."""
        self._stop_requested = True
        self._stops_at_s = time.monotonic() + self.drain_limit_s
        with suppress(StopRequested, ClientError):
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Kill the work horse and its group. RQ would kill this worker's group while the horse has none of its own."""
        with suppress(ProcessLookupError):
            if self.horse_pid and os.getpgid(self.horse_pid) == self.horse_pid:
                super().kill_horse(sig)
            elif self.horse_pid:
                os.kill(self.horse_pid, sig)

    def teardown(self) -> None:
        """Tell what became of the last contact, give back the rest and sign out."""
        self._ended.set()
        try:
            if self._session.epoch:
                self._leave()
        except (FairleadError, ClientError) as failure:
            self.log.warning("Worker %s: not signed out: %s", self.name, failure)
        with suppress(ClientError):
            super().teardown()  # type: ignore[no-untyped-call]  # RQ's

    def _may_wait(self) -> bool:
        return not (self._stop_requested or self._ended.is_set())

    def _tell(self, failure: ClientError) -> None:
        self.log.warning("Worker %s: waits for Redis: %s", self.name, translate(failure))

    def _next_job(self, *, is_burst: bool) -> tuple[Job, Queue] | None:
        if not self._session.epoch:
            self._store.run(prepare())
            self._sign_in()
            threading.Thread(target=self._keep_alive, daemon=True).start()
        if report := self._report():
            self._request(report)
        while not self._stop_requested:
            while self._offers:
                if job := self._job_of(self._offers.pop(0)):
                    return job, self.queues[0]
            self.heartbeat()
            if self.should_run_maintenance_tasks:
                self.run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ's
            if is_burst:
                break
            self._wait()
        return None

    def _sign_in(self, *, again: bool = False) -> None:
        offers = self._store.run(sign_in(self._session, again=again))
        if watcher():
            [state] = self._store.run(reading.agent_states([self._session.agent]))
            self._profile = state.profile
        self._offers = list(offers)

    def _wait(self) -> None:
        """Wait for a hint, at most a second, and ask: what came without a hint does not wait longer."""
        try:
            self._waiter.run(next_hint(self._session.inbox, SWEEP_EVERY_S))
        except RedisError:
            time.sleep(ASK_AGAIN_AFTER_S)
        self._request(self._session.take())
        if forgotten := self._store.run(find_forgotten(self._session)):
            self._request(self._session.give_back(forgotten))

    def _request(self, request: Request[Answer]) -> None:
        """Run a request of the session; one that has ended is begun anew, and what it held is somebody else's."""
        try:
            answer = self._store.run(request)
        except OVERTAKEN:
            self.log.warning("Worker %s: the session of agent %s was lost", self.name, self._session.agent)
            self._sign_in(again=True)
            return
        for contact_id in answer.fenced:
            self.log.warning("Worker %s: contact %s had gone to somebody else", self.name, contact_id)
        self._offers += answer.offers

    def _job_of(self, offer: Offer) -> Job | None:
        """A job for the contact; without one the contact goes back to its place."""
        try:
            job = self._create_job(offer)
        except Exception as failure:  # noqa: BLE001  # whatever it was, nobody else knows of the contact
            error = describe(failure)
            self.log.error("Worker %s: no job for contact %s: %s", self.name, offer.contact_id, error)
            self._request(self._session.fail([(offer, error)]))
            return None
        self._current = (offer, job)
        if watching := watcher():
            self._handling = watching.handles(self._session, offer, self._profile)
        return job

    def _create_job(self, offer: Offer) -> Job:
        kept_s = self._store.run(ended_retention_s())
        limit_s = ceil(self._limits.of(offer.queue, offer.channel) or LONGEST_HANDLING_S)
        job = self.queues[0].create_job(
            handle,
            args=(offer.contact_id, offer.token, offer.agent),
            timeout=limit_s,
            result_ttl=kept_s,
            failure_ttl=kept_s,
            description=offer.contact_id,
        )
        with self.connection.pipeline() as pipeline:
            job.save(pipeline)
            pipeline.expire(job.key, limit_s + kept_s)
            pipeline.execute()
        return job

    def _report(self) -> Request[Answer] | None:
        """What the store is to be told of the last contact. One that a stop broke off is given back by signing out."""
        if self._current is None:
            return None
        (offer, job), self._current = self._current, None
        for registry in (job.finished_job_registry, job.failed_job_registry):
            self.connection.expire(registry.key, job.failure_ttl or ENDED_RETENTION_S)
        status = _status(job)
        if status == JobStatus.FINISHED:
            self._end_span("complete")
            return self._session.complete([offer])
        if self._stop_requested and status != JobStatus.FAILED:
            self._end_span("dropped", "SessionEnded", "the worker had to end")
            return None
        result = job.latest_result()
        error = (result.exc_string if result else None) or "the job's record is gone"
        self._end_span("fail", kind_of(error), error)
        return self._session.fail([(offer, error)])

    def _end_span(self, *outcome: str) -> None:
        handling, self._handling = self._handling, None
        if handling:
            handling.ended(*outcome)

    def _leave(self) -> None:
        try:
            self._store.run(self._session.set_status(OFFLINE.name))
            if report := self._report():
                self._store.run(report)
            self._store.run(self._session.sign_out())
        except OVERTAKEN:
            self.log.warning("Worker %s: the session had ended before", self.name)
        with suppress(RedisError):  # it ends by itself, too
            self._store.run(forget_inbox(self._session.inbox))

    def _keep_alive(self) -> None:
        """Renew and sweep each second, whatever happens: a lease that ends gives the contact to somebody else."""
        sweeper, told = Sweeper(self._store.keys), ""
        while not self._ended.wait(SWEEP_EVERY_S):
            try:
                self._renew()
                while self._heart.run(sweeper.sweep()).more:
                    pass
                told = ""
            except Exception as failure:  # noqa: BLE001  # this thread ends with the worker, never before
                if str(failure) != told:
                    self.log.warning("Worker %s: lease not renewed: %s", self.name, failure)
                told = str(failure)

    def _renew(self) -> None:
        """Renew the lease. A work horse is broken off when the session that it works for is lost, or time is up."""
        running = list(self.executions)
        if time.monotonic() > self._stops_at_s:
            self._break_off(running)
        lost = self._heart.run(renew(self._store.keys, [self._session]))
        if (self._session.agent, self._session.epoch) in lost:
            self._break_off(running)

    def _break_off(self, executions: list[str]) -> None:
        for execution in executions:
            self.request_stop_execution(execution)


def _check_server_of_rq(connection: redis.Redis) -> None:
    """Raises InvalidSetting for a server on which RQ cannot keep its records. One that is away is asked no more."""
    with suppress(ClientError):
        if connection.info("cluster").get("cluster_enabled"):
            raise InvalidSetting(
                "RQ cannot keep its records in a cluster, over whose nodes its keys would be spread: give it a Redis "
                "that is none by `rq worker --url`; contacts are where FAIRLEAD_REDIS_URL says, which may be a cluster"
            )


def _last_line(text: str) -> str:
    line = text.strip().rpartition("\n")[2]
    return line.removeprefix(f"{HandlerFailed.__module__}.{HandlerFailed.__qualname__}: ").rstrip("; ")


def _status(job: Job) -> JobStatus | None:
    """How the job ended; None when its record is gone."""
    try:
        return job.get_status()
    except InvalidJobOperation:
        return None


def follow_up(queue: Queue, url: str, body: dict[str, Any], *, kept_s: int = ENDED_RETENTION_S) -> Job:
    """POST `body` to `url` after a contact, by a plain RQ worker, repeated three times with growing pauses.

    `body` is in Redis until the job ends, and `kept_s` longer. Raises InvalidSetting for a queue that does not use
    JSON.
    """
    if queue.serializer is not JSONSerializer:
        raise InvalidSetting(f"RQ queue {queue.name!r} would store a pickle: make it with serializer=JSONSerializer")
    return queue.enqueue(
        post,
        url,
        body,
        retry=Retry(max=3, interval=[1, 10, 60]),
        description="follow-up",
        ttl=FOLLOW_UP_WAITS_S,
        result_ttl=kept_s,
        failure_ttl=kept_s,
    )
