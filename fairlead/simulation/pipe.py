"""The way to the simulation's server: many requests, each at its own virtual time, in one round trip."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from fairlead.errors import FairleadError
from fairlead.store.client import Store
from fairlead.store.procedure import Command
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
        self._before = f"({never_us}"
        self._loaded: set[str] = set()
        self._last = b""

    def send(self, requests: Sequence[tuple[int, Request[Any]]]) -> Answer:
        """Run requests in order, each at its time."""
        self._load({request.script for _, request in requests})
        commands: list[Command] = [_call(request, now_us) for now_us, request in requests]
        keys, after = self._store.keys, b"(" + self._last if self._last else b"-"
        commands.append(("XRANGE", keys.events, after, "+"))
        commands.append(("ZRANGEBYSCORE", keys.due, "-inf", self._before, "WITHSCORES", "LIMIT", 0, MOST_DUE))
        *replies, rows, due = self._store.client.send(commands)
        _expect(rows, due)
        self._last = rows[-1][0] if rows else self._last
        due_us = [int(score) for _, score in due]
        events = [Happened(row[b"event"].decode(), int(row[b"at_us"]), row) for _, row in rows]
        return Answer(replies, events, due_us, due_us[-1] if len(due_us) == MOST_DUE else math.inf)

    def _load(self, names: Set[str]) -> None:
        """A script without flags runs on every server; they would only matter where memory is full."""
        for name in names - self._loaded:
            _expect(*self._store.client.send([("SCRIPT LOAD", load(name).plain_text)]))
            self._loaded.add(name)


def _call(request: Request[Any], now_us: int) -> Command:
    script = load(request.script)
    return ("EVALSHA", script.plain_sha, *script.arguments(request, now_us))


def _expect(*replies: Any) -> None:
    """Raises the first error among the replies."""
    for reply in replies:
        if isinstance(reply, FairleadError):
            raise reply
