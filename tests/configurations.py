"""Configurations as Hypothesis draws them."""

from dataclasses import replace
from datetime import date
from typing import Any, get_args

from hypothesis import strategies as st

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, MAX_SLOTS
from fairlead.domain.configuration import Configuration, built_in_statuses
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours, parse_span
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import EXPIRY_S, AgentChoice, Nobody, Queue

names = st.from_regex(NAME_PATTERN, fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


labels = st.dictionaries(names, texts, max_size=2)
described: dict[str, st.SearchStrategy[Any]] = {"display_name": texts, "description": texts, "labels": labels}
seconds = st.integers(1, 600)
maybe_seconds = st.none() | seconds
spans = st.lists(st.sampled_from(["08:00-12:30", "13:00-24:00", "00:00-07:15"]).map(parse_span), max_size=2).map(tuple)


@st.composite
def queues_of(draw: st.DrawFn) -> dict[str, Queue]:
    names_ = sorted(draw(st.sets(names, max_size=3)))
    return {name: draw(_queue(name, [other for other in names_ if other != name])) for name in names_}


limits = st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 7_200) | st.just("unlimited"), max_size=2)


def _queue(name: str, others: list[str]) -> st.SearchStrategy[Queue]:
    by_channel = st.dictionaries(st.sampled_from(CHANNELS), seconds, max_size=2)
    return st.builds(
        Queue,
        name=st.just(name),
        **described,
        max_attempts=st.integers(1, 9),
        retry_delay_s=st.integers(0, 300),
        service_level_s=seconds,
        enabled=st.booleans(),
        max_contacts=st.none() | st.integers(0, 9),
        overflow=st.sampled_from(["", *others]),
        overflow_rank=st.sampled_from(["keep", "back", "front"]),
        offer_to=st.integers(1, 10),
        max_offers=st.none() | st.integers(1, 9),
        missed_slot_s=st.none() | st.integers(0, 9),
        offer_again_after_s=st.none() | st.integers(0, 9),
        acw_s=limits.map(lambda given: {channel: limit for channel, limit in given.items() if limit}),
        expiry_s=by_channel.map(lambda given: {**EXPIRY_S, **given}),
        agent_choice=st.sampled_from([one for one in get_args(AgentChoice) if one != "highest_proficiency"]),
        raise_after_s=maybe_seconds,
        raise_to=st.integers(1, 9),
        turn_away_when=st.sampled_from(get_args(Nobody)),
        skip_steps_when=st.sampled_from(get_args(Nobody)),
    )


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    """A configuration that could be applied."""

    def people() -> dict[str, Any]:
        return {field: draw(values) for field, values in described.items()}

    hours = {
        name: Hours(name, "Europe/Berlin", {"mon": draw(spans)}, {date(2026, 12, 25): draw(spans)}, **people())
        for name in draw(st.sets(names, max_size=1))
    }
    queues = {
        name: replace(queue, hours=draw(st.sampled_from(["", *hours]))) for name, queue in draw(queues_of()).items()
    }
    profiles = {}
    for name in draw(st.sets(names, max_size=3)):
        channels = {
            c: Concurrency(draw(st.integers(1, MAX_SLOTS[c])), draw(st.booleans()))
            for c in draw(st.sets(st.sampled_from(CHANNELS), min_size=1))
        }
        pairs = [(queue, channel) for queue in sorted(queues) for channel in sorted(channels)]
        chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
        entries = [
            Entry(
                q,
                c,
                draw(st.integers(1, 99)),
                draw(st.integers(0, 9_999)),
                draw(st.booleans()),
                draw(st.integers(1, 9)),
                draw(st.none() | st.integers(1, channels[c].slots)),
            )
            for q, c in chosen
        ]
        entries.sort(key=lambda entry: (entry.manual_only, entry.priority * (not entry.manual_only)))
        timer = draw(st.sampled_from(["since_last_activity", "since_last_inbound"]))
        sharing = draw(st.sampled_from(["strict", "weighted"]))
        profiles[name] = RoutingProfile(
            name, channels, tuple(entries), agent_availability_timer=timer, sharing=sharing,
            outbound_queue=draw(st.sampled_from(["", *sorted(queues)])), **people(),
        )  # fmt: skip
    levels = st.dictionaries(st.sampled_from(["Language:French", "Product:Cards"]), st.integers(1, 5))
    windows = st.dictionaries(st.sampled_from(CHANNELS), st.integers(1, 3_600_000), max_size=2)
    accepts = st.frozensets(st.sampled_from(CHANNELS))
    agents = {
        n: Agent(
            n,
            draw(st.sampled_from(sorted(profiles))),
            proficiencies=draw(levels),
            auto_accept=draw(accepts),
            acw_s=draw(limits),
            offer_window_ms=draw(windows),
            **people(),
        )
        for n in (draw(st.sets(names, max_size=3)) if profiles else ())
    }
    custom = {
        n: Status(n, "custom", enabled=draw(st.booleans()), **people())
        for n in draw(st.sets(names, max_size=2)) - built_in_statuses().keys()
    }
    taken_in = draw(st.sets(names, max_size=2)) if queues else ()
    intakes = {n: draw(_intake(n, sorted(queues), people())) for n in taken_in}
    return Configuration(queues, profiles, agents, built_in_statuses() | custom, hours, intakes=intakes)


def _intake(name: str, queues: list[str], people: dict[str, Any]) -> st.SearchStrategy[Intake]:
    conditions = ['attributes.tier == "gold"', "now.hour >= 18", f'queues["{queues[0]}"].oldest_s > 60', "true"]
    rules = st.builds(Rule, st.sampled_from(conditions), _choices(queues), st.just("") | names)
    return st.builds(
        Intake,
        name=st.just(name),
        rules=st.lists(rules, max_size=3).map(tuple),
        default=_choices(queues),
        timezone=st.sampled_from(["UTC", "Europe/Berlin"]),
        **{field: st.just(value) for field, value in people.items()},
    )


def _choices(queues: list[str]) -> st.SearchStrategy[Choice]:
    steps = st.sampled_from([None, (), (parse_step("Language:French >= 3 for 30s"), parse_step("agents [ana]"))])
    queue, priority, later = st.sampled_from(queues), st.none() | st.integers(1, 9), st.none() | st.integers(0, 99)
    return st.one_of(
        st.builds(Choice, refuse=st.sampled_from(["full", "we are closed: \\ 'till \"8\""])),
        st.builds(
            Choice, queue, channel=st.none() | st.sampled_from(CHANNELS), priority=priority, criteria=steps,
            age_adjustment_s=st.none() | st.integers(-9, 9), start_in_s=later,
        ),
        st.builds(
            Choice, queue, priority=priority, callback_after_s=st.integers(0, 99),
            callback_retry_delay_s=st.integers(0, 99), callback_retries=st.integers(0, 9),
        ),
    )  # fmt: skip
