"""Intakes in a configuration file: each mistake is told with its line, and what hardly anybody means is warned of."""

import pytest

from fairlead.configuration.plan import make_plan
from fairlead.configuration.reading import parse_configuration
from fairlead.configuration.warnings import warnings_of
from fairlead.configuration.writing import render
from fairlead.domain.criteria import parse_step
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.errors import InvalidConfiguration

FILE = """\
[queues.Sales]
[queues.Vip]
[profiles.P]
channels.voice = { slots = 1 }
entries = [{ queue = "Sales", channel = "voice" }, { queue = "Vip", channel = "voice" }]
[agents]
ana = { profile = "P", overflow = "Sales", overflow_after_s = 60 }

[intakes.Front]
timezone = "Europe/Berlin"
rules = [
  { when = 'attributes.tier == "gold" && queues.Vip.oldest_s > 60', name = "gold", queue = "Vip", REST },
  { when = 'now.weekday == "sun"', refuse = "we are closed" },
  { when = '"owner" in attributes', queue = "@ana" },
]
default = { queue = "Sales" }

[intakes.Back]
default = { queue = "Sales", age_adjustment_s = 60 }
[[intakes.Back.rules]]
when = 'channel == "chat"'
queue = "Sales"
start_in_s = 60
[[intakes.Back.rules]]
when = 'channel == "email"'
queue = "Vip"
callback_after_s = 60
""".replace("REST", 'priority = 2, criteria = ["Language:French >= 3 for 30s"]')


def test_both_ways_to_write_rules_are_read() -> None:
    found = parse_configuration(FILE, "f.toml").intakes

    steps = (parse_step("Language:French >= 3 for 30s"),)
    assert found["Front"] == Intake(
        "Front",
        (
            Rule(
                'attributes.tier == "gold" && queues.Vip.oldest_s > 60',
                Choice("Vip", priority=2, criteria=steps), "gold",
            ),
            Rule('now.weekday == "sun"', Choice(refuse="we are closed")),
            Rule('"owner" in attributes', Choice("@ana")),
        ),
        Choice("Sales"),
        "Europe/Berlin",
    )  # fmt: skip
    assert found["Back"] == Intake(
        "Back",
        (
            Rule('channel == "chat"', Choice("Sales", start_in_s=60)),
            Rule('channel == "email"', Choice("Vip", callback_after_s=60)),
        ),
        Choice("Sales", age_adjustment_s=60),
    )


def test_rules_are_written_with_their_conditions_in_front_and_read_back() -> None:
    configuration = parse_configuration(FILE, "f.toml")

    written = render(configuration)

    assert """{when = 'now.weekday == "sun"', refuse = "we are closed"}""" in written
    assert parse_configuration(written, "written") == configuration


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('tier == "gold"', 'tier = "gold"', "f.toml:12: intakes.Front.rules[1].when: 'attributes.tier = \"gold\""),
        ('weekday == "sun"', 'weekdy == "sun"', "f.toml:13: intakes.Front.rules[2].when: 'now.weekdy == \"sun\"': "),
        ('now.weekday == "sun"', "now.hour", "f.toml:13: intakes.Front.rules[2].when: 'now.hour': it gives 0"),
        ('channel == "email"', "channel > 3", "f.toml:25: intakes.Back.rules[2].when: 'channel > 3': it compares"),
        ("queues.Vip.oldest", "queues.Vipp.oldest", "f.toml:12: intakes.Front.rules[1].when: no queue 'Vipp' in this"),
        ('queue = "Vip"\n', 'queue = "Vipp"\n', "f.toml:26: intakes.Back.rules[2].queue: no queue 'Vipp' in this file"),
        ('"@ana"', '"@ane"', "f.toml:14: intakes.Front.rules[3].queue: no agent 'ane' in this file; did you mean ana?"),
        ('{ queue = "Sales", age', '{ queue = "Sold", age', "f.toml:19: intakes.Back.default.queue: no queue 'Sold'"),
        ("start_in_s = 60", "start_s = 60", "f.toml:23: intakes.Back.rules[1].start_s: no such key; did you mean"),
        ("age_adjustment_s", "age_s", "f.toml:19: intakes.Back.default.age_s: no such key. Allowed: queue, refuse,"),
        ("priority = 2", "priority = 0", "f.toml:12: intakes.Front.rules[1].priority: 0: input should be greater than"),
        ("Language:French >= 3", "French >= 3", "f.toml:12: intakes.Front.rules[1].criteria: criteria 'French >= 3"),
        ("start_in_s = 60", 'refuse = "no"', "f.toml:20: intakes.Back.rules[1]: give either queue or refuse"),
        ('refuse = "we are closed"', 'refuse = "no", priority = 3', "a contact that is refused has no priority"),
        ('refuse = "we are closed"', 'refuse = "a\\nb"', "refuse takes one line of printable characters"),
        ("start_in_s = 60", "callback_retries = 3", "callback_retry_delay_s and callback_retries also need"),
        ("start_in_s = 60", "start_in_s = 3\ncallback_after_s = 3", "give one of start_in_s and callback_after_s"),
        ("callback_after_s", 'channel = "chat"\ncallback_after_s', "a callback is a call: its channel is voice"),
        ("Europe/Berlin", "Europe/Berln", "f.toml:10: intakes.Front.timezone: 'Europe/Berln': no such time zone; did"),
        ('default = { queue = "Sales" }', "", "f.toml:9: intakes.Front.default: this key is needed, and is missing"),
        ("[intakes.Front]", "[intake.Front]", "intake: no such key; did you mean intakes?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(old: str, new: str, says: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        parse_configuration(FILE.replace(old, new, 1), "f.toml")

    assert says in str(refused.value)


def test_the_rules_of_an_intake_ask_about_ten_queues_and_no_more() -> None:
    def file(many: int) -> str:
        queues = "".join(f"[queues.Q{number}]\n" for number in range(many))
        rules = ", ".join(f'{{ when = "queues.Q{number}.open", queue = "Q0" }}' for number in range(many))
        return f'{queues}[intakes.Front]\nrules = [{rules}]\ndefault = {{ queue = "Q0" }}\n'

    assert len(parse_configuration(file(10), "f.toml").intakes["Front"].asks()) == 10
    with pytest.raises(InvalidConfiguration, match=r"Front.rules: the conditions ask about 11 queues; at most 10"):
        parse_configuration(file(11), "f.toml")


def test_a_plan_tells_which_rules_change() -> None:
    before = parse_configuration(FILE, "f.toml")
    after = parse_configuration(
        FILE.replace("we are closed", "closed").replace('default = { queue = "Sales" }', 'default = { queue = "Vip" }')
        .split("[intakes.Back]")[0],
        "f.toml",
    )  # fmt: skip

    changes = make_plan(before, after, {}, {}).changes

    assert [(change.kind, change.what, change.name) for change in changes] == [
        ("removed", "intake", "Back"), ("changed", "intake", "Front"),
    ]  # fmt: skip
    assert changes[1].details == (
        'rules.2: when now.weekday == "sun": refuse we are closed -> when now.weekday == "sun": refuse closed',
        "default: 'queue Sales' -> 'queue Vip'",
    )


@pytest.mark.parametrize(
    ("old", "new", "warnings"),
    [
        ("", "", []),
        (
            'now.weekday == "sun"', "true",
            [
                "rule 3 of intake 'Front' is never reached: rule 2 holds whenever it would",
                "the default of intake 'Front' is never reached: rule 2 always holds",
            ],
        ),
        (
            ', overflow = "Sales", overflow_after_s = 60', "",
            [
                "rule 3 of intake 'Front' chooses the own queue of agent 'ana', which has no overflow: "
                "contacts would wait there while the agent is away",
            ],
        ),
        ('now.weekday == "sun"', "1 == 2", ["rule 2 of intake 'Front' never holds"]),
        (
            'channel == "email"', 'channel == "chat"',
            ["rule 2 of intake 'Back' is never reached: rule 1 holds whenever it would"],
        ),
        (
            ', { queue = "Vip", channel = "voice" }', "",
            [
                "rule 1 of intake 'Front' chooses queue 'Vip', which no profile serves: "
                "contacts would wait there until they expire",
                "rule 2 of intake 'Back' chooses queue 'Vip', which no profile serves on voice: "
                "contacts would wait there until they expire",
            ],
        ),
        (
            "start_in_s = 60", 'channel = "chat"',
            [
                "rule 1 of intake 'Back' chooses queue 'Sales', which no profile serves on chat: "
                "contacts would wait there until they expire",
            ],
        ),
    ],
)  # fmt: skip
def test_what_hardly_anybody_means_is_warned_of(old: str, new: str, warnings: list[str]) -> None:
    assert warnings_of(parse_configuration(FILE.replace(old, new, 1), "f.toml")) == warnings
