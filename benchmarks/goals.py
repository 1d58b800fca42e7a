"""What the project wants to reach, as ratios within one run, and whether this run reached it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.systems import FAIRLEAD, FLOOR, PEERS, VOICE, WAKE_UP
from benchmarks.workloads.looks import EVERYBODY, WHY

Value = float | None
NODE = "BullMQ (Node)"
OURS, BARE, WOKEN = FAIRLEAD.name, FLOOR.name, WAKE_UP.name
RANKED_IN_PYTHON = tuple(peer.name for peer in PEERS if peer.ranks == "yes" and peer.name != NODE)


@dataclass(frozen=True, slots=True)
class Goal:
    """`bound`: the least, or the most when `is_most`, that the figure may be.

    `found`: the figure; None when it was not measured.
    """

    what: str
    bound: float
    found: Value
    is_most: bool = False
    unit: str = "x"

    @property
    def is_met(self) -> bool | None:
        if self.found is None:
            return None
        return self.found <= self.bound if self.is_most else self.found >= self.bound


def goals(results: Results) -> list[Goal]:
    kinds = (_rates, _latencies, _growth, _looks, _idle, _costs)
    return [goal for kind in kinds for goal in kind(results)]


def _rates(results: Results) -> Iterator[Goal]:
    def ratio(workload: str, *others: str) -> Value:
        ours = results.median(workload, OURS, "rate")
        theirs = [rate for other in others if (rate := results.median(workload, other, "rate"))]
        return ours / max(theirs) if ours and theirs else None

    yield Goal("one at a time, against BullMQ (Node)", 1.4, ratio("work", NODE))
    yield Goal("one at a time, against the best queue in Python with priorities", 1.5, ratio("work", *RANKED_IN_PYTHON))
    yield Goal("one at a time, against the floor", 0.75, ratio("work", BARE))
    yield Goal("at its best, against BullMQ (Node)", 1.8, ratio("work-best", NODE))
    yield Goal("push one by one, against the floor", 0.8, ratio("push", BARE))
    yield Goal("push in bulk, against BullMQ (Node)", 1.5, ratio("push-bulk", NODE))


def _latencies(results: Results) -> Iterator[Goal]:
    for value, name in (("p50_us", "median"), ("p99_us", "99th percentile")):
        ours = results.median("arrival", OURS, value)
        bare = results.median("arrival", WOKEN, value)
        theirs = [wait for peer in PEERS if (wait := results.median("arrival", peer.name, value))]
        yield Goal(f"arrival to handler, {name}, against BZPOPMIN", 2, ours / bare if ours and bare else None, True)
        best = ours / min(theirs) if ours and theirs else None
        yield Goal(f"arrival to handler, {name}, against the best peer", 1, best, True)


def _growth(results: Results) -> Iterator[Goal]:
    depths = results.cases("depth", OURS)
    for side in ("push", "take"):
        by_depth = [results.median("depth", OURS, f"{side}_server_us", depth) or 0 for depth in depths]
        grown = max(by_depth) / by_depth[0] if by_depth and by_depth[0] else None
        yield Goal(f"server time of a {side}, most against fewest waiting", 1.3, grown, True)
    centres = results.cases("matching", OURS)
    costs = {case: results.median("matching", OURS, "server_us", case) or 0 for case in centres}
    few = costs[centres[0]] if centres else 0

    def grown_to(*, every_profile_serves: bool) -> Value:
        found = [cost for case, cost in costs.items() if _every_profile_serves(case) == every_profile_serves]
        return max(found) / few if found and few else None

    most = grown_to(every_profile_serves=True)
    yield Goal("server time of a match, most agents and profiles, all of which serve the queue", 4, most, True)
    fewer = grown_to(every_profile_serves=False)
    yield Goal("the same when 5 of the profiles serve the queue", 1.5, fewer, True)


def _every_profile_serves(case: str) -> bool:
    """Of a case such as `10,000 agents; 5 of 100 profiles serve`."""
    found = re.search(r"(\d+) of (\d+)", case)
    return found is not None and found[1] == found[2]


def _looks(results: Results) -> Iterator[Goal]:
    def found(look: str, value: str, most_agents: int | None = None) -> Value:
        cases = [case for case in results.cases("looks", OURS) if case.startswith(f"{look};")]
        if most_agents:
            cases = [case for case in cases if case.endswith(f" {most_agents:,} agents")]
        return results.median("looks", OURS, value, cases[-1]) if cases else None

    yield Goal("server time of a look at everybody, most agents", 20, found(EVERYBODY, "server_ms"), True, "ms")
    yield Goal("a look at everybody in all, most agents", 300, found(EVERYBODY, "all_ms"), True, "ms")
    why = found(WHY, "all_ms", 1_000)
    yield Goal("explaining why a contact waits in all, 1,000 agents", 10, why, True, "ms")


def _idle(results: Results) -> Iterator[Goal]:
    case = next(iter(results.cases("idle", OURS)), "")
    commands = results.median("idle", OURS, "commands_each", case)
    yield Goal("commands a second of an idle agent", 0.5, commands, True, "/s")
    busy = results.median("idle", OURS, "server_percent", case)
    yield Goal("CPU of redis-server with idle agents", 1, busy, True, "%")


def _costs(results: Results) -> Iterator[Goal]:
    for system in (OURS, VOICE.name):
        name = "voice" if system == VOICE.name else "chat"
        yield Goal(f"memory of a waiting {name}", 650, results.median("memory", system, "bytes"), True, "bytes")
    ours, theirs = life(results, OURS), life(results, NODE)
    ratio = ours / theirs if ours and theirs else None
    yield Goal("server time of a contact's life, against BullMQ (Node)", 0.9, ratio, True)


def life(results: Results, system: str) -> Value:
    """Server microseconds from push to end, one by one and one at a time."""
    pushed, worked = results.median("push", system, "server_us"), results.median("work", system, "server_us")
    return pushed + worked if pushed and worked else None
