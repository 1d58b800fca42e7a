"""`fairlead monitor`."""

from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, RedisOption
from fairlead.cli.outage import Outage
from fairlead.cli.output import say, stdout
from fairlead.service.supervisor import Supervisor
from fairlead.settings import read_settings
from fairlead_web.server import serve


def monitor(
    host: Annotated[str, typer.Option(help="Address to listen on. Other machines need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0: any free port.")] = 9464,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Serve /metrics for Prometheus and /healthz. When FAIRLEAD_MONITOR_TOKEN is set, /metrics requires it.

    During an outage of Redis both answer 503 with the reason.
    """
    token = read_settings().monitor_token
    word = token.get_secret_value() if token else None
    with serve(Supervisor.connect(redis, instance), host, port, word, Outage(say)) as server:
        stdout.print(f"http://{host}:{server.server_port}/metrics")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
