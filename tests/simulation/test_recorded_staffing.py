"""Agents for recorded contacts: what came is counted, and formulas, or a scenario's profiles, say what it takes."""

import json
from pathlib import Path

import pytest
from commands import Run

from fairlead.errors import BadInput
from fairlead.service.recorded.arrivals import Arrival
from fairlead.service.recorded.times import zone_of
from fairlead.simulation.erlang import Demand, Target, smallest_staffing
from fairlead.simulation.recorded_staffing import staff_recorded
from fairlead.store.new_contact import NewContact

TARGET = Target(0.8, 20)
MORNING_S = 8 * 3_600
DAY_S = 86_400
EXAMPLES = Path(__file__).parents[2] / "examples" / "simulation"
COLUMNS = ("--time-columns", "date+arrived_s", "--handle-column", "served_s", "--patience-column", "waited_s")


def call(at_s: float, handle_s: float | None = 180, queue: str = "Q", **known: float) -> Arrival:
    return Arrival(NewContact(queue, "voice", b"1"), MORNING_S + at_s, handle_s=handle_s, **known)


def test_each_interval_is_staffed_for_what_came_in_it() -> None:
    busy = [call(1_800 + n * 30) for n in range(60)]

    found = staff_recorded([call(0), call(600, 60), *busy], TARGET, 1_800)

    assert [(one.from_s, one.contacts, one.handle_s) for one in found] == [
        (MORNING_S, 2, 120), (MORNING_S + 1_800, 60, 180),
    ]  # fmt: skip
    assert [one.agents for one in found] == [
        smallest_staffing(Demand(2 / 1_800, 120), TARGET), smallest_staffing(Demand(60 / 1_800, 180), TARGET),
    ]  # fmt: skip
    assert found[1].load == pytest.approx(6)
    assert all(one.performance.service_level(20) >= 0.8 for one in found)


def test_who_gave_up_tells_the_patience_and_not_the_handle_time() -> None:
    answered = [call(n * 30, waited_s=10) for n in range(30)]
    gave_up = [call(n * 30 + 15, 0, patience_s=20) for n in range(10)]

    [found] = staff_recorded([*answered, *gave_up], TARGET, 1_800)

    assert (found.contacts, found.handle_s) == (40, 180)
    assert found.agents == smallest_staffing(Demand(40 / 1_800, 180, (30 * 10 + 10 * 20) / 10), TARGET)
    assert found.performance.abandon_rate > 0


def test_an_interval_in_which_nobody_was_answered_takes_the_mean_of_its_queue() -> None:
    found = staff_recorded([call(0, 100), call(10, 300), call(1_900, 0, patience_s=5)], TARGET, 1_800)

    assert [one.handle_s for one in found] == [200, 200]


def test_intervals_of_all_days_begin_at_the_same_times() -> None:
    found = staff_recorded([call(0), call(DAY_S + 100)], TARGET, 7 * 3_600)

    assert [one.from_s for one in found] == [7 * 3_600, DAY_S + 7 * 3_600]


def test_a_queue_without_handle_times_cannot_be_staffed() -> None:
    with pytest.raises(BadInput, match=r"no handle time is recorded for R \(voice\): name its column"):
        staff_recorded([call(0), call(1, None, "R")], TARGET, 1_800)


def test_the_command_prints_a_row_for_each_interval_and_draws_them(staff: Run, tmp_path: Path) -> None:
    picture = tmp_path / "staff.svg"
    options = ("--contacts", str(EXAMPLES / "calls.csv"), *COLUMNS, "--leaves", "outcome=gave_up", "--interval", "60")

    done = staff(*options, "--plot", str(picture))
    found = json.loads(staff(*options, "--json").out)

    first = found["intervals"][0]
    assert done.code == 0, done.err
    assert done.out.splitlines()[1].split()[:4] == ["08:00", "Sales", "voice", str(first["contacts"])]
    assert first["to_s"] - first["from_s"] == 3_600
    assert sum(one["contacts"] for one in found["intervals"]) == 585
    assert f"585 contacts, {found['agent_hours']:.1f} agent hours" in done.out
    assert picture.read_text().startswith("<?xml")


def test_a_scenario_is_staffed_for_recorded_contacts_instead_of_its_own(staff: Run, tmp_path: Path) -> None:
    scenario, calls = tmp_path / "day.toml", tmp_path / "calls.csv"
    scenario.write_text(
        '[queues.Q]\n[profiles.P]\nchannels.voice = { slots = 1 }\nentries = [{ queue = "Q", channel = "voice" }]\n'
    )
    calls.write_text("id,at_s,queue,handle_s\n" + "".join(f"c{n},{n * 60},Q,60\n" for n in range(30)))

    found = json.loads(staff(str(scenario), "--contacts", str(calls), "--id-column", "id", "--json").out)

    [only] = found["intervals"]
    assert abs(only["agents"]["P"] - only["by_formula"]["P"]) <= 1
    assert found["summary"]["queues"][0]["offered"] == 30


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--contacts", "none.csv", "--calls-per-hour", "9"), "not both"),
        (("--calls-per-hour", "9", "--handle", "60", "--plot", "a.svg"), "give --contacts, and no scenario"),
        (("--contacts", "none.csv", "--plot", "a.pdf"), "a picture is .svg or .png"),
    ],
)
def test_what_does_not_go_together_is_refused(staff: Run, arguments: tuple[str, ...], message: str) -> None:
    done = staff(*arguments)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_intervals_begin_at_midnight_of_the_time_zone() -> None:
    """8:00 and 8:33 UTC are 13:30 and 14:03 in India."""
    morning_s = DAY_S + MORNING_S

    found = staff_recorded([call(DAY_S), call(DAY_S + 2_000)], TARGET, 3_600, zone_of("Asia/Kolkata"))

    assert [(one.from_s, one.contacts) for one in found] == [(morning_s - 1_800, 1), (morning_s + 1_800, 1)]


def test_intervals_are_told_by_the_time_zone(staff: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("queue,t,handle_s\nQ,2026-07-06 08:10,50\n")

    done = staff("--contacts", str(file), "--time-columns", "t", "--time-zone", "Europe/Zurich")

    assert done.out.splitlines()[1].startswith("08:00  Q")
