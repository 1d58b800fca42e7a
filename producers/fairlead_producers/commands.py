"""`fairlead produce`: push one contact, replay a file, make synthetic arrivals."""

import random
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from fairlead.cli.completing import completes, one_of
from fairlead.cli.contacts import pair_of
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, say, stderr, stdout
from fairlead.cli.recordings import (
    AttributeColumnsOption,
    ChannelColumnOption,
    ChannelOption,
    DateOrderOption,
    EncodingOption,
    FileOption,
    FormatOption,
    IdColumnOption,
    IntakeOption,
    LeavesOption,
    OnDuplicateOption,
    PatienceColumnOption,
    PrioritiesOption,
    PriorityColumnOption,
    QueueColumnOption,
    QueueMapOption,
    Recorded,
    TimeColumnsOption,
    TimeZoneOption,
    WhereOption,
    columns_of,
    read_recording,
    show_dry,
    tell_rejects,
)
from fairlead.domain.channel import CHANNELS, checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.errors import BadInput, InvalidContact
from fairlead.files.rows import Reject
from fairlead.files.text import STANDARD_INPUT
from fairlead.service.producer import ContactOptions, Producer
from fairlead.service.recorded.arrivals import Arrival, OnDuplicate, Read
from fairlead.settings import checked_number
from fairlead.store.new_contact import Callback
from fairlead.store.transitions.producing import Receipt
from fairlead.telemetry import instrument_by_environment
from fairlead_producers.pace import Clock, Replay, Spoken, Tally, in_order
from fairlead_producers.synthetic import parse_stream, poisson

MOST_SYNTHETIC = 1_000_000
"""Contacts that one run makes at most: all are in memory before the first is pushed."""

app = typer.Typer(help="Push contacts: one, a file of them, or synthetic ones.", no_args_is_help=True)


@app.callback()
def _trace() -> None:
    instrument_by_environment("fairlead-produce")


@app.command()
def push(
    queue: Annotated[
        str,
        typer.Argument(help="Name of a queue, or @agent. Left out with --intake.", autocompletion=completes("queue")),
    ] = "",
    intake: Annotated[str, typer.Option(help="Name of the intake that chooses the queue and what its rules say.")] = "",
    payload: Annotated[str, typer.Option(help="JSON that the handler gets.")] = "null",
    channel: Annotated[
        str, typer.Option(help="voice, chat, task or email.", autocompletion=one_of(*CHANNELS))
    ] = "voice",
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
    body = _body_of(payload)
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
    _tell_receipt(Producer.connect(redis, instance).push(queue, body, **options), queue, as_json)


def _body_of(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as failure:
        raise InvalidContact(f"the payload is not JSON: {failure}") from failure


def _tell_receipt(receipt: Receipt, queue: str, as_json: bool) -> None:
    if as_json:
        print_json(asdict(receipt))
        return
    known = "" if receipt.created else " (known already)"
    elsewhere = "" if receipt.queue == queue else f" in {receipt.queue}"
    stdout.print(f"{receipt.contact_id} is {receipt.state}{elsewhere}{known}")


@app.command()
def replay(
    file: FileOption,
    file_format: FormatOption = None,
    encoding: EncodingOption = "",
    queue_column: QueueColumnOption = "queue",
    queue_map: QueueMapOption = "",
    intake: IntakeOption = "",
    attribute_columns: AttributeColumnsOption = "",
    channel: ChannelOption = None,
    channel_column: ChannelColumnOption = "channel",
    priority_column: PriorityColumnOption = "priority",
    priorities: PrioritiesOption = "",
    id_column: IdColumnOption = None,
    on_duplicate: OnDuplicateOption = OnDuplicate.REJECT,
    time_columns: TimeColumnsOption = "",
    date_order: DateOrderOption = None,
    time_zone: TimeZoneOption = "",
    pace: Annotated[float, typer.Option(min=0, help="Multiple of the recorded pace; 0: as fast as possible.")] = 0,
    patience_column: PatienceColumnOption = None,
    leaves: LeavesOption = None,
    where: WhereOption = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Largest number of rows.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="File for rejected lines. Default: FILE.rejects.jsonl.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the first rows as they are read.")] = False,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Push the contacts of a file. A repeated run continues where the last one ended and pushes no contact twice.

    \b
    CSV, also of Excel, with semicolons or tabs:
      replay calls.csv --time-columns date+time --pace 10 --queue-map 'Technical=Support,*=Other'
    times of day as the clocks on the wall showed them, summer and winter:
      replay calls.csv --time-columns date+time --time-zone Europe/Zurich --pace 10
    JSON lines, also nested, as Amazon Connect exports its contact records:
      replay records.jsonl --queue-column Queue.Name --channel-column Channel --id-column ContactId
        --time-columns Queue.EnqueueTimestamp
    calls for whom an intake chooses the queue, by what the file says of them:
      replay calls.csv --intake Front --attribute-columns tier+language
    Asterisk's queue_log:
      replay /var/log/asterisk/queue_log --pace 60
    what another command writes:
      zcat calls.csv.gz | fairlead produce replay - --format csv --dry-run
    """
    columns = columns_of(
        queue_column, queue_map, channel, channel_column, priority_column, priorities, id_column, time_columns,
        date_order, time_zone, patience_column, leaves, intake=intake, attribute_columns=attribute_columns,
    )  # fmt: skip
    recorded = read_recording(file, columns, file_format, encoding, where, on_duplicate, limit)
    if dry_run:
        show_dry(recorded, as_json)
        if recorded.rejects:
            raise typer.Exit(2)
        return
    if pace and not any(isinstance(row, Arrival) and row.at_s for row in recorded.rows):
        raise BadInput("--pace needs --time-columns: which columns tell the time of arrival?")
    target = rejects or Path(f"{'stdin' if file == STANDARD_INPUT else file.name}.rejects.jsonl")
    _send(Producer.connect(redis, instance), recorded, pace, target, as_json)


@app.command("arrivals")
def arrivals_(
    queue: Annotated[list[str] | None, typer.Option(help="QUEUE:CHANNEL=PER_MINUTE; may be repeated.")] = None,
    intake: Annotated[list[str] | None, typer.Option(help="INTAKE:CHANNEL=PER_MINUTE; may be repeated.")] = None,
    attribute: Annotated[list[str] | None, typer.Option(help="NAME=TEXT of all contacts; may be repeated.")] = None,
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
    """Push synthetic contacts, as a Poisson process for each queue, or intake, and channel.

    \b
    thirty calls a minute for one queue, five chats for whatever the intake Front chooses:
      arrivals --queue Sales:voice=30 --intake Front:chat=5 --attribute tier=gold --duration 600
    """
    streams = [parse_stream(text) for text in queue or ()]
    streams += [parse_stream(text, "intake") for text in intake or ()]
    if not streams:
        raise BadInput("say what is to come: --queue QUEUE:CHANNEL=PER_MINUTE, or --intake INTAKE:CHANNEL=PER_MINUTE")
    many = sum(stream.per_minute for stream in streams) * duration / 60
    checked_number("the number of contacts, by rates and --duration,", many, 0, MOST_SYNTHETIC)
    used = random.SystemRandom().randrange(1_000_000_000) if seed is None else seed
    made: list[Read] = list(poisson(streams, duration, used, patience, dict(map(pair_of, attribute or ()))))
    say(f"{len(made):,} contacts; --seed {used} repeats them")
    _send(Producer.connect(redis, instance), Recorded(made), pace, Path("arrivals.rejects.jsonl"), as_json)


def _send(producer: Producer, recorded: Recorded, pace: float, target: Path, as_json: bool) -> None:
    """Push the rows with a progress bar and tell what became of them; ends with 2 when some were rejected."""
    rows = recorded.rows
    rejected: list[Reject] = []
    spoken = Spoken(len(rows), None if stderr.is_terminal else say)
    shown = (
        TextColumn("contacts"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), TextColumn("{task.fields[rejected]}", style="red"),
    )  # fmt: skip
    with Progress(*shown, console=stderr, disable=not stderr.is_terminal) as progress:
        task = progress.add_task("contacts", total=len(rows), rate="", rejected="")

        def step(count: int) -> None:
            progress.advance(task, count)
            speed = progress.tasks[0].speed
            progress.update(
                task,
                rate=f"{speed:,.0f}/s" if speed else "",
                rejected=f"{len(rejected):,} rejected" if rejected else "",
            )
            spoken.step(count, len(rejected))

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
        tell_rejects(rejected)
    _tell(replay.tally, recorded.duplicates, target, as_json)
    if rejected:
        raise typer.Exit(2)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as failure:
        raise BadInput(f"{file}: cannot be written: {failure.strerror}") from failure


def _tell(tally: Tally, duplicates: int, target: Path, as_json: bool) -> None:
    if as_json:
        print_json({**tally.counts(), "duplicates": duplicates, "reasons": tally.reasons})
        return
    left_out = f", {duplicates:,} duplicates left out" if duplicates else ""
    stdout.print(f"{tally.pushed:,} pushed, {tally.repeated:,} known already, {tally.rejected:,} rejected{left_out}")
    if tally.left or tally.stayed:
        stdout.print(f"{tally.left:,} customers left, {tally.stayed:,} had been answered before they would have left")
    if tally.rejected:
        stdout.print(f"rejected lines are in {target}", soft_wrap=True)
