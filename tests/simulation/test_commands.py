"""`fairlead simulate` at a terminal: events and summary, recorded contacts, two scenarios, replications, pictures."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from commands import Run
from conftest import eventually
from simulated import SINGLE_QUEUE, arrivals

AGENTS = '[agents.ana]\nprofile = "P"\n[agents.bo]\nprofile = "P"\n'


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "day.toml"
    file.write_text(SINGLE_QUEUE + AGENTS + arrivals(30, to_s=3_600, handle_s=180, patience_s=120))
    return file


@pytest.fixture
def fewer(tmp_path: Path) -> Path:
    file = tmp_path / "fewer.toml"
    file.write_text(SINGLE_QUEUE + '[agents.ana]\nprofile = "P"\n')
    return file


RECORDED = """\
day,arrived_s,service,outcome,waited_s,served_s
1999-02-01,28800,Q,AGENT,0,60
1999-02-01,28810,Q,AGENT,0,100
1999-02-01,28820,Q,HANG,12,0
1999-02-01,28830,Q,AGENT,30,40
1999-02-01,28840,Elsewhere,AGENT,0,40
1999-02-02,28800,Q,AGENT,0,60
"""
COLUMNS = (
    "--queue-column", "service", "--time-columns", "day+arrived_s", "--handle-column", "served_s",
    "--patience-column", "waited_s", "--leaves", "outcome=HANG", "--where", "day=1999-02-01",
)  # fmt: skip


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    file = tmp_path / "calls.csv"
    file.write_text(RECORDED)
    return file


def test_events_come_one_a_line_and_the_summary_last(simulate: Run, scenario: Path) -> None:
    done = simulate(str(scenario), "--json")

    *events, last = map(json.loads, done.out.splitlines())
    assert all(list(event) == ["at_s", "event", "contact", "agent", "queue"] for event in events)
    (queue,) = last["summary"]["queues"]
    counted = [event["event"] for event in events]
    assert queue["offered"] == counted.count("contact.queued") > 20
    assert queue["answered"] == counted.count("contact.connected")
    assert queue["abandoned"] == counted.count("contact.abandoned") > 0
    assert [agent["agent"] for agent in last["summary"]["agents"]] == ["ana", "bo"]


def test_another_seed_makes_another_day(simulate: Run, scenario: Path) -> None:
    first, again, other = (simulate(str(scenario), "--json", "--seed", seed).out for seed in ("3", "3", "4"))

    assert first == again != other


def test_fakeredis_makes_the_same_day_as_a_real_server(simulate: Run, scenario: Path) -> None:
    real, fake = (
        simulate(str(scenario), "--json", "--instance-server", kind).out for kind in ("embedded", "fakeredis")
    )

    assert real == fake


def test_fakeredis_that_is_not_installed_is_told(
    simulate: Run, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fakeredis", None)

    done = simulate(str(scenario), "--instance-server", "fakeredis")

    assert (done.code, "pip install 'fakeredis[lua]'" in done.err) == (2, True)


def test_recorded_contacts_are_simulated_with_what_is_known_of_them(simulate: Run, fewer: Path, recorded: Path) -> None:
    done = simulate(str(fewer), "--contacts", str(recorded), *COLUMNS, "--json")

    *events, last = map(json.loads, done.out.splitlines())
    connected = [(event["at_s"], event["event"]) for event in events if event["event"] != "contact.queued"]
    assert connected[:3] == [(0.0, "agent.signed_in"), (28_800.0, "contact.connected"), (28_832.0, "contact.abandoned")]
    assert last["summary"]["queues"][0]["offered"] == 4
    assert "no queue 'Elsewhere' in the scenario" in done.err


def test_customers_who_were_answered_may_be_said_to_stay(simulate: Run, fewer: Path, recorded: Path) -> None:
    done = simulate(str(fewer), "--contacts", str(recorded), *COLUMNS, "--stays", "--json")

    (queue,) = json.loads(done.out.splitlines()[-1])["summary"]["queues"]
    assert (queue["answered"], queue["abandoned"]) == (3, 1)


def test_recorded_contacts_without_handle_times_are_refused(simulate: Run, fewer: Path, tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"queue": "Q", "at_s": 5, "handle_s": ""}\n')

    done = simulate(str(fewer), "--contacts", str(file))

    assert done.code == 2
    assert "no handle time is recorded for Q (voice): name its column by --handle-column" in done.err


def test_two_scenarios_stand_side_by_side_with_their_difference(
    simulate: Run, scenario: Path, fewer: Path, recorded: Path
) -> None:
    both = str(scenario), "--contacts", str(recorded), *COLUMNS, "--stays", "--compare", str(fewer)

    table = simulate(*both)
    document = json.loads(simulate(*both, "--json").out)

    row = next(line.split() for line in table.out.splitlines() if "mean wait s" in line)
    assert row[-3:] == ["10.0", "60.0", "+50.0"]
    assert list(document["summary"]) == ["day.toml", "fewer.toml"]
    mean = next(one for one in document["differences"] if one["measure"] == "mean_wait_s")
    assert mean["difference"]["mean"] == 50


def test_replications_give_confidence_intervals(simulate: Run, scenario: Path) -> None:
    table = simulate(str(scenario), "--replications", "3")
    document = json.loads(simulate(str(scenario), "--replications", "3", "--json").out)

    (queue,) = document["summary"]["queues"]
    assert "±" in table.out
    assert queue["answered"]["runs"] == 3
    assert queue["answered"]["half"] > 0


@pytest.mark.parametrize("name", ["day.svg", "day.png"])
def test_a_picture_is_drawn(simulate: Run, scenario: Path, tmp_path: Path, name: str) -> None:
    done = simulate(str(scenario), "--plot", str(tmp_path / name))

    assert done.code == 0, done.err
    head = (tmp_path / name).read_bytes()[:5]
    assert head == (b"\x89PNG\r" if name.endswith("png") else b"<?xml")


def test_the_same_run_makes_the_same_picture_and_two_runs_one(
    simulate: Run, scenario: Path, recorded: Path, fewer: Path, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.svg" for number in range(3)]

    for file in files[:2]:
        simulate(str(scenario), "--plot", str(file))
    simulate(str(scenario), "--contacts", str(recorded), *COLUMNS, "--compare", str(fewer), "--plot", str(files[2]))

    assert files[0].read_bytes() == files[1].read_bytes()
    assert "<!-- fewer.toml -->" in files[2].read_text()


def test_a_picture_begins_with_the_first_contact_not_with_the_midnight_before(
    simulate: Run, scenario: Path, recorded: Path, tmp_path: Path
) -> None:
    simulate(str(scenario), "--contacts", str(recorded), *COLUMNS, "--plot", str(tmp_path / "day.svg"))

    texts = re.findall("<!-- (.*) -->", (tmp_path / "day.svg").read_text())
    hours = texts[: texts.index("hours from the beginning")]
    assert (hours[0].rstrip("0"), min(map(float, hours))) == ("8.", 8.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plot", "day.pdf"), "a picture is .svg or .png"),
        (("--plot", "day.svg", "--replications", "2"), "--plot draws a single run"),
        (("--contacts", "none.csv"), "cannot be read"),
        (("--where", "day", "--contacts", "none.csv"), "write COLUMN=VALUE"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_runs(
    simulate: Run, scenario: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = simulate(str(scenario), *arguments)

    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_simulation_leaves_neither_a_server_nor_a_folder(scenario: Path, number: signal.Signals) -> None:
    scenario.write_text(scenario.read_text().replace("to_s = 3600", "to_s = 2600000"))
    command = [sys.executable, "-m", "fairlead.cli.main", "simulate", str(scenario), "--json"]
    with TemporaryDirectory() as temporary:  # whose path is short enough for a socket, whoever runs the tests
        environment = os.environ | {"TMPDIR": temporary}

        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(number)
            process.communicate(timeout=60)

        assert process.returncode == 130
        eventually(lambda: not list(Path(temporary).iterdir()))


def test_a_scenario_without_contacts_is_told(simulate: Run, fewer: Path) -> None:
    done = simulate(str(fewer))

    assert done.code == 2
    assert "has neither contacts nor arrivals: add some, or give recorded ones by --contacts" in done.err


def test_matplotlib_that_is_not_installed_is_told(
    simulate: Run, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    done = simulate(str(scenario), "--plot", "day.svg")

    assert (done.code, "pip install 'fairlead[plot]'" in done.err) == (2, True)
