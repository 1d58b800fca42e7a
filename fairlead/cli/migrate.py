"""`fairlead migrate`."""

from dataclasses import asdict
from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, progress_bar, stdout
from fairlead.service.migrating import migrate as migrate_instance


def migrate(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Name of the instance that the first edition has made.")],
    from_redis: Annotated[
        str | None, typer.Option("--from-redis", metavar="URL", help="Address of its Redis. Default: that of --redis.")
    ] = None,
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Carry an instance of the first edition over into a new one: its configuration and its contacts.

    Stop its producers and workers before. OLD is only read; the new instance must not be there yet. When it dies, run
    it again: no program works with the new instance until all of it is there.
    """
    with progress_bar(old, "contacts") as advance:
        done = migrate_instance(old, from_redis, redis, instance, advance)
    if as_json:
        print_json(asdict(done))
        return
    stdout.print(
        f"Carried over: {done.waiting:,} contacts that wait, {done.scheduled:,} that are scheduled and {done.parked:,} "
        f"that are parked. {done.ended:,} that have ended stay behind."
    )
    for name in done.kept:
        stdout.print(f"! {name} was no longer configured, but has contacts: it is again", style="yellow")
