"""A redis-server of one measurement: without persistence, on a unix socket, on a core of its own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis

from benchmarks.clocks import server_cpu_s
from fairlead.server.connection import connect
from fairlead.server.embedded import server_binary


@dataclass(frozen=True, slots=True)
class Server:
    """A running redis-server, and a folder beside it for what its clients write."""

    pid: int
    folder: Path
    client: redis.Redis

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def cpu_s(self) -> float:
        return server_cpu_s(self.pid)

    def used_bytes(self) -> int:
        return int(self.client.info("memory")["used_memory"])


@contextmanager
def running_server(core: int | None = None) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        place = partial(os.sched_setaffinity, 0, {core}) if core is not None else None
        with subprocess.Popen(
            [
                server_binary(), "--port", "0", "--unixsocket", f"{name}/redis.sock", "--save", "", "--dir", name,
                "--appendonly", "no", "--maxclients", "20000",
            ],
            stdout=subprocess.DEVNULL,
            preexec_fn=place,
        ) as process:  # fmt: skip
            client = connect(f"unix://{name}/redis.sock")
            try:
                client.ping()
                yield Server(process.pid, Path(name), client)
            finally:
                client.close()
                process.kill()


def server_beside(server: Server) -> AbstractContextManager[Server]:
    """Another one, on the same core when that has one for itself."""
    placed = os.sched_getaffinity(server.pid) if hasattr(os, "sched_getaffinity") else set()
    return running_server(*placed) if len(placed) == 1 else running_server()
