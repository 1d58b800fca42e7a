"""`fairlead contacts`."""

from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption, open_store
from fairlead.cli.output import print_json, stdout
from fairlead.errors import BadInput
from fairlead.store.client import Store
from fairlead.store.reading import ContactRecord, engine_now_us, list_contacts, read_contact
from fairlead.store.transitions import administering, producing

app = typer.Typer(help="Contacts: see them, put parked ones back, end waiting ones.", no_args_is_help=True)

STATES = ("queued", "offered", "connected", "parked")
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]


def _as_json(contact: ContactRecord) -> dict[str, Any]:
    values = asdict(contact)
    payload = values.pop("payload")
    return values if payload is None else values | {"payload": orjson.loads(payload)}


def _show(store: Store, contacts: list[ContactRecord], as_json: bool) -> None:
    if as_json:
        print_json([_as_json(contact) for contact in contacts])
        return
    now_us = engine_now_us(store)
    table = Table(box=None, pad_edge=False)
    for name in ("contact", "state", "queue", "channel", "priority", "waited", "attempts", "agent", "error"):
        table.add_column(name, overflow="fold")
    for one in contacts:
        waited = f"{(now_us - one.queued_us) / 1e6:.1f} s"
        table.add_row(
            one.contact_id, one.state, one.queue, one.channel, str(one.priority), waited, str(one.attempts), one.agent,
            one.error,
        )  # fmt: skip
    stdout.print(table if contacts else "none")


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATES)}.")] = "queued",
    limit: Limit = 100,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List contacts in a state, those in front first."""
    if state not in STATES:
        raise BadInput(f"state {state!r} cannot be listed: choose one of {', '.join(STATES)}")
    store = open_store(redis, instance)
    _show(store, list_contacts(store, state, limit), as_json)


@app.command()
def parked(
    limit: Limit = 100, as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """List the contacts that are parked, each with its error."""
    store = open_store(redis, instance)
    _show(store, list_contacts(store, "parked", limit), as_json)


@app.command()
def show(
    contact: str,
    payload: Annotated[bool, typer.Option("--payload", help="With what the producer sent.")] = False,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show one contact."""
    found = _as_json(read_contact(open_store(redis, instance), contact, with_payload=payload))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        stdout.print(f"{name:11} {value}", markup=False, soft_wrap=True)


@app.command()
def retry(
    contacts: Annotated[list[str] | None, typer.Argument(help="Ids of parked contacts.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every parked contact.")] = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Put parked contacts back into their queues, at their original places."""
    store = open_store(redis, instance)
    ids = [one.contact_id for one in list_contacts(store, "parked", 100_000)] if every else contacts or []
    if not ids and not every:
        raise BadInput("name the contacts to put back, or say --all: see `fairlead contacts parked`")
    for contact in ids:
        store.run(administering.retry(store.keys, contact))
    stdout.print(f"{len(ids)} put back")


@app.command()
def abandon(contact: str, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End a waiting contact because its customer has left."""
    store = open_store(redis, instance)
    store.run(producing.abandon(store.keys, contact))
    stdout.print(f"{contact} is abandoned")
