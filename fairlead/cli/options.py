"""Options that several commands have."""

from typing import Annotated

import typer

from fairlead.cli.completing import completes

ProfileOption = Annotated[
    str,
    typer.Option(
        help="Routing profile of agents that are not known; needed once a configuration is applied.",
        autocompletion=completes("profile"),
    ),
]
