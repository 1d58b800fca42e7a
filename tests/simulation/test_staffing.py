"""The smallest number of agents for a target, by formulas and by simulation."""

import json
from pathlib import Path

import pytest
import redis
from commands import Run
from simulated import SINGLE_QUEUE, arrivals, centre_of

from fairlead.errors import BadInput
from fairlead.simulation.erlang import Target
from fairlead.simulation.staffing import intervals_of, parse_target, plan_day

TARGET = Target(0.8, 20)


def test_each_interval_has_its_own_smallest_number(real_client: redis.Redis) -> None:
    quiet = arrivals(20, 1_800, handle_s=180).replace("to_s", "from_s = 0\nto_s")
    busy = arrivals(120, 3_600, handle_s=180).replace("to_s", "from_s = 1800\nto_s")

    plan = plan_day(real_client, centre_of(1, quiet, busy), TARGET, 1_800, progress=lambda _: None)

    first, second = plan.intervals
    assert (first.by_formula, second.by_formula) == ({"P": 3}, {"P": 9})
    assert all(abs(one.agents["P"] - one.by_formula["P"]) <= 1 for one in plan.intervals)
    assert all(level >= 80 for one in plan.intervals for level in one.levels.values())
    assert plan.agent_hours == (first.agents["P"] + second.agents["P"]) / 2


def test_profiles_that_help_each_other_need_fewer_agents_than_the_formulas_say(real_client: redis.Redis) -> None:
    other = (
        '[queues.R]\n[profiles.Both]\nchannels.voice = { slots = 1 }\nentries = [{ queue = "R", channel = "voice" }, '
        '{ queue = "Q", channel = "voice", priority = 2 }]\n'
    )
    tables = other, arrivals(20, 1_800, handle_s=180), arrivals(20, 1_800, handle_s=180).replace('"Q"', '"R"')

    plan = plan_day(real_client, centre_of(1, *tables), TARGET, 1_800, progress=lambda _: None)

    (only,) = plan.intervals
    assert only.by_formula == {"P": 3, "Both": 3}
    assert sum(only.agents.values()) < 6


def test_listed_contacts_count_as_their_mean_rate() -> None:
    contacts = [f'[[contacts]]\nid = "c{n}"\nqueue = "Q"\nat_s = {n * 100}\nhandle_s = {n * 20}\n' for n in range(1, 5)]

    ((_, streams),) = intervals_of(centre_of(1, *contacts).day, 1_800)

    assert [(one.rate_per_hour, one.handle.average_s, one.patience) for one in streams] == [(8, 50, None)]


def test_a_queue_that_nobody_serves_cannot_be_staffed(real_client: redis.Redis) -> None:
    scenario = centre_of(1, "[queues.R]\n", arrivals(20, 1_800, handle_s=180).replace('"Q"', '"R"'))

    with pytest.raises(BadInput, match=r"no profile serves R \(voice\)"):
        plan_day(real_client, scenario, TARGET, 1_800, progress=lambda _: None)


@pytest.mark.parametrize("text", ["80", "80/", "0/20", "100/20", "80/0", "eighty/20"])
def test_a_target_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="write PERCENT/SECONDS"):
        parse_target(text)

    assert parse_target("80/20") == (0.8, 20)


def test_the_command_says_how_many_agents_and_a_simulation_agrees(staff: Run) -> None:
    found = json.loads(
        staff("--calls-per-hour", "120", "--handle", "180", "--patience", "300", "--check", "--json").out
    )

    levels = {row["agents"]: row["service_level"] for row in found["formula"]}
    assert (found["agents"], found["load"]) == (8, 6)
    assert levels[7] < 80 <= levels[8]
    assert abs(found["simulated"]["service_level"] - levels[8]) < 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --calls-per-hour and --handle, or a scenario file"),
        (("day.toml", "--handle", "9"), "not both"),
        (("none.toml",), "cannot be read"),
        (("--calls-per-hour", "9", "--handle", "9", "--target", "80"), "write PERCENT/SECONDS"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(staff: Run, arguments: tuple[str, ...], message: str) -> None:
    done = staff(*arguments)

    assert done.code == 2
    assert message in done.err


def test_a_day_is_a_table_by_interval(staff: Run, tmp_path: Path) -> None:
    file = tmp_path / "day.toml"
    file.write_text(SINGLE_QUEUE + arrivals(60, 1_800, handle_s=120))

    done = staff(str(file), "--interval", "15")

    assert [line.split()[0] for line in done.out.splitlines() if line.strip()[:1] == "0"] == ["00:00", "00:15"]
    assert "agent hours" in done.out
