"""/metrics for Prometheus and /healthz for health checks, over HTTP."""

import gzip
import hmac
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import orjson
from prometheus_client.exposition import ThreadingWSGIServer

from fairlead.cli.outage import Outage
from fairlead.errors import FairleadError, InvalidSetting
from fairlead.service.shared import Shared
from fairlead.service.supervisor import Supervisor
from fairlead_web.metrics import CONTENT_TYPE, age, exposition

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def pages(supervisor: Supervisor, token: str | None, outage: Outage) -> Application:
    """The WSGI application. With a token, /metrics wants `Authorization: Bearer TOKEN`; /healthz tells no figures.

    The instance is read and described at most once a second, however many ask.
    """
    shared = Shared(lambda: exposition(supervisor.snapshot("signed_in")))

    def application(environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return _answer(start, "405 Method Not Allowed", {"error": "only GET and HEAD"})
        if path == "/healthz":
            return _health(supervisor, outage, start)
        if path != "/metrics":
            return _answer(start, "404 Not Found", {"error": "there are /metrics and /healthz"})
        given = environ.get("HTTP_AUTHORIZATION", "").encode()
        if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return _answer(start, "401 Unauthorized", {"error": "send Authorization: Bearer TOKEN"})
        return _metrics(shared, outage, environ, start)

    return application


def _metrics(
    shared: Shared[str], outage: Outage, environ: dict[str, Any], start: StartResponse
) -> Iterable[bytes]:
    """The snapshot is taken before anything is written, so that a failure has a status of its own."""
    try:
        text, age_s = shared.look()
    except FairleadError as failure:
        outage.note(failure)
        return _answer(start, "503 Service Unavailable", {"error": str(failure)})
    outage.note(None)
    body, headers = (age(age_s) + text).encode(), [("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")]
    if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = gzip.compress(body, compresslevel=1)
        headers.append(("Content-Encoding", "gzip"))
    start("200 OK", headers)
    return [body]


def _health(supervisor: Supervisor, outage: Outage, start: StartResponse) -> Iterable[bytes]:
    try:
        version = supervisor.version()
    except FairleadError as failure:
        outage.note(failure)
        return _answer(start, "503 Service Unavailable", {"healthy": False, "why": str(failure)})
    outage.note(None)
    return _answer(start, "200 OK", {"healthy": True, "redis": version})


def _answer(start: StartResponse, status: str, body: dict[str, Any]) -> list[bytes]:
    start(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [orjson.dumps(body)]


def check_exposure(host: str, token: str | None) -> None:
    """Raises InvalidSetting when pages would be open to other machines without a token."""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not (is_loopback or token):
        raise InvalidSetting(
            f"the monitor does not listen on {host} without a token: set FAIRLEAD_MONITOR_TOKEN, or use 127.0.0.1"
        )


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class' name
        """A scrape is not news."""


def serve(supervisor: Supervisor, host: str, port: int, token: str | None, outage: Outage) -> ThreadingWSGIServer:
    """A server that listens already; call its serve_forever. Raises InvalidSetting."""
    check_exposure(host, token)
    try:
        return make_server(host, port, pages(supervisor, token, outage), ThreadingWSGIServer, _Quiet)
    except OSError as failure:
        raise InvalidSetting(f"the monitor cannot listen on {host}:{port}: {failure.strerror}") from failure
