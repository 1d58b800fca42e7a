"""Rulings 1 to 4: what the end of a part of a contact means to its agent, to the queue it came from and to the next."""

from collections.abc import Callable

import pytest
from centre import Centre, S, profile

from fairlead.domain import measures
from fairlead.domain.channel import CHANNELS
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.service.report import read_agent_report, read_report
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising

BOTH = [Entry(queue, channel) for queue in ("Q", "Other") for channel in CHANNELS]
ENDS: dict[str, Callable[[Centre], object]] = {
    "hangs up": lambda centre: centre.does("ana", "complete", "c"),
    "transfers": lambda centre: centre.does("ana", "transfer", "c", "Overflow"),
    "gives back": lambda centre: centre.does("ana", "release", "c"),
    "fails": lambda centre: centre.fails("ana", "c"),
    "sees it ended": lambda centre: centre.run(supervising.stop, "c"),
}


@pytest.mark.parametrize("ends", ENDS)
def test_ruling_1_the_end_of_a_part_restarts_the_availability_clock(centre: Centre, ends: str) -> None:
    centre.configure(Queue("Q", retry_delay_s=300, offer_again_after_s=300))
    centre.sign_in("ana")
    centre.push("c")
    centre.sign_in("bo")
    centre.push("short")
    centre.passes(10)
    centre.does("bo", "complete", "short")
    centre.passes(590)

    before_us = centre.store.run(reading.agent_states(["ana"]))[0].available_us
    ENDS[ends](centre)

    assert centre.store.run(reading.agent_states(["ana"]))[0].available_us == centre.now_us
    assert before_us < centre.now_us - 590 * S


def test_ruling_1_who_has_just_hung_up_after_a_long_call_does_not_get_the_next_one(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("long")
    centre.passes(209)
    centre.sign_in("bo")
    centre.push("short")
    centre.passes(10)
    centre.does("bo", "complete", "short")
    centre.passes(391)
    centre.does("ana", "complete", "long")
    centre.passes(1)

    centre.push("next")

    assert centre.who("next") == "bo"


def test_ruling_1_outbound_work_does_not_where_the_timer_counts_from_the_last_inbound(centre: Centre) -> None:
    centre.configure(profiles=[profile(BOTH, agent_availability_timer="since_last_inbound")])
    centre.sign_in("ana")
    centre.push("c", direction="outbound")
    centre.sign_in("bo")
    centre.passes(60)

    centre.does("ana", "complete", "c")
    centre.push("next")

    assert centre.who("next") == "ana"


def _transferred_after(centre: Centre, talk_s: int, waits_s: int = 0) -> None:
    centre.configure(
        Queue("Q"), Queue("Other", service_level_s=20),
        profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "R")], agents={"bo": "R"},
    )  # fmt: skip
    centre.sign_in("ana")
    centre.push("c")
    centre.passes(talk_s)
    centre.does("ana", "transfer", "c", "Other")
    centre.passes(waits_s)


@pytest.mark.parametrize(("waits_s", "level"), [(0, 100.0), (19, 100.0), (21, 0.0)])
def test_ruling_2_the_talk_before_a_transfer_is_nobodys_wait(centre: Centre, waits_s: int, level: float) -> None:
    _transferred_after(centre, 600, waits_s)
    (state,) = [one for one in centre.store.run(reading.queue_states("Other")) if one.channel == "voice"]
    assert abs(state.oldest_us / 1e6 - waits_s) < 0.1

    centre.sign_in("bo")
    centre.passes(10)

    counts = centre.counts("Other:voice")
    assert centre.who("c") == "bo"
    assert abs((measures.average_speed_of_answer_s(counts) or 0) - waits_s) < 0.1
    assert measures.service_level(counts, 20) == level


def test_ruling_2_rank_delay_and_expiry_go_by_the_first_time(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat")]), profile([Entry("Other", "chat", 1, 30)], "R")])
    centre.configure(
        profiles=[profile([Entry("Q", "chat")]), profile([Entry("Other", "chat", 1, 30)], "R")], agents={"bo": "R"}
    )
    centre.sign_in("ana")
    centre.push("c", channel="chat")
    before = centre.store.run(reading.contact("c"))
    centre.passes(31)

    centre.does("ana", "transfer", "c", "Other")
    after = centre.store.run(reading.contact("c"))
    centre.sign_in("bo")

    assert (after.queued_us, after.rank_us) == (before.queued_us, before.rank_us)
    assert centre.who("c") == "bo"


def test_ruling_2_who_gives_up_and_who_asks_to_be_called_back_after_a_transfer(centre: Centre) -> None:
    _transferred_after(centre, 600, 7)
    centre.run(producing.abandon, "c")

    assert measures.histogram(centre.counts("Other:voice"), "x") == {8: 1}

    centre.push("d")
    centre.passes(300)
    centre.does("ana", "transfer", "d", "Other")
    centre.run(producing.request_callback, "d", Callback())
    assert measures.total(centre.counts("Other:voice"), "c") == 1
    assert max(measures.histogram(centre.counts("Other:voice"), "c")) <= 1


def test_ruling_2_a_contact_that_comes_back_and_moves_on_waits_from_the_move(centre: Centre) -> None:
    _transferred_after(centre, 600, 5)
    centre.run(supervising.move, "c", "Overflow")
    centre.passes(3)
    centre.run(producing.abandon, "c")

    assert max(measures.histogram(centre.counts("Overflow:voice"), "x")) <= 4


@pytest.mark.parametrize("ends", ["transfers", "gives back", "fails", "lost", "signs out"])
def test_ruling_3_each_part_is_handled_time_of_its_agent_and_its_queue(centre: Centre, ends: str) -> None:
    centre.configure(Queue("Q", retry_delay_s=0, offer_again_after_s=60), profiles=[profile(BOTH)])
    session = centre.sign_in("ana", lease_s=1_000)
    centre.push("c")
    centre.passes(595)
    centre.sign_in("bo")
    centre.passes(5)

    if ends == "lost":
        centre.passes(400)
    elif ends == "signs out":
        centre.store.run(session.sign_out())
    else:
        ENDS[ends](centre)
    if ends == "transfers":
        centre.run(supervising.move, "c", "Other")
    assert centre.who("c") == "bo"
    centre.passes(10)
    centre.does("bo", "complete", "c")

    second = "Other" if ends == "transfers" else "Q"
    first_s = 1_000 if ends == "lost" else 600
    agents = {row.agent: row for row in centre.store.run(read_agent_report(60, 60)) if row.handled}
    assert round(agents["ana"].handle_s or 0, -1) == first_s
    assert round(agents["bo"].handle_s or 0, -1) == 10
    rows = [row for row in centre.store.run(read_report(60, 60)) if row.queue in ("Q", "Other")]
    assert sum(row.completed for row in rows) == 1
    mine = {row.queue: round(row.handle_s) for row in rows if row.handle_s is not None}
    assert mine == ({"Q": 600, "Other": 10} if second == "Other" else {"Q": (first_s + 10) / 2})


def test_ruling_4_a_transfer_is_followed_by_after_contact_work(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 30}))
    centre.sign_in("ana")
    centre.push("c")
    centre.push("next")

    centre.does("ana", "transfer", "c", "Other")
    assert centre.held("ana") == {"c": "acw"}
    assert (centre.where("c"), centre.state("c")) == ("Other", "queued")
    centre.passes(29)
    assert centre.held("ana") == {"c": "acw"}
    centre.passes(1)

    assert centre.held("ana") == {"next": "connected"}
    assert centre.events("contact.completed") == []


def test_ruling_4_it_can_be_cleared_and_goes_on_when_the_contact_has_ended(centre: Centre) -> None:
    centre.configure(
        Queue("Q", acw_s={"voice": 30}), agents={"bo": "R"},
        profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "R")],
    )  # fmt: skip
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("c")
    centre.does("ana", "transfer", "c", "Other")
    centre.does("bo", "complete", "c")
    assert (centre.state("c"), centre.held("ana")) == ("completed", {"c": "acw"})

    centre.clears("ana", "c")

    assert centre.held("ana") == {}
    assert len(centre.events("contact.completed")) == 1
    assert measures.completed(centre.counts("Q:voice")) + measures.completed(centre.counts("Other:voice")) == 1


def test_ruling_4_a_contact_that_ends_under_a_next_status_has_after_contact_work(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 30}))
    centre.sign_in("ana")
    centre.push("c")
    centre.run(supervising.set_next_status, "ana", "Break")

    centre.does("ana", "complete", "c")
    assert (centre.status("ana"), centre.held("ana")) == ("Available", {"c": "acw"})
    centre.passes(30)

    assert (centre.status("ana"), centre.held("ana")) == ("Break", {})


def test_ruling_4_setting_a_next_status_clears_the_work_that_runs(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 30}))
    centre.sign_in("ana")
    centre.push("c")
    centre.does("ana", "complete", "c")

    centre.run(supervising.set_next_status, "ana", "Break")

    assert (centre.status("ana"), centre.held("ana")) == ("Break", {})
