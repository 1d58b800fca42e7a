"""Sends arrivals as fast as possible, or at their recorded pace times a factor; who loses patience leaves."""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from fairlead.errors import FairleadError, UnknownContact, UnknownQueue, WrongState
from fairlead.files.rows import Reject
from fairlead.service.producer import PIPELINE, Producer
from fairlead.service.recorded.arrivals import Arrival, Read

SPEAK_EVERY_S = 10.0

LONGEST_SLEEP_S = 86_400.0
"""What a clock is asked to sleep at once: a recording may have a gap that is longer than it can."""


@dataclass(slots=True)
class Tally:
    """What became of the rows."""

    pushed: int = 0
    repeated: int = 0
    rejected: int = 0
    left: int = 0
    stayed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """All but the reasons."""
        return {
            "pushed": self.pushed, "repeated": self.repeated, "rejected": self.rejected, "left": self.left,
            "stayed": self.stayed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clock:
    """Time for a replay; tests bring their own."""

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Spoken:
    """Progress in words, where there is no terminal for a bar: a line every ten seconds."""

    def __init__(self, total: int, say: Callable[[str], None] | None, clock: Clock | None = None) -> None:
        self._total, self._say, self._clock = total, say, clock or Clock()
        self._done, self._told, self._told_s = 0, 0, self._clock.now_s()

    def step(self, count: int, rejected: int = 0) -> None:
        """So many more are done; of all so far, so many were rejected."""
        self._done += count
        now_s = self._clock.now_s()
        if self._say and now_s >= self._told_s + SPEAK_EVERY_S:
            rate = (self._done - self._told) / (now_s - self._told_s)
            self._told, self._told_s = self._done, now_s
            bad = f", {rejected:,} rejected" if rejected else ""
            self._say(f"{self._done:,} of {self._total:,} contacts, {rate:,.1f}/s{bad}")


class Replay:
    """Pushes arrivals through one producer."""

    def __init__(self, producer: Producer, on_reject: Callable[[Reject], None], on_step: Callable[[int], None]) -> None:
        self.tally = Tally()
        self._producer = producer
        self._on_reject = on_reject
        self._on_step = on_step

    def at_once(self, rows: Iterable[Read]) -> None:
        """As fast as possible, in pipelines; nobody leaves."""
        left = iter(rows)
        while batch := list(islice(left, PIPELINE)):
            self._push(batch)

    def paced(self, rows: Iterable[Read], factor: float, clock: Clock) -> None:
        """At the recorded pace times `factor`; rows in order of arrival."""
        began_s, first_s = clock.now_s(), None
        leaving: list[tuple[float, str]] = []
        for row in rows:
            if isinstance(row, Reject):
                self._reject(row)
                continue
            first_s = row.at_s if first_s is None else first_s
            due_s = began_s + (row.at_s - first_s) / factor
            self._abandon_until(leaving, due_s, clock)
            _sleep_until(due_s, clock)
            self._push([row])
            if row.patience_s is not None:
                heapq.heappush(leaving, (due_s + row.patience_s / factor, row.contact.contact_id))
        self._abandon_until(leaving, float("inf"), clock)

    def _push(self, batch: list[Read]) -> None:
        good = []
        for row in batch:
            if isinstance(row, Reject):
                self._reject(row)
            else:
                good.append(row)
        answers = self._producer.push_many(row.contact for row in good)
        for row, answer in zip(good, answers, strict=True):
            if isinstance(answer, FairleadError):
                hint = "; --queue-map leads it to one that is there" * isinstance(answer, UnknownQueue)
                self._reject(Reject(row.line, row.contact.contact_id, f"{answer}{hint}"))
                continue
            self.tally.pushed += answer.created
            self.tally.repeated += not answer.created
            self._on_step(1)

    def _reject(self, reject: Reject) -> None:
        self.tally.rejected += 1
        self.tally.reasons[reject.reason] += 1
        self._on_reject(reject)
        self._on_step(1)

    def _abandon_until(self, leaving: list[tuple[float, str]], until_s: float, clock: Clock) -> None:
        while leaving and leaving[0][0] <= until_s:
            at_s, contact_id = heapq.heappop(leaving)
            _sleep_until(at_s, clock)
            try:
                self._producer.abandon(contact_id)
                self.tally.left += 1
            except (WrongState, UnknownContact):
                self.tally.stayed += 1


def _sleep_until(at_s: float, clock: Clock) -> None:
    while (rest_s := at_s - clock.now_s()) > 0:
        clock.sleep(min(rest_s, LONGEST_SLEEP_S))


def in_order(rows: Iterable[Read]) -> Iterator[Read]:
    """Rejects first, then the arrivals by time: a paced replay cannot go back."""
    everything = list(rows)
    yield from (row for row in everything if isinstance(row, Reject))
    yield from sorted((row for row in everything if isinstance(row, Arrival)), key=lambda row: row.at_s)
