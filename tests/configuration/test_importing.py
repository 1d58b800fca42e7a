"""Each format's sample as a configuration of Fairlead's, that can be applied and routes contacts."""

import json

import pytest
from centre import Centre, S
from imports import BY_FORMAT, imported, notes_of, of_text

from fairlead.configuration.importing.formats import ImportFormat
from fairlead.configuration.reading import parse_configuration
from fairlead.domain.conditions import Facts
from fairlead.domain.configuration import Configuration
from fairlead.domain.criteria import step_text
from fairlead.domain.hours import switches
from fairlead.domain.intake import decide
from fairlead.domain.profile import Entry
from fairlead.store.transitions import configuring


def entries_of(configuration: Configuration, profile: str) -> list[tuple[str, str, int, int, bool]]:
    entries = configuration.profiles[profile].entries
    return [(one.queue, one.channel, one.priority, one.delay_s, one.manual_only) for one in entries]


@pytest.mark.parametrize(("file_format", "names"), BY_FORMAT)
def test_what_is_written_reads_back_the_same(file_format: ImportFormat, names: tuple[str, ...]) -> None:
    found = imported(*names)

    assert found.file_format == file_format
    assert parse_configuration(found.text(names), "centre.toml") == found.configuration


@pytest.mark.parametrize(("file_format", "names"), BY_FORMAT)
def test_what_is_imported_is_applied_and_routes_a_contact(
    centre: Centre, file_format: ImportFormat, names: tuple[str, ...]
) -> None:
    target = imported(*names).configuration
    centre.version = centre.store.run(configuring.apply_configuration(centre.keys, target, centre.version))
    agent, entry = next(
        (agent.name, entry) for agent in target.agents.values() for entry in target.profiles[agent.profile].entries
    )

    _when_open(centre, target, entry)
    centre.sign_in(agent)
    centre.push("c1", entry.queue, entry.channel)
    centre.passes(entry.delay_s + 1)

    assert centre.who("c1") == agent


def _when_open(centre: Centre, target: Configuration, entry: Entry) -> None:
    """Let time pass until a second after the queue opens; from then on it is Friday, at eight o'clock UTC."""
    hours = target.queues[entry.queue].hours
    if hours:
        opens_s = next(at_s for at_s, to in switches(target.hours[hours], centre.now_us / S, 14) if to)
        centre.now_us = round(opens_s * S) + S


def test_the_resources_of_terraform_become_objects_by_their_references() -> None:
    found = imported("centre.tf.json")
    made = found.configuration

    assert entries_of(made, "Front") == [
        ("Sales-prod", "voice", 1, 0, False), ("Sales-prod", "chat", 2, 30, False),
        ("BasicQueue", "voice", 3, 5, False),
    ]  # fmt: skip
    assert made.profiles["Front"].channels["chat"].allows_others
    assert made.profiles["Front"].outbound_queue == "Sales-prod"
    assert (made.queues["Sales-prod"].max_contacts, made.queues["Sales-prod"].hours) == (40, "Office-Hours")
    assert dict(made.queues["Sales-prod"].labels) == {"Cost-Centre": "4711"}
    assert not made.queues["Sales-prod-2"].enabled
    assert made.agents["ana-example.com"].auto_accept == {"voice"}
    assert "aws_connect_contact_flow.main: no counterpart" in notes_of(found)
    assert "outbound_caller_config" in notes_of(found, "queues", "Sales-prod")
    assert made.agents["ana-example.com"].acw_s == {"voice": 60, "chat": 60}


def test_a_span_past_midnight_goes_on_the_next_day() -> None:
    hours = imported("centre.tf.json").configuration.hours["Office-Hours"]

    text = {day: [f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in spans] for day, spans in hours.week.items()}
    assert text == {"mon": ["08:30-18:00", "00:00-02:00"], "fri": ["08:00-00:00"], "sun": ["22:00-00:00"]}


def test_references_of_a_plan_come_from_its_expressions_and_from_what_is_there_already() -> None:
    made = imported("plan.json").configuration

    assert entries_of(made, "Front") == [("Sales", "voice", 1, 0, False), ("Basic-Queue", "voice", 2, 10, False)]
    assert made.agents["bo"].profile == "Old"


def test_short_and_long_functions_of_cloudformation_lead_to_resources() -> None:
    found = imported("template.yaml")
    made = found.configuration

    assert entries_of(made, "front") == [
        ("sales-prod", "voice", 1, 0, False), ("support", "chat", 2, 20, False), ("support", "voice", 1, 0, True),
    ]  # fmt: skip
    exceptions = {str(on): len(spans) for on, spans in made.hours["Office"].exceptions.items()}
    assert exceptions == {"2026-12-24": 1, "2026-12-25..2026-12-26": 0, "2026-01-05..2026-03-31": 0}
    assert dict(made.agents["ana"].proficiencies) == {"Language:French": 4, "Product:Cards-and-Loans": 5}
    assert made.profiles["front"].agent_availability_timer == "since_last_inbound"
    assert made.statuses["Lunch-Break"].type == "custom"
    assert "'Rebuilding' recurs" in notes_of(found, "hours", "Office")
    assert "Condition 'HasChat' is taken as true" in notes_of(found, "queues", "support")
    assert imported("template.json").configuration.agents["ana"].profile == "Front"


def test_lists_of_the_aws_cli_that_say_not_of_whom_are_led_by_their_file_names() -> None:
    made = imported("connect.json", "queues-of-p-1.json").configuration

    assert entries_of(made, "Basic-Routing-Profile") == [
        ("Sales-Line", "voice", 1, 0, False), ("Support", "chat", 2, 15, False),
    ]  # fmt: skip
    assert made.queues["Sales-Line"].hours == "Basic-Hours"
    assert not made.statuses["Lunch"].enabled
    assert made.agents["ana"].acw_s == {"voice": "unlimited", "chat": "unlimited"}
    assert "list-routing-profile-queues" in notes_of(imported("connect.json"), "profiles", "Basic-Routing-Profile")


def test_members_of_asterisks_queues_share_profiles_by_their_queues_and_weights() -> None:
    found = imported("queues.conf")
    made = found.configuration

    assert {name: agent.profile for name, agent in made.agents.items()} == {
        "Ana-Silva": "sales-support", "Bo": "Vertrieb-Sud-sales", "PJSIP-1003": "support",
    }  # fmt: skip
    assert entries_of(made, "sales-support") == [("sales", "voice", 1, 0, False), ("support", "voice", 2, 0, False)]
    sales, support = made.queues["sales"], made.queues["support"]
    assert (sales.max_contacts, sales.service_level_s, sales.acw_s, sales.offer_window_ms["voice"]) == (
        20, 30, {"voice": 10}, 15_000,
    )  # fmt: skip
    assert (support.max_contacts, support.missed_status, support.status_after_misses) == (None, "Paused", 1)
    assert (sales.offer_to, support.offer_to) == (1, 10)
    assert "penalty 2 of Bo" in notes_of(found, "queues", "sales")
    assert "queues_additional.conf is not followed" in notes_of(found)


def test_levels_of_freeswitchs_tiers_are_delays() -> None:
    found = imported("callcenter.conf.xml")
    made = found.configuration

    assert entries_of(made, made.agents["1001"].profile) == [("support", "voice", 1, 60, False)]
    support = made.queues["support"]
    assert (support.status_after_misses, support.missed_status, support.expiry_s["voice"]) == (3, "On-Break", 900)
    assert [dict(made.agents[name].acw_s) for name in ("1000", "1001")] == [{"voice": 10}, {"voice": 20}]
    assert made.agents["1000"].offer_window_ms == {"voice": 10_000}
    assert "1009@default" in notes_of(found)
    assert made.queues["sales"].status_after_misses == 3
    assert [made.queues[name].agent_choice for name in ("support", "sales")] == ["longest_idle", "round_robin"]


def test_workers_of_taskrouter_serve_the_queues_whose_expressions_hold() -> None:
    found = imported("taskrouter.json")
    made = found.configuration

    served = {name: {one.queue for one in made.profiles[agent.profile].entries} for name, agent in made.agents.items()}
    assert served == {"ana": {"Sales", "Everyone"}, "bo-example.com": {"Support-FR", "Everyone"}}
    assert {channel: one.slots for channel, one in made.profiles["Sales-Everyone"].channels.items()} == {
        "chat": 3, "voice": 1,
    }  # fmt: skip
    assert (made.queues["Sales"].overflow, made.queues["Sales"].overflow_after_s) == ("Everyone", 60)
    assert made.queues["Everyone"].offer_window_ms["chat"] == 25_000
    assert dict(made.agents["ana"].proficiencies) == {"Skill:sales": 4}
    assert [made.queues[name].offer_to for name in ("Sales", "Support-FR")] == [1, 5]
    assert "'LIKES' is not expected" in notes_of(found, "queues", "Odd")


@pytest.mark.parametrize(
    ("strategy", "expected", "is_told"),
    [
        ("ringall", (10, "longest_idle"), True), ("rrmemory", (1, "round_robin"), False),
        ("rrordered", (1, "round_robin"), False), ("leastrecent", (1, "longest_idle"), False),
        ("random", (1, "longest_idle"), True),
    ],
)  # fmt: skip
def test_strategies_of_asterisk_are_those_of_a_queue_or_told(
    strategy: str, expected: tuple[int, str], is_told: bool
) -> None:
    found = of_text(ImportFormat.ASTERISK, f"[q]\nstrategy = {strategy}\nmember => SIP/1\n")

    queue = found.configuration.queues["q"]
    assert (queue.offer_to, queue.agent_choice) == expected
    assert (f"strategy {strategy}" in notes_of(found, "queues", "q")) is is_told


def test_a_table_of_agents_makes_profiles_of_what_its_rows_say() -> None:
    found = imported("agents.csv")
    made = found.configuration

    assert entries_of(made, "Front") == [("Sales", "voice", 1, 0, False), ("Billing-Dept", "chat", 1, 0, False)]
    assert made.agents["zoe"].profile == "Sales-Help"
    assert (made.agents["ana"].auto_accept, made.agents["bo"].auto_accept) == ({"voice"}, {"chat"})
    assert "the name of the agent is empty" in notes_of(found)
    assert "Team" in notes_of(found)


def test_a_workflow_of_taskrouter_is_an_intake() -> None:
    found = imported("taskrouter.json")
    intake = found.configuration.intakes["Calls"]
    tasks: list[dict[str, str]] = [
        {"topic": "sales"}, {"topic": "sales", "language": "fr", "size": "2", "tier": "tin"},
        {"topic": "x", "language": "fr", "size": "3"}, {"topic": "x", "language": "fr", "tier": "gold"},
        {"topic": "x", "language": "fr"}, {}, {"topic": "x", "tags": "vip"},
    ]  # fmt: skip

    decided = [decide(intake, 1, Facts(one, "voice", "", {}, {}))[0] for one in tasks]

    assert [one.rule for one in decided] == [1, 1, 2, 2, 3, 3, 3]
    first, second, third = (rule.choice for rule in intake.rules)
    assert (intake.rules[0].name, intake.rules[1].name) == ("Sales", "French-calls")
    assert (first.queue, first.priority, first.criteria) == ("Sales", 2, None)
    assert [step_text(step) for step in second.criteria or ()] == [
        "Language:fr >= 1 and Skill:support >= 3 for 30s", "Language:fr >= 1 for 45s",
    ]  # fmt: skip
    assert (second.queue, second.priority, third.criteria, intake.default.queue) == (
        "Support-FR", 1, None, "Everyone",
    )  # fmt: skip
    support = found.configuration.queues["Support-FR"]
    assert (support.overflow, support.overflow_after_s) == ("Everyone", 75)


def test_what_a_workflow_says_and_no_intake_can_is_told() -> None:
    told = notes_of(imported("taskrouter.json"), "intakes", "Calls").splitlines()

    assert told == [
        "priority 5 is 2 here, where 1 is the highest",
        "priority 10 is 1 here, where 1 is the highest",
        "no counterpart: skip_if of a target; skip_steps_when or turn_away_when of the queue comes close",
        "no counterpart: priority 20 of a later target; raise_after_s of the queue comes close",
        "filter \"tags HAS 'vip'\" is left out: HAS asks a list, and attributes of contacts are texts",
        "the workers of a target, \"team == 'A'\", are left out: only skills, languages and levels of workers become "
        "criteria",
        "filter '1==1' is left out: it has no queue of these files",
    ]


def test_a_workflow_without_a_default_refuses_what_no_filter_takes() -> None:
    workflow = {"sid": "W", "friendly_name": "Calls", "configuration": {"task_routing": {"filters": []}}}
    queue = {"sid": "Q", "friendly_name": "Sales", "target_workers": "1==1"}

    found = of_text(ImportFormat.TASKROUTER, json.dumps({"workflows": [workflow], "task_queues": [queue]}))

    assert found.configuration.intakes["Calls"].default.refuse == "no filter of the workflow takes it"
