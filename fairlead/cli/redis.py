"""`fairlead redis`: the embedded server."""

from pathlib import Path

import typer

from fairlead.cli.context import JsonOption
from fairlead.cli.output import print_json, stdout
from fairlead.server.embedded import EmbeddedRedis
from fairlead.service.opening import reach_store
from fairlead.service.supervisor import Supervisor
from fairlead.settings import read_settings

app = typer.Typer(help="The embedded Redis server.", no_args_is_help=True)


def _embedded() -> EmbeddedRedis:
    home = read_settings().home
    return EmbeddedRedis(Path(home) if home else None)


@app.command()
def url() -> None:
    """Print the address of the embedded server, for redis-cli and other programs. It runs while a program uses it."""
    stdout.print(_embedded().url, soft_wrap=True)


@app.command()
def info(as_json: JsonOption = False) -> None:
    """Show the data folder, version and size of the embedded server."""
    embedded = _embedded()
    server = Supervisor(reach_store(embedded.url)).server()
    facts = {
        "home": str(embedded.home),
        "url": embedded.url,
        "version": server.version,
        "memory": server.memory,
        "keys": server.keys,
    }
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        stdout.print(f"{name:8} {value}", soft_wrap=True, markup=False)
