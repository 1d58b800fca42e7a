"""Connections by TLS that find out why there is none: a Redis without it takes a greeting for the start of a line, and
waits for the rest, as long as one cares to wait.
"""

import asyncio
import socket
import ssl
from contextlib import suppress

import redis
import redis.asyncio

from fairlead.server.failures import SpeaksNoTLS

_ANSWERS_WITHIN_S = 1.0


def check_speaks_tls(host: str, port: int) -> None:
    """Raises SpeaksNoTLS when what is asked without TLS is answered. For when a greeting was not: a server that only
    has no time answers neither.
    """
    with suppress(OSError), socket.create_connection((host, port), _ANSWERS_WITHIN_S) as plain:
        plain.sendall(b"PING\r\n")
        if plain.recv(1) in (b"+", b"-"):
            raise SpeaksNoTLS("the server speaks no TLS on this port")


class TLSConnection(redis.SSLConnection):
    """To a server, by TLS. Raises SpeaksNoTLS when it turns out to speak none."""

    def _connect(self) -> ssl.SSLSocket:
        try:
            made: ssl.SSLSocket = super()._connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            check_speaks_tls(self.host, self.port)
            raise
        return made


class AsyncTLSConnection(redis.asyncio.SSLConnection):
    """The same in asyncio."""

    async def _connect(self) -> None:
        try:
            await super()._connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            await asyncio.to_thread(check_speaks_tls, self.host, self.port)
            raise
