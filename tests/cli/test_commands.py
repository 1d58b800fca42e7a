"""Every command, as a user types it, on a real server."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from commands import Done
from conftest import RealServer
from raw import raw

from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.queue import Queue
from fairlead.store.client import Store
from fairlead.store.transitions import configuring
from fairlead.store.transitions.working import Session

ROOT = Path(__file__).parents[2]
Fairlead = Callable[..., Done]


def test_a_configuration_is_planned_applied_and_exported(fairlead: Fairlead, tmp_path: Path) -> None:
    file = str(ROOT / "examples" / "contact-centre.toml")

    planned = fairlead("apply", file, "--dry-run")
    applied = fairlead("apply", file)
    (tmp_path / "exported.toml").write_text(fairlead("export").out)
    again = fairlead("apply", "exported.toml")

    assert "+ queue Sales" in planned.out
    assert "- queue BasicQueue" in planned.out
    assert "version 1" in planned.out
    assert "version 2" in applied.out
    assert "Nothing to change" in again.out


def test_a_wrong_configuration_is_refused_with_every_place(fairlead: Fairlead, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(
        "[queues.Sales]\nmax_atempts = 3\n\n[profiles.P]\nchannels.voice = { slots = 1 }\n"
        'entries = [{ queue = "Sales", channel = "voice", priority = 0, delay_s = 10000 }]\n'
    )

    refused = fairlead("apply", "wrong.toml", code=2).err

    assert "wrong.toml:2: queues.Sales.max_atempts" in refused
    assert "did you mean max_attempts?" in refused
    assert "wrong.toml:6: profiles.P.entries[1].priority" in refused
    assert "profiles.P.entries[1].delay_s" in refused


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("produce", "push", "Nowhere"), 3, "queue 'Nowhere' does not exist"),
        (("produce", "push", "@nobody"), 3, "agent 'nobody' is not known"),
        (("produce", "push", "two words"), 2, "'two words' is not a valid name"),
        (("produce", "push", "a{b}"), 2, "is not a valid name"),
        (("produce", "push", "BasicQueue", "--channel", "fax"), 2, "choose one of voice, chat, task, email"),
        (("produce", "push", "BasicQueue", "--priority", "0"), 2, "priority 0 is not a whole number from 1"),
        (("produce", "push", "BasicQueue", "--payload", "{"), 2, "the payload is not JSON"),
        (("contacts", "show", "c1"), 3, "contact 'c1' is not known"),
        (("contacts", "list", "--state", "lost"), 2, "choose one of scheduled, queued"),
        (("agents", "set-status", "ana", "Lunch"), 3, "agent 'ana' is not known"),
        (("apply", "missing.toml"), 2, "missing.toml: cannot be read: No such file or directory\n"),
        (("produce", "arrivals", "--queue", "BasicQueue:chat=1e9"), 2, "1e+09 is not possible: give a number from 0"),
        (("produce", "arrivals", "--queue", "BasicQueue:chat=inf"), 2, "inf is not possible"),
        (("status", "--redis", "redis://127.0.0.1:1/0"), 5, "no Redis answers at 127.0.0.1:1"),
    ],
)
def test_bad_input_is_told_with_what_to_do(
    fairlead: Fairlead, arguments: tuple[str, ...], code: int, says: str
) -> None:
    assert says in fairlead(*arguments, code=code).err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("work", "--agent", "ana", "--handler", "no.such:thing"), "cannot be loaded"),
        (("monitor", "--host", "0.0.0.0"), "FAIRLEAD_MONITOR_TOKEN"),
    ],
)
def test_a_program_that_cannot_start_says_what_to_do(started: Fairlead, arguments: tuple[str, ...], says: str) -> None:
    assert says in started(*arguments, code=2).err


def test_a_payload_above_the_limit_is_refused(fairlead: Fairlead) -> None:
    refused = fairlead("produce", "push", "BasicQueue", "--payload", json.dumps("x" * 70_000), code=2)

    assert "the limit is 65,536" in refused.err


def test_a_misspelt_setting_is_refused_by_the_name_that_was_typed(fairlead: Fairlead) -> None:
    near = fairlead("status", code=2, FAIRLEAD_INSTANSE="x").err
    far = fairlead("status", code=2, FAIRLEAD_LEASE_S="x").err

    assert "FAIRLEAD_INSTANSE: no such setting; did you mean FAIRLEAD_INSTANCE?" in near
    assert "FAIRLEAD_LEASE_S: no such setting; there are FAIRLEAD_AGENT, FAIRLEAD_HANDLER" in far


def test_a_name_in_the_environment_that_is_not_valid_is_told_as_one_in_an_option(fairlead: Fairlead) -> None:
    by_environment = fairlead("status", code=2, FAIRLEAD_INSTANCE="a b").err
    by_option = fairlead("status", "--instance", "a b", code=2).err

    assert by_environment == by_option.replace("error: instance", "error: FAIRLEAD_INSTANCE:")


def test_what_was_pushed_can_be_seen_and_ended(fairlead: Fairlead) -> None:
    pushed = json.loads(fairlead("produce", "push", "BasicQueue", "--id", "c1", "--payload", '{"a":1}', "--json").out)
    again = fairlead("produce", "push", "BasicQueue", "--id", "c1", "--payload", '{"a":1}').out
    listed = json.loads(fairlead("contacts", "list", "--json").out)
    shown = json.loads(fairlead("contacts", "show", "c1", "--payload", "--json").out)
    status = json.loads(fairlead("status", "--json").out)
    fairlead("contacts", "abandon", "c1")

    assert pushed == {"contact_id": "c1", "created": True, "state": "queued", "queue": "BasicQueue"}
    assert "known already" in again
    assert [contact["contact_id"] for contact in listed] == ["c1"]
    assert shown["payload"] == {"a": 1}
    assert status["queues"][0]["in_queue"] == 1
    assert json.loads(fairlead("contacts", "list", "--json").out) == []
    names = [json.loads(line)["event"] for line in fairlead("events", "--json").out.splitlines()]
    assert names[-2:] == ["contact.queued", "contact.abandoned"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",), ("top", "--once", "--every", "0.2"), ("events",), ("contacts", "list"), ("contacts", "parked"),
        ("contacts", "retry", "--all"), ("agents", "list"), ("queues", "list"), ("queues", "show", "BasicQueue"),
        ("doctor",), ("schema",), ("export",), ("--version",), ("queues", "show", "BasicQueue", "--json"),
        ("agents", "list", "--json"), ("doctor", "--json"),
    ],
)  # fmt: skip
def test_a_command_prints_something_and_ends_well(fairlead: Fairlead, arguments: tuple[str, ...]) -> None:
    assert fairlead(*arguments).out


def test_a_file_is_replayed_once_with_its_bad_lines_set_aside(fairlead: Fairlead, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "day,arrived_s,service,priority,outcome,waited_s\n"
        "2026-02-01,10,BasicQueue,2,AGENT,0\n2026-02-01,11,Nowhere,0,AGENT,0\n2026-02-01,12,BasicQueue,x,AGENT,0\n"
    )
    arguments = (
        "produce",
        "replay",
        "calls.csv",
        "--queue-column",
        "service",
        "--channel",
        "voice",
        "--priorities",
        "2=1,0=5",
    )

    first = fairlead(*arguments, code=2)
    second = fairlead(*arguments, code=2)

    assert "1 pushed, 0 known already, 2 rejected" in first.out
    assert "0 pushed, 1 known already" in second.out
    rejected = [json.loads(line) for line in (tmp_path / "calls.csv.rejects.jsonl").read_text().splitlines()]
    assert {row["line"] for row in rejected} == {3, 4}
    assert json.loads(fairlead("contacts", "list", "--json").out)[0]["priority"] == 1


def test_customers_who_lose_patience_leave_in_a_paced_replay(fairlead: Fairlead, tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text(
        "at,queue,outcome,waited\n0,BasicQueue,HANG,5\n10,BasicQueue,AGENT,5\n20,BasicQueue,HANG,5\n"
    )

    told = fairlead(
        "produce", "replay", "calls.csv", "--channel", "voice", "--time-columns", "at", "--pace", "1000",
        "--patience-column", "waited", "--leaves", "outcome=HANG", "--json",
    )  # fmt: skip

    assert json.loads(told.out)["left"] == 2
    assert len(json.loads(fairlead("contacts", "list", "--json").out)) == 1


ARRIVALS = ("produce", "arrivals", "--queue", "BasicQueue:chat=600", "--pace", "0", "--json")


def test_synthetic_arrivals_are_others_each_time_and_a_seed_repeats_them(fairlead: Fairlead) -> None:
    told = fairlead(*ARRIVALS, "--duration", "10")
    seed = re.search(r"--seed (\d+) repeats them", told.err)

    other = json.loads(fairlead(*ARRIVALS, "--duration", "10").out)
    again = json.loads(fairlead(*ARRIVALS, "--duration", "10", "--seed", seed[1]).out)
    longer = json.loads(fairlead(*ARRIVALS, "--duration", "20", "--seed", seed[1]).out)

    first = json.loads(told.out)
    assert first["pushed"] > 50
    assert (other["repeated"], longer["repeated"]) == (0, 0)
    assert (again["pushed"], again["repeated"]) == (0, first["pushed"])


def test_a_report_of_agents_tells_what_they_handled_in_local_time(started: Fairlead, server: RealServer) -> None:
    started("produce", "push", "BasicQueue", "--id", "c1")
    store = Store(server.client())
    session = Session(store.keys, "ana", "w", "here")
    offers = store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.complete(offers))

    told = started("report", "--agents", TZ="Asia/Kolkata").out.splitlines()

    assert told[0] == "Times are local: IST, UTC+05:30"
    assert told[1].split()[:4] == ["from", "agent", "handled", "handle"]
    assert told[2].split()[2:4] == ["ana", "1"]


def test_ids_and_headings_are_whole_in_a_pipe_of_any_width(started: Fairlead) -> None:
    long = "order-" + "0123456789" * 5
    started("produce", "push", "BasicQueue", "--id", long)

    listed = started("contacts", "list", COLUMNS="40").out.splitlines()

    assert listed[0].split()[-1] == "priority"
    assert listed[1].startswith(f"{long}  queued  BasicQueue")


def test_a_contact_and_an_agent_are_shown_without_microseconds(fairlead: Fairlead) -> None:
    fairlead("produce", "push", "BasicQueue", "--id", "c1", "--criteria", "Language:French >= 4 for 30s")

    shown = fairlead("contacts", "show", "c1").out

    assert "Language:French >= 4, for 30 s" in shown
    assert "None" not in shown
    assert re.search(r"\d{12}", shown) is None


def test_events_of_a_contact_are_found_behind_many_others(fairlead: Fairlead, server: RealServer) -> None:
    fairlead("produce", "push", "BasicQueue", "--id", "c1")
    store = Store(server.client())
    with raw(store).pipeline(transaction=False) as pipeline:
        for number in range(2_500):
            pipeline.xadd(store.keys.events, {"event": "contact.queued", "at_us": number, "contact": "other"})
        pipeline.execute()

    told = fairlead("events", "--contact", "c1").out.splitlines()
    named = fairlead("events", "--name", "contact.", "--limit", "3").out.splitlines()

    assert len(told) == 1
    assert "contact=c1" in told[0]
    assert len(named) == 3


def test_a_supervisor_changes_an_agents_status_and_signs_it_out(fairlead: Fairlead, server: RealServer) -> None:
    fairlead("status")
    store = Store(server.client())
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))

    fairlead("agents", "set-status", "ana", "Break")
    shown = json.loads(fairlead("agents", "show", "ana", "--json").out)
    unknown = fairlead("agents", "set-status", "ana", "Siesta", code=3).err
    told = fairlead("agents", "sign-out", "ana").out

    assert shown["status"] == "Break"
    assert "status 'Siesta' does not exist" in unknown
    assert "ana is signed out, 0 contacts went back" in told


def test_a_parked_contact_is_listed_and_put_back(fairlead: Fairlead, server: RealServer) -> None:
    store = Store(server.client())
    configured = replace(fresh_configuration(), queues={"BasicQueue": Queue("BasicQueue", max_attempts=1)})
    store.run(configuring.apply_configuration(store.keys, configured, 0))
    fairlead("produce", "push", "BasicQueue", "--id", "c1")
    session = Session(store.keys, "ana", "w", "here")
    offers = store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.fail([(offers[0], "ValueError at shop.py:1")]))
    store.run(session.sign_out())

    parked = fairlead("contacts", "parked").out
    fairlead("contacts", "retry", "c1")

    assert "ValueError at shop.py:1" in parked
    assert json.loads(fairlead("contacts", "show", "c1", "--json").out)["state"] == "queued"


def test_a_contact_that_has_failed_is_listed_with_its_pause(fairlead: Fairlead, server: RealServer) -> None:
    store = Store(server.client())
    configured = replace(fresh_configuration(), queues={"BasicQueue": Queue("BasicQueue", retry_delay_s=300)})
    store.run(configuring.apply_configuration(store.keys, configured, 0))
    fairlead("produce", "push", "BasicQueue", "--id", "c1")
    session = Session(store.keys, "ana", "w", "here")
    offers = store.run(session.sign_in(profile="BasicRoutingProfile"))

    store.run(session.fail([(offers[0], "ValueError at shop.py:1")]))

    assert "queued, pauses" in fairlead("contacts", "list").out.replace("\n", " ")
    assert json.loads(fairlead("contacts", "show", "c1", "--json").out)["again_us"] > offers[0].queued_us


def test_the_embedded_server_tells_where_it_is(started: Fairlead, tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    told = json.loads(started("redis", "info", "--json", FAIRLEAD_HOME=home).out)

    assert told["home"] == home
    assert started("redis", "url", FAIRLEAD_HOME=home).out.strip() == told["url"]


INTERRUPTED = """
import os, signal, sys
from fairlead.cli.entry import main

class Interrupt:
    def find_spec(name, path=None, target=None):
        if name == sys.argv[1]:
            print("redis" in sys.modules)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt)
main()
"""


@pytest.mark.parametrize(("at", "has_begun"), [("fairlead.cli.main", "False"), ("fairlead_worker.commands", "True")])
def test_ctrl_c_is_quiet_while_the_command_still_starts(at: str, has_begun: str) -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED, at], capture_output=True, text=True)

    assert done.returncode == 130
    assert (done.stdout.strip(), done.stderr) == (has_begun, "")


def test_help_is_as_wide_as_the_terminal(started: Fairlead) -> None:
    wide = started("staff", "--help", COLUMNS="250").out

    assert "or A when customers give up. For recorded contacts the same by queue and interval. For the" in wide


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_configuration_is_read_from_standard_input_and_with_the_mark_of_windows(
    started: Fairlead, tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "one.toml").write_text("[queues.One]\r\n", encoding=encoding)

    by_name = started("apply", "one.toml", "--dry-run").out
    piped = started("apply", "-", "--dry-run", typed=(tmp_path / "one.toml").read_text()).out

    assert "+ queue One" in by_name
    assert piped == by_name


def test_a_file_without_anything_removes_everything_only_when_that_is_meant(fairlead: Fairlead, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("[queues.Sales]\n")
    fairlead("apply", "one.toml")

    refused = fairlead("apply", "-", typed="", code=2).err
    kept = fairlead("export").out
    fairlead("apply", "-", "--yes", typed="")

    assert "holds no queue, profile or agent" in refused
    assert "--yes" in refused
    assert "Sales" in kept
    assert "Sales" not in fairlead("export").out
