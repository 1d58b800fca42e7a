"""Servers that do not serve, each for its own reason."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from conftest import RealServer, eventually


@contextmanager
def busy(server: RealServer) -> Iterator[None]:
    """A script of somebody's that does not end."""
    server.client().config_set("busy-reply-threshold", 50)
    endless = threading.Thread(target=_evaluate_endlessly, args=(server,))
    endless.start()
    eventually(lambda: refuses(server, "BUSY"))
    yield
    server.client().script_kill()
    endless.join()
    server.client().config_set("busy-reply-threshold", 5_000)  # on a loaded machine a script of ours takes 50 ms, too


def _evaluate_endlessly(server: RealServer) -> None:
    with pytest.raises(redis.ResponseError):
        server.client().eval("while true do end", 0)


def refuses(server: RealServer, code: str) -> bool:
    try:
        server.client().set("probe", 1)
    except redis.RedisError as failure:
        return code in str(failure) or code in type(failure).__name__.upper()
    return False


@contextmanager
def cannot_save(server: RealServer) -> Iterator[None]:
    """The disk takes no snapshot, and Redis refuses to write."""
    client, folder = server.client(), server.socket.parent / "gone"
    folder.mkdir()
    before = client.config_get("dir")["dir"]
    client.config_set("dir", str(folder))
    client.config_set("save", "3600 1")
    folder.rmdir()
    client.bgsave()
    eventually(lambda: refuses(server, "MISCONF"))
    yield
    client.config_set("save", "")
    client.config_set("dir", before)


@contextmanager
def replica(server: RealServer) -> Iterator[None]:
    """The server has become a read-only replica of one that is not there."""
    server.client().replicaof("127.0.0.1", "1")
    yield
    server.client().replicaof("NO", "ONE")


@contextmanager
def memory_full(server: RealServer) -> Iterator[None]:
    """Redis has no memory left, and refuses commands that need some."""
    server.client().config_set("maxmemory", 1)
    yield
    server.client().config_set("maxmemory", 0)


@contextmanager
def killed(server: RealServer) -> Iterator[None]:
    """The server has died, and starts again."""
    server.kill()
    yield
    server.start()


@contextmanager
def without_a_right(server: RealServer) -> Iterator[None]:
    """Somebody has taken a right from the user."""
    server.client().execute_command("ACL", "SETUSER", "default", "-fcall", "-evalsha")
    yield
    server.client().execute_command("ACL", "SETUSER", "default", "+fcall", "+evalsha")
