"""`fairlead monitor` and `fairlead serve`."""

from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, RedisOption
from fairlead.cli.outage import Outage
from fairlead.cli.output import say, stdout
from fairlead.errors import InvalidSetting
from fairlead.service.supervisor import Supervisor
from fairlead.settings import read_settings
from fairlead.telemetry import instrument_by_environment
from fairlead_web import server


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
    with server.serve(Supervisor.connect(redis, instance), host, port, word, Outage(say)) as listening:
        stdout.print(f"http://{host}:{listening.server_port}/metrics")
        try:
            listening.serve_forever()
        except KeyboardInterrupt:
            return


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on. Other machines need a token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port to listen on; 0: any free port.")] = 8080,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Serve the instance over HTTP: contacts, agents, configuration, measures and a stream of events.

    SIGTERM or Ctrl-C stops it: streams end, requests under way have 5 s. It needs what the extra `web` installs.
    """
    try:
        from fairlead_web.api.running import serve as run
    except ModuleNotFoundError as missing:
        raise InvalidSetting(f"{missing.name} is not installed: pip install 'fairlead[web]'") from missing
    instrument_by_environment("fairlead-serve")
    run(host, port, redis, instance, lambda address: stdout.print(address, soft_wrap=True))
