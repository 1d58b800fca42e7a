"""Webhooks: addresses to which events are sent, by the scheme of Standard Webhooks (https://www.standardwebhooks.com).

An endpoint's record holds its secret, which signs what is sent to it. What could not be delivered after all attempts is
kept in a stream, for whoever has mended the receiver.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import orjson

from fairlead.errors import InvalidWebhook, UnknownWebhook, WebhookOff
from fairlead.service.asked import Connected, of_keys, of_nothing
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask, ask_each, ask_one, procedure, run
from fairlead.store.reading import Event
from fairlead.store.reading.plain import texts
from fairlead.store.transitions import hooking
from fairlead.store.transitions.configuring import NEW

Format: TypeAlias = Literal["standard", "cloudevents"]
FORMATS: tuple[Format, ...] = get_args(Format)

Outcome: TypeAlias = Literal["taken", "again", "given_up"]
"""What came of a delivery: taken, to be tried again, or given up."""

LONGEST_URL = 2_000
MOST_EVENTS = 100
"""Of how many beginnings of names an endpoint may ask for."""

FAILING_S = 5 * 86_400
"""An endpoint to which nothing was delivered for so long, though something was sent, is switched off."""

MOST_KEPT = 10_000
"""How many undelivered events are kept, of all endpoints together."""

MOST_REPLAYED = 1_000
"""How many events are replayed at a time."""

MOST_DELIVERIES = 1_000
DELIVERIES_KEPT_S = 30 * 86_400
"""How many deliveries to an endpoint are kept, and how long after the last."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint. `events`: how the names of events begin that it gets, none: all; `secrets`: which sign, the newest
    first; `off`: why it is switched off, empty: it is on; `failing_us`: since when nothing was delivered, None: the
    last one was; `version`: rises with each change.
    """

    webhook_id: str
    url: str
    events: tuple[str, ...]
    format: Format
    created_us: int
    off: str
    failing_us: int | None
    version: int
    secrets: tuple[str, ...] = field(repr=False)

    def takes(self, event: Event) -> bool:
        """Whether it is on and the event is one that it gets. None is about itself."""
        is_about_it = event.fields.get("webhook") == self.webhook_id
        return not self.off and not is_about_it and (not self.events or event.name.startswith(self.events))


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was given up. `undelivered_id`: its place among them."""

    undelivered_id: str
    webhook_id: str
    event: Event
    at_us: int
    error: str


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
def create_webhook(
    source: Source,
    url: str,
    events: Sequence[str] = (),
    format: Format = "standard",  # noqa: A002  # the field's word
    *,
    webhook_id: str = "",
) -> Steps[tuple[Webhook, str]]:
    """Make an endpoint that gets the events from now on; returns it and its secret, which is not shown again.

    `events`: how their names begin, as `contact.` or `agent.lost`; none: all. `webhook_id`: by default a new one; when
    there is one of that id, it is returned as it is, and the secret is empty. Raises InvalidWebhook, InvalidName.
    """
    check_webhook(url, events, format)
    secret, chosen = new_secret(), webhook_id or secrets.token_hex(4)
    made = yield from run(hooking.put_webhook(source.keys, chosen, NEW, url, events, format, secret))
    return (yield from webhook(chosen).steps(source)), secret if made else ""


@procedure
def change_webhook(
    source: Source,
    webhook_id: str,
    url: str,
    events: Sequence[str] = (),
    format: Format = "standard",  # noqa: A002  # the field's word
    *,
    version: int | None = None,
) -> Steps[Webhook]:
    """Change an endpoint, which keeps its secret. `version`: the one that was read; None: whichever it has.

    Raises InvalidWebhook, UnknownWebhook, ConfigurationChanged.
    """
    check_webhook(url, events, format)
    yield from run(hooking.put_webhook(source.keys, webhook_id, version, url, events, format))
    return (yield from webhook(webhook_id).steps(source))


def check_webhook(url: str, events: Sequence[str], format: str) -> None:  # noqa: A002
    """Raises InvalidWebhook for what cannot be an endpoint. Whether its host may be reached is seen at delivery."""
    try:
        parts = urlsplit(url if len(url) <= LONGEST_URL and url.isascii() and url.isprintable() else "")
        is_address = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:
        parts, is_address = urlsplit(""), False
    if not is_address:
        raise InvalidWebhook(f"{url[:80]!r} is no address: write https://host/path, {LONGEST_URL} characters at most")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidWebhook(f"{parts.hostname}: an address holds neither a user, nor a password, nor a fragment")
    if format not in FORMATS:
        raise InvalidWebhook(f"format {format[:40]!r} does not exist: choose one of {', '.join(FORMATS)}")
    if len(events) > MOST_EVENTS:
        raise InvalidWebhook(f"an endpoint asks for {MOST_EVENTS} beginnings of names at most, not for {len(events)}")
    for name in events:
        if len(name) > 64 or not name or not all(one.isalnum() or one in "._" for one in name):
            raise InvalidWebhook(f"{name[:40]!r} is not how an event's name begins: write contact., or agent.lost")


def new_secret() -> str:
    """A secret of 32 random bytes, as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@procedure
def webhooks(source: Source) -> Steps[list[Webhook]]:
    """All endpoints, the oldest first."""
    now_us = yield from reading.now_us().steps(source)
    ids = sorted(one.decode() for one in (yield from ask_one("SMEMBERS", source.keys.webhooks)))
    rows = yield from ask_each(("HGETALL", source.keys.webhook(one)) for one in ids)
    found = [_webhook(one, texts(row), now_us) for one, row in zip(ids, rows, strict=True) if row]
    return sorted(found, key=lambda one: one.created_us)


@procedure
def webhook(source: Source, webhook_id: str) -> Steps[Webhook]:
    """One endpoint. Raises UnknownWebhook."""
    now_us = yield from reading.now_us().steps(source)
    row = yield from ask_one("HGETALL", source.keys.webhook(webhook_id))
    if not row:
        raise UnknownWebhook(f"webhook {webhook_id[:80]!r} does not exist: see `fairlead webhooks list`")
    return _webhook(webhook_id, texts(row), now_us)


def _webhook(webhook_id: str, row: Mapping[str, str], now_us: int) -> Webhook:
    old = row.get("old_secrets", "").split()
    good = [one for one, ends_us in zip(old[::2], old[1::2], strict=True) if int(ends_us) > now_us]
    return Webhook(
        webhook_id=webhook_id,
        url=row["url"],
        events=tuple(row["events"].split()),
        format="cloudevents" if row["format"] == "cloudevents" else "standard",
        created_us=int(row["created_us"]),
        off=row.get("off", ""),
        failing_us=int(row["failing_us"]) if "failing_us" in row else None,
        version=int(row["version"]),
        secrets=(row["secret"], *good),
    )


@procedure
def rotate_webhook_secret(source: Source, webhook_id: str) -> Steps[str]:
    """Give an endpoint a new secret; returns it. Each one before signs, too, for a day after it was replaced.

    Raises UnknownWebhook.
    """
    secret = new_secret()
    yield from run(hooking.rotate_webhook(source.keys, webhook_id, secret))
    return secret


# What relays and deliveries ask


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


def described_webhook(one: Webhook) -> dict[str, Any]:
    """The endpoint for programs: all but its secrets."""
    return {
        "webhook_id": one.webhook_id, "url": one.url, "events": list(one.events), "format": one.format,
        "created_us": one.created_us, "off": one.off or None, "failing_us": one.failing_us,
    }  # fmt: skip


def described_undelivered(one: Undelivered) -> dict[str, Any]:
    """What was given up, for programs."""
    return {
        "undelivered_id": one.undelivered_id, "webhook_id": one.webhook_id, "event_id": one.event.event_id,
        "name": one.event.name, "at_us": one.at_us, "error": one.error, "fields": dict(one.event.fields),
    }  # fmt: skip


class Hooking:
    """What those ask who manage endpoints."""

    create_webhook = of_nothing(create_webhook)
    change_webhook = of_nothing(change_webhook)
    webhooks = of_nothing(webhooks)
    webhook = of_nothing(webhook)
    remove_webhook = of_keys(hooking.remove_webhook)
    switch_webhook_on = of_keys(hooking.switch_webhook_on)
    switch_webhook_off = of_keys(hooking.switch_webhook_off)
    rotate_webhook_secret = of_nothing(rotate_webhook_secret)
    deliveries = of_nothing(deliveries)
    undelivered = of_nothing(undelivered)
    to_replay = of_nothing(to_replay)
    forget_undelivered = of_nothing(forget_undelivered)

    @property
    def instance(self) -> str:
        """The name of the instance."""
        name: str = self._store.keys.instance_name  # type: ignore[attr-defined]  # of whoever asks
        return name


class Webhooks(Hooking, Connected):
    """The webhooks of one instance: what those ask who manage endpoints, relay to them and deliver."""

    relayed = of_nothing(relayed)
    is_trimmed = of_nothing(is_trimmed)
    note_relayed = of_nothing(note_relayed)
    note_delivered = of_nothing(note_delivered)
    note_failed = of_nothing(note_failed)
    note_delivery = of_nothing(note_delivery)
    give_up = of_nothing(give_up)
    events_after = of_nothing(reading.events_after)
