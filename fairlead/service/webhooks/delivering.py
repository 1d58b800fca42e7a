"""What relays and deliveries ask: how far the stream was handed on, and what came of what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from fairlead.service.webhooks.endpoints import webhook
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask, ask_one, procedure
from fairlead.store.reading import Event
from fairlead.store.reading.plain import texts

Outcome: TypeAlias = Literal["taken", "again", "given_up"]
"""What came of a delivery: taken, to be tried again, or given up."""

FAILING_S = 5 * 86_400
"""An endpoint to which nothing was delivered for so long, though something was sent, is switched off."""

MOST_DELIVERIES = 1_000
DELIVERIES_KEPT_S = 30 * 86_400
"""How many deliveries to an endpoint are kept, and how long after the last."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event that was sent to an endpoint, and what came of it. `status`: of the answer, None: there was none;
    `error`: empty: it was taken; `took_ms`: until the answer.
    """

    event_id: str
    name: str
    at_us: int
    outcome: Outcome
    status: int | None
    error: str
    took_ms: int


@procedure
def relayed(source: Source) -> Steps[str]:
    """The id of the last event that was handed on for delivery; empty: nobody wants any yet."""
    found = yield from ask_one("GET", source.keys.relayed)
    return found.decode() if found else ""


@procedure
def is_trimmed(source: Source, event_id: str) -> Steps[bool]:
    """Whether the stream has lost this event, and so perhaps some after it."""
    return not (yield from ask_one("XRANGE", source.keys.events, event_id, event_id))


@procedure
def note_relayed(source: Source, event_id: str) -> Steps[None]:
    """All events up to this one have been handed on."""
    yield from ask_one("SET", source.keys.relayed, event_id)


@procedure
def note_delivered(source: Source, webhook_id: str) -> Steps[None]:
    """The endpoint has taken something: it does not fail any more."""
    yield from ask_one("HDEL", source.keys.webhook(webhook_id), "failing_us")


@procedure
def note_failed(source: Source, webhook_id: str) -> Steps[int]:
    """The endpoint has not taken something. Returns for how many seconds that has been so, 0 the first time.

    An endpoint that was removed meanwhile stays away.
    """
    now_us = yield from reading.now_us().steps(source)
    if not (yield from ask_one("EXISTS", source.keys.webhook(webhook_id))):
        return 0
    since = yield from ask_one("HGET", source.keys.webhook(webhook_id), "failing_us")
    if since is None:
        yield from ask_one("HSET", source.keys.webhook(webhook_id), "failing_us", now_us)
    return max(0, now_us - int(since or now_us)) // 1_000_000


@procedure
def note_delivery(
    source: Source, webhook_id: str, event: Event, outcome: Outcome, status: int | None, error: str, took_ms: int
) -> Steps[None]:
    """Remember what came of a delivery; arguments as in Delivered."""
    key, now_us = source.keys.deliveries(webhook_id), (yield from reading.now_us().steps(source))
    row = ("event", event.event_id, "name", event.name, "at_us", now_us, "outcome", outcome)
    came = ("status", status or "", "error", error, "took_ms", took_ms)
    yield from ask(
        ("XADD", key, "MAXLEN", "~", MOST_DELIVERIES, "*", *row, *came), ("EXPIRE", key, DELIVERIES_KEPT_S)
    )


@procedure
def deliveries(source: Source, webhook_id: str, limit: int = 100) -> Steps[list[Delivered]]:
    """What was sent to an endpoint, the newest first. Raises UnknownWebhook."""
    yield from webhook(webhook_id).steps(source)
    rows = yield from ask_one("XREVRANGE", source.keys.deliveries(webhook_id), "+", "-", "COUNT", limit)
    return [_delivered(texts(row)) for _, row in rows]


def _delivered(row: Mapping[str, str]) -> Delivered:
    outcome = next(one for one in get_args(Outcome) if one == row["outcome"])
    status = int(row["status"]) if row["status"] else None
    return Delivered(
        row["event"], row["name"], int(row["at_us"]), outcome, status, row["error"], int(row["took_ms"])
    )
