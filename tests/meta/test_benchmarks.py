"""The comparison with other queues runs from end to end, and its page says what was measured. No time is asserted."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import agreement, bench, page, pictures, results, scale, size, tables
from benchmarks.command import app
from benchmarks.goals import NODE
from benchmarks.machine import Busy
from benchmarks.redis_server import running_server
from benchmarks.results import Results
from benchmarks.sample import Sample
from benchmarks.systems import FAIRLEAD, FLOOR, WAKE_UP
from benchmarks.systems.system import PAYLOAD_BYTES, Job, Options, System
from benchmarks.workloads import WORKLOADS, workloads_named


class Absent(System):
    name = "absent"
    setup = "never"
    package = "fairlead-benchmarks-absent"


class Broken(Absent):
    name = "broken"

    def missing(self) -> str:
        return ""

    def command(self, role: str, options: Options) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('out of order')"]


@pytest.fixture(scope="module")
def tiny() -> Results:
    """A run of everything but the peers, and of one peer that is not installed."""
    return bench.run("tiny", size.TINY, WORKLOADS, [Absent()], lambda *_: None)


def test_every_workload_measures_fairlead_and_the_floors(tiny: Results) -> None:
    assert tiny.failures == []
    for workload in WORKLOADS:
        assert FAIRLEAD.name in tiny.measured(workload.NAME)
    assert all(FLOOR.name in tiny.measured(name) for name in ("push", "push-bulk", "work", "memory", "depth"))
    assert WAKE_UP.name in tiny.measured("arrival")
    assert all(value >= 0 for sample in tiny.samples for value in sample.values.values())


def test_a_run_says_what_it_was_disturbed_by(tiny: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"\d+\.\d% other processes, \d+\.\d% the host", tiny.machine["CPU taken by"])

    monkeypatch.setattr("os.cpu_count", lambda: 2)
    before, after = Busy(10.0, 100.0, 5.0, 1.0), Busy(20.0, 115.0, 14.0, 1.5)

    assert after.by_others_since(before) == "30.0% other processes, 2.5% the host"


def test_no_round_begins_that_would_not_end_in_time() -> None:
    wanted = replace(size.TINY, rounds=3)
    for within_s, rounds in ((0.0, 1), (600.0, 3)):
        found = bench.run("tiny", replace(wanted, within_s=within_s), workloads_named(["push"]), [], lambda *_: None)

        assert (found.rounds, found.failures) == (rounds, [])
        assert [sample.system for sample in found.samples] == [FAIRLEAD.name, FLOOR.name] * rounds


def test_rates_stand_beside_the_cpu_time_of_both_sides(tiny: Results) -> None:
    for workload in tables.RATES:
        values = {name for sample in tiny.samples if sample.workload == workload for name in sample.values}
        assert values == {"rate", "server_us", "client_us"}


def test_a_latency_has_its_percentiles(tiny: Results) -> None:
    (curve,) = tiny.curves("arrival", FAIRLEAD.name)

    assert len(curve) == 99
    assert curve == sorted(curve)
    assert tiny.median("arrival", FAIRLEAD.name, "p50_us") == pytest.approx(curve[49], abs=0.1)


def test_costs_are_measured_for_every_depth_and_every_centre(tiny: Results) -> None:
    assert tiny.cases("depth", FAIRLEAD.name) == tiny.cases("depth", FLOOR.name) == ["10", "50"]
    assert len(tiny.cases("matching", FAIRLEAD.name)) == len(size.TINY.centres)


def test_a_peer_that_is_not_installed_is_named(tiny: Results) -> None:
    assert tiny.measured("push") == [FAIRLEAD.name, FLOOR.name]
    assert re.search(r"\| absent \| .*not measured.*is not installed", tables.system_table(tiny))


def test_a_peer_that_fails_is_named_and_the_others_are_measured() -> None:
    found = bench.run("tiny", size.TINY, workloads_named(["work", "arrival"]), [Broken()], lambda *_: None)

    assert ["out of order" in failure for failure in found.failures] == [True, True]
    assert found.measured("work")[0] == found.measured("arrival")[0] == FAIRLEAD.name


def test_a_result_is_read_as_it_was_written(tiny: Results, tmp_path: Path) -> None:
    results.write(tiny, tmp_path / "one.json")

    again = results.read(tmp_path / "one.json")
    results.write(again, tmp_path / "two.json")

    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()
    assert page.render(again, None).count("\n### ") == len(list(tables.every_table(tiny)))


def test_a_contact_has_the_size_that_the_page_says() -> None:
    import orjson

    assert {len(orjson.dumps(Job(1, at).payload)) for at in (0, 1, 38_148_123_685)} == {PAYLOAD_BYTES}


def figured(*rates: float, peer: float = 100, commit: str = "abc") -> Results:
    """A run whose rounds had these rates, one at a time, beside a peer of always the same."""
    samples = [
        Sample("work", name, {"rate": rate}) for ours in rates for name, rate in ((FAIRLEAD.name, ours), (NODE, peer))
    ]
    return Results("today", "full", len(rates), 1, 1.0, {"commit": commit}, [], samples)


@pytest.mark.parametrize(
    ("others", "agree"),
    [((130, 150, 170), True), ((90, 100, 121), True), ((90, 100, 119), False), ((141, 150, 160), False)],
)
def test_two_runs_agree_where_their_rounds_meet(others: tuple[float, ...], agree: bool, tmp_path: Path) -> None:
    first, second = figured(120, 140, 130), figured(*others)
    for name, found in (("first", first), ("second", second)):
        results.write(found, tmp_path / name)

    done = CliRunner().invoke(app, ["agree", str(tmp_path / "first"), str(tmp_path / "second")])

    (ratio,) = agreement.ratios(first, second)
    assert (ratio.first.lowest, ratio.first.median, ratio.first.highest) == (1.2, 1.3, 1.4)
    assert ratio.agree is agree
    assert done.exit_code == (0 if agree else 1)
    assert f"{1 + agree} of 2 figures agree" in done.output
    assert ("work, Fairlead, rate" in done.output) is not agree


def test_two_runs_that_agree_may_have_missed_a_goal_all_the_same() -> None:
    said = agreement.report(figured(120, 140, 130), figured(130, 141, 150))

    assert re.search(r"\| one at a time, against BullMQ \(Node\) .* \| one \| yes \|", said)


def test_the_spread_of_a_ratio_has_room_for_the_ratio_of_the_whole_run() -> None:
    """What is cheapest in most rounds is so by the medians, though something else was dearer in each round."""
    costs = {"100": (10, 10, 10), "200": (12, 10, 10), "300": (10, 13, 10), "400": (10, 10, 14)}
    samples = [
        Sample("depth", FAIRLEAD.name, {"push_server_us": costs[depth][number]}, case=depth)
        for number in range(3) for depth in costs
    ]  # fmt: skip
    run = replace(figured(100, 100, 100), samples=samples)

    (ratio,) = agreement.ratios(run, run)

    assert (ratio.first.lowest, ratio.first.median, ratio.first.highest) == (1, 1, 1.4)


def test_two_runs_of_different_commits_are_told_apart(tmp_path: Path) -> None:
    for name in ("first", "second"):
        results.write(figured(120, 140, commit=name), tmp_path / name)

    done = CliRunner().invoke(app, ["agree", str(tmp_path / "first"), str(tmp_path / "second")])

    assert "of different commits, first and second" in done.output


def test_what_is_no_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}")

    done = CliRunner().invoke(app, ["agree", str(tmp_path / "odd.json"), str(page.LATEST)], env={"COLUMNS": "200"})

    assert done.exit_code == 2
    assert "odd.json is no result of" in done.output


def test_contacts_go_through_an_instance_and_are_all_counted() -> None:
    with running_server() as server:
        points = scale.through(server, 300, 2)

    assert points[-1]["ended"] == 300
    assert set(points[-1]) == {"s", "ended", "rate", "used_mb"}


@pytest.mark.parametrize("wrong", [["--only", "work-wurst"], ["--peers", "hui"], ["--size", "big"]])
def test_what_is_not_there_is_refused_before_anything_runs(wrong: list[str]) -> None:
    done = CliRunner().invoke(app, ["run", *wrong], env={"COLUMNS": "200"})

    assert done.exit_code == 2
    assert f"no such {'size' if wrong[0] == '--size' else ''}".strip() in done.output


def test_the_page_of_performance_is_the_generated_one() -> None:
    assert page.render(*page.committed()) == page.PAGE.read_text(), "run: python -m benchmarks docs"


def test_the_pictures_of_performance_are_those_of_the_committed_results() -> None:
    drawn = {file.stem: file.read_text() for file in page.PICTURES.glob("*.svg")}

    found, million, _ = page.committed()
    assert set(drawn) == set(pictures.pictures(found, million))
    assert all(page.digest() in picture for picture in drawn.values()), "run: python -m benchmarks docs"
