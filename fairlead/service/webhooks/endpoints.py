"""Endpoints: to which address which events are sent, and the secrets that sign them. Each has a record of its own."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from fairlead.errors import InvalidWebhook, UnknownWebhook
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure, run
from fairlead.store.reading import Event
from fairlead.store.reading.plain import texts
from fairlead.store.transitions import hooking
from fairlead.store.transitions.configuring import NEW

Format: TypeAlias = Literal["standard", "cloudevents"]
FORMATS: tuple[Format, ...] = get_args(Format)

LONGEST_URL = 2_000
MOST_EVENTS = 100
"""Of how many beginnings of names an endpoint may ask for."""


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


def described_webhook(one: Webhook) -> dict[str, Any]:
    """The endpoint for programs: all but its secrets."""
    return {
        "webhook_id": one.webhook_id, "url": one.url, "events": list(one.events), "format": one.format,
        "created_us": one.created_us, "off": one.off or None, "failing_us": one.failing_us,
    }  # fmt: skip
