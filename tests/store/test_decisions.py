"""A case for each decision that was taken where the model of the field is silent; docs/routing.md has them."""

from centre import Centre, S, profile

from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.transitions import supervising


def test_1_contact_priority_ranks_below_entry_priority_and_across_equal_entries(centre: Centre) -> None:
    entries = [Entry("Q", "voice", 1), Entry("Other", "voice", 1), Entry("Overflow", "voice", 2)]
    centre.configure(profiles=[profile(entries)])
    centre.push("worse-entry", queue="Overflow", priority=1)
    centre.push("plain", queue="Q", priority=5)
    centre.push("urgent", queue="Other", priority=2)
    centre.sign_in("ana")

    order = []
    for _ in range(3):
        (contact,) = centre.held("ana")
        order.append(contact)
        centre.does("ana", "complete", contact)

    assert order == ["urgent", "plain", "worse-entry"]


def test_2_an_age_adjustment_moves_the_rank_only(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat", 1, 30)])])
    centre.push("plain", channel="chat")
    centre.push("older", channel="chat", age_adjustment_s=3_600, expiry_s=60)
    centre.sign_in("ana")

    assert centre.line() == ["older", "plain"]
    centre.passes(29)
    assert centre.held("ana") == {}
    contact = centre.store.run(reading.contact("older"))
    assert (centre.now_us - contact.queued_us) // S == 29
    assert contact.expires_us == contact.queued_us + 60 * S


def test_3_the_delay_restarts_with_a_move_and_stays_satisfied_with_an_agents_transfer(centre: Centre) -> None:
    centre.configure(
        profiles=[profile([Entry("Q", "voice")]), profile([Entry("Other", "voice", 1, 30)], "R")], agents={"bo": "R"}
    )
    centre.push("moved")
    centre.push("transferred")
    centre.passes(31)
    centre.sign_in("bo")
    centre.run(supervising.move, "moved", "Other")
    assert centre.who("moved") == ""
    centre.sign_in("ana")

    centre.does("ana", "transfer", "transferred", "Other")

    assert (centre.who("moved"), centre.who("transferred")) == ("", "bo")


def test_4_a_contact_under_its_delay_in_a_better_entry_does_not_hold_the_agent_back(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 30), Entry("Other", "voice", 2)])])
    centre.push("young")
    centre.push("worse", queue="Other")

    centre.sign_in("ana")

    assert centre.held("ana") == {"worse": "connected"}


def test_5_a_missed_contact_blocks_a_slot_and_not_the_whole_agent(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat")], channels={"chat": Concurrency(2)})])
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="chat")
    centre.passes(21)
    centre.push("d", channel="chat")

    assert [(slot.contact_id, slot.kind) for slot in centre.slots("ana")] == [("c", "missed"), ("c", "offered")]
    assert centre.line() == ["d"]


def test_6_by_default_no_other_channels_come_while_on_one(centre: Centre) -> None:
    assert not any(one.allows_others for one in fresh_configuration().profiles["BasicRoutingProfile"].channels.values())
    channels = {"chat": Concurrency(2), "task": Concurrency(2)}
    centre.configure(profiles=[profile([Entry("Q", "chat"), Entry("Q", "task")], channels=channels)])
    centre.sign_in("ana")

    for number in range(2):
        centre.push(f"chat{number}", channel="chat")
        centre.push(f"task{number}", channel="task")

    assert centre.held("ana") == {"chat0": "connected", "chat1": "connected"}


def test_7_the_step_clock_runs_during_the_delay(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", 1, 20)])])
    centre.push("c", criteria=(parse_step("L:fr >= 1 for 15s"),))
    centre.sign_in("ana")

    centre.passes(20)

    assert centre.who("c") == "ana"


def test_8_reject_and_miss_do_not_restart_the_availability_clock_and_leaving_acw_does(centre: Centre) -> None:
    centre.configure(Queue("Q", missed_slot_s=0, acw_s={"voice": 5}))
    centre.sign_in("ana", accepts=False)

    def clock_us() -> int:
        return centre.store.run(reading.agent_states(["ana"]))[0].available_us

    begins_us = clock_us()
    centre.push("c")
    centre.does("ana", "reject", "c")
    centre.passes(21)
    assert clock_us() == begins_us
    centre.does("ana", "accept", "c")
    centre.does("ana", "complete", "c")
    accepted_us = clock_us()
    centre.passes(5)

    assert begins_us < accepted_us < clock_us()
