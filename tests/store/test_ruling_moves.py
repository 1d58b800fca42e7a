"""Rulings 12 to 17, 25 and 26: what comes together, starvation, overflow, admission, and moves within a queue."""

import pytest
from centre import Centre, profile

from fairlead import errors
from fairlead.domain.channel import CHANNELS
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import configuring, producing, staging, supervising

ALL = [Entry(queue, channel) for queue in ("Q", "Other", "Overflow") for channel in CHANNELS]


def test_ruling_12_what_overflows_together_keeps_its_order(centre: Centre) -> None:
    spilling = Queue("Q", overflow="Overflow", overflow_after_s=60, overflow_rank="back")
    one = {channel: Concurrency(1) for channel in CHANNELS}
    centre.configure(spilling, profiles=[profile([Entry("Overflow", "voice")], channels=one)])
    centre.sign_in("ana")
    centre.push("plain", priority=5)
    centre.push("urgent", priority=1)
    centre.push("last", priority=5)

    centre.passes(60)

    assert centre.held("ana") == {"urgent": "connected"}
    assert centre.line() == ["plain", "last"]


def test_ruling_13_starvation_control_reaches_what_rings(centre: Centre) -> None:
    spilling = Queue("Q", overflow="Overflow", overflow_after_s=60, missed_slot_s=0, offer_again_after_s=0)
    centre.configure(spilling)
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    for _ in range(5):
        centre.passes(10)
    assert centre.held("ana") == {"c": "offered"}

    centre.passes(10)

    assert (centre.where("c"), centre.state("c"), centre.held("ana")) == ("Overflow", "queued", {})


def test_ruling_13_what_rings_is_raised_and_rings_on(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=10, raise_to=2))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(9)
    assert centre.store.run(reading.contact("c")).priority == 5
    centre.passes(1)

    assert (centre.store.run(reading.contact("c")).priority, centre.held("ana")) == (2, {"c": "offered"})


def test_ruling_13_whatever_ranks_before_it(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=60, raise_to=1))
    centre.push("old")
    centre.passes(50)
    for place in range(120):
        centre.push(f"adjusted{place}", age_adjustment_s=1_000)

    centre.passes(10)

    assert centre.line()[0] == "old"


def test_ruling_13_a_priority_set_by_hand_after_a_raise_is_not_raised_again(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=10, raise_to=1), Queue("Other", raise_after_s=10, raise_to=1))
    centre.push("c")
    centre.push("d")
    centre.passes(10)
    centre.run(producing.update, "c", priority=7)

    centre.passes(10)
    assert [centre.store.run(reading.contact(one)).priority for one in "cd"] == [7, 1]

    centre.run(supervising.move, "c", "Other")
    centre.passes(10)
    assert centre.store.run(reading.contact("c")).priority == 1


def test_ruling_14_overflow_does_not_use_up_the_chain_and_where_no_queue_is_left_it_stays(centre: Centre) -> None:
    centre.configure(
        Queue("Q", overflow="Other", overflow_after_s=10), Queue("Other", overflow="Q", overflow_after_s=10),
        profiles=[profile(ALL)],
    )  # fmt: skip
    centre.push("c")
    for _ in range(40):
        centre.passes(10)
    assert (centre.where("c"), centre.state("c")) == ("Other", "queued")
    assert centre.store.run(reading.contact("c")).chain_length == 1

    centre.sign_in("ana")
    centre.does("ana", "transfer", "c", "Overflow")

    assert centre.where("c") == "Overflow"


@pytest.mark.parametrize(
    ("queue", "refused"),
    [
        (Queue("Other", enabled=False), errors.QueueDisabled),
        (Queue("Other", max_contacts=0), errors.QueueFull),
    ],
)
def test_ruling_15_a_callback_a_schedule_and_a_retry_are_refused_at_once(
    centre: Centre, queue: Queue, refused: type[Exception]
) -> None:
    one_try = Queue("Other", max_attempts=1)
    centre.configure(one_try, profiles=[profile(ALL)])
    centre.sign_in("ana")
    centre.push("parked", "Other")
    centre.fails("ana", "parked")
    centre.does("ana", "set_status", "Break")
    centre.push("waits")
    centre.configure(queue)

    with pytest.raises(refused):
        centre.run(producing.request_callback, "waits", Callback(), "Other")
    with pytest.raises(refused):
        centre.push("later", "Other", start_in_s=60)
    with pytest.raises(refused):
        centre.run(supervising.retry, "parked")

    assert (centre.state("waits"), centre.where("waits"), centre.state("parked")) == ("queued", "Q", "parked")


def test_ruling_15_full_is_beyond_a_fifth_and_the_own_place_counts_as_free(centre: Centre) -> None:
    centre.configure(Queue("Other", max_contacts=5))
    for place in range(5):
        centre.push(f"c{place}", "Other")
    centre.push("waits")
    centre.push("later")
    centre.run(producing.request_callback, "waits", Callback(60), "Other")
    centre.run(supervising.move, "later", "Other")
    centre.push("no")

    with pytest.raises(errors.QueueFull):
        centre.run(producing.request_callback, "no", Callback(), "Other")
    centre.run(producing.request_callback, "c0", Callback(60))

    assert centre.state("c0") == "scheduled"


@pytest.mark.parametrize("how", ["scheduled", "parked", "callback"])
def test_ruling_15_a_queue_with_scheduled_or_parked_contacts_is_in_use(centre: Centre, how: str) -> None:
    centre.configure(Queue("Extra", max_attempts=1), profiles=[profile([*ALL, Entry("Extra", "voice")])])
    if how == "scheduled":
        centre.push("c", "Extra", start_in_s=60)
    else:
        centre.push("c", "Extra")
    if how == "parked":
        centre.sign_in("ana")
        centre.fails("ana", "c")
    elif how == "callback":
        centre.run(producing.request_callback, "c", Callback(60))

    with pytest.raises(errors.QueueInUse, match="scheduled for it or parked"):
        centre.configure(profiles=[profile(ALL)])
    current, version = centre.store.run(reading.configuration_in_force())
    rest = {name: queue for name, queue in current.queues.items() if name != "Extra"}
    target = type(current)(rest, {"P": profile(ALL)}, current.agents, current.statuses)
    with pytest.raises(errors.QueueInUse):
        centre.store.run(staging.attempt(target, version))
    centre.run(supervising.stop, "c")

    centre.configure(profiles=[profile(ALL)])
    assert centre.counts("nothing") == {}


def test_ruling_15_an_agent_with_scheduled_contacts_is_in_use(centre: Centre) -> None:
    centre.push("c", "@cem", start_in_s=60)
    version = centre.store.run(reading.versions("agent", ["cem"]))[0]

    with pytest.raises(errors.AgentInUse):
        centre.run(configuring.remove_object, "agent", "cem", version)
    centre.passes(60)
    centre.run(producing.abandon, "c")

    centre.run(configuring.remove_object, "agent", "cem", version)


def test_ruling_17_a_move_within_the_same_queue_changes_the_rank(centre: Centre) -> None:
    for place in range(3):
        centre.push(f"c{place}")
    centre.push("urgent", priority=1)

    centre.run(supervising.move, "c2", "Q", "front")
    assert centre.line() == ["urgent", "c2", "c0", "c1"]
    centre.run(supervising.move, "c2", "Q", "back")

    assert centre.line() == ["urgent", "c0", "c1", "c2"]
    after = centre.store.run(reading.contact("c2"))
    assert after.queued_us < after.rank_us
    assert after.chain_length == 1


def test_ruling_17_without_a_rank_it_is_refused(centre: Centre) -> None:
    centre.push("c")

    with pytest.raises(errors.SameQueue, match="give a rank"):
        centre.run(supervising.move, "c", "Q")


def test_ruling_17_what_rings_has_another_place_when_it_comes_back(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.push("d")
    centre.run(supervising.move, "c", "Q", "back")
    assert centre.held("ana") == {"c": "offered"}

    centre.does("ana", "set_status", "Break")

    assert centre.line() == ["d", "c"]


@pytest.mark.parametrize(("rank", "first"), [("back", "c"), ("keep", "adjusted")])
def test_ruling_26_a_move_to_the_back_drops_an_age_adjustment(centre: Centre, rank: str, first: str) -> None:
    centre.push("c", "Other")
    centre.push("adjusted", age_adjustment_s=600)

    centre.run(supervising.move, "adjusted", "Other", rank)

    assert centre.line()[0] == first


def test_ruling_26_and_within_its_queue(centre: Centre) -> None:
    centre.push("c")
    centre.push("adjusted", age_adjustment_s=600)

    centre.run(supervising.move, "adjusted", "Q", "back")

    assert centre.line() == ["c", "adjusted"]


def test_ruling_26_an_accept_after_the_deadline_is_valid_until_the_offer_has_been_ended(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    offer = centre.offer("ana", "c")
    centre.now_us += 21_000_000
    centre.does("ana", "accept", offer)
    assert centre.held("ana") == {"c": "connected"}

    centre.push("d", channel="chat")
    late = centre.offer("ana", "d")
    centre.passes(21)
    with pytest.raises(errors.StaleToken):
        centre.does("ana", "accept", late)


def test_ruling_25_whom_a_supervisor_signs_out_stays_out_until_somebody_signs_it_in(centre: Centre) -> None:
    session = centre.sign_in("ana")
    centre.run(supervising.sign_out_agent, "ana")

    with pytest.raises(errors.AgentSignedOut):
        centre.store.run(session.sign_in(again=True))
    centre.store.run(session.sign_in())
    centre.push("c")
    assert centre.who("c") == "ana"

    centre.store.run(session.sign_out())
    centre.store.run(session.sign_in(again=True))
    assert centre.who("c") == "ana"
