"""The commands by name, each of which is read when somebody asks for it: to read them all takes half a second."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperGroup

from fairlead.cli.output import stderr

GROUP = "fairlead.commands"
"""Programs that come with the library, or with others, declare their subcommands in this group of entry points."""

OWN = {
    "apply": "configuration:apply", "export": "configuration:export", "schema": "configuration:schema",
    "import": "importing:import_", "status": "status:status", "top": "status:top", "report": "report:report",
    "events": "events:events", "doctor": "doctor:doctor", "audit": "audit:audit", "migrate": "migrate:migrate",
    "simulate": "simulate:simulate", "staff": "staff:staff", "contacts": "contacts:app", "agents": "agents:app",
    "queues": "queues:app", "explain": "explain:app", "intake": "intakes:app", "redis": "redis:app",
}  # fmt: skip
"""What each of the library's own commands is in `fairlead.cli`, in the order of the help."""


class Commands(TyperGroup):
    """A group that knows its commands' names, and of a command no more until it is asked for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._unread = {name: EntryPoint(name, f"fairlead.cli.{place}", GROUP) for name, place in OWN.items()}
        self._unread |= {one.name: one for one in sorted(entry_points(group=GROUP), key=lambda one: one.name)}
        self.names = list(self._unread)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # typer's method
        """All that can be read, in their order."""
        return [name for name in self.names if self._read(name)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name. Who mistypes one is told which is close to it, for which all are read."""
        if cmd_name not in self.names:
            self.list_commands(ctx)
        return self._read(cmd_name)

    def _read(self, name: str) -> Any:
        """The command, or None when there is none, or it cannot be loaded, which is told once."""
        if name in self._unread:
            entry = self._unread.pop(name)
            try:
                self.commands[name] = _built(entry)
            except ImportError as failure:
                told = f"warning: `fairlead {name}` ({entry.value}) cannot be loaded: {failure}"
                stderr.print(told, markup=False, soft_wrap=True)
        return self.commands.get(name)


def _built(entry: EntryPoint) -> Any:
    found, alone = entry.load(), typer.Typer()
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=entry.name)
    else:
        alone.command(entry.name)(found)
    command = typer.main.get_group(alone).commands[entry.name]
    _let_help_flow(command)
    return command


def _let_help_flow(command: Any) -> None:
    """Have help fill the terminal's width: typer keeps the line ends of a docstring. What begins with \\b is set."""
    paragraphs = (command.help or "").split("\n\n")
    command.help = "\n\n".join(text if text.startswith("\b") else " ".join(text.split()) for text in paragraphs)
    for one in getattr(command, "commands", {}).values():
        _let_help_flow(one)
