"""Configurations are read, refused with their place, written back and planned."""

from collections.abc import Callable

import fakeredis
import pytest
from configurations import configurations
from hypothesis import given
from raw import raw

from fairlead.configuration.plan import make_plan
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.writing import render
from fairlead.domain.configuration import Configuration, fresh_configuration
from fairlead.domain.profile import Entry
from fairlead.errors import InvalidConfiguration
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring


@given(configurations())
def test_an_applied_configuration_reads_back_the_same(configuration: Configuration) -> None:
    store = Store(fakeredis.FakeRedis())
    raw(store).flushall()

    store.run(configuring.apply_configuration(store.keys, configuration, 0))

    assert store.run(reading.configuration_in_force())[0] == configuration


@given(configurations())
def test_a_written_configuration_reads_back_the_same(configuration: Configuration) -> None:
    assert parse_configuration(render(configuration), "written.toml") == configuration


DAYS = "[hours.D]\ntimezone = 'UTC'\nweek = { mon = "

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
        ('"voice" }', '"voice", max_contacts = 0 }', "greater than or equal to 1"),
        ('"voice" }', '"voice", max_contacts = 2 }', r"max_contacts: 2 is above the slots of voice \(1\)"),
        (
            '"voice" }]',
            '"voice" }, { queue = "Sales", channel = "voice", manual_only = true, max_contacts = 1 }]',
            "Sales on voice has another max_contacts in this profile already",
        ),
        ("slots = 1", "slots = 2", "the most for voice"),
        ("slots = 1", "slots = 0", "greater than or equal to 1"),
        ("channels.voice = { slots = 1 }", "channels = { chat = { slots = 11 } }", "less than or equal to 10"),
        (', channel = "voice"', "", r"entries\[1\]: give either channel or channels"),
        ('queue = "Sales"', 'queue = "Salse"', r"no queue 'Salse' in this file; did you mean Sales\? It has Sales"),
        ("[queues.Sales]", '[queues."two words"]\n[queues.Sales]', "a name is 1 to 64 letters"),
        ('channel = "voice"', 'channel = "chat"', "no slots for chat"),
        ('"voice" }]', '"voice" }, { queue = "Sales", channel = "voice" }]', "is in this profile already"),
        ("[queues.Sales]", "[agents.ana]\nprofile = 'Q'\n[queues.Sales]", "no profile 'Q' in this file; it has P"),
        (
            '"voice" }]',
            '"voice" }' + 2 * ', { queue = "Sales", channel = "voice", manual_only = true }' + "]",
            "is in this profile already",
        ),
        ("[queues.Sales]", "[queues.Sales]\nacw_s = { voice = 'for ever' }", "'unlimited'"),
        ("[queues.Sales]", "[queues.Sales]\nagent_choice = 'highest_proficiency'", "also needs choice_proficiency"),
        ("[queues.Sales]", "[queues.Sales]\nchoice_proficiency = 'L:fr'", "also needs agent_choice"),
        ("[queues.Sales]", "[queues.Sales", "not TOML"),
        ("[queues.Sales]", "[queues.Sales]\nmax_contacts = -1", "greater than or equal to 0"),
        ("[queues.Sales]", "[queues.Sales]\nhours = 'Days'", "no hours of operation 'Days' in this file; it has none"),
        ("[queues.Sales]", "[queues.Sales]\noverflow = 'Sales'", "cannot overflow into itself"),
        ("[queues.Sales]", "[queues.Sales]\noverflow_after_s = 9", "also needs overflow"),
        ("[queues.Sales]", "[queues.Sales]\nstatus_after_misses = 3", "also needs missed_status"),
        ("[queues.Sales]", "[queues.Sales]\nacw_s = { voice = 7201 }", "less than or equal to 7200"),
        ("[queues.Sales]", "[hours.D]\ntimezone = 'Europe/Berlen'\n[queues.Sales]", "did you mean Europe/Berlin"),
        ("[queues.Sales]", f"{DAYS}['9-5'] }}\n[queues.Sales]", "not a span of hours"),
        ("[queues.Sales]", "[agents.a]\nprofile = 'P'\nproficiencies = { 'L:fr' = 6 }\n[queues.Sales]", "equal to 5"),
        ("[queues.Sales]", "[queues.Sales]\nservice_level_s = '20'", "service_level_s: '20': write a whole number"),
        ("[queues.Sales]", "[queues.Sales]\nmax_contacts = 2.0", "max_contacts: 2.0: write a whole number"),
        ("[queues.Sales]", "[queues.Sales]\nenabled = 1", "enabled: 1: write true or false"),
        ("[queues.Sales]", "[queues.Sales]\noffer_window_s.voice = '9'", "offer_window_s.voice: '9': write a number"),
        ("[queues.Sales]", f"{DAYS}['08:00-25:00'] }}\n[queues.Sales]", r"hours.D.week.mon\[1\]: '08:00-25:00' is not"),
        ("[queues.Sales]", f"{DAYS}'08:00-12:00' }}\n[queues.Sales]", "hours.D.week.mon: '08:00-12:00': write a list"),
        ('"voice" }', '"voice", weight = 101 }', "less than or equal to 100"),
        ("[queues.Sales]", "[statuses.Available]\ntype = 'custom'\n[queues.Sales]", "this status is built in"),
    ],
)
def test_a_broken_limit_is_told(old: str, new: str, says: str) -> None:
    parse_configuration(GOOD, "good.toml")

    with pytest.raises(InvalidConfiguration, match=says) as refusal:
        parse_configuration(GOOD.replace(old, new, 1), "broken.toml")

    assert str(refusal.value).startswith("broken.toml:")


@pytest.mark.parametrize("too_many", [0, 1])
@pytest.mark.parametrize(
    ("most", "field"),
    [
        (250, lambda many: f"description = '{'x' * many}'"),
        (256, lambda many: f"labels.team = '{'x' * many}'"),
        (50, lambda many: "\n".join(f"labels.l{place} = ''" for place in range(many))),
    ],
    ids=["description", "label", "labels"],
)
def test_what_is_for_people_has_limits(most: int, field: Callable[[int], str], too_many: int) -> None:
    text = GOOD.replace("[queues.Sales]", f"[queues.Sales]\n{field(most + too_many)}")

    if too_many:
        with pytest.raises(InvalidConfiguration, match=f"at most {most}"):
            parse_configuration(text, "limits.toml")
    else:
        assert parse_configuration(text, "limits.toml").queues["Sales"]


@pytest.mark.parametrize(("priority", "delay_s"), [(1, 0), (99, 9_999)])
def test_the_limits_themselves_are_allowed(priority: int, delay_s: int) -> None:
    text = GOOD.replace('"voice" }', f'"voice", priority = {priority}, delay_s = {delay_s} }}')

    assert parse_configuration(text, "limits.toml").profiles["P"].entries == (
        Entry("Sales", "voice", priority, delay_s),
    )


def test_a_plan_tells_what_changes_and_whom_it_affects() -> None:
    target = parse_configuration(GOOD, "good.toml")
    changed = parse_configuration(GOOD.replace('"voice" }', '"voice", delay_s = 5 }'), "changed.toml")

    plan = make_plan(target, changed, {"P": 3}, {})

    assert [(change.kind, change.what, change.name) for change in plan.changes] == [("changed", "profile", "P")]
    assert plan.changes[0].details == ("entry Sales voice: priority 1 delay 0 s -> priority 1 delay 5 s",)
    assert plan.changes[0].affects == "3 signed-in agents act on it at once"


def test_nothing_to_change_is_an_empty_plan() -> None:
    assert not make_plan(fresh_configuration(), fresh_configuration(), {}, {})


OVERFLOWS = """
[queues]
Sales = { overflow = "Mailbox" }
Mailbox = {}
Cards = { overflow = "Loans" }
Loans = { overflow = "Desk" }
Desk = { overflow = "Loans" }
[profiles.P]
channels = { voice = { slots = 1 }, chat = { slots = 1 } }
entries = [
  { queue = "Sales", channels = ["voice", "chat"] },
  { queue = "Mailbox", channel = "voice" },
]
"""


def test_an_overflow_that_nobody_serves_and_a_ring_of_overflows_are_told() -> None:
    configuration = parse_configuration(OVERFLOWS, "overflows.toml")

    plan = make_plan(parse_configuration(GOOD, "good.toml"), configuration, {}, {})

    assert [warning.partition(":")[0] for warning in plan.warnings] == [
        "queue 'Sales' overflows into 'Mailbox', which no profile serves on chat",
        "queues overflow in a ring",
    ]
    assert "Loans -> Desk -> Loans" in plan.warnings[1]


def test_overflows_that_somebody_serves_in_the_end_are_not_told() -> None:
    good = OVERFLOWS.replace('"voice" },', '"chat" },\n  { queue = "Mailbox", channel = "voice" },')
    good = good.replace('Desk = { overflow = "Loans" }', "Desk = {}")

    assert (
        make_plan(parse_configuration(GOOD, "good.toml"), parse_configuration(good, "good.toml"), {}, {}).warnings == ()
    )
