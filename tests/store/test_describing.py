"""A desk is shown from one answer: status, every slot with what is in it, the lease."""

from dataclasses import asdict

import pytest
import redis
from centre import Centre, S
from raw import raw

from fairlead import errors
from fairlead.domain.queue import Queue
from fairlead.store.client import Store
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.describing import SessionDescription, describe_session
from fairlead.store.transitions.working import Session


def described(centre: Centre, name: str = "ana", epoch: int | None = None) -> SessionDescription:
    return centre.store.run(describe_session(centre.keys, name, epoch))


def everything(client: redis.Redis) -> dict[bytes, bytes | None]:
    return {key: client.dump(key) for key in client.keys("*")}


@pytest.fixture
def ana(centre: Centre) -> Session:
    """A session that holds a contact in each kind of slot; each payload is the contact's id."""
    centre.configure(Queue("Q", acw_s={"email": 60}, missed_slot_s=300))
    session = centre.sign_in("ana", accepts=False, lease_s=15)
    for contact_id, channel in (
        ("missed", "chat"), ("held", "chat"), ("waits", "chat"), ("paused", "task"), ("acw", "email"),
        ("failed", "task"),
    ):  # fmt: skip
        centre.push(
            contact_id, channel=channel, payload=contact_id.encode(), attributes={"tier": contact_id},
            headers={"traceparent": contact_id},
        )  # fmt: skip
    for contact_id in ("held", "waits", "paused", "acw"):
        centre.does("ana", "accept", contact_id)
    centre.does("ana", "report_error", "failed", "no line")
    centre.run(producing.abandon, "failed")
    for _ in range(2):
        centre.renews("ana")
        centre.passes(9.9)
    centre.renews("ana")
    centre.passes(0.3)
    centre.run(producing.abandon, "missed")
    centre.does("ana", "hold", "waits")
    centre.does("ana", "pause", "paused")
    centre.does("ana", "complete", "acw")
    centre.push("offered", payload=b"offered", priority=2, customer="anna", direction="outbound")
    centre.renews("ana")
    return session


def test_every_slot_is_described_with_what_is_in_it(centre: Centre, ana: Session) -> None:
    slots = {slot.contact_id: slot for slot in described(centre).slots}

    assert [slot.token for slot in described(centre).slots] == sorted(slot.token for slot in slots.values())
    assert {one: (slot.kind, slot.channel) for one, slot in slots.items()} == {
        "missed": ("missed", "chat"), "held": ("connected", "chat"), "waits": ("on_hold", "chat"),
        "paused": ("paused", "task"), "acw": ("acw", "email"), "offered": ("offered", "voice"),
        "failed": ("error", "task"),
    }  # fmt: skip
    ends_us = {one: slot.deadline_us for one, slot in slots.items() if slot.deadline_us}
    assert ends_us.keys() == {"missed", "acw", "offered"}
    assert all(centre.now_us < one < centre.now_us + 300 * S for one in ends_us.values())
    assert {one for one, slot in slots.items() if slot.contact is None} == {"missed", "failed"}
    shown = {one: slot.contact for one, slot in slots.items() if slot.contact}
    assert {one: contact.payload for one, contact in shown.items()} == {
        "held": b"held", "waits": b"waits", "paused": b"paused", "acw": b"", "offered": b"offered",
    }  # fmt: skip
    for one in ("held", "waits", "paused", "acw"):
        assert shown[one].attributes == {"tier": one}
        assert shown[one].headers == {"traceparent": one}
        assert shown[one].connected_us is not None
        assert shown[one].connected_us > shown[one].queued_us
    assert (shown["acw"].state, shown["waits"].state) == ("acw", "on_hold")


def test_what_is_offered_is_described_as_it_was_handed_out(centre: Centre, ana: Session) -> None:
    (slot,) = (slot for slot in described(centre).slots if slot.kind == "offered")
    offer = centre.offer("ana", "offered")

    assert slot.contact is not None
    assert (slot.contact.connected_us, slot.contact.callback_tries) == (None, None)
    told = {"token": slot.token, "deadline_us": slot.deadline_us, **asdict(slot.contact)}
    assert {key: value for key, value in told.items() if key not in ("connected_us", "callback_tries")} == {
        key: value for key, value in asdict(offer).items() if key not in ("agent", "contact_id", "channel")
    }


def test_the_session_itself_is_described(centre: Centre, ana: Session) -> None:
    centre.run(supervising.set_next_status, "ana", "Break")

    told = described(centre)

    assert (told.agent, told.epoch, told.op) == ("ana", ana.epoch, ana._op)
    assert (told.status, told.next_status, told.profile) == ("Available", "Break", "P")
    assert (told.worker, told.holder, told.is_absent) == ("w-ana", "here/ana/1", False)
    assert told.at_us == centre.now_us


def test_a_callback_is_described_with_the_tries_that_it_has_left(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.run(producing.request_callback, "c", Callback(retry_delay_s=5, retries=1))
    centre.passes(1)
    first = described(centre).slots[0].contact
    centre.does("ana", "accept", "c")
    centre.does("ana", "retry_callback", "c")
    centre.passes(6)
    centre.renews("ana")
    last = described(centre).slots[0].contact

    assert first is not None
    assert last is not None
    assert (first.callback_tries, last.callback_tries) == (1, 0)


def test_the_rest_of_the_lease_is_told_to_its_end(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=15)
    full = described(centre).lease_left_ms
    centre.passes(4)
    present = described(centre).lease_left_ms
    centre.passes(7)

    absent = described(centre)

    assert (full, present) == (15_000, 11_000)
    assert (absent.lease_left_ms, absent.is_absent) == (4_000, True)
    centre.now_us += 60 * S
    assert described(centre).lease_left_ms == 0


def test_another_session_than_the_named_one_is_not_described(centre: Centre) -> None:
    ana = centre.sign_in("ana")
    assert described(centre, "ana", ana.epoch).epoch == ana.epoch

    with pytest.raises(errors.SessionEnded):
        described(centre, "ana", ana.epoch - 1)
    with pytest.raises(errors.SessionEnded):
        described(centre, "bo")
    with pytest.raises(errors.UnknownAgent):
        described(centre, "nobody")


def test_describing_changes_nothing(centre: Centre, ana: Session) -> None:
    before = everything(raw(centre.store))

    described(centre)

    assert everything(raw(centre.store)) == before


def test_a_session_is_described_while_the_clock_is_in_doubt_and_the_doubt_is_not_noted(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))
    ana = Session(store.keys, "ana", "w", "here")
    store.run(ana.sign_in(profile="BasicRoutingProfile"))
    now_us = int(raw(store).hget(store.keys.instance, "stamp"))
    raw(store).hset(
        store.keys.instance, mapping={"clock_us": now_us - 3_600 * S, "offset_us": 3_600 * S}
    )  # TIME was set forward by an hour since the last sweep

    told = store.run(describe_session(store.keys, "ana"))

    assert 0 < told.lease_left_ms <= 15_000
    assert not raw(store).hexists(store.keys.instance, "doubt")


def test_a_session_goes_on_from_its_description(centre: Centre, ana: Session) -> None:
    told = described(centre)
    tab = Session(centre.keys, "ana", "w", "tab", epoch=told.epoch, _op=told.op)

    centre.sessions["ana"] = tab
    centre.does("ana", "accept", "offered")

    assert centre.state("offered") == "connected"


def test_how_often_a_contact_was_tried_is_described(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, retry_delay_s=0))
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")

    (slot,) = described(centre).slots

    assert slot.contact is not None
    assert slot.contact.attempt == 2
