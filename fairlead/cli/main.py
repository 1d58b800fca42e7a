"""The `fairlead` command."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from fairlead.cli.commands import Commands
from fairlead.cli.output import print_error
from fairlead.domain.names import LONGEST_ACTOR
from fairlead.errors import FairleadError
from fairlead.service.opening import ACTOR

app = typer.Typer(
    cls=Commands,
    help="Route contacts to agents by routing profile, on Redis.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


def main() -> None:
    """Run the command; a FairleadError ends it with the error's exit code, without a traceback."""
    before = ACTOR.set(_who_runs_it())
    try:
        typer.main.get_command(app)()
    except FairleadError as failure:
        print_error(failure)
        sys.exit(failure.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    finally:
        ACTOR.reset(before)


def _who_runs_it() -> str:
    """The user, as events tell it: a container may know it by number only."""
    user = os.environ.get("LOGNAME") or os.environ.get("USER") or str(os.getuid())
    return f"cli:{user}"[:LONGEST_ACTOR] if user.isprintable() else "cli"


if __name__ == "__main__":
    main()
