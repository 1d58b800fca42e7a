"""How many agents recorded contacts would have taken, interval by interval: what came and how long it took is counted
from the recording, and the formulas of Erlang say the rest.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias
from zoneinfo import ZoneInfo

from fairlead.domain.channel import Channel
from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.service.recorded.times import midnight_before
from fairlead.simulation.erlang import Demand, Performance, Target, performance, smallest_staffing
from fairlead.simulation.recorded import patience_means
from fairlead.simulation.scenario import ContactDocument, Scenario

Pair: TypeAlias = tuple[str, Channel]


@dataclass(frozen=True, slots=True)
class StaffedInterval:
    """An interval of a queue and channel: what came, and the smallest number of agents for it.

    `from_s`: Unix seconds (a day without a date is the first of 1970); `handle_s`: mean handle time of the contacts
    that came then and were answered, else of all in the queue; `load`: in erlangs; `performance`: what the formulas say
    of the agents.
    """

    from_s: float
    queue: str
    channel: Channel
    contacts: int
    handle_s: float
    load: float
    agents: int
    performance: Performance


def staff_recorded(
    recorded: Sequence[Arrival], target: Target, interval_s: int, zone: ZoneInfo | None = None
) -> list[StaffedInterval]:
    """The intervals of each queue and channel in which contacts came, in order of time.

    Where some gave up, the patience of a queue's customers is estimated, and they are expected to give up again.
    Raises BadInput when nothing tells how long a queue's contacts take, or the target is out of reach.
    """
    patience = patience_means(recorded)
    found = [
        _staffed(from_s, pair, group, patience.get(pair), target, interval_s, _mean_handle_s(pair, all_of_it))
        for pair, all_of_it in _by_pair(recorded).items()
        for from_s, group in _by_interval(all_of_it, interval_s, zone)
    ]
    return sorted(found, key=lambda one: (one.from_s, one.queue, one.channel))


def _staffed(
    from_s: float, pair: Pair, group: Sequence[Arrival], patience_s: float | None, target: Target, interval_s: int,
    usual_s: float,
) -> StaffedInterval:  # fmt: skip
    handle_s = _answered_s(group) or usual_s
    demand = Demand(len(group) / interval_s, handle_s, patience_s)
    try:
        agents = smallest_staffing(demand, target)
    except ValueError as failure:
        raise BadInput(f"{failure} in {pair[0]} ({pair[1]}): is it meant?") from failure
    return StaffedInterval(from_s, *pair, len(group), handle_s, demand.load, agents, performance(agents, demand))


def _by_pair(recorded: Sequence[Arrival]) -> dict[Pair, list[Arrival]]:
    found: defaultdict[Pair, list[Arrival]] = defaultdict(list)
    for one in recorded:
        found[one.asked_for].append(one)
    return dict(found)


def _by_interval(
    recorded: Sequence[Arrival], interval_s: int, zone: ZoneInfo | None
) -> Iterator[tuple[float, list[Arrival]]]:
    """Intervals begin at midnight of each day, so that those of two days can be compared."""
    groups: defaultdict[float, list[Arrival]] = defaultdict(list)
    for one in recorded:
        midnight_s = midnight_before(one.at_s, zone)
        groups[midnight_s + (one.at_s - midnight_s) // interval_s * interval_s].append(one)
    yield from sorted(groups.items())


def _answered_s(recorded: Sequence[Arrival]) -> float:
    """The mean handle time of those who were answered; 0 when nobody was."""
    return fmean([one.handle_s for one in recorded if one.handle_s and one.patience_s is None] or [0.0])


def _mean_handle_s(pair: Pair, recorded: Sequence[Arrival]) -> float:
    handle_s = _answered_s(recorded)
    if not handle_s:
        raise BadInput(f"no handle time is recorded for {pair[0]} ({pair[1]}): name its column by --handle-column")
    return handle_s


def with_recorded(scenario: Scenario, recorded: Sequence[Arrival]) -> Scenario:
    """The scenario with recorded contacts, completed, instead of its own."""
    contacts = [
        ContactDocument.model_construct(
            id=one.contact.contact_id, queue=one.contact.queue, channel=one.contact.channel, at_s=one.at_s,
            handle_s=one.handle_s or 0.0, patience_s=one.patience_s, priority=one.contact.priority,
        )
        for one in recorded
    ]  # fmt: skip
    return Scenario(scenario.configuration, scenario.day.model_copy(update={"contacts": contacts, "arrivals": []}))
