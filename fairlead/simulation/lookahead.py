"""How far ahead of a step it is certain what happens, whatever the scripts decide: so many steps share a round trip."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.queue import OVERFLOW_AGAIN_S
from fairlead.service.recorded.arrivals import Arrival

S = 1_000_000
FAR_US = 10**15


class Lookahead:
    """Knows the contacts that may wait, with their handle times, and the durations of the configuration."""

    def __init__(self, configuration: Configuration, arrivals: Sequence[Arrival]) -> None:
        durations_us = [*_durations_us(configuration), *_durations_of(arrivals, configuration)]
        self._least_us = min([FAR_US, *durations_us])
        self._waiting: set[str] = set()
        self._handles: list[tuple[int, str]] = []

    def enters(self, contact_id: str, handle_us: int) -> None:
        """A contact may wait from now on."""
        self._waiting.add(contact_id)
        heapq.heappush(self._handles, (handle_us, contact_id))

    def leaves(self, contact_id: str) -> None:
        """A contact waits no more."""
        self._waiting.discard(contact_id)

    def may_wait(self, contact_id: str) -> bool:
        """Whether a contact has come and is not known to have been answered or to have left."""
        return contact_id in self._waiting

    def certain_us(self) -> int:
        """For how long after a step nothing comes of it that is not planned already."""
        while self._handles and self._handles[0][1] not in self._waiting:
            heapq.heappop(self._handles)
        return min(self._least_us, self._handles[0][0]) if self._handles else self._least_us


def delays_us(configuration: Configuration) -> Mapping[tuple[str, Channel], tuple[int, ...]]:
    """For each queue and channel, after how long in it a contact is to be looked at again, since a rule changes.

    Delays of entries, and starvation control: they are in no list of due times, only a sweep notices them.
    """
    found: defaultdict[tuple[str, Channel], set[int]] = defaultdict(set)
    for profile in configuration.profiles.values():
        for entry in profile.entries:
            pair: tuple[str, Channel] = (entry.queue, entry.channel)
            queue = configuration.queues[entry.queue]
            found[pair] |= {after_s for after_s in (queue.raise_after_s, queue.overflow_after_s) if after_s}
            if entry.delay_s and not entry.manual_only:
                found[pair].add(entry.delay_s)
    return {pair: tuple(after_s * S for after_s in sorted(delays_s)) for pair, delays_s in found.items()}


def _durations_us(configuration: Configuration) -> Iterable[int]:
    for queue in configuration.queues.values():
        yield from (after_s * S for after_s in queue.expiry_s.values() if after_s)
    limits = [one.acw_s for one in configuration.queues.values()] + [one.acw_s for one in configuration.agents.values()]
    yield from (int(acw_s) * S for one in limits for acw_s in one.values() if acw_s not in (0, "unlimited"))
    for delays in delays_us(configuration).values():
        yield from delays
    own_s = [agent.overflow_after_s for agent in configuration.agents.values()]
    for after_s in filter(None, [*own_s, configuration.agent_queue_overflow_after_s]):
        yield from (after_s * S, OVERFLOW_AGAIN_S * S)


def _durations_of(arrivals: Sequence[Arrival], configuration: Configuration) -> Iterator[int]:
    for name in {arrival.contact.intake for arrival in arrivals} - {""}:
        for choice in configuration.intakes[name].choices():
            delays_s = [choice.start_in_s, choice.callback_after_s]
            delays_s += [step.expiry_s for step in choice.criteria or ()]
            yield from (after_s * S for after_s in delays_s if after_s)
    for arrival in arrivals:
        contact = arrival.contact
        yield from (step.expiry_s * S for step in contact.criteria if step.expiry_s)
        if contact.expiry_s:
            yield contact.expiry_s * S
