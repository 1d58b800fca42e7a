"""Ruling 9: who has refused a contact is not asked again at once; what all have refused for good does not wait on."""

import pytest
from centre import Centre, profile

from fairlead.domain.channel import CHANNELS, OFFER_WINDOW_MS, Channel
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import supervising

BOTH = profile([Entry(queue, channel) for queue in ("Q", "Other") for channel in CHANNELS])


def _gives_up(centre: Centre, how: str, channel: Channel = "voice") -> None:
    """Ana, to whom c is being offered, does not keep it."""
    if how in ("released", "failed"):
        centre.does("ana", "accept", "c")
    if how == "rejected":
        centre.does("ana", "reject", "c")
    elif how == "error":
        centre.does("ana", "report_error", "c", "no line")
    elif how == "released":
        centre.does("ana", "release", "c")
    elif how == "failed":
        centre.fails("ana", "c")
    else:
        centre.passes(OFFER_WINDOW_MS[channel] / 1_000)


@pytest.mark.parametrize("channel", ["voice", "chat"])
@pytest.mark.parametrize("how", ["rejected", "missed", "error", "released", "failed"])
def test_ruling_9_who_gives_a_contact_up_gets_others_and_is_asked_again_after_five_seconds(
    centre: Centre, how: str, channel: Channel
) -> None:
    centre.configure(Queue("Q", missed_slot_s=0, retry_delay_s=0))
    centre.sign_in("ana", accepts=False, capacity=2 if how == "error" else 1)
    centre.push("c", channel=channel, priority=1)
    _gives_up(centre, how, channel)
    if how == "error":
        centre.clears("ana", "c")
    gave_up_us = centre.now_us
    assert centre.who("c") == ""

    centre.push("d", channel=channel)
    assert centre.held("ana") == {"d": "offered"}
    centre.does("ana", "accept", "d")
    centre.does("ana", "complete", "d")

    assert centre.who("c") == ""
    centre.passes(5 - (centre.now_us - gave_up_us) / 1e6 - 0.1)
    assert centre.who("c") == ""
    centre.passes(0.1)
    assert centre.who("c") == "ana"


def test_ruling_9_another_agent_gets_it_at_once_and_then_it_is_the_first_ones_turn(centre: Centre) -> None:
    centre.configure(Queue("Q"))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo", accepts=False)
    centre.push("c")

    centre.does("ana", "reject", "c")
    assert centre.who("c") == "bo"
    centre.passes(1)
    centre.does("bo", "reject", "c")
    assert centre.who("c") == ""
    centre.passes(3.9)
    assert centre.who("c") == ""
    centre.passes(0.1)

    assert centre.who("c") == "ana"


def test_ruling_9_what_somebody_does_not_answer_goes_to_who_is_idle(centre: Centre) -> None:
    centre.configure(Queue("Q", missed_slot_s=0))
    for name in ("ana", "bo"):
        centre.sign_in(name, accepts=False)
    centre.push("c")
    assert centre.who("c") == "ana"

    centre.passes(20)
    assert centre.who("c") == "bo"
    centre.passes(20)
    assert centre.who("c") == "ana"


def test_ruling_9_it_is_over_by_the_clock_before_anybody_has_swept(centre: Centre) -> None:
    centre.configure(Queue("Q"))
    session = centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")

    centre.now_us += 4_999_990
    assert centre.store.run(session.take()).offers == ()
    centre.now_us += 10

    assert [offer.contact_id for offer in centre.store.run(session.take()).offers] == ["c"]
    centre.passes(1)


def test_ruling_9_holds_with_criteria_and_in_an_agents_own_queue(centre: Centre) -> None:
    centre.configure(Queue("Q"), agents={"ana": {"L:fr": 5}, "bo": {"L:fr": 4}})
    centre.sign_in("ana", accepts=False)
    centre.push("c", criteria=[parse_step("L:fr >= 4")])
    centre.push("own", queue="@ana", channel="chat")
    centre.does("ana", "reject", "c")
    centre.does("ana", "reject", "own")

    assert centre.held("ana") == {}
    centre.sign_in("bo", accepts=False)
    assert (centre.who("c"), centre.who("own")) == ("bo", "")
    centre.passes(5)
    assert centre.who("own") == "ana"


def test_ruling_9_a_move_and_a_transfer_forget_it(centre: Centre) -> None:
    centre.configure(Queue("Q"), Queue("Other"), profiles=[BOTH])
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")

    centre.run(supervising.move, "c", "Other")

    assert centre.who("c") == "ana"


def test_ruling_9_other_seconds_none_and_for_good(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=60))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.passes(59)
    assert centre.who("c") == ""
    centre.passes(1)
    assert centre.who("c") == "ana"

    centre.configure(Queue("Q", offer_again_after_s=0))
    centre.does("ana", "reject", "c")
    assert centre.who("c") == "ana"


def test_ruling_9_after_a_failure_the_pause_is_the_time(centre: Centre) -> None:
    centre.configure(Queue("Q"))
    centre.sign_in("ana")
    centre.push("c")

    waits = []
    for _ in range(4):
        centre.fails("ana", "c")
        begins_us = centre.now_us
        while not centre.who("c"):
            centre.passes(0.5)
        waits.append((centre.now_us - begins_us) / 1e6)

    assert waits == [1, 2, 4, 8]


def test_ruling_9_what_all_who_serve_have_refused_for_good_is_parked(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    for name in ("ana", "bo"):
        centre.sign_in(name, accepts=False)
    centre.push("c")

    centre.does("ana", "reject", "c")
    assert centre.who("c") == "bo"
    centre.does("bo", "reject", "c")

    assert centre.state("c") == "parked"
    told = [event.fields for event in centre.store.run(reading.events_after()) if event.name == "contact.parked"]
    assert [one["reason"] for one in told] == ["refused_by_all"]
    centre.run(supervising.retry, "c")
    assert centre.who("c") == "ana"


def test_ruling_9_or_overflows_where_the_queue_says_so(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None, overflow="Overflow"))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.does("ana", "reject", "c")

    assert (centre.where("c"), centre.state("c")) == ("Overflow", "queued")


def test_ruling_9_when_the_last_who_had_not_refused_signs_out(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    other = centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.passes(1)
    assert centre.state("c") == "queued"

    centre.store.run(other.sign_out())
    centre.passes(1)

    assert centre.state("c") == "parked"


def test_ruling_9_nobody_signed_in_is_not_everybody(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    session = centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")

    centre.store.run(session.sign_out())
    centre.store.run(centre.sessions["bo"].sign_out())
    centre.passes(1)

    assert centre.state("c") == "queued"
