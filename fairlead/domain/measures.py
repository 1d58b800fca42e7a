"""Measures: how waits and handle times are counted, and what follows from the counts.

Times fall into buckets: each whole second up to ten minutes, then each whole minute. A bucket is named by its upper
bound in seconds, so that "within X seconds" is exact for each whole second up to ten minutes and for each whole
minute above.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MINUTE_US = 60_000_000
FINE_S = 600
COARSE_S = 60

Counts = Mapping[str, int]
"""Counter -> value, as the store keeps them for a queue and channel, or for an agent, in a minute.

`queued` (entered the queue, new or moved), `offers`, `missed`, `rejected`, `error` (an offer that failed), `left` (the
customer left while it rang), `requeued`, `transferred` and `overflowed` (came from elsewhere), `parked`, `expired`,
`stopped` (ended while waiting, by a supervisor);
`a<bucket>`: answered after that wait in the queue, `x<bucket>`: abandoned, `c<bucket>`: turned into a callback,
`o<bucket>`: overflowed from it; `h<bucket>`: a part of a contact that an agent has handled so long, however it ended,
`unfinished`: how many of those parts have not ended their contact; `wait_us`, `handle_us`: sums of the answered and of
the parts.
For agents `contact_us`, `idle_us`: how long on contact and idle; `offers`, `missed`, `rejected`, `error`, `left`;
`handled`: how many parts of contacts have ended with it, `handle_us`: the sum of their handle times.
"""


OFFER_ENDS = ("missed", "rejected", "error")
"""How an offer ends without acceptance, each with a counter of its name for its agent and its queue."""


def bucket_of(duration_us: int) -> int:
    """The upper bound, in seconds, of the bucket that a duration falls into."""
    seconds = -(-max(0, duration_us) // 1_000_000)
    return seconds if seconds <= FINE_S else -(-seconds // COARSE_S) * COARSE_S


def histogram(counts: Counts, kind: str) -> dict[int, int]:
    """The buckets of one kind (a, x, c, o or h), by upper bound in seconds, ascending."""
    return dict(sorted((int(name[1:]), value) for name, value in counts.items() if _is_bucket(name, kind)))


def histograms(counts: Counts) -> dict[str, dict[int, int]]:
    """The buckets of every kind (a, x, c, o and h), by upper bound in seconds, in one pass."""
    found: dict[str, dict[int, int]] = {kind: {} for kind in "axcoh"}
    for name, value in counts.items():
        if name[0] in found and name[1:].isdigit():
            found[name[0]][int(name[1:])] = value
    return found


def total(counts: Counts, kind: str) -> int:
    """How many were counted in the buckets of a kind."""
    return sum([value for name, value in counts.items() if _is_bucket(name, kind)])


def _is_bucket(name: str, kinds: str) -> bool:
    return name[0] in kinds and name[1:].isdigit()


LEFT = "axco"
"""The kinds of those that left a queue: answered, abandoned, turned into a callback, overflowed."""


def completed(counts: Counts) -> int:
    """How many contacts have ended with an agent who handled them."""
    return total(counts, "h") - counts.get("unfinished", 0)


def service_level(counts: Counts, within_s: int) -> float | None:
    """Of those that left the queue, how many had waited at most so many seconds in it, in %; None when none has."""
    left = total(counts, LEFT)
    soon = sum([value for name, value in counts.items() if _is_bucket(name, LEFT) and int(name[1:]) <= within_s])
    return 100 * soon / left if left else None


def abandon_rate(counts: Counts) -> float | None:
    """Of those that left the queue, how many gave up, in %; None when none has left."""
    left = total(counts, LEFT)
    return 100 * total(counts, "x") / left if left else None


def average_speed_of_answer_s(counts: Counts) -> float | None:
    """Entry into this queue to accept, of answered contacts, in seconds; None when none was answered."""
    answered = total(counts, "a")
    return counts.get("wait_us", 0) / answered / 1e6 if answered else None


def average_handle_time_s(counts: Counts) -> float | None:
    """Connect to the end of after-contact work, holds included, in seconds, of each part of a contact that an agent
    handled; None when there was none.
    """
    handled = total(counts, "h") or counts.get("handled", 0)
    return counts.get("handle_us", 0) / handled / 1e6 if handled else None


def non_response(counts: Counts) -> float | None:
    """Offers that ended without acceptance (missed, rejected or failed), per offer, in %; None when there was none.

    Those that ended because the customer left are told apart.
    """
    offers, ended = counts.get("offers", 0), sum([counts.get(how, 0) for how in OFFER_ENDS])
    return 100 * ended / offers if offers else None


def occupancy(counts: Counts) -> float | None:
    """On contact / (on contact + idle), wall clock, in %; None when there was neither."""
    busy_us, idle_us = counts.get("contact_us", 0), counts.get("idle_us", 0)
    return 100 * busy_us / (busy_us + idle_us) if busy_us + idle_us else None


def percentile_s(buckets: Mapping[int, int], percent: float) -> int | None:
    """The upper bound of the bucket in which a percentile of the counted falls; None when nothing was counted."""
    target, counted = sum(buckets.values()) * percent / 100, 0
    for bound, value in buckets.items():
        counted += value
        if value and counted >= target:
            return bound
    return None


def added(many: Iterable[Counts]) -> dict[str, int]:
    """The sum of counts, counter by counter."""
    whole: Counter[str] = Counter()
    for one in many:
        whole.update(one)
    return dict(whole)


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a waiting contact will probably be answered.

    `position`: 1 is the next; `wait_s`: from now, None when it cannot be said; `method` says what it rests on,
    `confidence` is low, medium or high.
    """

    position: int
    wait_s: float | None
    method: str
    confidence: str


ENOUGH_ANSWERS = 30
SOME_ANSWERS = 5


def estimate(position: int, answered: int, over_s: float, agents: int, handle_s: float | None) -> Estimate:
    """The estimated wait of a contact in place `position`.

    With answers seen over the last `over_s` seconds: position / rate of answering, which is Little's law (1961) for the
    contacts in front of it; else, with `agents` who serve the queue and a known handle time: position x handle time /
    agents; else unknown.
    """
    if answered >= SOME_ANSWERS:
        confidence = "high" if answered >= ENOUGH_ANSWERS else "medium"
        return Estimate(position, position * over_s / answered, "rate of answering", confidence)
    if agents and handle_s is not None:
        return Estimate(position, position * handle_s / agents, "handle time and agents", "low")
    return Estimate(position, None, "no answers and no agents to go by", "low")
