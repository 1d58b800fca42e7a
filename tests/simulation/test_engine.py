"""Virtual time over the real transitions: what a scenario says happens when it says, and nothing else."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
from simulated import arrivals, centre_of

from fairlead.simulation.course import Course
from fairlead.simulation.running import Task, run_once
from fairlead.simulation.scenario import Scenario, parse_scenario

S = 1_000_000


def contact(contact_id: str, at_s: float, handle_s: float = 60, **further: Any) -> str:
    given = {"id": contact_id, "queue": "Q", "at_s": at_s, "handle_s": handle_s, **further}
    rows = "".join(
        f"{name} = {value!r}\n".replace("'", '"') for name, value in given.items()
    )  # Python's texts and lists are TOML's, but for the quotes
    return f"[[contacts]]\n{rows}"


def course_of(client: redis.Redis, scenario: Scenario) -> Course:
    return run_once(client, Task(scenario))[0]


def answered(course: Course) -> dict[str, tuple[str, float]]:
    """Contact -> who answered it, after how many seconds."""
    return {one.contact_id: (one.agent, one.wait_us / S) for one in course.visits if one.outcome == "answered"}


def outcomes(course: Course) -> dict[str, str]:
    return {one.contact_id: one.outcome for one in course.visits}


def test_contacts_wait_in_line_for_the_agent_who_is_free_first(client: redis.Redis) -> None:
    scenario = centre_of(
        2, contact("c1", 0, handle_s=60), contact("c2", 0, handle_s=30), contact("c3", 10), contact("c4", 20)
    )

    course = course_of(client, scenario)

    assert answered(course) == {"c1": ("a0", 0), "c2": ("a1", 0), "c3": ("a1", 20), "c4": ("a0", 40)}
    assert course.ended_us == 120 * S


def test_agents_accept_at_once_so_that_nothing_rings_at_several(client: redis.Redis) -> None:
    contacts = [contact(f"c{number}", 5 * number, handle_s=30) for number in range(6)]
    plain = centre_of(3, *contacts)
    queues = plain.configuration.queues
    rings = replace(plain, configuration=replace(plain.configuration, queues={"Q": replace(queues["Q"], offer_to=3)}))

    assert answered(course_of(client, rings)) == answered(course_of(client, plain))


def test_a_customer_leaves_when_the_patience_ends_and_not_before(client: redis.Redis) -> None:
    scenario = centre_of(
        1, contact("c1", 0), contact("c2", 10, patience_s=49.999999), contact("c3", 10, patience_s=50.000001)
    )

    course = course_of(client, scenario)

    assert outcomes(course) == {"c1": "answered", "c2": "abandoned", "c3": "answered"}
    assert answered(course)["c3"] == ("a0", 50)


def test_an_agent_works_in_its_shifts_and_finishes_what_it_holds(client: redis.Redis) -> None:
    shifts = '[[shifts]]\nagent = "a0"\nfrom_s = 100\nto_s = 200\n[[shifts]]\nagent = "a0"\nfrom_s = 230\nto_s = 300\n'
    scenario = centre_of(1, shifts, contact("c1", 0), contact("c2", 50), contact("c3", 170, handle_s=80))

    course = course_of(client, scenario)

    assert answered(course) == {"c1": ("a0", 100), "c2": ("a0", 110), "c3": ("a0", 60)}
    assert course.agents["a0"].busy == [(100 * S, 160 * S), (160 * S, 220 * S), (230 * S, 310 * S)]
    assert course.agents["a0"].staffed == [(100 * S, 220 * S), (230 * S, 310 * S)]


def test_a_shift_that_begins_after_the_last_one_was_worked_off_is_worked(client: redis.Redis) -> None:
    shifts = '[[shifts]]\nagent = "a0"\nto_s = 50\n[[shifts]]\nagent = "a0"\nfrom_s = 60\nto_s = 900\n'
    scenario = centre_of(1, shifts, contact("c1", 10, handle_s=45), contact("c2", 20))

    course = course_of(client, scenario)

    assert answered(course) == {"c1": ("a0", 0), "c2": ("a0", 40)}
    assert course.agents["a0"].staffed == [(0, 55 * S), (60 * S, 900 * S)]


def test_after_contact_work_keeps_the_agent_for_its_time(client: redis.Redis) -> None:
    scenario = centre_of(1, contact("c1", 0), contact("c2", 10))
    queue = replace(scenario.configuration.queues["Q"], acw_s={"voice": 15})
    scenario = replace(scenario, configuration=replace(scenario.configuration, queues={"Q": queue}))

    course = course_of(client, scenario)

    assert answered(course)["c2"] == ("a0", 65)
    assert course.agents["a0"].busy == [(0, 75 * S), (75 * S, 150 * S)]


def chatting(most: str) -> Scenario:
    """An agent with two slots for chat, and an entry with or without a limit; two customers chat at once."""
    chats = [contact(f"c{number}", number, handle_s=60, channel="chat") for number in (1, 2)]
    text = (
        "[queues.Q]\n[profiles.P]\nchannels.chat = { slots = 2 }\n"
        f'entries = [{{ queue = "Q", channel = "chat"{most} }}]\n[agents.ana]\nprofile = "P"\n'
    )
    return parse_scenario("\n".join([text, *chats]), "scenario.toml", Path())


@pytest.mark.parametrize(("most", "waits_s"), [(", max_contacts = 1", 59), (", max_contacts = 2", 0), ("", 0)])
def test_who_has_reached_the_limit_of_an_entry_gets_the_next_when_one_ends(
    client: redis.Redis, most: str, waits_s: float
) -> None:
    course = course_of(client, chatting(most))

    assert answered(course) == {"c1": ("ana", 0), "c2": ("ana", waits_s)}


DELAYED = """
seed = 3
[queues.Q]
max_contacts = 2
overflow = "Rest"
overflow_after_s = 40
[queues.Rest]
max_contacts = 1
[profiles.First]
channels.voice = { slots = 1 }
entries = [{ queue = "Q", channel = "voice" }]
[profiles.Second]
channels.voice = { slots = 1 }
entries = [{ queue = "Q", channel = "voice", delay_s = 25 }]
[agents.ana]
profile = "First"
[agents.bo]
profile = "Second"
"""


def parsed(*tables: str) -> Scenario:
    return parse_scenario("\n".join((DELAYED, *tables)), "scenario.toml", Path())


def test_an_idle_agent_gets_a_contact_when_its_delay_has_passed(client: redis.Redis) -> None:
    scenario = parsed(contact("c1", 0, handle_s=500), contact("c2", 10))

    course = course_of(client, scenario)

    assert answered(course) == {"c1": ("ana", 0), "c2": ("bo", 25)}


BUSY = contact("c1", 0, handle_s=500), contact("c2", 0, handle_s=500)
"""Both agents are busy from second 25 on."""


def test_a_contact_that_has_waited_too_long_overflows(client: redis.Redis) -> None:
    scenario = parsed(*BUSY, contact("c3", 1))

    course, summary = run_once(client, Task(scenario))

    visits = [(one.queue, one.outcome, one.wait_us) for one in course.visits if one.contact_id == "c3"]
    assert visits == [("Q", "overflowed", 40 * S), ("Rest", "waiting", 0)]
    assert [queue.overflowed for queue in summary.queues] == [1, 0]


def test_what_waits_in_an_agents_own_queue_overflows_in_its_time(client: redis.Redis) -> None:
    text = DELAYED.replace('profile = "First"\n', 'profile = "First"\noverflow = "Rest"\noverflow_after_s = 3\n')
    own = contact("c3", 1).replace('"Q"', '"@ana"')
    scenario = parse_scenario("\n".join((text, *BUSY, own, contact("c4", 6))), "scenario.toml", Path())

    course = course_of(client, scenario)

    visits = [(one.queue, one.outcome, one.wait_us) for one in course.visits if one.contact_id == "c3"]
    assert visits == [("@ana", "overflowed", 3 * S), ("Rest", "waiting", 0)]


def test_a_full_queue_passes_contacts_on_until_nobody_lets_them_in(client: redis.Redis) -> None:
    scenario = parsed(*BUSY, contact("c3", 26), contact("c4", 27), contact("c5", 28), contact("c6", 29))

    course, summary = run_once(client, Task(scenario))

    assert next(one.queue for one in course.visits if one.contact_id == "c5") == "Rest"
    assert [(queue.queue, queue.refused) for queue in summary.queues] == [("Q", 1), ("Rest", 0)]


def test_the_same_seed_makes_the_same_run_and_another_one_another(client: redis.Redis) -> None:
    scenario = centre_of(4, arrivals(100, to_s=3_600, handle_s=120, patience_s=90))
    runs: list[list[Any]] = []

    for seed in (7, 7, 8):
        told: list[Any] = []
        run_once(client, Task(scenario, seed), tell=told.append)
        runs.append(told)

    assert runs[0] == runs[1] != runs[2]
    assert [event["at_s"] for event in runs[0]] == sorted(event["at_s"] for event in runs[0])


def test_steps_that_share_round_trips_have_the_outcome_of_steps_one_by_one(
    real_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = "\n".join(arrivals(60, to_s=7_200, handle_s=150, patience_s=100).replace('"Q"', f'"{q}"') for q in "QQ")
    scenario = parsed(tables)
    told: dict[int, list[Any]] = {1: [], 200: []}

    for most, events in told.items():
        monkeypatch.setattr("fairlead.simulation.engine.MOST_STEPS", most)
        run_once(real_client, Task(scenario), tell=events.append)

    assert len(told[1]) > 500
    assert told[1] == told[200]


def test_a_queue_holds_its_contacts_until_it_opens(client: redis.Redis) -> None:
    scenario = parse_scenario(
        'starts_at = 2026-03-02T07:00:00Z\n[hours.Day]\ntimezone = "UTC"\nweek = { mon = ["08:00-12:00"] }\n'
        '[queues.Q]\nhours = "Day"\n[profiles.P]\nchannels.voice = { slots = 1 }\n'
        'entries = [{ queue = "Q", channel = "voice" }]\n[agents.a0]\nprofile = "P"\n' + contact("c1", 1_800),
        "scenario.toml",
        Path(),
    )

    course = course_of(client, scenario)

    assert answered(course) == {"c1": ("a0", 1_800)}


def test_a_run_that_is_to_stop_leaves_contacts_waiting(client: redis.Redis) -> None:
    scenario = centre_of(1, contact("c1", 0, handle_s=500), contact("c2", 0), first="until_s = 100\n")

    course, summary = run_once(client, Task(scenario))

    assert (course.ended_us, summary.queues[0].waiting) == (100 * S, 1)
    assert summary.agents[0].occupancy == 100


def test_a_routing_step_is_over_in_its_time(client: redis.Redis) -> None:
    scenario = centre_of(1, contact("c1", 0, criteria=["Language:French >= 3 for 30s"]))

    assert answered(course_of(client, scenario)) == {"c1": ("a0", 30)}
