"""Contacts expire as their queue says, which costs no due time for each of them; those of their own each have one."""

import pytest
from centre import Centre, S
from raw import raw

from fairlead.domain.criteria import parse_step
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import producing, supervising

FRENCH = (parse_step("Language:French >= 1"),)


def lasting(seconds: int, name: str = "Q", **options: object) -> Queue:
    return Queue(name, expiry_s={"task": seconds} if seconds else {}, **options)  # type: ignore[arg-type]  # options


def left(centre: Centre, *ids: str) -> list[str]:
    return [one for one in ids if centre.state(one) != "expired"]


def test_each_contact_of_a_queue_expires_at_its_time_whatever_its_priority_and_track(centre: Centre) -> None:
    centre.configure(lasting(60), agents={"bo": {"Language:German": 3}})
    ids = [f"c{number}" for number in range(9)]
    for number, name in enumerate(ids):
        criteria = FRENCH if number % 2 else ()
        centre.push(name, channel="task", priority=9 - number % 3, criteria=criteria)
        centre.passes(1)

    centre.passes(60 - len(ids) - 0.001)
    for number in range(len(ids)):
        assert left(centre, *ids) == ids[number:]
        centre.passes(1)

    assert (left(centre, *ids), centre.line()) == ([], [])
    assert raw(centre.store).keys("*:oldest:*") == []
    assert raw(centre.store).zrange(centre.keys.due, 0, -1) == []


def test_many_that_expire_in_one_sweep_do_so_in_order(centre: Centre) -> None:
    centre.configure(lasting(60), lasting(50, "Other"))
    for number in range(40):
        centre.push(f"c{number:02}", "Q" if number % 2 else "Other", channel="task", priority=number % 3 + 1)

    centre.passes(100)

    events = centre.store.run(reading.events_after())
    expired = [event.fields["contact"] for event in events if event.name == "contact.expired"]
    assert expired == [f"c{number:02}" for number in (*range(0, 40, 2), *range(1, 40, 2))]


def test_contacts_that_wait_take_no_due_time_each(centre: Centre) -> None:
    for number in range(50):
        centre.push(f"c{number}", channel="chat", priority=number % 2 + 1)

    assert raw(centre.store).zrange(centre.keys.due, 0, -1) == [b"line:Q:chat"]
    assert raw(centre.store).zcard(centre.keys.prefix + "oldest:Q:chat") == 2


@pytest.mark.parametrize("criteria", [(), FRENCH])
def test_a_contact_that_rings_expires_and_frees_its_agent(centre: Centre, criteria: tuple[producing.Step, ...]) -> None:
    centre.configure(lasting(10), agents={"ana": {"Language:French": 3}})
    centre.sign_in("ana", accepts=False, capacity=1)
    centre.push("c", channel="task", criteria=criteria)
    centre.push("behind", channel="task")
    assert centre.state("c") == "offered"

    centre.passes(9.999)
    assert centre.state("c") == "offered"
    centre.passes(0.001)

    assert (centre.state("c"), centre.held("ana")) == ("expired", {"behind": "offered"})


def test_a_contact_that_rings_with_another_priority_expires(centre: Centre) -> None:
    centre.configure(lasting(10))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")
    centre.run(producing.update, "c", priority=2)

    centre.passes(10)

    assert centre.state("c") == "expired"


def test_a_missed_contact_expires_as_if_it_had_not_rung(centre: Centre) -> None:
    centre.configure(lasting(40))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")

    centre.does("ana", "set_status", "Break")
    centre.passes(30)
    assert centre.state("c") == "queued"
    centre.passes(9.999)
    assert centre.state("c") == "queued"
    centre.passes(0.001)

    assert centre.state("c") == "expired"


def test_those_with_an_expiry_of_their_own_do_not_hide_others_of_their_line(centre: Centre) -> None:
    centre.configure(lasting(10))
    for number in range(12):
        centre.push(f"own{number}", channel="task", expiry_s=100)
        centre.push(f"older{number}", channel="task", age_adjustment_s=1_000)
    centre.push("c", channel="task")

    centre.passes(10)
    assert centre.state("c") == "expired"
    assert left(centre, *(f"older{number}" for number in range(12))) == []
    assert len(left(centre, *(f"own{number}" for number in range(12)))) == 12
    centre.passes(90)

    assert centre.line() == []


def test_an_adjusted_age_does_not_move_the_expiry(centre: Centre) -> None:
    centre.configure(lasting(10))
    centre.push("c", channel="task")
    centre.passes(5)
    centre.run(producing.update, "c", age_adjustment_s=3_600)
    centre.run(producing.update, "c", age_adjustment_s=-3_600)

    centre.passes(4.9)
    assert centre.state("c") == "queued"
    centre.passes(0.1)

    assert centre.state("c") == "expired"


def test_a_moved_contact_expires_as_its_first_queue_said(centre: Centre) -> None:
    centre.configure(lasting(20), lasting(10, "Other"))
    centre.push("c", channel="task")
    centre.passes(15)
    centre.run(supervising.move, "c", "Other")

    centre.passes(4.9)
    assert centre.state("c") == "queued"
    centre.passes(0.1)

    assert centre.state("c") == "expired"


def test_a_transferred_contact_expires_as_its_first_queue_said(centre: Centre) -> None:
    centre.configure(lasting(20), lasting(10, "Other"))
    centre.sign_in("ana")
    centre.push("c", channel="task")
    centre.passes(100)
    centre.does("ana", "transfer", "c", "Other")

    centre.passes(19)
    assert centre.state("c") == "queued"
    centre.passes(1)

    assert centre.state("c") == "expired"


def test_a_track_that_nobody_waits_in_is_not_looked_at(centre: Centre) -> None:
    centre.configure(lasting(10), agents={"ana": {"Language:French": 3}})
    centre.passes(1)
    centre.push("c", channel="task", criteria=FRENCH)

    centre.sign_in("ana")

    assert centre.who("c") == "ana"
    assert raw(centre.store).keys("*:oldest:*") == []
    assert not [due for due in raw(centre.store).zrange(centre.keys.due, 0, -1) if due.startswith(b"line:")]


def test_a_contact_of_a_queue_without_expiry_never_expires_elsewhere(centre: Centre) -> None:
    centre.configure(lasting(0), lasting(10, "Other"), lasting(0, "Overflow", max_contacts=0, overflow="Other"))
    centre.push("moved", channel="task")
    centre.push("overflowed", "Overflow", channel="task")
    centre.run(supervising.move, "moved", "Other")

    centre.passes(1_000)

    assert left(centre, "moved", "overflowed") == ["moved", "overflowed"]
    assert {centre.store.run(reading.contact(one)).expires_us for one in ("moved", "overflowed")} == {None}


def test_a_contact_given_back_has_not_grown_older_while_it_was_held(centre: Centre) -> None:
    centre.configure(lasting(60))
    centre.sign_in("ana")
    centre.push("c", channel="task")
    centre.passes(100)
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "release", "c")

    centre.passes(59)
    assert centre.state("c") == "queued"
    centre.passes(2)

    assert centre.state("c") == "expired"


def test_a_retried_contact_keeps_its_expiry(centre: Centre) -> None:
    centre.configure(lasting(60, max_offers=1))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")
    centre.passes(30)
    assert centre.state("c") == "parked"
    centre.configure(lasting(60))
    centre.does("ana", "set_status", "Break")
    centre.run(supervising.retry, "c")

    centre.passes(29.9)
    assert centre.state("c") == "queued"
    centre.passes(0.1)

    assert centre.state("c") == "expired"


def test_a_contact_that_is_retried_as_it_expires_waits_anew(centre: Centre) -> None:
    centre.configure(lasting(60, max_offers=1))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")
    expires_us = centre.now_us + 60 * S
    centre.passes(30)
    centre.does("ana", "set_status", "Break")
    centre.now_us = expires_us - 1

    centre.run(supervising.retry, "c")
    assert centre.now_us == expires_us
    centre.passes(59)

    assert centre.state("c") == "queued"
    centre.passes(1)
    assert centre.state("c") == "expired"


@pytest.mark.parametrize(("before_s", "after_s"), [(100, 10), (0, 10), (5, 10)])
def test_who_waits_already_expires_as_the_queue_says_now(centre: Centre, before_s: int, after_s: int) -> None:
    centre.configure(lasting(before_s), agents={"ana": {"Language:French": 3}})
    centre.sign_in("ana", accepts=False)
    centre.push("rings", channel="task", criteria=FRENCH)
    for number in range(4):
        centre.push(f"c{number}", channel="task", priority=number % 3 + 1, criteria=FRENCH if number == 2 else ())
    centre.push("own", channel="task", expiry_s=1_000)
    ids = ["rings", *(f"c{number}" for number in range(4))]
    centre.does("ana", "set_status", "Break")
    assert centre.store.run(reading.contact("c0")).expires_us == (
        centre.store.run(reading.contact("c0")).queued_us + before_s * 1_000_000 if before_s else None
    )
    centre.configure(lasting(after_s), agents={"ana": {"Language:French": 3}})

    centre.passes(after_s - 0.001)
    assert left(centre, *ids) == ids
    centre.passes(0.002)

    assert left(centre, *ids, "own") == ["own"]


def test_a_queue_that_expires_nobody_any_more_forgets_its_lines(centre: Centre) -> None:
    centre.configure(lasting(10))
    centre.push("c", channel="task")
    centre.push("t", channel="task", criteria=FRENCH)

    centre.configure(lasting(0))
    centre.passes(1_000)

    assert left(centre, "c", "t") == ["c", "t"]
    assert raw(centre.store).keys("*:oldest:*") == []
    assert raw(centre.store).zrange(centre.keys.due, 0, -1) == []


def test_a_queue_that_is_removed_leaves_nothing_to_look_at(centre: Centre) -> None:
    centre.configure(lasting(10, "Brief"))
    centre.push("c", "Brief", channel="task")
    centre.run(supervising.stop, "c")

    centre.configure()

    assert raw(centre.store).keys("*:oldest:*") == []
    assert raw(centre.store).zrange(centre.keys.due, 0, -1) == []


@pytest.mark.parametrize("change", ["age", "back", "front"])
def test_a_contact_that_ranks_by_another_time_while_it_rings_expires_while_it_rings(
    centre: Centre, change: str
) -> None:
    centre.configure(lasting(10))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")

    if change == "age":
        centre.run(producing.update, "c", age_adjustment_s=5)
    else:
        centre.run(supervising.move, "c", "Q", change)

    assert centre.held("ana") == {"c": "offered"}
    centre.passes(9.9)
    assert centre.state("c") == "offered"
    centre.passes(0.1)
    assert (centre.state("c"), centre.held("ana")) == ("expired", {})


def test_a_contact_that_is_raised_while_it_rings_expires_while_it_rings(centre: Centre) -> None:
    centre.configure(lasting(10, raise_after_s=5, raise_to=1))
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task")

    centre.passes(5.1)
    assert centre.store.run(reading.contact("c")).priority == 1
    centre.passes(4.8)
    assert centre.state("c") == "offered"
    centre.passes(0.1)

    assert (centre.state("c"), centre.held("ana")) == ("expired", {})
