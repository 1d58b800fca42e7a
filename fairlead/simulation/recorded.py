"""Recorded contacts made ready for a simulation: what a recording leaves out is drawn from what it tells.

Who gave up was never served: the handle time is drawn from those of the same queue and channel (where an intake chooses
the queue, of the same intake). Who was answered had not given up so far: the patience is what was waited and more, by
the exponential distribution, whose mean is estimated from all: the waits of all, divided by the number who gave up,
which is the maximum-likelihood estimate for censored times.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

from fairlead.domain.channel import Channel
from fairlead.domain.names import allowed_name
from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.service.recorded.queue_log import AgentStatus, shifts_of
from fairlead.service.recorded.times import midnight_before
from fairlead.simulation.scenario import LONGEST_S, Scenario, ShiftDocument

Pair: TypeAlias = tuple[str, Channel]


@dataclass(frozen=True, slots=True)
class Recording:
    """Contacts with all that a simulation needs, their times counted from midnight of the first day.

    `begins_us`: that midnight.
    """

    arrivals: tuple[Arrival, ...]
    begins_us: int


def complete(
    recorded: Iterable[Arrival], seed: int, *, is_patience_estimated: bool = True, zone: ZoneInfo | None = None
) -> Recording:
    """The recording with handle times and patience for all. Raises BadInput when nothing tells a queue's handle times.

    `is_patience_estimated` False: who was answered would have waited for ever; `zone`: whose midnight it is, else UTC.
    """
    found = sorted(recorded, key=lambda one: one.at_s)
    if not found:
        raise BadInput("the file has no contacts: see the lines that were left out")
    midnight_s = midnight_before(found[0].at_s, zone)
    if found[-1].at_s - midnight_s > LONGEST_S:
        raise BadInput("the file has more than a month of contacts: choose some with --where COLUMN=VALUE")
    handles, means = _handles(found), patience_means(found) if is_patience_estimated else {}
    chances = Random(f"{seed}/handle"), Random(f"{seed}/patience")  # noqa: S311  # durations, not secrets
    filled = [_filled(one, handles, means, *chances) for one in found]
    moved = tuple(replace(one, at_s=round(one.at_s - midnight_s, 6)) for one in filled)
    return Recording(moved, round(midnight_s * 1e6))


def _filled(
    one: Arrival, handles: dict[Pair, list[float]], means: dict[Pair, float], handle: Random, patience: Random
) -> Arrival:
    pair = one.asked_for
    handle_s, patience_s = one.handle_s, one.patience_s
    if handle_s is None or patience_s is not None:  # what is recorded of one who gave up is 0
        if pair not in handles:
            raise BadInput(f"no handle time is recorded for {pair[0]} ({pair[1]}): name its column by --handle-column")
        handle_s = handle.choice(handles[pair])
    if patience_s is None and one.waited_s is not None and pair in means:
        patience_s = round(one.waited_s + patience.expovariate(1 / means[pair]), 6)
    return replace(one, handle_s=handle_s, patience_s=patience_s)


def _handles(found: Sequence[Arrival]) -> dict[Pair, list[float]]:
    handles: defaultdict[Pair, list[float]] = defaultdict(list)
    for one in found:
        if one.handle_s is not None and one.patience_s is None:
            handles[one.asked_for].append(one.handle_s)
    return dict(handles)


def patience_means(found: Sequence[Arrival]) -> dict[Pair, float]:
    waits: defaultdict[Pair, float] = defaultdict(float)
    left: defaultdict[Pair, int] = defaultdict(int)
    for one in found:
        pair = one.asked_for
        waits[pair] += one.waited_s or one.patience_s or 0
        left[pair] += one.patience_s is not None
    return {pair: waits[pair] / count for pair, count in left.items() if count and waits[pair]}


def staffed(scenario: Scenario, recording: Recording, statuses: Sequence[AgentStatus]) -> tuple[Scenario, set[str]]:
    """The scenario with its agents at work when a log says so, and the agents of the log that it does not have.

    A scenario that has shifts of its own keeps them.
    """
    if scenario.day.shifts or not statuses:
        return scenario, set()
    begins_s = recording.begins_us / 1e6
    ends_s = max(*(one.at_s for one in statuses), begins_s + max(one.at_s for one in recording.arrivals))
    agents = scenario.configuration.agents
    shifts, unknown = list[ShiftDocument](), set[str]()
    for logged, spans in shifts_of(statuses, ends_s).items():
        name = next((one for one in _names_of(logged) if one in agents), None)
        if name is None:
            unknown.add(logged)
            continue
        inside = [(max(from_s - begins_s, 0), min(to_s - begins_s, LONGEST_S)) for from_s, to_s in spans]
        shifts += [ShiftDocument(agent=name, from_s=from_s, to_s=to_s) for from_s, to_s in inside if to_s > from_s]
    return Scenario(scenario.configuration, scenario.day.model_copy(update={"shifts": shifts})), unknown


def _names_of(logged: str) -> Iterator[str]:
    """How an agent of a log may be called here: as there, or without the technology (SIP/) and the context (@...)."""
    yield logged
    yield allowed_name(logged)
    yield allowed_name(logged.partition("/")[2].partition("@")[0].partition("/")[0])
