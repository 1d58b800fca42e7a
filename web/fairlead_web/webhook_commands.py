"""`fairlead webhooks`: which addresses are sent the events, and the processes that send them."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, print_lines, table
from fairlead.cli.outage import Outage
from fairlead.cli.output import print_json, say, stdout
from fairlead.cli.times import moment
from fairlead.errors import InvalidSetting
from fairlead.server.finding import Server, find_server
from fairlead.service.webhooks import Webhooks
from fairlead.service.webhooks.delivering import MOST_DELIVERIES, Delivered
from fairlead.service.webhooks.endpoints import FORMATS, Webhook, described_webhook
from fairlead.service.webhooks.given_up import Undelivered, described_undelivered
from fairlead.settings import read_settings
from fairlead.store.reading import Event

app = typer.Typer(help="Send events to others, signed, again and again until they are taken.", no_args_is_help=True)

EventOption = Annotated[
    list[str] | None, typer.Option("--event", help="How the names of events begin, as contact.; may be repeated.")
]
FormatOption = Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")]
WebhookArgument = Annotated[str, typer.Argument(help="Its id, as `fairlead webhooks list` shows it.")]

_COLUMNS = (Column("webhook"), Column("address", 1), Column("events", 2), Column("format", 3), Column("state"))
_DELIVERED = (
    Column("event"), Column("name"), Column("at", 2), Column("came of it"), Column("took"), Column("answer", 1),
)  # fmt: skip
_GIVEN_UP = (Column("event"), Column("name"), Column("webhook"), Column("given up", 2), Column("error", 1))


@app.command()
def create(
    url: Annotated[str, typer.Argument(help="https://host/path")],
    events: EventOption = None,
    form: FormatOption = FORMATS[0],
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Make an endpoint, which gets the events from now on, and print its secret, this once."""
    with Webhooks.connect(redis, instance) as webhooks:
        made, secret = webhooks.create_webhook(url, events or (), form)  # type: ignore[arg-type]  # it is checked there
    if as_json:
        print_json({**described_webhook(made), "secret": secret})
        return
    stdout.print(secret, soft_wrap=True)
    say(f"keep it now, it is not shown again; try it: fairlead webhooks test {made.webhook_id}")


@app.command()
def change(
    webhook: WebhookArgument,
    url: Annotated[str, typer.Argument(help="https://host/path")],
    events: EventOption = None,
    form: FormatOption = FORMATS[0],
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Give an endpoint another address, choice of events and format. It keeps its secret."""
    with Webhooks.connect(redis, instance) as webhooks:
        webhooks.change_webhook(webhook, url, events or (), form)  # type: ignore[arg-type]  # it is checked there
    stdout.print(f"{webhook} is changed", markup=False)


@app.command("list")
def list_(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """List the endpoints, and whether they take what they are sent."""
    with Webhooks.connect(redis, instance) as webhooks:
        found = webhooks.webhooks()
    if as_json:
        print_json([described_webhook(one) for one in found])
    elif found:
        print_lines(table(_COLUMNS, [_row(one) for one in found]))
    else:
        stdout.print("none")


@app.command()
def remove(webhook: WebhookArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Remove an endpoint: what is still to be delivered to it is dropped."""
    with Webhooks.connect(redis, instance) as webhooks:
        webhooks.remove_webhook(webhook)
    stdout.print(f"{webhook} is removed", markup=False)


@app.command()
def off(webhook: WebhookArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Switch an endpoint off: it gets no events until it is switched on."""
    with Webhooks.connect(redis, instance) as webhooks:
        webhooks.switch_webhook_off(webhook, "by_hand")
    stdout.print(f"{webhook} is off", markup=False)


@app.command()
def on(webhook: WebhookArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Switch an endpoint on: it gets the events from now on."""
    with Webhooks.connect(redis, instance) as webhooks:
        webhooks.switch_webhook_on(webhook)
    stdout.print(f"{webhook} is on", markup=False)


@app.command()
def rotate(
    webhook: WebhookArgument, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Give an endpoint a new secret and print it, this once. Those before sign, too, for a day."""
    with Webhooks.connect(redis, instance) as webhooks:
        secret = webhooks.rotate_webhook_secret(webhook)
    if as_json:
        print_json({"webhook_id": webhook, "secret": secret})
        return
    stdout.print(secret, soft_wrap=True)
    say("keep it now, it is not shown again; those before sign, too, for a day after they were replaced")


@app.command("test")
def send_test(webhook: WebhookArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Send an event webhook.test to an endpoint, at once and once. Exit code 1 when it does not take it."""
    with _parts():
        from fairlead_web.webhooks.addresses import read_networks
        from fairlead_web.webhooks.sending import send
    networks = read_networks(read_settings().webhook_networks)
    with Webhooks.connect(redis, instance) as webhooks:
        found = webhooks.webhook(webhook)
        at_us = int(datetime.now(UTC).timestamp() * 1e6)
        answer = send(found, Event(f"{at_us // 1_000}-0", "webhook.test", at_us, {}), webhooks.instance, networks)
    if not answer.is_taken:
        say(f"not taken: {answer.error}")
        raise typer.Exit(1)
    stdout.print(f"taken: answered {answer.status}")


@app.command()
def deliveries(
    webhook: WebhookArgument,
    limit: Annotated[int, typer.Option(min=1, max=MOST_DELIVERIES, help="The most that are shown.")] = 20,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List what was sent to an endpoint, the newest first, and what it answered."""
    with Webhooks.connect(redis, instance) as webhooks:
        found = webhooks.deliveries(webhook, limit)
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        print_lines(table(_DELIVERED, [_delivered_row(one) for one in found]))
    else:
        stdout.print("none")


@app.command()
def failed(
    webhook: Annotated[str, typer.Argument(help="Of this endpoint only.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The most that are shown.")] = 100,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the events that were given up, the oldest first."""
    with Webhooks.connect(redis, instance) as webhooks:
        found = webhooks.undelivered(webhook, limit)
    if as_json:
        print_json([described_undelivered(one) for one in found])
    elif found:
        print_lines(table(_GIVEN_UP, [_given_up_row(one) for one in found]))
    else:
        stdout.print("none")


@app.command()
def replay(
    webhook: WebhookArgument,
    after: Annotated[
        str, typer.Option(help="Instead of what was given up: all events of the stream after this id, - for all.")
    ] = "",
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Send once more what an endpoint has not taken at all."""
    again, many = f"-{int(datetime.now(UTC).timestamp() * 1e3)}", 0
    with _delivering() as delivering, Webhooks.connect(redis, instance) as webhooks:
        queue = delivering.queue_of(find_server(redis, instance))
        goes_on = True
        while goes_on:
            replay = webhooks.to_replay(webhook, after=after)
            many += delivering.hand_on_all(queue, webhook, replay.events, again)
            webhooks.forget_undelivered(replay.undelivered_ids)
            after, goes_on = replay.next_after, replay.more
    stdout.print(f"{many:,} handed on for delivery")


@app.command()
def relay(redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Read the stream of events, and hand each on for delivery, until SIGTERM or Ctrl-C. One process is enough.

    It goes on after an outage of Redis.
    """
    with _delivering() as delivering, Webhooks.connect(redis, instance) as webhooks:
        from fairlead_web.webhooks import relaying

        ended = _until_told()
        say("relays events to webhooks")
        queue = delivering.queue_of(find_server(redis, instance))
        many = relaying.relay(webhooks, queue, lambda: not ended.is_set(), Outage(say))
    say(f"{many:,} handed on for delivery")


@app.command()
def deliver(
    burst: Annotated[bool, typer.Option("--burst", help="End when nothing waits.")] = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Deliver what was handed on, until SIGTERM or Ctrl-C. More processes deliver more at once.

    It goes on after an outage of Redis.
    """
    with _delivering() as delivering, Webhooks.connect(redis, instance) as webhooks:
        from fairlead_web.webhooks.addresses import read_networks

        networks = read_networks(read_settings().webhook_networks)
        server: Server = find_server(redis, instance)
        delivering.work(server, webhooks, networks, say, is_burst=burst)


def _until_told() -> threading.Event:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    return ended


@contextmanager
def _parts() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as missing:
        raise InvalidSetting(f"{missing.name} is not installed: pip install 'fairlead[webhooks]'") from missing


@contextmanager
def _delivering() -> Iterator[Any]:
    with _parts():
        from fairlead_web.webhooks import delivering
    yield delivering


def _row(one: Webhook) -> list[str]:
    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    fails = f"fails since {moment(one.failing_us, now_us)}" if one.failing_us else "on"
    return [one.webhook_id, one.url, " ".join(one.events) or "all", one.format, f"off: {one.off}" if one.off else fails]


def _delivered_row(one: Delivered) -> list[str]:
    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    came = {"taken": "taken", "again": "to be tried again", "given_up": "given up"}[one.outcome]
    told = one.error or f"answered {one.status}"
    return [one.event_id, one.name, moment(one.at_us, now_us), came, f"{one.took_ms:,} ms", told]


def _given_up_row(one: Undelivered) -> list[str]:
    now_us = int(datetime.now(UTC).timestamp() * 1e6)
    return [one.event.event_id, one.event.name, one.webhook_id, moment(one.at_us, now_us), one.error]
