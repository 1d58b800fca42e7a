"""How the own queues of agents overflow, in a file and in its plan."""

import pytest

from fairlead.configuration.objects import check_configuration, parse_object
from fairlead.configuration.plan import make_plan
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.warnings import warnings_of
from fairlead.configuration.writing import render
from fairlead.domain.agent import Agent
from fairlead.domain.configuration import Configuration, fresh_configuration
from fairlead.errors import InvalidConfiguration

FILE = """\
[instance]
agent_queue_overflow = "Support"
agent_queue_overflow_after_s = 90
[queues.Support]
[queues.Desk]
[profiles.P]
channels = { voice = { slots = 1 }, chat = { slots = 1 } }
entries = [{ queue = "Support", channels = ["voice", "chat"] }, { queue = "Desk", channels = ["voice", "chat"] }]
[agents.ana]
profile = "P"
overflow = "Desk"
overflow_after_s = 60
[agents.bo]
profile = "P"
"""


def parsed(old: str = "", new: str = "") -> Configuration:
    return parse_configuration(FILE.replace(old, new, 1), "f.toml")


def test_an_agent_and_the_instance_say_how_agents_queues_overflow() -> None:
    configuration = parsed()

    assert (configuration.agent_queue_overflow, configuration.agent_queue_overflow_after_s) == ("Support", 90)
    assert configuration.agents == {
        "ana": Agent("ana", "P", overflow="Desk", overflow_after_s=60), "bo": Agent("bo", "P"),
    }  # fmt: skip
    assert parse_configuration(render(configuration), "again.toml") == configuration


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('overflow = "Desk"\n', "", "agents.ana.overflow_after_s: also needs overflow"),
        ("\noverflow_after_s = 60", "", "agents.ana.overflow: also needs overflow_after_s"),
        ('agent_queue_overflow = "Support"\n', "", "instance.agent_queue_overflow_after_s: also needs agent_queue_"),
        ("\nagent_queue_overflow_after_s = 90", "", "instance.agent_queue_overflow: also needs agent_queue_overflow_"),
        ('"Desk"\nover', '"Desk2"\nover', "agents.ana.overflow: no queue 'Desk2' in this file; did you mean Desk?"),
        ('= "Support"', '= "Suport"', "instance.agent_queue_overflow: no queue 'Suport' in this file; did you mean"),
        ("after_s = 60", "after_s = 0", "agents.ana.overflow_after_s: 0: "),
    ],
)  # fmt: skip
def test_one_half_of_an_overflow_or_a_queue_that_is_not_there_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        parsed(old, new)

    assert told in str(refused.value)


def test_an_object_and_a_configuration_of_ones_own_need_both_halves_too() -> None:
    with pytest.raises(InvalidConfiguration, match=r"agents\.ana\.overflow: also needs overflow_after_s"):
        parse_object("agent", "ana", {"profile": "P", "overflow": "Desk"})
    fresh = fresh_configuration()
    half = Configuration(fresh.queues, fresh.profiles, {}, fresh.statuses, agent_queue_overflow_after_s=5)
    with pytest.raises(InvalidConfiguration, match=r"instance\.agent_queue_overflow_after_s: also needs"):
        check_configuration(half)


def test_the_plan_tells_how_the_instance_and_an_agent_change() -> None:
    before, after = parsed("_after_s = 90", "_after_s = 91"), parsed('"Desk"\nover', '"Support"\nover')

    assert [(change.what, change.details) for change in make_plan(before, after, {}, {}).changes] == [
        ("agent", ("overflow: 'Desk' -> 'Support'",)),
        ("instance", ("agent_queue_overflow_after_s 91 -> 90",)),
    ]


def test_agents_queues_that_overflow_to_where_nobody_serves_are_told_once_for_each_queue() -> None:
    assert warnings_of(parsed()) == []

    told = warnings_of(parsed('queue = "Support", channels = ["voice", "chat"]', 'queue = "Support", channel = "chat"'))

    assert told == [
        "agents' own queues overflow into 'Support', which no profile serves on voice: contacts that overflow would "
        "wait there until they expire"
    ]
