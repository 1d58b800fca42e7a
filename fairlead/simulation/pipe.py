"""The way to the simulation's server: many requests, each at its own virtual time, in one round trip."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fairlead.store.client import Store
from fairlead.store.request import Request
from fairlead.store.scripts import load

MOST_DUE = 64
"""How many due times an answer tells."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of the stream; a field that it does not have is empty."""

    name: str
    at_us: int
    _fields: dict[bytes, bytes]

    def __getitem__(self, name: bytes) -> str:
        return self._fields.get(name, b"").decode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of requests: their replies, or the error of each that was refused; what happened; what is due when.

    `due_until_us`: up to then nothing else is due.
    """

    replies: list[Any]
    events: list[Happened]
    due_us: list[int]
    due_until_us: float


class Pipe:
    """Sends requests of one instance. `never_us`: what is due from then on is not told."""

    def __init__(self, store: Store, never_us: int) -> None:
        self._store = store
        self._never_us = never_us
        self._loaded: set[str] = set()
        self._last = b""

    def send(self, requests: Sequence[tuple[int, Request[Any]]]) -> Answer:
        """Run requests in order, each at its time."""
        for name in {request.script for _, request in requests} - self._loaded:
            self._store.client.script_load(load(name).plain_text)
            self._loaded.add(name)
        pipeline = self._store.client.pipeline(transaction=False)
        for now_us, request in requests:
            script = load(request.script)
            pipeline.execute_command("EVALSHA", script.plain_sha, *script.arguments(request, now_us))
        keys = self._store.keys
        pipeline.xrange(keys.events, b"(" + self._last if self._last else "-", "+")
        pipeline.zrangebyscore(keys.due, "-inf", f"({self._never_us}", start=0, num=MOST_DUE, withscores=True)
        *replies, rows, due = pipeline.execute(raise_on_error=False)
        for told in (rows, due):
            if isinstance(told, Exception):
                raise told
        self._last = rows[-1][0] if rows else self._last
        due_us = [int(score) for _, score in due]
        events = [Happened(row[b"event"].decode(), int(row[b"at_us"]), row) for _, row in rows]
        return Answer(replies, events, due_us, due_us[-1] if len(due_us) == MOST_DUE else math.inf)
