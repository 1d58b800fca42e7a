"""A queue turns contacts away while nobody who serves it is there."""

import pytest
from centre import Centre, S, profile

from fairlead import errors
from fairlead.domain.channel import Channel
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Nobody, Queue
from fairlead.store.transitions import supervising

WHENS: list[Nobody] = ["nobody_available", "nobody_staffed", "nobody_signed_in"]
SLOTS: dict[Channel, Concurrency] = {"voice": Concurrency(1), "chat": Concurrency(1)}
ONE = profile([Entry("Q", "voice"), Entry("Q", "chat", delay_s=60)], channels=SLOTS)


def ana_is(centre: Centre, what: str) -> None:
    if what != "signed out":
        centre.sign_in("ana")
    if what == "on a break":
        centre.does("ana", "set_status", "Break")
    if what == "busy":
        centre.push("held", queue="@ana")


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize(
    ("what", "turned_away"),
    [("signed out", WHENS), ("on a break", WHENS[:2]), ("busy", WHENS[:1]), ("free", [])],
)
def test_a_queue_turns_away_what_nobody_is_there_for(
    centre: Centre, when: Nobody, what: str, turned_away: list[Nobody]
) -> None:
    centre.configure(Queue("Q", turn_away_when=when), profiles=[ONE])
    ana_is(centre, what)

    if when in turned_away:
        with pytest.raises(errors.QueueUnstaffed, match=f"of the agents who serve it {when.replace('_', ' ')}"):
            centre.push("c")
    else:
        centre.push("c")
        assert centre.state("c") == ("connected" if what == "free" else "queued")


def test_who_serves_it_on_another_channel_is_not_there_and_a_delay_hides_nobody(centre: Centre) -> None:
    centre.configure(Queue("Q", turn_away_when="nobody_available"), profiles=[ONE])
    centre.sign_in("ana")

    centre.push("chat", channel="chat")

    assert centre.state("chat") == "queued"
    with pytest.raises(errors.QueueUnstaffed):
        centre.push("mail", channel="email")


def test_what_is_turned_away_overflows(centre: Centre) -> None:
    centre.configure(Queue("Q", turn_away_when="nobody_staffed", overflow="Other"), profiles=[ONE])

    receipt = centre.push("c")

    assert (receipt.queue, centre.where("c")) == ("Other", "Other")


def test_a_move_and_a_transfer_are_turned_away_and_what_waits_stays(centre: Centre) -> None:
    centre.configure(Queue("Q", turn_away_when="nobody_staffed"), profiles=[ONE])
    centre.push("waits", queue="Other")
    centre.sign_in("ana")
    centre.push("held")
    centre.push("inside")
    centre.does("ana", "set_status", "Break")

    with pytest.raises(errors.QueueUnstaffed):
        centre.run(supervising.move, "waits", "Q")
    with pytest.raises(errors.QueueUnstaffed):
        centre.store.run(centre.sessions["ana"].transfer(centre.offer("ana", "held"), "Q"))

    assert (centre.where("waits"), centre.line()) == ("Other", ["waits", "inside"])
    assert centre.held("ana") == {"held": "connected"}


def test_a_scheduled_contact_goes_by_who_is_there_at_its_time(centre: Centre) -> None:
    centre.configure(Queue("Q", turn_away_when="nobody_staffed", overflow="Other"), profiles=[ONE])
    begins_us = centre.now_us + 100 * S
    centre.push("early", start_at_us=begins_us)
    centre.push("late", start_at_us=begins_us + 100 * S)

    centre.passes(110)
    centre.sign_in("ana")
    centre.passes(100)

    assert (centre.where("early"), centre.where("late")) == ("Other", "Q")


def test_ruling_11_who_is_absent_by_the_clock_is_not_available_and_the_next_agent_is(centre: Centre) -> None:
    centre.configure(Queue("Q", turn_away_when="nobody_available"), profiles=[ONE])
    centre.sign_in("ana", lease_s=9)
    centre.now_us += 8 * S

    with pytest.raises(errors.QueueUnstaffed):
        centre.push("c")
    centre.sign_in("bo")
    centre.push("d")

    assert centre.who("d") == "bo"
    centre.passes(1)


def test_ruling_6_a_missed_offer_leaves_its_agent_available_on_other_channels(centre: Centre) -> None:
    both = profile([Entry("Q", "voice"), Entry("Q", "chat")], channels=SLOTS)
    centre.configure(Queue("Q", turn_away_when="nobody_available", missed_slot_s=60), profiles=[both])
    centre.sign_in("ana", accepts=False)
    centre.push("missed")
    centre.passes(21)

    centre.push("c", channel="chat")

    assert centre.who("c") == "ana"
