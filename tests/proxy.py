"""Small proxies between clients and a Redis, which lose, cut, hold back and split replies on purpose."""

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


class Gate:
    """Passes bytes between a unix socket of its own and a server's, until it is told otherwise."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.path = folder / "gate.sock"
        self.url = f"unix://{self.path}"
        self.sent: list[bytes] = []
        """What clients have sent, as it came."""
        self.connections = 0
        self.splits = False
        """Whether replies are passed byte by byte."""
        self._opened = threading.Event()
        self._opened.set()
        self._deaf: set[int] = set()
        self._said: dict[int, bytes] = {}
        self._server = server
        self._ends: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def shut(self) -> None:
        """Hold replies back until the gate is opened."""
        self._opened.clear()

    def open(self) -> None:
        self._opened.set()

    def forget(self, said: bytes = b"") -> None:
        """Pass no byte more of the connections that there are, or that have said this; they stay open."""
        self._deaf |= {number for number, text in self._said.items() if said in text}

    def cut(self) -> None:
        """Cut all connections."""
        ends, self._ends = self._ends, []
        _close(*ends)

    def close(self) -> None:
        _close(self._listener)
        self.open()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._server))
            except OSError:  # it is down
                _close(client)
                continue
            self.connections += 1
            self._said[self.connections] = b""
            self._ends += [client, server]
            for work in (self._requests, self._replies):
                threading.Thread(target=work, args=(client, server, self.connections), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket, number: int) -> None:
        while data := _received(client):
            self.sent.append(data)
            self._said[number] += data
            if number not in self._deaf:
                _send(server, data)
        if number not in self._deaf:
            _close(client, server)

    def _replies(self, client: socket.socket, server: socket.socket, number: int) -> None:
        while data := _received(server):
            self._opened.wait()
            if number not in self._deaf:
                for part in [data[place : place + 1] for place in range(len(data))] if self.splits else [data]:
                    _send(client, part)
        if number not in self._deaf:
            _close(client, server)


def _send(end: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        end.sendall(data)


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
