"""A small proxy between clients and a Redis, which loses replies on purpose."""

import random
import socket
import threading
from contextlib import suppress
from pathlib import Path


class LossyProxy:
    """Passes bytes between a unix socket of its own and a server's.

    A reply to a command that `loses` names is lost with the given chance: the connection is cut in its place.
    """

    def __init__(self, folder: Path, server: Path, loses: bytes, chance: float, seed: int = 1) -> None:
        self.path = folder / "proxy.sock"
        self.url = f"unix://{self.path}"
        self.lost = 0
        self._server = server
        self._loses = loses
        self._chance = chance
        self._random = random.Random(seed)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def loses_no_more(self) -> None:
        self._chance = 0.0

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            asked = threading.Event()
            threading.Thread(target=self._requests, args=(client, server, asked), daemon=True).start()
            threading.Thread(target=self._replies, args=(server, client, asked), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, asked: threading.Event) -> None:
        while data := _received(client):
            if self._loses in data:
                asked.set()
            server.sendall(data)
        _close(client, server)

    def _replies(self, server: socket.socket, client: socket.socket, asked: threading.Event) -> None:
        while data := _received(server):
            is_nothing = data.startswith((b"*-1", b"$-1", b"_"))
            if asked.is_set() and not is_nothing and self._random.random() < self._chance:
                self.lost += 1
                break
            asked.clear()
            client.sendall(data)
        _close(client, server)


def _received(end: socket.socket) -> bytes:
    try:
        return end.recv(65_536)
    except OSError:
        return b""


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
