"""A server for a simulation alone: nothing that it does affects an instance that works."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import redis

from fairlead.errors import BadInput
from fairlead.server.connection import connect
from fairlead.server.embedded import EmbeddedRedis


class Kind(StrEnum):
    """Where the transitions of a simulation run."""

    EMBEDDED = "embedded"
    FAKEREDIS = "fakeredis"


@contextmanager
def private_server(kind: Kind = Kind.EMBEDDED) -> Iterator[redis.Redis]:
    """A client of an empty server that ends with the block. Raises EmbeddedUnavailable, BadInput."""
    if kind is Kind.FAKEREDIS:
        yield _fake()
        return
    with tempfile.TemporaryDirectory(prefix="fairlead-simulation-", ignore_cleanup_errors=True) as home:
        embedded = EmbeddedRedis(Path(home))
        client = connect(embedded.url, retries=0)
        try:
            client.config_set("appendonly", "no")  # nobody wants it back
            yield client
        finally:
            client.shutdown(nosave=True)
            client.close()
            embedded.close()
            with suppress(OSError):
                embedded.socket.parent.rmdir()  # apart from the home when the home's path is too long for a socket


def _fake() -> redis.Redis:
    try:
        from fakeredis import FakeRedis
    except ImportError as failure:
        raise BadInput(
            "fakeredis is not installed: run `pip install 'fakeredis[lua]'`, or choose --instance-server embedded"
        ) from failure
    return FakeRedis()
