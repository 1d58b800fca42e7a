"""Contacts of a simulation for whom an intake chooses the queue, by the state at the time when they come."""

import json
from pathlib import Path
from typing import Any

import pytest
import redis
from commands import Run
from simulated import arrivals, centre_of

from fairlead.errors import BadInput
from fairlead.simulation.course import Course
from fairlead.simulation.erlang import Target
from fairlead.simulation.running import Task, run_once
from fairlead.simulation.staffing import plan_day

S = 1_000_000

FRONT = """
[queues.Gold]
[profiles.G]
channels.voice = { slots = 1 }
entries = [{ queue = "Gold", channel = "voice" }, { queue = "Q", channel = "voice" }]
[agents.eve]
profile = "G"
[intakes.Front]
rules = [
  { when = 'attributes.tier == "spam"', refuse = "not here" },
  { when = 'attributes.tier == "later"', queue = "Q", start_in_s = 40 },
  { when = 'attributes.tier == "back"', queue = "Q", callback_after_s = 50 },
  { when = 'now.hour >= 1', queue = "Gold", criteria = ["Language:French >= 1 for 7s"] },
  { when = 'queues.Q.waiting >= 1', queue = "Gold" },
]
default = { queue = "Q" }
"""


def come(contact_id: str, at_s: float, tier: str = "", **further: Any) -> str:
    given = {"id": contact_id, "intake": "Front", "at_s": at_s, "handle_s": 1_000, **further}
    rows = "".join(f"{name} = {json.dumps(value)}\n" for name, value in given.items())
    return f"[[contacts]]\n{rows}" + (f'attributes = {{ tier = "{tier}" }}\n' if tier else "")


def course_of(client: redis.Redis, *contacts: str, agents: int = 0) -> Course:
    """A day that begins at midnight; whoever comes to Q waits when there are no agents."""
    until = "until_s = 8000\n"
    return run_once(client, Task(centre_of(agents, FRONT.replace("[agents.eve]\nprofile = \"G\"\n", ""), *contacts,
                                           first=until)))[0]  # fmt: skip


def visits(course: Course) -> list[tuple[str, str, float]]:
    return [(one.contact_id, one.queue, one.entered_us / S) for one in course.visits]


def test_each_contact_is_decided_on_by_the_state_when_it_comes(client: redis.Redis) -> None:
    """Both of the same second, and who comes after somebody has left."""
    course = course_of(client, come("c1", 5, patience_s=10), come("c2", 5), come("c3", 16))

    assert visits(course) == [("c1", "Q", 5), ("c2", "Gold", 5), ("c3", "Q", 16)]


def test_the_time_is_that_of_the_simulation_and_a_chosen_step_ends_when_it_says(client: redis.Redis) -> None:
    course = course_of(client, come("c1", 3_599), come("c2", 3_600), agents=1)

    assert visits(course) == [("c1", "Q", 3_599), ("c2", "Gold", 3_600)]


def test_what_an_intake_refuses_is_counted_of_the_intake(client: redis.Redis) -> None:
    course = course_of(client, come("c1", 1, "spam"), come("c2", 2))

    assert dict(course.refused) == {("intake Front", "voice"): 1}
    assert visits(course) == [("c2", "Q", 2)]


def test_who_comes_later_waits_from_then_on_and_who_is_called_back_does_not_give_up(client: redis.Redis) -> None:
    course = course_of(client, come("c1", 10, "later", patience_s=30), come("c2", 10, "back", patience_s=30))

    left = {one.contact_id: (one.entered_us / S, one.outcome, one.wait_us / S) for one in course.visits}
    assert left == {"c1": (50, "abandoned", 30), "c2": (60, "waiting", 0)}


def test_steps_in_one_round_trip_have_the_outcome_of_steps_one_by_one(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiers = ("later", "back", "spam", "", "")
    contacts = [come(f"c{place}", 7 * place, tiers[place % 5], handle_s=20 + place) for place in range(40)]
    together = course_of(client, *contacts, agents=2)
    monkeypatch.setattr("fairlead.simulation.engine.MOST_STEPS", 1)
    apart = course_of(client, *contacts, agents=2)

    assert together.visits == apart.visits
    assert {(one.queue, one.outcome) for one in together.visits} == {("Q", "answered"), ("Gold", "waiting")}


def test_drawn_contacts_go_by_an_intake_too(client: redis.Redis) -> None:
    stream = arrivals(120, 600, 30).replace('queue = "Q"', 'intake = "Front"')

    course = run_once(client, Task(centre_of(1, FRONT, stream)))[0]

    assert {one.queue for one in course.visits} <= {"Q", "Gold"}
    assert len([one for one in course.visits if one.outcome == "answered"]) > 10


def test_how_many_agents_an_intake_takes_is_no_question_for_staffing(client: redis.Redis) -> None:
    with pytest.raises(BadInput, match="known by their queue, not by an intake"):
        plan_day(client, centre_of(1, FRONT, come("c1", 0)), Target(0.8, 20), 60, print)


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "day.toml"
    file.write_text(
        '[queues.Q]\n[profiles.P]\nchannels.voice = { slots = 1 }\nentries = [{ queue = "Q", channel = "voice" }]\n'
        f'[agents.ana]\nprofile = "P"\n{FRONT}'
    )
    return file


CALLS = "id,tier,at_s,handle_s,waited_s,outcome\na,,0,30,0,answered\nb,later,5,,9,gave_up\nc,spam,9,8,0,answered\n"


def test_recorded_contacts_go_by_an_intake_with_columns_as_attributes(
    simulate: Run, scenario: Path, tmp_path: Path
) -> None:
    """The handle time of the one that gave up is one of those of the intake."""
    file = tmp_path / "calls.csv"
    file.write_text(CALLS)

    done = simulate(
        str(scenario), "--contacts", str(file), "--intake", "Front", "--attribute-columns", "tier", "--id-column", "id",
        "--patience-column", "waited_s", "--leaves", "outcome=gave_up", "--json",
    )  # fmt: skip

    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    queued = {one["contact"]: (one["at_s"], one["queue"]) for one in events if one["event"] == "contact.queued"}
    assert queued == {"a": (0, "Q"), "b": (45, "Q")}
    assert [one["contact"] for one in events if one["event"] == "contact.refused"] == ["c"]


def test_an_intake_that_a_scenario_does_not_have_is_told(simulate: Run, scenario: Path, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(CALLS)

    done = simulate(str(scenario), "--contacts", str(file), "--intake", "Back")

    assert (done.code, "no intake 'Back' in the scenario" in done.err) == (2, True)
