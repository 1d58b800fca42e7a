"""Clients that follow the events of a real server and are cut off at random: what each of them got in all."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Follower:
    """One that follows. `seen`: the ids of the events that came, in order; `gaps`: how often it was told of a gap."""

    address: str
    last_id: str = ""
    seen: list[str] = field(default_factory=list)
    gaps: int = 0
    cuts: int = 0
    is_done: bool = False
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def follow(self) -> None:
        """Follow, again and again after each cut, until it is closed."""
        while not self.is_done:
            try:
                await self._connect()
                await self._read()
            except (ConnectionError, asyncio.IncompleteReadError, OSError):
                await asyncio.sleep(0.01)

    def cut(self) -> None:
        """Break the connection off, wherever it is in what it reads."""
        if self._writer:
            self.cuts += 1
            self._writer.transport.abort()

    def close(self) -> None:
        self.is_done = True
        if self._writer:
            self._writer.transport.abort()

    async def _connect(self) -> None:
        place = urlsplit(self.address)
        self._reader, self._writer = await asyncio.open_connection(place.hostname, place.port)
        last = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        asked = "GET /v1/events?name=contact. HTTP/1.1\r\nAccept: text/event-stream\r\n"
        self._writer.write(f"{asked}Host: {place.netloc}\r\n{last}\r\n".encode())

    async def _read(self) -> None:
        assert self._reader
        event_id, name, has_data = "", "", False
        while line := await self._reader.readline():
            if not line.endswith(b"\n"):
                return
            key, _, text = line.decode().strip().partition(": ")
            if key == "id":
                event_id = text
            elif key == "event":
                name = text
            elif key == "data":
                has_data = True
            elif not key and event_id:
                self._take(event_id, name, has_data)
                event_id, name, has_data = "", "", False

    def _take(self, event_id: str, name: str, has_data: bool) -> None:
        self.last_id = event_id
        if name == "gap":
            self.gaps += 1
        elif has_data and not name:
            self.seen.append(event_id)


async def cut_at_random(followers: Sequence[Follower], cuts: int, pause_s: float, seed: int) -> None:
    """Cut some of them off, one after the other."""
    choose = random.Random(seed)
    for _ in range(cuts):
        choose.choice(followers).cut()
        await asyncio.sleep(pause_s)
