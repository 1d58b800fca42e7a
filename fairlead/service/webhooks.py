"""Webhooks: addresses to which events are sent, by the scheme of Standard Webhooks (https://www.standardwebhooks.com).

An endpoint's record holds its secret, which signs what is sent to it. What could not be delivered after all attempts is
kept in a stream, for whoever has mended the receiver.
"""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import orjson

from fairlead.errors import InvalidWebhook, UnknownWebhook
from fairlead.service.asked import AsyncConnected, Connected, of_keys, of_nothing
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask, ask_each, ask_one, procedure
from fairlead.store.reading import Event
from fairlead.store.reading.plain import texts
from fairlead.store.transitions.supervising import switch_webhook_off

Format: TypeAlias = Literal["standard", "cloudevents"]
FORMATS: tuple[Format, ...] = get_args(Format)

LONGEST_URL = 2_000
OLD_SECRET_S = 86_400
"""How long the secret before still signs, beside the new one."""

FAILING_S = 5 * 86_400
"""An endpoint to which nothing was delivered for so long, though something was sent, is switched off."""

NOTHING = "0-0"
"""The place of a relay in a stream that has no event yet."""

MOST_KEPT = 10_000
"""How many undelivered events are kept, of all endpoints together."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint. `events`: how the names of events begin that it gets, none: all; `secrets`: which sign, the newest
    first; `off`: why it is switched off, empty: it is on; `failing_us`: since when nothing was delivered, None: the
    last one was.
    """

    webhook_id: str
    url: str
    events: tuple[str, ...]
    format: Format
    created_us: int
    off: str
    failing_us: int | None
    secrets: tuple[str, ...] = field(repr=False)

    def takes(self, event: Event) -> bool:
        """Whether it is on and the event is one that it gets."""
        return not self.off and (not self.events or event.name.startswith(self.events))


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What was given up. `undelivered_id`: its place among them."""

    undelivered_id: str
    webhook_id: str
    event: Event
    at_us: int
    error: str


@procedure
def create_webhook(
    source: Source, url: str, events: Sequence[str] = (), format: Format = "standard"  # noqa: A002  # the field's word
) -> Steps[tuple[Webhook, str]]:
    """Make an endpoint that gets the events from now on; returns it and its secret, which is not shown again.

    `events`: how their names begin, as `contact.` or `agent.lost`; none: all. Raises InvalidWebhook.
    """
    check_webhook(url, events, format)
    now_us = yield from reading.now_us().steps(source)
    last = yield from ask_one("XREVRANGE", source.keys.events, "+", "-", "COUNT", 1)
    webhook_id, secret = secrets.token_hex(4), new_secret()
    row: dict[str, str | int] = {
        "url": url, "events": " ".join(events), "format": format, "created_us": now_us, "secret": secret,
    }  # fmt: skip
    yield from ask(
        ("SET", source.keys.relayed, last[0][0] if last else NOTHING, "NX"),
        ("HSET", source.keys.webhook(webhook_id), *(part for pair in row.items() for part in pair)),
        ("SADD", source.keys.webhooks, webhook_id),
    )
    return (yield from webhook(webhook_id).steps(source)), secret


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
    for name in events:
        if not name or not all(one.isalnum() or one in "._" for one in name):
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
    is_old_good = int(row.get("old_until_us", 0)) > now_us
    return Webhook(
        webhook_id=webhook_id,
        url=row["url"],
        events=tuple(row["events"].split()),
        format="cloudevents" if row["format"] == "cloudevents" else "standard",
        created_us=int(row["created_us"]),
        off=row.get("off", ""),
        failing_us=int(row["failing_us"]) if "failing_us" in row else None,
        secrets=(row["secret"], row["old_secret"]) if is_old_good else (row["secret"],),
    )


@procedure
def remove_webhook(source: Source, webhook_id: str) -> Steps[None]:
    """Remove an endpoint: what is still to be delivered to it is dropped. Raises UnknownWebhook."""
    yield from webhook(webhook_id).steps(source)
    yield from ask(("SREM", source.keys.webhooks, webhook_id), ("DEL", source.keys.webhook(webhook_id)))


@procedure
def switch_webhook_on(source: Source, webhook_id: str) -> Steps[None]:
    """Switch an endpoint on again: it gets events from now on. Raises UnknownWebhook."""
    yield from webhook(webhook_id).steps(source)
    yield from ask_one("HDEL", source.keys.webhook(webhook_id), "off", "failing_us")


@procedure
def rotate_webhook_secret(source: Source, webhook_id: str) -> Steps[str]:
    """Give an endpoint a new secret; returns it. The old one signs, too, for a day. Raises UnknownWebhook."""
    found = yield from webhook(webhook_id).steps(source)
    until_us, secret = (yield from reading.now_us().steps(source)) + OLD_SECRET_S * 1_000_000, new_secret()
    row = ("secret", secret, "old_secret", found.secrets[0], "old_until_us", until_us)
    yield from ask_one("HSET", source.keys.webhook(webhook_id), *row)
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
    if event_id == NOTHING:
        return False
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


class _Hooking:
    """What those ask who manage endpoints, relay to them and deliver."""

    makes_instance = True

    create_webhook = of_nothing(create_webhook)
    webhooks = of_nothing(webhooks)
    webhook = of_nothing(webhook)
    remove_webhook = of_nothing(remove_webhook)
    switch_webhook_on = of_nothing(switch_webhook_on)
    switch_webhook_off = of_keys(switch_webhook_off)
    rotate_webhook_secret = of_nothing(rotate_webhook_secret)
    relayed = of_nothing(relayed)
    is_trimmed = of_nothing(is_trimmed)
    note_relayed = of_nothing(note_relayed)
    note_delivered = of_nothing(note_delivered)
    note_failed = of_nothing(note_failed)
    give_up = of_nothing(give_up)
    undelivered = of_nothing(undelivered)
    forget_undelivered = of_nothing(forget_undelivered)
    events_after = of_nothing(reading.events_after)

    @property
    def instance(self) -> str:
        """The name of the instance."""
        name: str = self._store.keys.instance_name  # type: ignore[attr-defined]  # of whoever asks
        return name


class Webhooks(_Hooking, Connected):
    """The webhooks of one instance, synchronously."""


class AsyncWebhooks(_Hooking, AsyncConnected):
    """The webhooks of one instance, in asyncio."""
