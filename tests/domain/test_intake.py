"""An intake decides by its first rule that holds."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from configurations import configurations
from hypothesis import given

from fairlead.domain.conditions import Facts
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.intake import (
    Choice,
    Decision,
    Intake,
    Rule,
    Verdict,
    choice_text,
    decide,
    explain,
    intake_text,
    local_time,
    read_decision,
    read_intake,
)

FRONT = Intake(
    "Front",
    (
        Rule('attributes.tier == "gold" && queues.Sales.oldest_s > 60', Choice("Vip", priority=2), "gold"),
        Rule('now.weekday == "sun"', Choice(refuse="we are closed")),
        Rule('attributes.tier == "gold"', Choice("Sales", priority=1)),
    ),
    Choice("Sales"),
)


def facts(oldest_s: int = 0, weekday: str = "mon", **attributes: str) -> Facts:
    return Facts(attributes, "voice", "", {"weekday": weekday}, {"Sales": {"oldest_s": oldest_s}})


@pytest.mark.parametrize(
    ("given", "rule", "name", "choice"),
    [
        (facts(61, tier="gold"), 1, "gold", Choice("Vip", priority=2)),
        (facts(60, tier="gold"), 3, "", Choice("Sales", priority=1)),
        (facts(61, "sun", tier="gold"), 1, "gold", Choice("Vip", priority=2)),
        (facts(60, "sun", tier="gold"), 2, "", Choice(refuse="we are closed")),
        (facts(61, tier="silver"), 0, "", Choice("Sales")),
        (facts(61), 0, "", Choice("Sales")),
    ],
)
def test_the_first_rule_that_holds_decides_or_the_default(given: Facts, rule: int, name: str, choice: Choice) -> None:
    decision, chosen = decide(FRONT, 7, given)

    assert (decision.intake, decision.version, decision.rule, decision.rule_name) == ("Front", 7, rule, name)
    assert chosen == choice


def test_an_intake_is_kept_as_people_write_it() -> None:
    assert "Grüße" in intake_text(replace(FRONT, default=Choice(refuse="Grüße")))


def test_a_decision_tells_what_was_read_up_to_it() -> None:
    first, _ = decide(FRONT, 7, facts(61, tier="gold"))
    second, _ = decide(FRONT, 7, facts(61, "sun"))

    assert first.read == {"queues.Sales.oldest_s": "61"}
    assert second.read == {"queues.Sales.oldest_s": "61", "now.weekday": "sun"}


def test_each_rule_before_the_one_that_holds_says_why_it_does_not() -> None:
    assert explain(FRONT, facts(12, tier="gold")) == [
        Verdict(
            1, "gold", FRONT.rules[0].when,
            "queues.Sales.oldest_s > 60 does not hold: queues.Sales.oldest_s is 12",
        ),
        Verdict(2, "", FRONT.rules[1].when, 'now.weekday == "sun" does not hold: now.weekday is mon'),
        Verdict(3, "", FRONT.rules[2].when, ""),
    ]  # fmt: skip
    assert explain(FRONT, facts())[-1] == Verdict(0, "", "", "")


def test_an_intake_asks_each_queue_for_what_its_rules_read() -> None:
    intake = Intake(
        "I",
        (
            Rule("queues.A.open && queues.B.waiting > 3", Choice("A")),
            Rule("queues.A.waiting > 3 || queues.A.open", Choice("B")),
        ),
        Choice("C"),
    )

    assert intake.asks() == {"A": ["open", "waiting"], "B": ["waiting"]}


@pytest.mark.parametrize(
    ("timezone", "at", "time"),
    [
        ("UTC", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), {"hour": 0, "time": "00:59", "weekday": "sun"}),
        ("Europe/Berlin", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), {"hour": 1, "time": "01:59", "weekday": "sun"}),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), {"hour": 3, "time": "03:00", "weekday": "sun"}),
        ("Asia/Tokyo", datetime(2026, 3, 29, 15, 0, tzinfo=UTC), {"hour": 0, "time": "00:00", "weekday": "mon"}),
    ],
)
def test_the_time_is_that_of_the_wall_clock_of_the_time_zone(timezone: str, at: datetime, time: dict[str, str]) -> None:
    found = local_time(timezone, round(at.timestamp() * 1e6))

    assert {name: found[name] for name in time} == time


@given(configurations())
def test_an_intake_reads_back_as_it_was_written(configuration: Configuration) -> None:
    for name, intake in configuration.intakes.items():
        read = read_intake(name, intake_text(intake))

        assert (read.rules, read.default, read.timezone) == (intake.rules, intake.default, intake.timezone)


@pytest.mark.parametrize(
    "decision",
    [
        Decision("Front", 12, 0, "", {}),
        Decision("Front", 12, 2, "gold", {"queues.Sales.oldest_s": "61", "now.time": "19:30"}),
        Decision("Front", 12, 2, "", {"queues.a.b.open": "true", "queues.Sales.max": "missing"}),
    ],
)
def test_a_decision_reads_back_as_it_was_written(decision: Decision) -> None:
    assert read_decision(decision.text) == decision


def test_a_choice_is_told_in_words() -> None:
    choice = Choice("Sales", priority=2, criteria=(parse_step("Language:French >= 3 for 30s"),))

    assert choice_text(choice) == "queue Sales, priority 2, criteria Language:French >= 3 for 30s"
    assert choice_text(Choice("Sales", criteria=())) == "queue Sales, criteria none"
