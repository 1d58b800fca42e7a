"""What could not be delivered after all attempts: kept for whoever has mended the receiver, and sent once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from fairlead.errors import WebhookOff
from fairlead.service.webhooks.endpoints import webhook
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure
from fairlead.store.reading import Event
from fairlead.store.reading.plain import texts

MOST_KEPT = 10_000
"""How many undelivered events are kept, of all endpoints together."""

MOST_REPLAYED = 1_000
"""How many events are replayed at a time."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was given up. `undelivered_id`: its place among them."""

    undelivered_id: str
    webhook_id: str
    event: Event
    at_us: int
    error: str


@procedure
def give_up(source: Source, webhook_id: str, event: Event, error: str) -> Steps[None]:
    """Keep what could not be delivered."""
    now_us = yield from reading.now_us().steps(source)
    row = ("webhook", webhook_id, "event", event_as_json(event), "at_us", now_us, "error", error)
    yield from ask_one("XADD", source.keys.undelivered, "MAXLEN", "~", MOST_KEPT, "*", *row)


@procedure
def undelivered(source: Source, webhook_id: str = "", limit: int = 100, after: str = "-") -> Steps[list[Undelivered]]:
    """What was given up, the oldest first: of one endpoint, or of all."""
    found, page = list[Undelivered](), 1_000
    while len(found) < limit:
        rows = yield from ask_one(
            "XRANGE", source.keys.undelivered, after if after == "-" else f"({after}", "+", "COUNT", page
        )
        read = [_undelivered(one.decode(), texts(row)) for one, row in rows]
        found += [one for one in read if not webhook_id or one.webhook_id == webhook_id]
        if len(read) < page:
            break
        after = read[-1].undelivered_id
    return found[:limit]


@dataclass(frozen=True, slots=True)
class Replay:
    """What is to be sent once more. `undelivered_ids`: of what was given up; `next_after`: the event after which to go
    on; `more`: there is more.
    """

    events: list[Event]
    undelivered_ids: list[str]
    next_after: str
    more: bool


@procedure
def to_replay(
    source: Source, webhook_id: str, ids: Sequence[str] = (), after: str = "", limit: int = MOST_REPLAYED
) -> Steps[Replay]:
    """What an endpoint is to be sent once more, a part of it at a time: what was given up.

    `ids`: these of them alone; `after`: instead, all events of the stream after this one that it gets, from the
    beginning with `-`. Raises UnknownWebhook, WebhookOff.
    """
    found = yield from webhook(webhook_id).steps(source)
    if found.off:
        raise WebhookOff(f"webhook {webhook_id!r} is off ({found.off}): switch it on first, then replay")
    if after:
        read = yield from reading.events_after(after, limit).steps(source)
        is_part = len(read) == limit
        return Replay([one for one in read if found.takes(one)], [], read[-1].event_id if is_part else "", is_part)
    if ids:
        rows = yield from ask_each(("XRANGE", source.keys.undelivered, one, one) for one in ids)
        read_back = [_undelivered(one.decode(), texts(row)) for page in rows for one, row in page]
        kept = [one for one in read_back if one.webhook_id == webhook_id]
    else:
        kept = yield from undelivered(webhook_id, limit).steps(source)
    is_part = not ids and len(kept) == limit
    return Replay([one.event for one in kept], [one.undelivered_id for one in kept], "", is_part)


@procedure
def forget_undelivered(source: Source, ids: Sequence[str]) -> Steps[None]:
    """What is sent once more is kept no longer."""
    if ids:
        yield from ask_one("XDEL", source.keys.undelivered, *ids)


def _undelivered(undelivered_id: str, row: Mapping[str, str]) -> Undelivered:
    return Undelivered(undelivered_id, row["webhook"], event_of(row["event"]), int(row["at_us"]), row["error"])


def event_as_json(event: Event) -> str:
    """The event as a text that `event_of` reads."""
    return orjson.dumps(event).decode()


def event_of(text: str) -> Event:
    """The event that the text tells of."""
    return Event(**orjson.loads(text))


def described_undelivered(one: Undelivered) -> dict[str, Any]:
    """What was given up, for programs."""
    return {
        "undelivered_id": one.undelivered_id, "webhook_id": one.webhook_id, "event_id": one.event.event_id,
        "name": one.event.name, "at_us": one.at_us, "error": one.error, "fields": dict(one.event.fields),
    }  # fmt: skip
