"""A server of Redis as deploy/redis sets it up."""

from collections.abc import Sequence
from pathlib import Path

import redis
from conftest import RealServer, eventually

ROOT = Path(__file__).parents[1]


class DeployedServer(RealServer):
    """A server with the files for a deployment, in a folder of its own: nobody does anything without a user."""

    def __init__(self, kind: str, folder: Path) -> None:
        for file in (ROOT / "deploy" / "redis").iterdir():
            (folder / file.name).write_text(file.read_text().replace("/etc/fairlead", str(folder)))
        super().__init__(kind, folder)

    def _command_of(self, binary: str, folder: Path, options: Sequence[str]) -> list[str]:
        return [
            binary, str(folder / "redis.conf"), "--port", "0", "--unixsocket", str(self.socket), "--dir", str(folder),
            *options,
        ]  # fmt: skip

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), username="admin", password="change-admin")

    def settle(self) -> None:
        """Wait until what was written has been handed to the operating system, which a killed process does not lose."""
        eventually(lambda: not self.client().info("persistence")["aof_buffer_length"])
        eventually(lambda: not self.client().info("persistence")["aof_pending_bio_fsync"])

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()

    def url_of(self, user: str) -> str:
        return f"unix://{user}:change-{user}@{self.socket}"
