"""How many agents a target takes: formulas first, simulation to confirm.

For one group of agents the formulas say it. For several profiles that share queues there is none: each profile begins
with what its own queues take by the formulas, and simulation adds and takes away agents until each queue reaches the
target and no profile can do with one less.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from statistics import fmean

import redis

from fairlead.domain.agent import Agent
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import BadInput
from fairlead.simulation.arrivals import HOUR_S
from fairlead.simulation.distributions import Exponential
from fairlead.simulation.erlang import Demand, Target, smallest_staffing
from fairlead.simulation.running import Task, run_once
from fairlead.simulation.scenario import ArrivalsDocument, Scenario, ScenarioDocument, ShiftDocument
from fairlead.simulation.summary import QueueSummary, Summary

CONTACTS_TO_JUDGE = 1_500
"""How many contacts a number of agents is judged by; fewer would judge the chances."""

MOST_MORE = 200
"""Agents that are added to what the formulas say, before the target is said to be out of reach."""

Pair = tuple[str, Channel]

Numbers = dict[str, int]
"""Profile -> number of agents."""


@dataclass(frozen=True, slots=True)
class IntervalPlan:
    """An interval's numbers of agents by profile: by the formulas, and confirmed by simulation.

    `levels`: the service level of each queue and channel with the confirmed numbers, in %, over a long run at the
    interval's rates.
    """

    from_s: float
    to_s: float
    by_formula: Numbers
    agents: Numbers
    levels: Mapping[Pair, float]


@dataclass(frozen=True, slots=True)
class DayPlan:
    """The numbers of a whole day, and what a simulation of its own contacts with them comes to."""

    intervals: tuple[IntervalPlan, ...]
    agent_hours: float
    summary: Summary


def parse_target(text: str) -> tuple[float, int]:
    """`80/20` as a share and seconds. Raises BadInput."""
    percent, slash, seconds = text.partition("/")
    try:
        share_, within_s = float(percent) / 100, int(seconds)
    except ValueError:
        share_, within_s = 0.0, 0
    if not (slash and 0 < share_ < 1 and within_s > 0):
        raise BadInput(f"target {text!r}: write PERCENT/SECONDS, as in 80/20: 80 % within 20 seconds")
    return share_, within_s


def check(client: redis.Redis, demand: Demand, agents: int, within_s: int, seed: int) -> QueueSummary:
    """What a simulation of one group makes of a number of agents, over some thousand contacts."""
    to_s = 4 * CONTACTS_TO_JUDGE / demand.rate_per_s
    scenario = _group(demand, agents, within_s, to_s)
    (queue,) = run_once(client, Task(scenario, seed))[1].queues
    return queue


def _group(demand: Demand, agents: int, within_s: int, to_s: float) -> Scenario:
    profile = RoutingProfile("Agents", {"voice": Concurrency(1)}, (Entry("Contacts", "voice"),))
    people = {name: Agent(name, profile.name) for name in (f"agent-{number + 1}" for number in range(agents))}
    queues = {"Contacts": Queue("Contacts", service_level_s=within_s)}
    configuration = Configuration(queues, {profile.name: profile}, people, {})
    stream = ArrivalsDocument.model_construct(
        queue="Contacts", channel="voice", from_s=0.0, to_s=to_s, rate_per_hour=demand.rate_per_s * HOUR_S,
        handle=_exponential(demand.handle_s), patience=_exponential(demand.patience_s) if demand.patience_s else None,
    )  # fmt: skip
    return Scenario(configuration, ScenarioDocument.model_construct(arrivals=[stream], warm_up_s=to_s / 10))


def _exponential(mean_s: float) -> Exponential:
    return Exponential(distribution="exponential", mean_s=mean_s)


def plan_day(
    client: redis.Redis, scenario: Scenario, target: Target, interval_s: float, progress: Callable[[int], None]
) -> DayPlan:
    """The smallest numbers of agents by interval, and the day with them. `progress` gets how many are found.

    Raises BadInput when nobody serves a queue, the target cannot be reached, or an intake chooses the queue.
    """
    if any(one.intake for one in (*scenario.day.contacts, *scenario.day.arrivals)):
        raise BadInput("which agents contacts take is known by their queue, not by an intake: see `fairlead simulate`")
    plans: list[IntervalPlan] = []
    search = _Search(client, scenario.configuration, target)
    for from_s, streams in intervals_of(scenario.day, interval_s):
        by_formula, agents, levels = search.smallest(streams) if streams else ({}, {}, {})
        plans.append(IntervalPlan(from_s, from_s + interval_s, by_formula, agents, levels))
        progress(len(plans))
    summary = run_once(client, Task(staffed(scenario, plans)))[1]
    hours = sum(sum(plan.agents.values()) * (plan.to_s - plan.from_s) for plan in plans) / HOUR_S
    return DayPlan(tuple(plans), hours, summary)


def intervals_of(day: ScenarioDocument, interval_s: float) -> Iterator[tuple[float, list[ArrivalsDocument]]]:
    """Each interval's begin, and its arrivals at their mean rates; listed contacts count as a stream of their mean."""
    ends = [stream.to_s for stream in day.arrivals] + [contact.at_s + 1 for contact in day.contacts]
    for place in range(ceil(max(ends, default=0) / interval_s)):
        from_s, to_s = place * interval_s, (place + 1) * interval_s
        streams = []
        for stream in day.arrivals:
            overlap_s = min(to_s, stream.to_s) - max(from_s, stream.from_s)
            if overlap_s > 0:
                rate = stream.rate_per_hour * overlap_s / interval_s
                streams.append(stream.model_copy(update={"from_s": 0.0, "to_s": interval_s, "rate_per_hour": rate}))
        yield from_s, streams + list(_listed_streams(day, from_s, to_s))


def _listed_streams(day: ScenarioDocument, from_s: float, to_s: float) -> Iterator[ArrivalsDocument]:
    groups = defaultdict(list)
    for contact in day.contacts:
        if from_s <= contact.at_s < to_s:
            groups[contact.queue, contact.channel].append(contact)
    for (queue, channel), contacts in groups.items():
        patiences = [contact.patience_s for contact in contacts if contact.patience_s]
        handle_s = fmean(contact.handle_s for contact in contacts) or 1.0
        yield ArrivalsDocument(
            queue=queue, channel=channel, to_s=to_s - from_s, rate_per_hour=len(contacts) / (to_s - from_s) * HOUR_S,
            handle=_exponential(handle_s), patience=_exponential(fmean(patiences)) if patiences else None,
        )  # fmt: skip


def staffed(scenario: Scenario, plans: Sequence[IntervalPlan]) -> Scenario:
    """The scenario with as many agents as the plans say, each in a shift wherever its number is wanted."""
    most: Numbers = defaultdict(int)
    shifts: list[ShiftDocument] = []
    for plan in plans:
        for profile, number in plan.agents.items():
            most[profile] = max(most[profile], number)
            names = (_name(profile, place) for place in range(number))
            shifts += [ShiftDocument(agent=name, from_s=plan.from_s, to_s=plan.to_s) for name in names]
    configuration = _with_agents(scenario.configuration, most)
    return Scenario(configuration, scenario.day.model_copy(update={"shifts": shifts}))


def _with_agents(configuration: Configuration, numbers: Numbers) -> Configuration:
    """The configuration with so many agents of each profile; they take turns in the proficiencies that there are."""
    agents: dict[str, Agent] = {}
    for profile, number in numbers.items():
        like = [agent for agent in configuration.agents.values() if agent.profile == profile]
        for place in range(number):
            skills = like[place % len(like)].proficiencies if like else {}
            agents[_name(profile, place)] = Agent(_name(profile, place), profile, proficiencies=skills)
    return replace(configuration, agents=agents)


def _name(profile: str, place: int) -> str:
    return f"{profile[:56]}-{place + 1}"


@dataclass(slots=True)
class _Search:
    """Looks for the smallest numbers; intervals that are alike are looked at once."""

    client: redis.Redis
    configuration: Configuration
    target: Target
    _found: dict[str, tuple[Numbers, Numbers, dict[Pair, float]]] = field(default_factory=dict)

    def smallest(self, streams: Sequence[ArrivalsDocument]) -> tuple[Numbers, Numbers, dict[Pair, float]]:
        """The numbers by the formulas, those that simulation confirms, and the service levels with them."""
        known = repr(streams)
        if known not in self._found:
            by_formula = self._by_formula(streams)
            self._found[known] = (by_formula, *self._confirmed(streams, by_formula))
        return self._found[known]

    def _by_formula(self, streams: Sequence[ArrivalsDocument]) -> Numbers:
        """What each profile's own queues take, channel by channel, as if nobody else served them."""
        groups: defaultdict[tuple[str, Channel], list[ArrivalsDocument]] = defaultdict(list)
        for stream in streams:
            groups[self._home((stream.queue, stream.channel)), stream.channel].append(stream)
        numbers: Numbers = defaultdict(int)
        for (profile, channel), group in groups.items():
            slots = smallest_staffing(self._pooled(group), self.target)
            numbers[profile] += ceil(slots / self.configuration.profiles[profile].channels[channel].slots)
        return dict(numbers)

    def _pooled(self, group: Sequence[ArrivalsDocument]) -> Demand:
        rate = sum(stream.rate_per_hour for stream in group)
        handle_s = sum(stream.rate_per_hour * self._busy_s(stream) for stream in group) / rate
        patience = [(one.rate_per_hour, one.patience.average_s) for one in group if one.patience]
        is_patient = len(patience) < len(group)
        patience_s = None if is_patient else sum(weight * mean_s for weight, mean_s in patience) / rate
        return Demand(rate / HOUR_S, handle_s, patience_s)

    def _busy_s(self, stream: ArrivalsDocument) -> float:
        queue = self.configuration.queues.get(stream.queue)
        acw_s = queue.acw_s.get(stream.channel, 0) if queue else 0
        return stream.handle.average_s + (0 if acw_s == "unlimited" else acw_s)

    def _home(self, pair: Pair) -> str:
        """The profile that serves a queue and channel first: by priority, then by delay, then the most specialised."""
        serving = [
            (entry.priority, entry.delay_s, len(profile.entries), profile.name)
            for profile in self.configuration.profiles.values()
            for entry in profile.entries
            if (entry.queue, entry.channel) == pair and not entry.manual_only
        ]
        if not serving:
            raise BadInput(f"no profile serves {pair[0]} ({pair[1]}): add an entry to one, or leave its arrivals out")
        return min(serving)[-1]

    def _confirmed(self, streams: Sequence[ArrivalsDocument], begin: Numbers) -> tuple[Numbers, dict[Pair, float]]:
        numbers = dict(begin)
        levels, is_reached = self._judge(streams, numbers)
        while not is_reached:
            if sum(numbers.values()) - sum(begin.values()) >= MOST_MORE:
                raise BadInput(f"{sum(numbers.values())} agents do not reach the target: is it out of reach?")
            numbers[self._home(min(levels, key=lambda pair: levels[pair]))] += 1
            levels, is_reached = self._judge(streams, numbers)
        for profile in sorted(numbers, key=lambda name: -numbers[name]):
            while numbers[profile]:
                fewer = {**numbers, profile: numbers[profile] - 1}
                found, is_reached = self._judge(streams, fewer)
                if not is_reached:
                    break
                numbers, levels = fewer, found
        return numbers, levels

    def _judge(self, streams: Sequence[ArrivalsDocument], numbers: Numbers) -> tuple[dict[Pair, float], bool]:
        """The service levels of a long run at constant rates, and whether all reach the target."""
        to_s = CONTACTS_TO_JUDGE / sum(stream.rate_per_hour for stream in streams) * HOUR_S
        queues = {
            name: replace(queue, service_level_s=self.target.within_s)
            for name, queue in self.configuration.queues.items()
        }
        configuration = _with_agents(replace(self.configuration, queues=queues), numbers)
        steady = [stream.model_copy(update={"to_s": to_s}) for stream in streams]
        day = ScenarioDocument(arrivals=steady, warm_up_s=to_s / 10, until_s=to_s * 1.2)
        summary = run_once(self.client, Task(Scenario(configuration, day)))[1]
        levels: dict[Pair, float] = {(one.queue, one.channel): one.service_level or 0 for one in summary.queues}
        is_quick = min(levels.values(), default=100) >= 100 * self.target.share
        most_abandoned = max((one.abandon_rate or 0 for one in summary.queues), default=0)
        busiest = max((one.occupancy or 0 for one in summary.agents), default=0)
        is_reached = most_abandoned <= 100 * self.target.most_abandoned and busiest <= 100 * self.target.most_occupancy
        return levels, is_quick and is_reached
