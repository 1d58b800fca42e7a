"""A wake-up is only a hint: whatever becomes of it, the contact is handled."""

import os
import signal
from pathlib import Path

from conftest import RealServer, eventually
from fairlead_worker.background import AGENTS_AT_ONCE
from processes import StartWorker, inbox_of, is_signed_in, push, push_without_a_hint, state_of, told
from proxy import LossyProxy
from raw import raw

from fairlead.domain.measures import total
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import configuring
from fairlead.store.transitions.renewing import find_unseen
from fairlead.store.transitions.working import Session


def test_a_lost_hint_is_noticed(real: Store, start_worker: StartWorker) -> None:
    start_worker("echo")
    eventually(lambda: is_signed_in(real, "ana"))

    push_without_a_hint(real, "c1", "ana")

    eventually(lambda: state_of(real, "c1") == "completed")


def test_agents_who_are_given_nothing_are_looked_at_no_more(real: Store, start_worker: StartWorker) -> None:
    agents = [f"idle{number}" for number in range(40)]
    start_worker("echo", "--lease", "300", agents=agents)
    eventually(lambda: all(is_signed_in(real, name) for name in agents))
    raw(real).config_resetstat()

    eventually(lambda: calls(real, "time") >= 6)

    sweeps = calls(real, "time")
    assert calls(real, "hmget") < sweeps * len(agents) / 2
    push_without_a_hint(real, "c1", "idle0")
    eventually(lambda: state_of(real, "c1") == "completed")


def test_no_script_is_asked_of_all_agents_of_a_large_worker(real: Store, start_worker: StartWorker) -> None:
    agents = [f"many{number}" for number in range(2 * AGENTS_AT_ONCE + 20)]
    start_worker("echo", "--lease", "3", agents=agents)
    eventually(lambda: all(is_signed_in(real, name) for name in agents))

    renewed: set[str] = set()
    with raw(real).monitor() as monitor:
        for one in monitor.listen():
            named = {word for word in one["command"].split() if word.startswith("many")}
            assert len(named) <= AGENTS_AT_ONCE
            if "renew_sessions" in one["command"]:
                renewed |= named
            if len(renewed) == len(agents):
                break

    assert renewed == set(agents)


def calls(store: Store, command: str) -> int:
    """How often a command was called, by scripts as well."""
    stats: dict[str, dict[str, int]] = raw(store).info("commandstats")
    return stats.get(f"cmdstat_{command}", {"calls": 0})["calls"]


def test_a_worker_that_was_stopped_while_its_inbox_ended_handles_what_it_was_given(
    real: Store, start_worker: StartWorker
) -> None:
    worker = start_worker("echo", "--lease", "300")
    eventually(lambda: is_signed_in(real, "ana"))
    os.kill(worker.pid, signal.SIGSTOP)
    push_without_a_hint(real, "c1", "ana")
    assert state_of(real, "c1") == "connected"

    os.kill(worker.pid, signal.SIGCONT)

    eventually(lambda: state_of(real, "c1") == "completed")


def test_junk_in_an_inbox_is_told_once_and_changes_nothing(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("echo")
    eventually(lambda: is_signed_in(real, "ana"))

    for junk in (b"\xff", b"", b"nobody", b"\x00" * 70_000, b"ana\n"):
        raw(real).rpush(inbox_of(real, "ana"), junk)
    eventually(lambda: not raw(real).exists(inbox_of(real, "ana")))
    push(real, "c1")

    eventually(lambda: state_of(real, "c1") == "completed")
    assert len(told(tmp_path, "a wake-up does not name an agent of this worker")) == 1


def test_hints_whose_replies_are_cut_lose_no_contact(
    real: Store, server: RealServer, start_worker: StartWorker, tmp_path: Path
) -> None:
    proxy = LossyProxy(tmp_path, server.socket, loses=b"BLPOP", chance=0.5)
    start_worker("echo", agents=("ana", "bo"), url=proxy.url)
    eventually(lambda: is_signed_in(real, "ana") and is_signed_in(real, "bo"))

    for number in range(200):
        push(real, f"c{number}")
        if number % 20 == 0:
            eventually(lambda number=number: state_of(real, f"c{number}") == "completed")

    eventually(lambda: total(real.run(reading.totals()).get("BasicQueue:voice", {}), "h") == 200)
    assert real.run(reading.contacts_in("connected")) == []
    assert proxy.lost > 5


def test_what_an_agent_has_not_seen_is_found_until_it_is_seen(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    assert store.run(find_unseen(store.keys, [session])) == []

    push(store, "c1")

    assert store.run(find_unseen(store.keys, [session])) == ["ana"]
    store.run(session.take())
    assert store.run(find_unseen(store.keys, [session])) == []


def test_what_another_session_has_not_seen_is_not_this_ones(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    push(store, "c1")

    session.epoch -= 1

    assert store.run(find_unseen(store.keys, [session])) == []


def test_a_missed_offer_is_nothing_to_look_for(store: Store, centre: object) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c1")
    session = centre.sessions["ana"]
    assert store.run(find_unseen(store.keys, [session])) == ["ana"]

    centre.passes(21)

    assert [slot.kind for slot in centre.slots("ana")] == ["missed"]
    assert store.run(find_unseen(store.keys, [session])) == []
