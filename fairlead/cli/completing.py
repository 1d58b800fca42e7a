"""Arguments that a shell completes with the names of the instance that the command would ask."""

from collections.abc import Callable
from typing import Annotated

import typer

from fairlead.service.completing import Completed, complete


def completes(what: Completed) -> Callable[[typer.Context, str], list[str]]:
    """What typer asks for the words that may stand where somebody has begun one."""

    def words(context: typer.Context, incomplete: str) -> list[str]:
        return complete(what, incomplete, context.params.get("redis"), context.params.get("instance"))

    return words


def one_of(*words: str) -> Callable[[str], list[str]]:
    """What typer asks for an argument that has a few values."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


ContactArgument = Annotated[str, typer.Argument(autocompletion=completes("contact"))]
AgentArgument = Annotated[str, typer.Argument(autocompletion=completes("agent"))]
QueueArgument = Annotated[str, typer.Argument(autocompletion=completes("queue"))]
ProfileArgument = Annotated[str, typer.Argument(autocompletion=completes("profile"))]
