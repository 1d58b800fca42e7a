"""`fairlead contacts`."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, cast, get_args

import orjson
import typer

from fairlead.cli.completing import AgentArgument, ContactArgument, completes, one_of
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.grid import Column, Output, OutputOption, print_lines, table, width_of
from fairlead.cli.output import print_json, stdout
from fairlead.cli.shown import agents_of, contact_rows, print_rows
from fairlead.cli.timeline import timeline
from fairlead.cli.times import duration, moment
from fairlead.domain.queue import Rank
from fairlead.errors import BadInput
from fairlead.service.explain import told_together
from fairlead.service.supervisor import Supervisor
from fairlead.store.new_contact import Callback
from fairlead.store.reading import ContactFilter, ContactRecord
from fairlead.store.reading.finding import BEGINNING

app = typer.Typer(
    help="List, change, move, hold, transfer and end contacts; put parked contacts back.", no_args_is_help=True
)

app.command()(timeline)

STATES = ("scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw", "parked")
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Largest number of contacts to list.")]
CriteriaOption = Annotated[
    list[str] | None, typer.Option(help='New routing step: "Language:French >= 4 for 30s"; may be repeated.')
]


def _as_json(contact: ContactRecord) -> dict[str, Any]:
    values = asdict(contact)
    payload = values.pop("payload")
    return values if payload is None else values | {"payload": orjson.loads(payload)}


_COLUMNS = (
    Column("contact"), Column("state"), Column("queue"), Column("channel", 1), Column("waited", is_number=True),
    Column("attempts", 4, is_number=True), Column("agent", 3), Column("error", 2),
    Column("priority", 5, is_number=True),
)  # fmt: skip


def show_contacts(
    supervisor: Supervisor, contacts: list[ContactRecord], as_json: bool, output: Output = Output.FIT
) -> None:
    """Print contacts as a table, or as JSON."""
    if as_json:
        print_json([_as_json(contact) for contact in contacts])
        return
    now_us = supervisor.now_us()
    rows = [
        (
            one.contact_id, _state(one, now_us), one.queue, one.channel, duration((now_us - one.queued_us) / 1e6),
            str(one.attempts), agents_of(one), one.error, str(one.priority),
        )
        for one in contacts
    ]  # fmt: skip
    if rows:
        print_lines(table(_COLUMNS, rows, width_of(output)))
    else:
        stdout.print("none")


def _state(contact: ContactRecord, now_us: int) -> str:
    if contact.again_us is None:
        return contact.state
    return f"{contact.state}, pauses {duration(max(0, contact.again_us - now_us) / 1e6)}"


@app.command("list")
def list_(
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATES)}.", autocompletion=one_of(*STATES))] = "queued",
    limit: Limit = 100,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List the contacts in one state, the first in line first."""
    if state not in STATES:
        raise BadInput(f"state {state!r} cannot be listed: choose one of {', '.join(STATES)}")
    supervisor = Supervisor.connect(redis, instance)
    show_contacts(supervisor, supervisor.contacts(state, limit), as_json, output)


@app.command()
def find(
    state: Annotated[str, typer.Option(help="Any state, also one in which contacts have ended: completed.")] = "",
    queue: Annotated[str, typer.Option(help="Name of a queue, or @agent.", autocompletion=completes("queue"))] = "",
    agent: Annotated[
        str, typer.Option(help="Name of the agent that has or had it.", autocompletion=completes("agent"))
    ] = "",
    customer: Annotated[str, typer.Option(help="Name that identifies the customer.")] = "",
    limit: Limit = 100,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Find contacts in any state by state, queue, agent and customer. They are listed in no order."""
    supervisor = Supervisor.connect(redis, instance)
    wanted, cursor, found = ContactFilter(state, queue, agent, customer), BEGINNING, list[ContactRecord]()
    while cursor and len(found) < limit:
        page = supervisor.find_contacts(wanted, cursor, limit)
        found += page.contacts
        cursor = page.cursor
    show_contacts(supervisor, found[:limit], as_json, output)


@app.command()
def parked(
    limit: Limit = 100,
    output: OutputOption = Output.FIT,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """List parked contacts with their errors."""
    supervisor = Supervisor.connect(redis, instance)
    show_contacts(supervisor, supervisor.contacts("parked", limit), as_json, output)


@app.command()
def show(
    contact: ContactArgument,
    payload: Annotated[bool, typer.Option("--payload", help="Show the payload, too.")] = False,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show one contact: local times and durations; --json has all that is kept."""
    supervisor = Supervisor.connect(redis, instance)
    found, explained = supervisor.contact(contact, with_payload=payload), supervisor.explain_contact(contact)
    estimate, why_not = explained.estimate, told_together(explained)
    if as_json:
        print_json(_as_json(found) | ({"estimate": asdict(estimate), "why_not": why_not} if estimate else {}))
    else:
        print_rows(contact_rows(found, supervisor.now_us(), estimate, why_not))


@app.command()
def retry(
    contacts: Annotated[
        list[str] | None, typer.Argument(help="Ids of parked contacts.", autocompletion=completes("contact"))
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Put back every parked contact.")] = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Put parked contacts back into their queues, at their original places."""
    supervisor = Supervisor.connect(redis, instance)
    if not contacts and not every:
        raise BadInput("no contact is named: give the ids of parked contacts, or --all; see `fairlead contacts parked`")
    ids = supervisor.retry_parked() if every else contacts or []
    for contact in () if every else ids:
        supervisor.retry(contact)
    stdout.print(f"{len(ids)} put back")


@app.command()
def update(
    contact: ContactArgument,
    priority: Annotated[int | None, typer.Option(help="New contact priority; 1 is the highest.")] = None,
    age_adjustment: Annotated[int | None, typer.Option(help="Seconds added to its age for its place in line.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(help="NAME=TEXT; may be repeated. NAME= removes one; the others stay.")
    ] = None,
    criteria: CriteriaOption = None,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Change the priority, age adjustment or criteria of a waiting contact, or the attributes of any one."""
    attributes = {name: text or None for name, text in map(pair_of, attribute or ())}
    supervisor = Supervisor.connect(redis, instance)
    supervisor.update(
        contact, priority=priority, age_adjustment_s=age_adjustment, attributes=attributes, criteria=criteria or None
    )
    stdout.print(f"{contact} is changed")


@app.command()
def move(
    contact: ContactArgument,
    queue: Annotated[str, typer.Argument(help="Name of a queue, or @agent.", autocompletion=completes("queue"))],
    rank: Annotated[
        str | None,
        typer.Option(help="Place in line: back, as by default, keep or front; in its own queue back or front."),
    ] = None,
    criteria: CriteriaOption = None,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Move a waiting contact to another queue, escalate it, or give it another rank in its own."""
    if rank not in (None, *get_args(Rank)):
        raise BadInput(f"rank {rank!r} does not exist: choose one of {', '.join(get_args(Rank))}")
    supervisor, wanted = Supervisor.connect(redis, instance), cast(Rank | None, rank)
    target = supervisor.move(contact, queue, wanted, criteria=criteria or None)
    stdout.print(f"{contact} is in {target}")


@app.command()
def assign(
    contact: ContactArgument, agent: AgentArgument, redis: RedisOption = None, instance: InstanceOption = None
) -> None:
    """Give a waiting contact to a signed-in agent; its profile and its free slots are not checked."""
    state = Supervisor.connect(redis, instance).assign(contact, agent)
    stdout.print(f"{contact} is {state}, with {agent}")


@app.command()
def transfer(
    contact: ContactArgument,
    queue: Annotated[str, typer.Argument(help="Name of a queue, or @agent.", autocompletion=completes("queue"))],
    criteria: CriteriaOption = None,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Take a connected contact from its agent and hand it on to another queue or agent."""
    target = Supervisor.connect(redis, instance).transfer(contact, queue, criteria=criteria or ())
    stdout.print(f"{contact} is in {target}")


@app.command()
def hold(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Put a connected contact on hold, whoever holds it."""
    Supervisor.connect(redis, instance).hold(contact)
    stdout.print(f"{contact} is on hold")


@app.command()
def pause(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Pause a connected task, whoever holds it. It takes no slot until it is resumed."""
    Supervisor.connect(redis, instance).pause(contact)
    stdout.print(f"{contact} is paused")


@app.command()
def resume(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Connect a contact on hold, or a paused task, again."""
    Supervisor.connect(redis, instance).resume(contact)
    stdout.print(f"{contact} is connected")


@app.command()
def reschedule(
    contact: ContactArgument,
    start_in: Annotated[int | None, typer.Option(min=0, help="Seconds until it enters its queue.")] = None,
    start_at: Annotated[datetime | None, typer.Option(help="When it enters its queue, in UTC.")] = None,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Change the time of a scheduled contact or callback."""
    if (start_in is None) == (start_at is None):
        raise BadInput("give either --start-in or --start-at")
    supervisor = Supervisor.connect(redis, instance)
    if start_at is not None:
        at_us = round(start_at.replace(tzinfo=UTC).timestamp() * 1e6)
    else:
        at_us = supervisor.now_us() + (start_in or 0) * 1_000_000
    supervisor.reschedule(contact, at_us)
    stdout.print(f"{contact} enters its queue at {moment(at_us, supervisor.now_us())}")


@app.command()
def callback(
    contact: ContactArgument,
    delay: Annotated[int, typer.Option(help="Seconds until the first attempt.")] = 0,
    retry_delay: Annotated[int, typer.Option(help="Seconds between two attempts.")] = 600,
    retries: Annotated[int, typer.Option(help="Number of further attempts after the first.")] = 0,
    queue: Annotated[
        str,
        typer.Option(
            help="Queue of the callback. Default: the queue where it waits.", autocompletion=completes("queue")
        ),
    ] = "",
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Turn a waiting contact into a callback; it keeps its place in line."""
    Supervisor.connect(redis, instance).request_callback(contact, Callback(delay, retry_delay, retries), queue)
    stdout.print(f"{contact} is called back in {delay} s")


@app.command()
def end(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End a contact as a supervisor, in any state."""
    Supervisor.connect(redis, instance).stop(contact)
    stdout.print(f"{contact} is ended")


@app.command()
def forget(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """Erase what tells of the customer from a contact that has ended: attributes, customer, headers, errors."""
    Supervisor.connect(redis, instance).forget(contact)
    stdout.print(f"{contact} is forgotten")


def pair_of(text: str) -> tuple[str, str]:
    """`NAME=TEXT` as a pair. Raises BadInput."""
    name, equals, value = text.partition("=")
    if not equals:
        raise BadInput(f"{text!r}: write NAME=TEXT")
    return name, value


@app.command()
def abandon(contact: ContactArgument, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """End a waiting or scheduled contact because its customer has left."""
    Supervisor.connect(redis, instance).abandon(contact)
    stdout.print(f"{contact} is abandoned")
