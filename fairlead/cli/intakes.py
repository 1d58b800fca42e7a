"""`fairlead intake`."""

from dataclasses import asdict
from typing import Annotated

import typer

from fairlead.cli.completing import one_of
from fairlead.cli.contacts import pair_of
from fairlead.cli.context import InstanceOption, JsonOption, RedisOption
from fairlead.cli.output import print_json, stdout
from fairlead.configuration.objects import object_values
from fairlead.domain.channel import CHANNELS, checked_channel
from fairlead.domain.intake import Verdict, choice_text, choice_values
from fairlead.service.supervisor import Supervisor

app = typer.Typer(help="List intakes, and try what they would make of a contact.", no_args_is_help=True)


@app.command("list")
def list_(as_json: JsonOption = False, redis: RedisOption = None, instance: InstanceOption = None) -> None:
    """List the intakes with their rules, in order."""
    found = Supervisor.connect(redis, instance).configuration()[0].intakes
    intakes = [found[name] for name in sorted(found)]
    if as_json:
        print_json([{"name": one.name, **object_values(one)} for one in intakes])
        return
    for intake in intakes:
        _print(f"{intake.name}  {intake.display_name}".rstrip())
        for number, rule in enumerate(intake.rules, 1):
            _print(f"  {f'{number} {rule.name}'.rstrip()}: {rule.when}: {choice_text(rule.choice)}")
        _print(f"  default: {choice_text(intake.default)}")
    if not intakes:
        _print("none")


@app.command("try")
def try_(
    intake: str,
    attribute: Annotated[list[str] | None, typer.Option(help="NAME=TEXT; may be repeated.")] = None,
    channel: Annotated[
        str, typer.Option(help="voice, chat, task or email.", autocompletion=one_of(*CHANNELS))
    ] = "voice",
    customer: Annotated[str, typer.Option(help="Name that identifies the customer.")] = "",
    as_json: JsonOption = False,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Show what an intake would make of a contact now: which rule holds, and why those before it do not."""
    attributes = dict(map(pair_of, attribute or ()))
    trial = Supervisor.connect(redis, instance).try_intake(
        intake, channel=checked_channel(channel), attributes=attributes, customer=customer
    )
    if as_json:
        print_json({**asdict(trial), "choice": choice_values(trial.choice)})
        return
    for verdict in trial.rules:
        _print(_told(verdict))
    _print(f"so: {choice_text(trial.choice)}")
    if trial.read:
        _print(f"read: {', '.join(f'{name} is {value}' for name, value in trial.read.items())}")


def _told(verdict: Verdict) -> str:
    if not verdict.rule:
        return "default: no rule holds"
    name = f"{verdict.rule} {verdict.name}".rstrip()
    return f"{name}: no: {verdict.why_not}" if verdict.why_not else f"{name}: yes: {verdict.when}"


def _print(line: str) -> None:
    stdout.print(line, markup=False, soft_wrap=True)
