"""The network between a browser and a server: it may be gone, without a word, and be back."""

import socket
import threading
from contextlib import suppress


class Network:
    """Passes bytes between a port of its own and a server's."""

    def __init__(self, address: str) -> None:
        self._port = int(address.rpartition(":")[2])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._there = threading.Event()
        self._there.set()
        self._number = 0
        self._ends: list[socket.socket] = []
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def goes(self) -> None:
        """From now on nothing passes: connections stay open, and nobody answers."""
        self._there.clear()

    def is_back(self) -> None:
        """New connections pass; the old ones have died meanwhile."""
        ends, self._ends = self._ends, []
        self._there.set()
        _close(*ends)

    def is_another(self) -> None:
        """As when a laptop comes to another place: connections that there are stay open, and nothing passes them."""
        self._number += 1

    def close(self) -> None:
        _close(self._listener)
        self.is_back()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._ends.append(client)
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._there.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._port))
        except OSError:  # it is down
            _close(client)
            return
        self._ends.append(server)
        threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
        self._pass(server, client)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        number, data = self._number, b"-"
        while data:
            try:
                data = source.recv(65_536)
            except OSError:
                data = b""
            self._there.wait()
            if number != self._number:
                return
            with suppress(OSError):
                target.sendall(data)
        _close(source, target)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
