"""Runs the server until it is told to stop."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import uvicorn

from fairlead.cli.output import say
from fairlead.errors import InvalidSetting
from fairlead.server.finding import find_server
from fairlead.service.gateway import AsyncGateway
from fairlead.settings import read_settings
from fairlead_web.api.app import make_app
from fairlead_web.api.guard import LOCAL
from fairlead_web.api.site import Site
from fairlead_web.webhooks.addresses import read_networks

STOP_WITHIN_S = 5
"""How long requests that are under way may take once the server was told to stop."""

_BACKLOG = 2_048


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def serve(
    host: str, port: int, url: str | None, instance: str | None, tell: Callable[[str], object]
) -> None:
    """Serve an instance until SIGTERM or Ctrl-C. `tell`: is given the address once the server listens.

    Raises InvalidSetting when it must not or cannot listen, and what keeps it from the instance.
    """
    with closing(_listening(host, port)) as listener, asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_serve(listener, host, url, instance, tell))


async def _serve(
    listener: socket.socket, host: str, url: str | None, instance: str | None, tell: Callable[[str], object]
) -> None:
    async with await AsyncGateway.connect(url, instance, actor="http") as gateway:
        networks = read_networks(read_settings().webhook_networks)
        site = Site(gateway, say, where=find_server(url, instance), networks=networks)
        await site.access.refresh()
        if not (site.access.is_required or is_loopback(host)):
            raise InvalidSetting(
                f"the server does not listen on {host} without tokens: use 127.0.0.1, or make one: "
                "fairlead tokens create --scope admin"
            )
        name = f"[{host}]" if ":" in host else host
        app = make_app(site, LOCAL | {name})
        server = _Server(site, uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=STOP_WITHIN_S,
            server_header=False, h11_max_incomplete_event_size=32_768,
        ))  # fmt: skip
        tell(f"http://{name}:{listener.getsockname()[1]}/")
        await server.serve([listener])


class _Server(uvicorn.Server):
    """Ends streams first when it stops, since they would go on for ever; and a signal that stops it is no failure."""

    def __init__(self, site: Site, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._site = site

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._site.ring.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, self.handle_exit, one, None)
        try:
            yield
        finally:
            for one in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(one)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as failure:
        listener.close()
        raise InvalidSetting(f"the server cannot listen on {host}:{port}: {failure.strerror or failure}") from failure
    return listener


def _new_loop() -> Any:
    import uvloop

    return uvloop.new_event_loop()
