"""Time: scheduled contacts, callbacks and expiry, each exact to the sweep."""

import pytest
from centre import Centre, S, profile

from fairlead import errors
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.transitions import producing, supervising

SIX_DAYS_S = 6 * 86_400


def test_a_scheduled_contact_enters_its_queue_at_its_time(centre: Centre) -> None:
    centre.sign_in("ana")
    assert centre.push("c", channel="task", start_in_s=60).state == "scheduled"

    centre.passes(59.999)
    assert (centre.state("c"), centre.line("scheduled")) == ("scheduled", ["c"])
    centre.passes(0.001)

    assert centre.who("c") == "ana"
    assert centre.events("contact.scheduled", "contact.queued") == ["contact.scheduled", "contact.queued"]


@pytest.mark.parametrize(("ahead_us", "is_allowed"), [(SIX_DAYS_S * S, True), (SIX_DAYS_S * S + S, False)])
def test_a_contact_is_scheduled_at_most_six_days_ahead(centre: Centre, ahead_us: int, is_allowed: bool) -> None:
    start_at_us = centre.now_us + 1 + ahead_us
    if is_allowed:
        assert centre.push("c", channel="task", start_at_us=start_at_us).state == "scheduled"
    else:
        with pytest.raises(errors.InvalidContact, match=r"cannot start in 518,401 s: .* at most 6 days"):
            centre.push("c", channel="task", start_at_us=start_at_us)


@pytest.mark.parametrize(("seconds", "is_allowed"), [(SIX_DAYS_S, True), (SIX_DAYS_S + 1, False)])
def test_a_start_in_seconds_has_the_same_limit(seconds: int, is_allowed: bool) -> None:
    if is_allowed:
        NewContact("Q", "task", start_in_s=seconds)
    else:
        with pytest.raises(errors.InvalidContact):
            NewContact("Q", "task", start_in_s=seconds)


@pytest.mark.parametrize("field", ["delay_s", "retry_delay_s"])
@pytest.mark.parametrize(("seconds", "is_allowed"), [(0, True), (259_200, True), (259_201, False), (-1, False)])
def test_a_callbacks_delays_have_limits(field: str, seconds: int, is_allowed: bool) -> None:
    if is_allowed:
        Callback(**{field: seconds})
    else:
        with pytest.raises(errors.InvalidContact, match="259,200"):
            Callback(**{field: seconds})


def test_a_callback_comes_back_at_the_place_of_its_start_and_is_no_abandonment(centre: Centre) -> None:
    centre.push("early")
    centre.passes(10)
    centre.push("later")
    centre.run(producing.request_callback, "early", Callback(delay_s=60))
    assert centre.line() == ["later"]

    centre.passes(60)

    assert centre.line() == ["early", "later"]
    assert centre.store.run(reading.contact("early")).direction == "outbound"
    counts = centre.counts("Q:voice")
    assert (counts["c11"], [name for name in counts if name.startswith("x")]) == (1, [])


def test_a_callback_keeps_its_criteria(centre: Centre) -> None:
    from fairlead.domain.criteria import parse_step

    centre.configure(agents={"bo": {"L:fr": 3}})
    centre.push("c", criteria=(parse_step("L:fr >= 3"),))
    centre.run(producing.request_callback, "c", Callback())
    centre.sign_in("ana")
    centre.passes(1)
    assert centre.who("c") == ""

    centre.sign_in("bo")

    assert centre.who("c") == "bo"


def test_n_retries_are_n_plus_one_attempts(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", callback=Callback(delay_s=5, retry_delay_s=30, retries=2))
    attempts = 0
    centre.passes(5)
    while centre.state("c") == "connected":
        attempts += 1
        centre.does("ana", "retry_callback", "c")
        if centre.state("c") == "scheduled":
            centre.passes(29.9)
            assert centre.state("c") == "scheduled"
            centre.passes(0.2)

    assert (attempts, centre.state("c")) == (3, "expired")
    assert centre.held("ana") == {}


def test_only_a_callback_is_tried_again_later(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    with pytest.raises(errors.WrongState, match="is not a callback"):
        centre.does("ana", "retry_callback", "c")


def test_a_due_callback_may_exceed_a_full_queue_by_a_fifth_and_is_parked_beyond(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=5))
    for number in range(5):
        centre.push(f"c{number}")
    for number in range(2):
        centre.push(f"back{number}", callback=Callback(delay_s=10))

    centre.passes(10)

    assert (centre.state("back0"), centre.state("back1")) == ("queued", "parked")
    assert centre.store.run(reading.contact("back1")).error == "QUEUE_FULL"


@pytest.mark.parametrize(("channel", "expiry_s"), [("chat", 25 * 3_600), ("task", 7 * 86_400), ("email", 14 * 86_400)])
def test_a_waiting_contact_expires_by_its_channel(centre: Centre, channel: str, expiry_s: int) -> None:
    centre.push("c", channel=channel)

    centre.passes(expiry_s - 0.001)
    assert centre.state("c") == "queued"
    centre.passes(0.001)

    assert (centre.state("c"), centre.line()) == ("expired", [])


def test_a_call_waits_for_ever_and_a_callback_seven_days(centre: Centre) -> None:
    centre.push("call")
    centre.push("back", callback=Callback())

    centre.passes(7 * 86_400 - 1)
    assert centre.state("back") == "queued"
    centre.passes(2)

    assert (centre.state("call"), centre.state("back")) == ("queued", "expired")


def test_an_offered_contact_expires_and_frees_its_agent(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task", expiry_s=10)

    centre.passes(10)

    assert (centre.state("c"), centre.held("ana")) == ("expired", {})


def test_who_is_connected_does_not_expire(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="task", expiry_s=10)

    centre.passes(20)

    assert centre.state("c") == "connected"


def test_a_scheduled_contact_that_was_changed_is_in_one_place(centre: Centre) -> None:
    centre.push("c", start_in_s=10, age_adjustment_s=5)
    centre.run(producing.update, "c", priority=3)
    centre.run(producing.update, "c", age_adjustment_s=60)
    centre.passes(10)
    contact = centre.store.run(reading.contact("c"))
    assert (contact.priority, contact.queued_us - contact.rank_us) == (3, 60 * S)

    centre.run(producing.abandon, "c")
    centre.sign_in("ana")

    assert (centre.line(), centre.held("ana")) == ([], {})


def test_when_a_delay_passes_as_an_agent_becomes_free_the_one_available_longest_has_the_contact(centre: Centre) -> None:
    centre.configure(
        Queue("Other", acw_s={"voice": 10}),
        profiles=[
            profile([Entry("Q", "voice"), Entry("Other", "voice")], channels={"voice": Concurrency(1)}),
            profile([Entry("Q", "voice", delay_s=9)], "Later"),
        ],
        agents={"bo": "Later"},
    )
    centre.sign_in("bo")
    centre.sign_in("ana")
    centre.push("first", "Other")
    centre.does("ana", "complete", "first")
    centre.push("c")

    centre.passes(11)

    assert centre.who("c") == "bo"


@pytest.mark.parametrize("overflow", ["", "Other"])
def test_scheduled_contacts_that_are_due_together_fill_their_queue_only_when_no_agent_takes_them(
    centre: Centre, overflow: str
) -> None:
    centre.configure(Queue("Q", max_contacts=1, overflow=overflow))
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name, capacity=1)
    for number in range(5):
        centre.push(f"c{number}", start_in_s=5)

    centre.passes(6)

    assert [centre.who(f"c{number}") for number in range(5)] == ["ana", "bo", "cem", "", ""]
    assert [centre.state(f"c{number}") for number in (3, 4)] == ["queued", "queued" if overflow else "parked"]
    assert centre.where("c4") == (overflow or "Q")


def test_a_scheduled_contact_goes_by_its_queue_as_it_is_at_its_time(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=0, overflow="Overflow"))
    centre.push("c", start_in_s=60)
    centre.configure(Queue("Q", max_contacts=1, overflow="Overflow"))

    centre.passes(60)

    assert (centre.where("c"), centre.state("c")) == ("Q", "queued")


def test_a_callbacks_expiry_counts_from_when_it_is_due(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c", queue="Overflow")
    centre.run(producing.request_callback, "c", Callback(3_600, 600, 1, expiry_s=300), "Q")
    centre.passes(3_600)
    centre.does("ana", "accept", "c")
    centre.does("ana", "retry_callback", "c")

    centre.does("ana", "set_status", "Break")
    centre.passes(600)
    centre.passes(299)
    assert centre.state("c") == "queued"
    centre.passes(1)

    assert centre.state("c") == "expired"


def test_a_parked_contact_that_never_was_queued_is_put_back_as_new(centre: Centre) -> None:
    from fairlead.domain.criteria import parse_step

    centre.push("c", start_in_s=5, criteria=(parse_step("L:fr >= 3 for 600s"),))
    centre.configure(Queue("Q", max_contacts=0))
    centre.passes(5)
    assert centre.line("parked") == ["c"]
    centre.configure(Queue("Q", offer_again_after_s=0))
    centre.sign_in("ana")

    centre.run(supervising.retry, "c")
    centre.run(supervising.retry, "c")

    assert (centre.state("c"), centre.counts("Q:voice")["queued"]) == ("queued", 1)
    centre.passes(600)
    assert centre.who("c") == "ana"


def test_a_contact_that_expired_while_it_was_parked_may_wait_anew(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    session = centre.sign_in("ana")
    centre.push("c", channel="task", expiry_s=10)
    centre.fails("ana", "c")
    centre.store.run(session.sign_out())
    centre.passes(60)

    centre.run(supervising.retry, "c")
    centre.passes(9)

    assert centre.state("c") == "queued"
    centre.passes(1)
    assert centre.state("c") == "expired"


def test_a_contact_of_the_lowest_priority_passes_its_delay(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 5)])])
    centre.sign_in("ana")
    centre.push("c", priority=2**53 - 1)

    centre.passes(5)

    assert centre.who("c") == "ana"


def test_two_contacts_that_are_due_in_one_sweep_both_find_their_agents(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.push("first", start_in_s=10)
    centre.push("second", start_in_s=10)

    centre.passes(11)

    assert {centre.who("first"), centre.who("second")} == {"ana", "bo"}


def test_a_contact_does_not_grow_older_towards_its_expiry_while_it_is_held(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", channel="task", expiry_s=60)
    centre.passes(100)
    centre.does("ana", "set_status", "Break")
    centre.does("ana", "release", "c")

    centre.passes(59)
    assert centre.state("c") == "queued"
    centre.passes(2)

    assert centre.state("c") == "expired"


@pytest.mark.parametrize("callback", [None, Callback(expiry_s=30)])
def test_a_call_that_expired_while_it_was_parked_may_wait_anew(centre: Centre, callback: Callback | None) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    session = centre.sign_in("ana")
    centre.push("c", **({"callback": callback} if callback else {"expiry_s": 30}))
    centre.passes(1)
    centre.fails("ana", "c")
    centre.store.run(session.sign_out())
    centre.passes(60)

    centre.run(supervising.retry, "c")
    centre.passes(29)

    assert centre.state("c") == "queued"
    centre.passes(1)
    assert centre.state("c") == "expired"


def test_the_same_request_for_a_callback_counts_once_and_another_one_counts(centre: Centre) -> None:
    centre.push("c")
    for _ in range(2):
        centre.run(producing.request_callback, "c", Callback(delay_s=0))
        centre.passes(1)
    centre.run(producing.request_callback, "c", Callback(delay_s=100), "Other")

    assert (centre.state("c"), centre.where("c")) == ("scheduled", "Other")
    assert len(centre.events("contact.scheduled")) == 2


def test_a_contact_in_an_agents_own_queue_expires_by_its_channel_too(centre: Centre) -> None:
    centre.push("c", queue="@ana", channel="chat")

    centre.passes(25 * 3_600)

    assert centre.state("c") == "expired"
