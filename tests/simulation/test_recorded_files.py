"""Recorded contacts of a simulation: the files that a replay takes, and who was at work when."""

import json
from pathlib import Path

import pytest
from commands import Run
from simulated import SINGLE_QUEUE

LOG = """\
1767600000|NONE|NONE|SIP/ana|ADDMEMBER|
1767600000|c0|Q|NONE|ENTERQUEUE||1|1
1767600000|c0|Q|SIP/ana|CONNECT|0|x|0
1767600030|c0|Q|SIP/ana|COMPLETEAGENT|0|30|1
1767600040|NONE|NONE|SIP/ana|PAUSEALL|lunch
1767600050|c1|Q|NONE|ENTERQUEUE||1|1
1767600100|NONE|NONE|SIP/ana|UNPAUSEALL|
1767600100|c1|Q|SIP/ana|CONNECT|50|x|0
1767600120|c1|Q|SIP/ana|COMPLETEAGENT|50|20|1
1767600130|c2|Q|NONE|ENTERQUEUE||1|1
1767600131|c2|Q|NONE|ABANDON|1|1|1
1767600140|NONE|NONE|SIP/zoe|REMOVEMEMBER|
1767600150|NONE|NONE|SIP/zoe|ADDMEMBER|
1767600160|NONE|NONE|SIP/zoe|REMOVEMEMBER|
1767600200|NONE|NONE|SIP/ana|REMOVEMEMBER|
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "day.toml"
    file.write_text(SINGLE_QUEUE + '[agents.ana]\nprofile = "P"\n')
    return file


def test_an_agent_of_a_queue_log_answers_when_at_work_and_not_in_a_pause(
    simulate: Run, scenario: Path, tmp_path: Path
) -> None:
    log = tmp_path / "queue_log"
    log.write_text(LOG)

    done = simulate(str(scenario), "--contacts", str(log), "--stays", "--json")

    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    connected = {one["contact"]: one["at_s"] for one in events if one["event"] == "contact.connected"}
    day_s = 1_767_600_000 % 86_400
    assert connected == {"c0": day_s, "c1": day_s + 100, "c2": day_s + 130}
    assert "agents of the file that the scenario does not have: SIP/zoe" in done.err


def test_shifts_of_the_scenario_hold_against_those_of_a_log(simulate: Run, scenario: Path, tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(LOG)
    scenario.write_text(scenario.read_text() + '[[shifts]]\nagent = "ana"\nfrom_s = 0\nto_s = 86000\n')

    done = simulate(str(scenario), "--contacts", str(log), "--stays", "--json")

    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    assert next(one["at_s"] for one in events if one["contact"] == "c1") == 1_767_600_050 % 86_400


def test_the_files_of_a_replay_are_those_of_a_simulation(simulate: Run, scenario: Path, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(
        "\ufeffid;topic;date;time;talk\n"
        "a;Technical;05.01.2026;9:00;12,5\nb;Old;05.01.2026;9:01;5\na;Technical;05.01.2026;9:02;7\n".encode("utf-16")
    )

    done = simulate(
        str(scenario), "--contacts", str(file), "--queue-column", "topic", "--queue-map", "Technical=Q",
        "--time-columns", "date+time", "--handle-column", "talk", "--id-column", "id", "--on-duplicate", "last",
        "--json",
    )  # fmt: skip

    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    completed = [(one["contact"], one["at_s"]) for one in events if one["event"] == "contact.completed"]
    assert completed == [("a", 9 * 3_600 + 120 + 7)]
    assert "line 3: no queue 'Old' in the scenario: --queue-map" in done.err
    assert "1 lines were left out, and 1 duplicates" in done.err


def test_a_day_of_recorded_contacts_begins_at_midnight_of_their_time_zone(
    simulate: Run, scenario: Path, tmp_path: Path
) -> None:
    """The shift begins at 9 in Zurich, which is 7 in UTC in summer: the call of 8 waits for it, that of 10 does not."""
    file = tmp_path / "calls.csv"
    file.write_text("id,queue,t,handle_s\na,Q,2026-07-06 08:00,5\nb,Q,2026-07-06 10:00,5\n")
    scenario.write_text(scenario.read_text() + '[[shifts]]\nagent = "ana"\nfrom_s = 32400\nto_s = 86000\n')

    done = simulate(
        str(scenario), "--contacts", str(file), "--time-columns", "t", "--id-column", "id", "--time-zone",
        "Europe/Zurich", "--json",
    )  # fmt: skip

    events = [json.loads(line) for line in done.out.splitlines()[:-1]]
    at_s = {(one["contact"], one["event"]): one["at_s"] for one in events}
    assert at_s["a", "contact.queued"] == 8 * 3_600
    assert (at_s["a", "contact.connected"], at_s["b", "contact.connected"]) == (9 * 3_600, 10 * 3_600)
