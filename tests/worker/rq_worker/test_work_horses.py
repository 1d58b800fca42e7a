"""Contacts in RQ's work horses, with a real `rq worker`."""

import json
import signal
import threading
import zlib
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from fairlead_worker.jobs import handle
from fairlead_worker.rq import LONGEST_HANDLING_S
from raw import raw
from worker.rq_worker.horses import (
    CANARY,
    StartRq,
    is_completed,
    is_signed_in,
    keys_with,
    lifetimes,
    lose_session,
    prepared,
    push,
    reasons,
    values,
    waits_first,
)

from fairlead.domain.configuration import ENDED_RETENTION_S
from fairlead.errors import AgentSignedIn, StaleToken
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.working import Session


def test_a_contact_is_handled_in_a_work_horse(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:plain", server)
    push(store, "c1", str(tmp_path / "seen"))

    eventually(lambda: store.run(reading.contact("c1")).state == "completed")

    assert int((tmp_path / "seen").read_text()) != worker.pid


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("shop:crashing", "Work-horse terminated unexpectedly; waitpid returned 9 (signal 9)"),
        ("shop:failing", "ValueError at shop.py:11"),
        ("shop:exiting", "SystemExit at shop.py:14"),
    ],
)
def test_a_contact_that_fails_in_its_horse_goes_back_with_type_and_place(
    store: Store, server: RealServer, start_rq: StartRq, handler: str, error: str
) -> None:
    start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))

    assert reasons(store) == ["failed"]
    assert store.run(reading.contact("c1")).error == error


@pytest.mark.parametrize("handler", ["echo", "shop:crashing", "shop:failing", "shop:exiting", "shop:returning"])
def test_nothing_of_a_payload_is_left_when_its_contact_has_ended(
    store: Store, server: RealServer, start_rq: StartRq, handler: str
) -> None:
    worker = start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0

    assert keys_with(raw(store), CANARY) == set()
    assert keys_with(raw(store), "c1") & set(raw(store).keys("rq:job:*"))
    assert not [key for key in raw(store).keys("rq:*") if any(v[:1] == b"\x80" for v in values(raw(store), key))]


@pytest.mark.parametrize("handler", ["echo", "shop:crashing", "shop:failing"])
def test_what_rq_keeps_of_a_contact_ends_when_the_contacts_own_record_does(
    store: Store, server: RealServer, start_rq: StartRq, handler: str
) -> None:
    worker = start_rq(handler, server)
    push(store, "c1", CANARY)

    eventually(lambda: is_completed(store))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0

    assert len(lifetimes(raw(store), "rq:job:*")) == len(lifetimes(raw(store), "rq:results:*")) > 0
    assert all(0 < seconds <= ENDED_RETENTION_S for seconds in lifetimes(raw(store), "rq:*"))


def test_a_job_that_runs_holds_no_payload_and_has_an_end(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    start_rq("shop:waiting", server)
    push(store, "c1", CANARY)
    eventually((tmp_path / "begun").exists)

    [job] = raw(store).keys("rq:job:*")
    data = json.loads(zlib.decompress(raw(store).hget(job, "data")))

    assert data == ["fairlead_worker.jobs.handle", None, ["c1", store.run(reading.contact("c1")).token, "ana"], {}]
    assert keys_with(raw(store), CANARY) == {store.keys.payloads.encode()}
    assert 0 < raw(store).ttl(job) <= LONGEST_HANDLING_S + ENDED_RETENTION_S
    assert 0 < raw(store).ttl("rq:wip:handling") <= LONGEST_HANDLING_S + ENDED_RETENTION_S


def test_a_work_horse_that_takes_longer_than_its_limit_is_ended(
    store: Store, server: RealServer, start_rq: StartRq
) -> None:
    start_rq("shop:waiting", server, FAIRLEAD_HANDLER_LIMIT="voice=0.5,3000")
    push(store, "c1")

    eventually(lambda: is_completed(store))

    assert reasons(store) == ["failed"]
    assert "JobTimeoutException" in store.run(reading.contact("c1")).error


def test_a_contact_that_its_agent_does_not_hold_any_more_is_not_handled(
    store: Store, server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_REDIS_URL", server.url)
    monkeypatch.setenv("FAIRLEAD_HANDLER", "exec:/bin/false")
    push(store, "c1")
    session = Session(store.keys, "ana", "w", "here")
    [offer] = store.run(session.sign_in())
    store.run(session.release([offer]))

    with pytest.raises(StaleToken, match="is not handled: agent"):
        handle("c1", offer.token, "ana")


def test_a_lost_hint_changes_nothing(store: Store, server: RealServer, start_rq: StartRq) -> None:
    start_rq("echo", server)
    eventually(lambda: is_signed_in(store))
    inbox = store.keys.inbox(raw(store).hget(store.keys.agent("ana"), "inbox").decode())
    thief = threading.Thread(target=server.client().blpop, args=([inbox],), daemon=True)

    thief.start()
    eventually(lambda: waits_first(raw(store), inbox))
    push(store, "c1")

    eventually(lambda: is_completed(store))
    thief.join(60)
    assert not thief.is_alive()


def test_a_session_that_was_lost_is_signed_in_again(store: Store, server: RealServer, start_rq: StartRq) -> None:
    worker = start_rq("echo", server)
    eventually(lambda: is_signed_in(store))

    lose_session(store)
    push(store, "c1")

    eventually(lambda: is_completed(store))
    assert worker.poll() is None


def test_the_horse_of_a_lost_session_is_broken_off(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    start_rq("shop:waiting", server)
    push(store, "c1")
    eventually((tmp_path / "begun").exists)

    lose_session(store)

    eventually(lambda: is_completed(store))
    assert not (tmp_path / "go").exists()


def test_an_agent_who_was_taken_over_ends_its_worker_with_the_code_of_a_conflict(
    store: Store, server: RealServer, start_rq: StartRq
) -> None:
    worker = start_rq("echo", server)
    eventually(lambda: is_signed_in(store))

    epoch = int(raw(store).hget(store.keys.agent("ana"), "epoch"))
    store.run(Session(store.keys, "ana", "other", "elsewhere/1/1").sign_in(replaces=epoch))

    assert worker.wait(60) == AgentSignedIn.exit_code
    assert raw(store).hget(store.keys.agent("ana"), "worker") == b"other"


def test_a_terminated_rq_worker_signs_its_agent_out(store: Store, server: RealServer, start_rq: StartRq) -> None:
    worker = start_rq("shop:plain", server)
    eventually(lambda: is_signed_in(store))

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert not is_signed_in(store)
    assert store.run(reading.contacts_in("connected")) == []


def test_a_terminated_rq_worker_completes_the_contact_at_hand_and_takes_no_other(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:waiting", server)
    push(store, "c1")
    eventually((tmp_path / "begun").exists)
    push(store, "c2")

    worker.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()

    assert worker.wait(60) == 0
    assert is_completed(store)
    assert (store.run(reading.contact("c2")).state, store.run(reading.contact("c2")).attempts) == ("queued", 0)


def test_a_terminated_rq_worker_breaks_off_a_handler_that_takes_longer_than_its_limit(
    store: Store, server: RealServer, start_rq: StartRq, tmp_path: Path
) -> None:
    worker = start_rq("shop:waiting", server, "shop.HastyWorker")
    push(store, "c1")
    eventually((tmp_path / "begun").exists)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(60) == 0
    assert store.run(reading.contact("c1")).state == "queued"
    assert reasons(store) == ["signed_out"]


def test_a_contact_for_which_no_job_can_be_made_is_given_back(own_server: RealServer, start_rq: StartRq) -> None:
    store = prepared(own_server)
    start_rq("echo", own_server)
    eventually(lambda: is_signed_in(store))

    own_server.client().acl_setuser("default", reset_keys=True, keys=["{*", "rq:[^j]*"], enabled=True)
    push(store, "c1")
    eventually(lambda: reasons(store))
    own_server.client().acl_setuser("default", keys=["*"], enabled=True)
    push(store, "c2")

    eventually(lambda: is_completed(store, "c2"))
    assert set(reasons(store)) == {"failed"}
    assert store.run(reading.contact("c1")).error.startswith("NoPermissionError at ")
