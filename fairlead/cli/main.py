"""The `fairlead` command. Programs that come with the library, or with others, add their own subcommands to it."""

import os
import sys
from importlib.metadata import EntryPoint, entry_points, version
from typing import Annotated, Any

import typer

from fairlead.cli import (
    agents,
    audit,
    configuration,
    contacts,
    doctor,
    events,
    explain,
    importing,
    intakes,
    migrate,
    queues,
    redis,
    report,
    simulate,
    staff,
    status,
)
from fairlead.cli.output import print_error, stderr
from fairlead.domain.names import LONGEST_ACTOR
from fairlead.errors import FairleadError
from fairlead.service.opening import ACTOR

COMMANDS_GROUP = "fairlead.commands"

app = typer.Typer(
    help="Route contacts to agents by routing profile, on Redis.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(configuration.apply)
app.command()(configuration.export)
app.command()(configuration.schema)
app.command("import")(importing.import_)
app.command()(status.status)
app.command()(status.top)
app.command()(report.report)
app.command()(events.events)
app.command()(doctor.doctor)
app.command()(audit.audit)
app.command()(migrate.migrate)
app.command()(simulate.simulate)
app.command()(staff.staff)
app.add_typer(contacts.app, name="contacts")
app.add_typer(agents.app, name="agents")
app.add_typer(queues.app, name="queues")
app.add_typer(explain.app, name="explain")
app.add_typer(intakes.app, name="intake")
app.add_typer(redis.app, name="redis")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fairlead {version('fairlead')}")
        raise typer.Exit


@app.callback()
def _root(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Route contacts to agents by routing profile, on Redis."""


def add_programs() -> None:
    """Add the subcommands that installed packages declare; one that cannot be loaded is told, and left out."""
    for entry in sorted(entry_points(group=COMMANDS_GROUP), key=lambda entry: entry.name):
        try:
            _add(entry)
        except ImportError as failure:
            stderr.print(f"warning: `fairlead {entry.name}` ({entry.value}) cannot be loaded: {failure}", markup=False)


def _add(entry: EntryPoint) -> None:
    command = entry.load()
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=entry.name)
    else:
        app.command(entry.name)(command)


def main() -> None:
    """The `fairlead` command, with the programs that are installed."""
    add_programs()
    run()


def run() -> None:
    """Run the command; a FairleadError ends it with the error's exit code, without a traceback."""
    before = ACTOR.set(_who_runs_it())
    command = typer.main.get_command(app)
    _let_help_flow(command)
    try:
        command()
    except FairleadError as failure:
        print_error(failure)
        sys.exit(failure.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        ACTOR.reset(before)


def _let_help_flow(command: Any) -> None:
    """Have help fill the terminal's width: typer keeps the line ends of a docstring. What begins with \\b is set."""
    paragraphs = (command.help or "").split("\n\n")
    command.help = "\n\n".join(text if text.startswith("\b") else " ".join(text.split()) for text in paragraphs)
    for one in getattr(command, "commands", {}).values():
        _let_help_flow(one)


def _who_runs_it() -> str:
    """The user, as events tell it: a container may know it by number only."""
    user = os.environ.get("LOGNAME") or os.environ.get("USER") or str(os.getuid())
    return f"cli:{user}"[:LONGEST_ACTOR] if user.isprintable() else "cli"


if __name__ == "__main__":
    main()
