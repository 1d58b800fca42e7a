"""`fairlead produce`: push one contact, replay a file, make synthetic arrivals."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import Progress

from fairlead.cli.contacts import pair_of
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, say, stderr, stdout
from fairlead.cli.recordings import pair_of_column, recorded
from fairlead.domain.channel import checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.errors import BadInput, InvalidContact
from fairlead.service.producer import ContactOptions, Producer
from fairlead.service.rows import Arrival, Columns, Reject, parse_priorities
from fairlead.store.transitions.producing import Callback
from fairlead_producers.pace import Clock, Replay, Spoken, Tally, in_order
from fairlead_producers.synthetic import parse_stream, poisson

app = typer.Typer(help="Push contacts: one, a file of them, or synthetic ones.", no_args_is_help=True)

MOST_REASONS = 20
"""How many rejected lines are told on the terminal; all are in the reject file."""


@app.command()
def push(
    queue: Annotated[str, typer.Argument(help="Name of a queue, or @agent. Left out with --intake.")] = "",
    intake: Annotated[str, typer.Option(help="Name of the intake that chooses the queue and what its rules say.")] = "",
    payload: Annotated[str, typer.Option(help="JSON that the handler gets.")] = "null",
    channel: Annotated[str, typer.Option(help="voice, chat, task or email.")] = "voice",
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = DEFAULT_PRIORITY,
    age_adjustment: Annotated[int, typer.Option(help="Seconds added to its age for its place in line.")] = 0,
    contact: Annotated[str | None, typer.Option("--id", help="Id of the contact; repeating the push is safe.")] = None,
    criteria: Annotated[list[str] | None, typer.Option(help='Routing step: "Language:French >= 4 for 30s".')] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="NAME=TEXT; may be repeated.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(help="NAME=TEXT of a trace's context, as traceparent; may be repeated.")
    ] = None,
    customer: Annotated[str, typer.Option(help="Name that identifies the customer.")] = "",
    related_to: Annotated[str, typer.Option(help="Id of a related contact.")] = "",
    outbound: Annotated[bool, typer.Option("--outbound", help="The agent contacts the customer.")] = False,
    start_in: Annotated[int | None, typer.Option(help="Seconds until it enters its queue, at most 6 days.")] = None,
    start_at: Annotated[datetime | None, typer.Option(help="When it enters its queue, in UTC.")] = None,
    expiry: Annotated[
        int | None, typer.Option(help="Seconds after which it expires. Default: set by the queue.")
    ] = None,
    callback_in: Annotated[int | None, typer.Option(help="Make a callback, first tried in this many seconds.")] = None,
    retry_delay: Annotated[int, typer.Option(help="Seconds between two attempts of a callback.")] = 600,
    retries: Annotated[int, typer.Option(help="Number of further attempts of a callback.")] = 0,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Push one contact, to a queue or by an intake, at once or for later."""
    if not queue and not intake:
        raise BadInput("name the queue, or an intake with --intake")
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as failure:
        raise InvalidContact(f"the payload is not JSON: {failure}") from failure
    options: ContactOptions = {
        "channel": checked_channel(channel), "priority": priority, "age_adjustment_s": age_adjustment,
        "criteria": criteria or (), "attributes": dict(pair_of(text) for text in attribute or ()),
        "direction": "outbound" if outbound else "inbound", "customer": customer, "related_to": related_to,
        "headers": dict(pair_of(text) for text in header or ()),
    }  # fmt: skip
    if intake:
        options["intake"] = intake
    if contact is not None:
        options["contact_id"] = contact
    if start_in is not None:
        options["start_in_s"] = start_in
    if start_at is not None:
        options["start_at_us"] = round(start_at.replace(tzinfo=UTC).timestamp() * 1e6)
    if expiry is not None:
        options["expiry_s"] = expiry
    if callback_in is not None:
        options["callback"] = Callback(callback_in, retry_delay, retries)
    receipt = Producer.connect(redis, instance).push(queue, body, **options)
    if as_json:
        print_json(asdict(receipt))
        return
    known = "" if receipt.created else " (known already)"
    elsewhere = "" if receipt.queue == queue else f" in {receipt.queue}"
    stdout.print(f"{receipt.contact_id} is {receipt.state}{elsewhere}{known}")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="CSV or JSONL file; - for standard input.")],
    file_format: Annotated[str, typer.Option("--format", help="csv or jsonl. Default: by the file name.")] = "",
    queue_column: Annotated[str, typer.Option(help="Column with the queue.")] = "queue",
    channel: Annotated[str | None, typer.Option(help="Channel of all rows. Default: the column `channel`.")] = None,
    priority_column: Annotated[str, typer.Option(help="Column with the priority.")] = "priority",
    priorities: Annotated[str, typer.Option(help="VALUE=PRIORITY,... with * for all others: 2=1,*=5.")] = "",
    id_column: Annotated[str | None, typer.Option(help="Column with the id. Default: made of file and line.")] = None,
    time_columns: Annotated[str, typer.Option(help="Columns whose sum is the arrival time: day+arrived_s.")] = "",
    pace: Annotated[float, typer.Option(min=0, help="Multiple of the recorded pace; 0: as fast as possible.")] = 0,
    patience_column: Annotated[
        str | None, typer.Option(help="Column with the seconds until the customer leaves.")
    ] = None,
    leaves: Annotated[str | None, typer.Option(help="COLUMN=VALUE: only customers of these rows leave.")] = None,
    limit: Annotated[int | None, typer.Option(help="Largest number of rows.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="File for rejected lines. Default: FILE.rejects.jsonl.")] = None,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Push the contacts of a file. A repeated run continues where the last one ended and pushes no contact twice."""
    if pace and not time_columns:
        raise BadInput("--pace needs --time-columns: which columns tell the time of arrival?")
    columns = Columns(
        queue=queue_column, fixed_channel=channel, priority=priority_column, priorities=parse_priorities(priorities),
        contact_id=id_column, time=tuple(time_columns.split("+")) if time_columns else (), patience=patience_column,
        leaves=pair_of_column("--leaves", leaves) if leaves else None,
    )  # fmt: skip
    wanted = list(islice(recorded(file, file_format, columns), limit))
    target = rejects or Path(f"{file.name}.rejects.jsonl")
    _send(Producer.connect(redis, instance), wanted, pace, target, as_json)


@app.command("arrivals")
def arrivals_(
    queue: Annotated[list[str], typer.Option(help="QUEUE:CHANNEL=PER_MINUTE; may be repeated.")],
    duration: Annotated[float, typer.Option(min=0.001, help="Length of the arrivals, in seconds.")] = 60,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed, with the same options, repeats a run. Default: a new one.")
    ] = None,
    patience: Annotated[float | None, typer.Option(help="Mean seconds until a customer leaves.")] = None,
    pace: Annotated[float, typer.Option(min=0, help="Multiple of real time; 0: as fast as possible.")] = 1,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Push synthetic contacts, as a Poisson process for each queue and channel."""
    used = random.SystemRandom().randrange(1_000_000_000) if seed is None else seed
    made = list(poisson([parse_stream(text) for text in queue], duration, used, patience))
    say(f"{len(made):,} contacts; --seed {used} repeats them")
    _send(Producer.connect(redis, instance), made, pace, Path("arrivals.rejects.jsonl"), as_json)


def _send(producer: Producer, rows: Sequence[Arrival | Reject], pace: float, target: Path, as_json: bool) -> None:
    """Push the rows with a progress bar and tell what became of them; ends with 2 when some were rejected."""
    rejected: list[Reject] = []
    spoken = Spoken(len(rows), None if stderr.is_terminal else say)
    with Progress(console=stderr, disable=not stderr.is_terminal) as progress:
        task = progress.add_task("contacts", total=len(rows))

        def step(count: int) -> None:
            progress.advance(task, count)
            spoken.step(count)

        replay = Replay(producer, rejected.append, step)
        try:
            if pace:
                replay.paced(in_order(rows), pace, Clock())
            else:
                replay.at_once(rows)
        except KeyboardInterrupt:
            stderr.print("stopped; run it again to continue")
    if rejected:
        _write(target, b"".join(orjson.dumps(asdict(one), option=orjson.OPT_APPEND_NEWLINE) for one in rejected))
        for one in rejected[:MOST_REASONS]:
            stderr.print(f"line {one.line}: {one.reason}", markup=False, soft_wrap=True)
    _tell(replay.tally, target, as_json)
    if rejected:
        raise typer.Exit(2)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as failure:
        raise BadInput(f"{file}: cannot be written: {failure.strerror}") from failure


def _tell(tally: Tally, target: Path, as_json: bool) -> None:
    if as_json:
        print_json(asdict(tally))
        return
    stdout.print(f"{tally.pushed:,} pushed, {tally.repeated:,} known already, {tally.rejected:,} rejected")
    if tally.left or tally.stayed:
        stdout.print(f"{tally.left:,} customers left, {tally.stayed:,} had been answered before they would have left")
    if tally.rejected:
        stdout.print(f"rejected lines are in {target}", soft_wrap=True)
