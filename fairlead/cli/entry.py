"""Where the `fairlead` command begins, before the half second that it takes to import the rest."""

import sys


def main() -> None:
    """The `fairlead` command. Ctrl-C ends it without a traceback, also while it still starts."""
    try:
        from fairlead.cli.main import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(130)
