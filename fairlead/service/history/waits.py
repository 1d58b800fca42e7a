"""Contacts and agents that both wait, though the rules would bring them together."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush

Pair = tuple[str, str]
"""An agent and a contact."""


class Waits:
    """Since when each pair could have come together, as long as nothing happens to one of the two.

    `slack_us`: how long that may last: a sweep comes each second. `away`: when nobody could sweep.
    """

    def __init__(self, slack_us: int, away: Sequence[tuple[int, int]]) -> None:
        self._slack_us, self._away = slack_us, away
        self._since: dict[Pair, int] = {}
        self._of: dict[tuple[str, str], set[Pair]] = {}
        self._due: list[tuple[int, Pair, int]] = []

    def settle(self, agents: set[str], contacts: set[str], since: Mapping[Pair, int], at_us: int) -> None:
        """Something has happened to agents and contacts; `since` has their pairs that may come together, from when on.

        Who could before, and still can, has waited from then on.
        """
        changed = [("agent", one) for one in agents] + [("contact", one) for one in contacts]
        before = {pair: self._since[pair] for one in changed for pair in self._of.get(one, ())}
        for pair in before:
            self._drop(pair)
        for pair, begins_us in since.items():
            begins_us = min(begins_us, before.get(pair, begins_us)) if begins_us <= at_us else begins_us
            self._since[pair] = begins_us
            for one in (("agent", pair[0]), ("contact", pair[1])):
                self._of.setdefault(one, set()).add(pair)
            heappush(self._due, (begins_us + self._slack_us, pair, begins_us))

    def overdue(self, at_us: int) -> Iterator[tuple[str, str, int]]:
        """The pairs that have waited too long by now, and how long; each is told once."""
        while self._due and self._due[0][0] < at_us:
            _, pair, begins_us = heappop(self._due)
            if self._since.get(pair) != begins_us:
                continue
            waited_us = at_us - begins_us - self._away_us(begins_us, at_us)
            if waited_us > self._slack_us:
                self._drop(pair)
                yield (*pair, waited_us)
            else:
                heappush(self._due, (at_us + self._slack_us - waited_us, pair, begins_us))

    def _drop(self, pair: Pair) -> None:
        del self._since[pair]
        for one in (("agent", pair[0]), ("contact", pair[1])):
            self._of[one].discard(pair)

    def _away_us(self, from_us: int, to_us: int) -> int:
        return sum(max(0, min(to_us, until_us) - max(from_us, since_us)) for since_us, until_us in self._away)
