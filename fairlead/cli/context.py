"""What every command begins with: the server and the instance."""

from typing import Annotated

import typer

RedisOption = Annotated[
    str | None,
    typer.Option(
        "--redis", metavar="URL", help="Address of Redis. Default: FAIRLEAD_REDIS_URL, else the embedded server."
    ),
]
InstanceOption = Annotated[
    str | None,
    typer.Option("--instance", metavar="NAME", help="Name of the instance. Default: FAIRLEAD_INSTANCE, else fairlead."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
