"""Options that several commands have, and what is checked of them."""

from typing import Annotated

import typer

from fairlead.errors import InvalidSetting

ProfileOption = Annotated[
    str,
    typer.Option(help="Routing profile of agents that are not known; needed once a configuration is applied."),
]

DAY_S = 86_400.0


def checked_number(option: str, value: float, least: float, most: float) -> float:
    """The number itself when it is from `least` to `most`; "nan" and "inf" are numbers to Typer, and never to us.

    Raises InvalidSetting.
    """
    if least <= value <= most:
        return value
    raise InvalidSetting(f"{option} {value:g} is not possible: give a number from {least:g} to {most:,g}")
