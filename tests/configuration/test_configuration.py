"""Configurations are read, refused with their place, written back and planned."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.configuration.plan import make_plan
from fairlead.configuration.reading import parse
from fairlead.configuration.writing import render
from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, MAX_SLOTS
from fairlead.domain.configuration import Configuration, built_in_statuses, fresh_configuration
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.errors import InvalidConfiguration

names = st.from_regex(NAME_PATTERN, fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    queues = {
        n: Queue(n, draw(texts), draw(st.integers(1, 9)), draw(st.integers(1, 60)))
        for n in draw(st.sets(names, max_size=3))
    }
    profiles = {}
    for name in draw(st.sets(names, max_size=3)):
        channels = {
            c: Concurrency(draw(st.integers(1, MAX_SLOTS[c])), draw(st.booleans()))
            for c in draw(st.sets(st.sampled_from(CHANNELS), min_size=1))
        }
        pairs = [(queue, channel) for queue in sorted(queues) for channel in sorted(channels)]
        chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
        entries = tuple(Entry(q, c, draw(st.integers(1, 99)), draw(st.integers(0, 9_999))) for q, c in chosen)
        profiles[name] = RoutingProfile(name, channels, entries, draw(texts))
    agents = (
        {n: Agent(n, draw(st.sampled_from(sorted(profiles))), draw(texts)) for n in draw(st.sets(names, max_size=3))}
        if profiles
        else {}
    )
    custom = {n: Status(n, "custom") for n in draw(st.sets(names, max_size=2)) - built_in_statuses().keys()}
    return Configuration(queues, profiles, agents, built_in_statuses() | custom)


@given(configurations())
def test_a_written_configuration_reads_back_the_same(configuration: Configuration) -> None:
    assert parse(render(configuration), "written.toml") == configuration


GOOD = (
    '[queues.Sales]\n[profiles.P]\nchannels.voice = { slots = 1 }\nentries = [{ queue = "Sales", channel = "voice" }]\n'
)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"voice" }', '"voice", priority = 0 }', "greater than or equal to 1"),
        ('"voice" }', '"voice", priority = 100 }', "less than or equal to 99"),
        ('"voice" }', '"voice", delay_s = 10000 }', "less than or equal to 9999"),
        ('"voice" }', '"voice", delay_s = -1 }', "greater than or equal to 0"),
        ("slots = 1", "slots = 2", "the most for voice"),
        ("slots = 1", "slots = 0", "greater than or equal to 1"),
        ('queue = "Sales"', 'queue = "Salse"', "no queue 'Salse' in this file; it has Sales"),
        ("[queues.Sales]", '[queues."two words"]\n[queues.Sales]', "a name is 1 to 64 letters"),
        ('channel = "voice"', 'channel = "chat"', "no slots for chat"),
        ('"voice" }]', '"voice" }, { queue = "Sales", channel = "voice" }]', "stands in this profile already"),
        ("[queues.Sales]", "[agents.ana]\nprofile = 'Q'\n[queues.Sales]", "no profile 'Q' in this file; it has P"),
        ("[queues.Sales]", "[queues.Sales", "not TOML"),
        ("[queues.Sales]", "[statuses.Available]\ntype = 'custom'\n[queues.Sales]", "is built in"),
    ],
)
def test_a_broken_limit_is_told(old: str, new: str, says: str) -> None:
    parse(GOOD, "good.toml")

    with pytest.raises(InvalidConfiguration, match=says) as refusal:
        parse(GOOD.replace(old, new, 1), "broken.toml")

    assert str(refusal.value).startswith("broken.toml:")


@pytest.mark.parametrize(("priority", "delay_s"), [(1, 0), (99, 9_999)])
def test_the_limits_themselves_are_allowed(priority: int, delay_s: int) -> None:
    text = GOOD.replace('"voice" }', f'"voice", priority = {priority}, delay_s = {delay_s} }}')

    assert parse(text, "limits.toml").profiles["P"].entries == (Entry("Sales", "voice", priority, delay_s),)


def test_a_plan_tells_what_changes_and_whom_it_touches() -> None:
    wanted = parse(GOOD, "good.toml")
    changed = parse(GOOD.replace('"voice" }', '"voice", delay_s = 5 }'), "changed.toml")

    plan = make_plan(wanted, changed, {"P": 3}, {})

    assert [(change.kind, change.what, change.name) for change in plan.changes] == [("changed", "profile", "P")]
    assert plan.changes[0].details == ("entry Sales voice: priority 1 delay 0 s -> priority 1 delay 5 s",)
    assert plan.changes[0].touches == "3 signed-in agents act on it at once"


def test_nothing_to_change_is_an_empty_plan() -> None:
    assert not make_plan(fresh_configuration(), fresh_configuration(), {}, {})
