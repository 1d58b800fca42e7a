"""A queue chooses agents by turns, by load ratio, or by one proficiency."""

from centre import Centre, S, profile

from fairlead.domain.agent import Agent
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store.transitions import supervising

TEN = profile([Entry("Q", "chat")], "Ten", channels={"chat": Concurrency(10)})
FIVE = profile([Entry("Q", "chat")], "Five", channels={"chat": Concurrency(5)})


def test_contacts_go_round_by_name(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="round_robin"), profiles=[TEN, FIVE], agents={"bo": "Five"})
    for name in ("cem", "bo", "ana"):
        centre.sign_in(name)

    for number in range(5):
        centre.push(f"c{number}", channel="chat")

    assert [centre.who(f"c{number}") for number in range(5)] == ["ana", "bo", "cem", "ana", "bo"]


def test_who_is_not_there_loses_its_turn_and_a_contact_given_by_hand_is_none(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="round_robin"), profiles=[TEN])
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
    centre.push("first", channel="chat")
    centre.does("bo", "set_status", "Break")
    centre.push("second", channel="chat")
    centre.push("by_hand", queue="Overflow", channel="chat")
    centre.run(supervising.assign, "by_hand", "ana")
    centre.does("bo", "set_status", "Available")

    centre.push("third", channel="chat")
    centre.push("fourth", channel="chat")

    assert [centre.who(one) for one in ("first", "second", "third", "fourth")] == ["ana", "cem", "ana", "bo"]


def test_who_is_absent_loses_its_turn_before_anybody_has_noted_it(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="round_robin"), profiles=[TEN])
    for name, lease_s in (("ana", 10**6), ("cem", 10**6), ("bo", 60)):
        centre.sign_in(name, lease_s=lease_s)
    centre.push("first", channel="chat")
    centre.now_us += 61 * S

    centre.push("second", channel="chat")

    assert [centre.who(one) for one in ("first", "second")] == ["ana", "cem"]
    centre.passes(0)


def test_a_contact_that_waited_for_a_free_agent_was_its_turn(centre: Centre) -> None:
    centre.configure(Queue("Q", agent_choice="round_robin"), profiles=[TEN])
    centre.push("waits", channel="chat")
    centre.sign_in("bo")
    centre.sign_in("ana")
    centre.sign_in("cem")

    centre.push("next", channel="chat")

    assert (centre.who("waits"), centre.who("next")) == ("bo", "cem")


def test_the_lowest_load_ratio_is_of_what_an_agent_may_hold(centre: Centre) -> None:
    centre.configure(
        Queue("Q", agent_choice="lowest_load_ratio"), profiles=[FIVE, TEN], agents={"bo": "Ten", "cem": "Ten"}
    )
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.sign_in("cem", capacity=2)

    for number in range(6):
        centre.push(f"c{number}", channel="chat")

    # ana 0/5, bo 0/10, cem 0/2; then bo 1/10 < ana 1/5 = bo 2/10 < cem 1/2
    assert [centre.who(f"c{number}") for number in range(6)] == ["ana", "bo", "cem", "bo", "ana", "bo"]


def test_the_highest_level_of_one_proficiency_is_preferred(centre: Centre) -> None:
    queue = Queue("Q", agent_choice="highest_proficiency", choice_proficiency="Rank:Sales")
    agents = {
        "ana": Agent("ana", "Ten", proficiencies={"Rank:Sales": 2, "L:fr": 5}),
        "bo": Agent("bo", "Ten", proficiencies={"Rank:Sales": 3}),
        "cem": Agent("cem", "Ten"),
    }
    centre.configure(queue, profiles=[TEN], agents=agents)
    for name in ("cem", "ana", "bo"):
        centre.sign_in(name)

    centre.push("first", channel="chat")
    centre.does("bo", "set_status", "Break")
    centre.push("second", channel="chat")
    centre.does("ana", "set_status", "Break")
    centre.push("third", channel="chat")

    assert [centre.who(one) for one in ("first", "second", "third")] == ["bo", "ana", "cem"]
