"""What a missed offer leaves behind where the queue says nothing, or the agent has left meanwhile."""

from centre import Centre, S

from fairlead.domain.queue import Queue


def test_a_missed_call_of_an_agents_own_keeps_a_slot_and_the_status(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", "@ana")

    centre.passes(20)

    assert (centre.status("ana"), centre.held("ana"), centre.line()) == ("Available", {"c": "missed"}, ["c"])


def test_who_misses_an_offer_after_having_left_stays_where_they_are(centre: Centre) -> None:
    centre.configure(Queue("Q", status_after_misses=1, missed_status="Break"))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "set_status", "Offline")

    centre.passes(20)

    assert (centre.status("ana"), centre.line()) == ("Offline", ["c"])


def test_one_miss_is_enough_where_the_queue_says_so(centre: Centre) -> None:
    centre.configure(Queue("Q", status_after_misses=1, missed_status="Break"))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    centre.passes(20)

    assert (centre.status("ana"), centre.line()) == ("Break", ["c"])


def test_misses_count_until_an_offer_is_answered(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, status_after_misses=2, missed_status="Break", missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(20)
    centre.does("ana", "accept", "c")
    centre.does("ana", "complete", "c")
    centre.push("d")

    centre.passes(20)
    after_one = centre.status("ana")
    centre.passes(20)

    assert (after_one, centre.status("ana"), centre.line()) == ("Available", "Break", ["d"])


def test_no_number_of_misses_changes_a_status_unless_the_queue_gives_one(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_status="Break", missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c")

    for _ in range(3):
        centre.passes(20)

    assert (centre.status("ana"), centre.held("ana")) == ("Available", {"c": "offered"})


def test_a_missed_slot_that_is_cleared_before_it_has_cooled_down_comes_due_no_more(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, missed_slot_s=8))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.passes(20)
    centre.clears("ana", "c")
    centre.now_us += 8 * S

    swept = centre.store.run(centre.sweeper.sweep())

    assert centre.held("ana") == {"c": "offered"}
    assert swept.due == 0
