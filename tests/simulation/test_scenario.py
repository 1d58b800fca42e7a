"""A scenario that is wrong is refused with file, line, field and what to do."""

import random
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from simulated import SINGLE_QUEUE, arrivals, centre_of

from fairlead.errors import BadInput, InvalidConfiguration
from fairlead.simulation.arrivals import arrivals_of
from fairlead.simulation.distributions import Distribution
from fairlead.simulation.scenario import Shift, parse_scenario, read_scenario

CONTACT = '[[contacts]]\nid = "c1"\nqueue = "Q"\nat_s = 10\nhandle_s = 60\n'
FIRST_LINE = SINGLE_QUEUE.count("\n") + 1


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (CONTACT + CONTACT.replace("c1", "c2").replace("at_s = 10", "at_s = -1"), r":9: contacts\[2\].at_s: -1: .* 0"),
        (CONTACT.replace('"Q"', '"R"'), r":3: contacts\[1\].queue: no queue 'R' in this file; it has Q"),
        (CONTACT.replace("queue", "intake"), r":3: contacts\[1\].intake: no intake 'Q' in this file; it has none"),
        (CONTACT.replace('queue = "Q"\n', ""), r":1: contacts\[1\]: give a queue, or an intake that chooses one$"),
        (CONTACT + 'intake = "Q"\n', r":1: contacts\[1\]: give a queue, or an intake that chooses one, not both"),
        (CONTACT + CONTACT, r":7: contacts\[2\].id: 'c1' is the id of another contact, too"),
        (CONTACT + "handel_s = 3\n", r":6: contacts\[1\].handel_s: no such key"),
        ('[[shifts]]\nagent = "ana"\nto_s = 5\n', r":2: shifts\[1\].agent: no agent 'ana' in this file; it has none"),
        ('[[shifts]]\nagent = "ana"\nfrom_s = 9\nto_s = 5\n', r":1: shifts\[1\]: to_s 5 must be after from_s 9"),
        ("[[contact]]\n", ":1: contact: no such key; did you mean contacts"),
        (arrivals(0, 60, 9), r":4: arrivals\[1\].rate_per_hour: 0: .*greater than 0"),
        (arrivals(9, 60, 9).replace("exponential", "weibull"), r":5: arrivals\[1\].handle: .*'exponential', 'logn"),
        (arrivals(9, 60, 9).replace("mean_s = 9", "mean_s = 0"), r":5: arrivals\[1\].handle.exponential.mean_s"),
    ],
)
def test_a_wrong_scenario_is_refused_by_line_and_field(tables: str, message: str) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        parse_scenario(SINGLE_QUEUE + tables, "day.toml", Path())

    line, colon, rest = message.partition(": ")
    refused.match(f"^day.toml:{int(line[1:]) + FIRST_LINE - 1}{colon}{rest}")


def test_a_wrong_configuration_in_a_scenario_is_refused_as_one_in_a_file_of_its_own() -> None:
    with pytest.raises(InvalidConfiguration, match=r"day.toml:7: agents.ana.profile: no profile 'R' in this file"):
        parse_scenario(SINGLE_QUEUE + '[agents.ana]\nprofile = "R"\n', "day.toml", Path())


@pytest.mark.parametrize(("section", "line"), [("queues.Q9", ""), ("agents.eve", 'profile = "P"')])
def test_after_contact_work_without_limit_is_refused(section: str, line: str) -> None:
    given = f'{SINGLE_QUEUE}[{section}]\n{line}\nacw_s = {{ voice = "unlimited" }}\n'

    with pytest.raises(InvalidConfiguration, match=rf"{section}.acw_s: .*write seconds"):
        parse_scenario(given, "day.toml", Path())


@pytest.mark.parametrize("name", ["centre.toml", "morning.toml"])
def test_every_example_of_a_scenario_is_valid(name: str) -> None:
    scenario = read_scenario(Path(__file__).parents[2] / "examples" / "simulation" / name)

    assert len(scenario.shifts) == 8


def test_a_scenario_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_scenario(tmp_path / "none.toml")


def test_shifts_that_touch_are_one_and_who_has_none_works_all_the_time() -> None:
    spans = ((50, 90), (0, 50), (100, 120))
    tables = [f'[[shifts]]\nagent = "a0"\nfrom_s = {from_s}\nto_s = {to_s}\n' for from_s, to_s in spans]

    assert centre_of(2, *tables).shifts == (Shift("a0", 0, 90), Shift("a1"), Shift("a0", 100, 120))


def test_a_changed_handle_time_leaves_the_arrivals_as_they_were() -> None:
    days = [centre_of(1, arrivals(60, to_s=3_600, handle_s=handle_s)).day for handle_s in (60, 90)]

    first, second = (arrivals_of(day) for day in days)

    assert [one.at_s for one in first] == [one.at_s for one in second]
    assert [one.handle_s for one in first] != [one.handle_s for one in second]


@pytest.mark.parametrize(
    "given",
    [
        {"distribution": "exponential", "mean_s": 180},
        {"distribution": "lognormal", "mean_s": 180, "deviation_s": 120},
        {"distribution": "gamma", "mean_s": 180, "deviation_s": 60},
        {"distribution": "deterministic", "value_s": 180},
        {"distribution": "empirical", "file": "times.txt"},
        {"distribution": "empirical", "file": "times.csv", "column": "served_s"},
    ],
)
def test_the_mean_of_many_draws_is_that_of_the_distribution(tmp_path: Path, given: dict[str, object]) -> None:
    (tmp_path / "times.txt").write_text("60\n180\n\n300\n")
    (tmp_path / "times.csv").write_text("served_s,who\n120,a\n240,b\n")
    distribution = TypeAdapter(Distribution).validate_python(given, context={"folder": tmp_path})
    chance = random.Random(1)

    mean_s = sum(distribution.draw_us(chance) for _ in range(20_000)) / 20_000 / 1e6

    assert distribution.average_s == 180
    assert abs(mean_s - 180) < 4


def test_a_file_of_times_that_has_none_is_refused_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "times.txt").write_text("\n")
    table = arrivals(9, 60, 9).replace(
        '{ distribution = "exponential", mean_s = 9 }', '{ distribution = "empirical", file = "times.txt" }'
    )

    with pytest.raises(InvalidConfiguration, match=r"times\.txt must have at least one number of seconds"):
        parse_scenario(SINGLE_QUEUE + table, "day.toml", tmp_path)
