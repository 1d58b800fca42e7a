"""The functions that RQ may store by name; their names are data in Redis, so they are never renamed."""

import asyncio
import json
import logging
import urllib.request
from typing import Any

import orjson
from redis.exceptions import RedisError as ClientError

from fairlead.errors import InvalidSetting, StaleToken
from fairlead.server.connection import connect
from fairlead.server.failures import translate
from fairlead.server.patience import Patience
from fairlead.service.contact import Contact
from fairlead.settings import Settings, read_settings
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead_worker.handlers import Handler, describe, is_async, load_handler

ALLOWED = ("fairlead_worker.jobs.handle", "fairlead_worker.jobs.post")
"""The allow-list: a job that names anything else is refused before it is imported."""

log = logging.getLogger("rq.worker")


class HandlerFailed(Exception):
    """A handler has failed; says the type and the place of its error, and nothing that the handler knew."""


def handle(contact_id: str, token: int, agent: str) -> None:
    """Run the handler that this worker's own environment names on a contact that `agent` holds with `token`.

    What the handler returns is dropped, and its error ends here: RQ would keep both. Raises HandlerFailed, StaleToken.
    """
    settings = read_settings()
    handler = load_handler(settings.handler or "echo")
    error = _error_of(handler, _held_contact(_store(settings), contact_id, token, agent))
    if error:
        raise HandlerFailed(error)


def _store(settings: Settings) -> Store:
    if not settings.redis_url:
        raise InvalidSetting("a contact's job needs FAIRLEAD_REDIS_URL")
    url, patience = settings.redis_url.get_secret_value(), Patience(lambda: True, _tell)
    return Store(connect(url, settings.instance, max_connections=1, retry=patience), settings.instance)


def _tell(failure: ClientError) -> None:
    log.warning("the work horse waits: %s", translate(failure))


def _held_contact(store: Store, contact_id: str, token: int, agent: str) -> Contact:
    """The contact as the store has it. Raises StaleToken when the agent does not hold it with this token any more."""
    record = store.run(reading.contact(contact_id, with_payload=True))
    if (record.token, record.agent) != (token, agent) or record.payload is None:
        raise StaleToken(
            f"contact {contact_id!r} is not handled: agent {agent!r} does not hold it with token {token} any more"
        )
    return Contact(
        contact_id=contact_id,
        queue=record.queue,
        channel=record.channel,  # type: ignore[arg-type]  # the store has checked it
        priority=record.priority,
        token=token,
        attempt=record.attempts + 1,
        agent=agent,
        direction=record.direction,  # type: ignore[arg-type]  # the store has checked it
        customer=record.customer,
        attributes=record.attributes,
        headers=record.headers,
        payload=orjson.loads(record.payload),
    )


def _error_of(handler: Handler, contact: Contact) -> str:
    """Type and place of what the handler raises, of whatever kind, or nothing. The error itself does not get out."""
    try:
        if is_async(handler):
            asyncio.run(handler(contact))  # type: ignore[arg-type]  # is_async says that it is a coroutine
        else:
            handler(contact)
    except BaseException as failure:  # noqa: BLE001  # RQ's time-out and SystemExit are the contact's failure, too
        return describe(failure)
    return ""


def post(url: str, body: dict[str, Any]) -> int:
    """A follow-up: POST JSON to `url`; RQ repeats it as its Retry says. Answers the HTTP status."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  # our own caller's
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        status: int = answer.status
        return status
