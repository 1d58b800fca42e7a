"""The checker of histories finds nothing in one where all is well, and each mistake that somebody could make."""

import pytest
from conftest import RealServer
from faults.broken import BUGS, scripts_with
from faults.workload import LEASE_S, S, Workload

from fairlead.service.history import as_lines, check_history, read_history, record_history
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.working import Session

SEEDS = range(1, 9)
LEFT_UNSEEN = (39, 52)
"""In these a contact leaves while the program of its agent stands still, and has not asked for it yet."""


@pytest.mark.parametrize("seed", [*SEEDS, *LEFT_UNSEEN])
def test_a_history_in_which_clients_fail_and_the_rules_hold_has_nothing_wrong(server: RealServer, seed: int) -> None:
    history = Workload(server.client(), seed).run(500)

    assert check_history(history) == []
    assert len(history.events) > 200
    assert {"given", "done", "pushed"} == {one.told for one in history.told}


@pytest.mark.parametrize("what", BUGS)
def test_a_mistake_in_the_transitions_is_found(
    server: RealServer, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    bug, found = BUGS[what], set[str]()

    with scripts_with(bug, monkeypatch):
        for seed in SEEDS:
            server.client().flushall()
            found |= {one.kind for one in check_history(Workload(server.client(), seed, is_broken=True).run(500))}
            if found & set(bug.found_as):
                break

    assert found & set(bug.found_as), f"found as {found or 'nothing'}"


def test_a_history_is_the_same_after_it_was_written_and_read(server: RealServer) -> None:
    history = Workload(server.client(), 1).run(200)
    history.away = [(1, 2)]

    again = read_history(as_lines(history))

    assert (again.events, again.told, again.plain) == (history.events, history.told, history.plain)
    assert (again.now, again.away) == (history.now, history.away)
    assert list(as_lines(read_history(as_lines(again)))) == list(as_lines(again))
    assert check_history(again) == []


def test_a_wait_while_nobody_could_sweep_is_no_lost_wake_up(
    server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripts_with(BUGS["a lost wake-up: a sweep matches nobody"], monkeypatch):
        history = Workload(server.client(), 1, is_broken=True).run(300)
    before = [one.kind for one in check_history(history)]

    history.away = [(0, history.events[-1].at_us)]

    assert "lost wake-up" in before
    assert "lost wake-up" not in [one.kind for one in check_history(history)]


def test_to_pass_over_who_has_been_silent_is_no_wrong_order(server: RealServer) -> None:
    now_us = 1_800_000_000 * S
    store = Store(server.client(), clock=lambda: now_us)
    store.run(configuring.prepare_instance(store.keys))
    ana, bo = (Session(store.keys, name, name, f"here/{name}", LEASE_S * 1_000) for name in ("ana", "bo"))
    for one in (ana, bo):
        store.run(one.sign_in(profile="BasicRoutingProfile"))
        now_us += S

    now_us += (LEASE_S - 1) * S  # ana's lease is over, and nobody has swept; on the server's clock that was no time
    store.run(renew(store.keys, [bo]))
    store.run(producing.push(store.keys, NewContact("BasicQueue", "voice", b"1", contact_id="c1")))

    history = store.run(record_history())
    assert [(one.name, one.fields["agent"]) for one in history.events[-1:]] == [("contact.connected", "bo")]
    assert check_history(history) == []
