"""`fairlead produce`: push one contact, replay a file, make synthetic arrivals."""

from typing import Annotated

import orjson
import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption, open_store
from fairlead.cli.output import print_json, stdout
from fairlead.domain.channel import checked_channel
from fairlead.domain.contact import DEFAULT_PRIORITY
from fairlead.errors import InvalidContact
from fairlead.producer import Producer

app = typer.Typer(help="Make contacts.", no_args_is_help=True)


@app.command()
def push(
    queue: Annotated[str, typer.Argument(help="A queue, or @agent.")],
    payload: Annotated[str, typer.Option(help="JSON for the handler.")] = "null",
    channel: Annotated[str, typer.Option(help="voice, chat, task or email.")] = "voice",
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = DEFAULT_PRIORITY,
    age_adjustment: Annotated[int, typer.Option(help="Seconds by which it ranks older.")] = 0,
    contact: Annotated[str | None, typer.Option("--id", help="The contact's id; pushing it again is harmless.")] = None,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Push one contact."""
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as failure:
        raise InvalidContact(f"the payload is not JSON: {failure}") from failure
    receipt = Producer(open_store(redis, instance)).push(
        queue, body, channel=checked_channel(channel), priority=priority, age_adjustment_s=age_adjustment,
        contact_id=contact,
    )  # fmt: skip
    if as_json:
        print_json({"contact_id": receipt.contact_id, "created": receipt.created, "state": receipt.state})
    else:
        known = "" if receipt.created else " (known already)"
        stdout.print(f"{receipt.contact_id} is {receipt.state}{known}")
