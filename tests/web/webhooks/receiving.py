"""A receiver of webhooks: a real server that notes what it was sent, and answers as the test wants."""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class Received:
    """One request. `at_s`: by the monotonic clock."""

    path: str
    headers: dict[str, str]
    body: bytes
    at_s: float = field(default_factory=time.monotonic)

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found


Answering = Callable[[Received], "int | tuple[int, dict[str, str]] | bytes"]
"""The status of an answer, and its headers; or all that is ever written."""


class Receiver:
    """`answers`: what it answers to each request; the test may change it. `certificate`: a file with key and all."""

    def __init__(self, certificate: str = "") -> None:
        self.received: list[Received] = []
        self.answers: Answering = lambda _: 204
        self.connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/in?a=b"

    def ids(self) -> list[str]:
        return [one.headers["webhook-id"].removeprefix("msg_") for one in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                receiver.connections += 1
                super().setup()

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                headers = {name.lower(): value for name, value in self.headers.items()}
                one = Received(self.path, headers, self.rfile.read(length))
                answer = receiver.answers(one)
                receiver.received.append(one)
                if isinstance(answer, bytes):
                    self.wfile.write(answer)
                    return
                status, more = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Holding:
    """A receiver's answer that does not come until it is let go."""

    def __init__(self, receiver: Receiver) -> None:
        self.came, self._goes = threading.Event(), threading.Event()
        receiver.answers = lambda _: self._answer()

    def _answer(self) -> int:
        self.came.set()
        self._goes.wait(30)
        return 204

    def let_go(self) -> None:
        self._goes.set()
