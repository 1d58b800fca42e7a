"""Who got a contact is explained after the fact: what the event has recorded, and what the events before it tell."""

import pytest
from centre import Centre, profile
from raw import raw

from fairlead.domain.agent import BREAK
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.domain.reasons import word_of
from fairlead.errors import UnknownContact
from fairlead.service.decision import Decision, described_decision, explain_offer
from fairlead.store.transitions import supervising

S = 1_000_000


def explained(centre: Centre, contact_id: str = "c", token: int | None = None) -> Decision:
    return centre.store.run(explain_offer(contact_id, token))


def agents_of(found: Decision) -> dict[str, str]:
    """Agent -> what stopped it; empty: nothing."""
    return {one.agent: word_of(one.reason) if one.reason else "" for one in found.agents}


def contacts_of(found: Decision) -> dict[str, str]:
    return {one.contact.contact_id: word_of(one.reason) if one.reason else "" for one in found.contacts}


def test_a_contact_that_arrived_was_given_to_who_was_available_longest(centre: Centre) -> None:
    for name in ("bo", "cem", "ana"):
        centre.sign_in(name)
    centre.does("cem", "set_status", BREAK.name)
    centre.push("c")

    found = explained(centre)

    assert (found.side, found.agrees, found.unsure) == ("contact", True, ())
    assert agents_of(found) == {"bo": "", "ana": "", "cem": "not routable"}
    assert next(iter(agents_of(found))) == found.event.fields["agent"] == "bo"


def test_an_agent_who_became_free_took_its_best(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Other", "voice", 2)])])
    centre.sign_in("ana")
    centre.push("first")
    centre.push("late", "Other")
    centre.push("c", priority=6)
    centre.push("better")
    centre.does("ana", "complete", "first")
    centre.does("ana", "complete", "better")

    found = explained(centre)

    assert (found.side, found.agrees) == ("agent", True)
    assert contacts_of(found) == {"c": "", "late": "ahead"}
    assert contacts_of(explained(centre, "better")) == {"better": "", "c": "ahead", "late": "ahead"}


def test_what_a_sweep_gives_was_chosen_by_nobody_in_particular(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", delay_s=30)])])
    centre.sign_in("ana")
    centre.push("c")
    centre.passes(31)

    assert (explained(centre).side, explained(centre).event.actor, explained(centre).agrees) == ("sweep", "", True)


def test_who_is_put_into_a_routable_status_by_somebody_else_was_the_side_that_chose(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", BREAK.name)
    centre.push("c")
    centre.run(supervising.set_agent_status, "ana", "Available")

    assert (explained(centre).side, explained(centre).agrees) == ("agent", True)


def test_what_was_given_by_hand_is_no_decision_of_the_rules(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("first")
    centre.push("c")
    centre.run(supervising.assign, "c", "ana")

    found = explained(centre)

    assert (found.side, found.agrees, agents_of(found)) == ("hand", True, {"ana": "no slot"})


def test_an_earlier_decision_is_named_by_its_token(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo", accepts=False)
    centre.push("c")
    token = centre.slots("ana")[0].token
    centre.does("ana", "reject", "c")

    first, last = explained(centre, token=token), explained(centre)

    assert (first.event.fields["agent"], last.event.fields["agent"]) == ("ana", "bo")
    assert (agents_of(first), agents_of(last)) == ({"ana": "", "bo": ""}, {"bo": "", "ana": "refused"})
    assert first.agrees
    assert last.agrees


def test_what_an_agent_held_is_reconstructed_with_its_kind(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 30}))
    centre.sign_in("ana")
    centre.push("first")
    centre.does("ana", "complete", "first")
    centre.sign_in("bo", accepts=False)
    centre.push("missed")
    centre.passes(21)
    centre.sign_in("cem")

    found = explained(centre, "missed")

    assert agents_of(found) == {"cem": "", "ana": "no slot", "bo": "no slot"}
    assert (found.side, found.agrees) == ("agent", True)


def test_criteria_are_those_of_the_record_and_the_step_that_of_the_events(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 2}, "bo": {"L:fr": 4}})
    centre.sign_in("ana")
    centre.push("c", criteria=(parse_step("L:fr >= 4 for 30s"), parse_step("L:fr >= 2")))
    centre.passes(31)

    found = explained(centre)

    assert (found.side, found.agrees) == ("contact", True)
    assert found.contacts[0].contact.step == 2


def test_what_is_not_known_for_sure_is_told(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Other", "voice")])])
    raw(centre.store).xtrim(centre.keys.events, maxlen=4, approximate=False)

    found = explained(centre)

    assert [sentence.partition(":")[0] for sentence in found.unsure] == [
        "the stream does not go back to the beginning", "the configuration has changed since",
        "profile 'P' has changed since version 1",
    ]  # fmt: skip
    assert agents_of(found) == {"ana": ""}


def test_a_contact_that_nobody_got_has_no_decision(centre: Centre) -> None:
    centre.push("c")

    with pytest.raises(UnknownContact, match="no event tells that contact 'c' was given to an agent: "):
        explained(centre)
    with pytest.raises(UnknownContact, match="no event tells that contact 'c' was given to an agent with token 7: "):
        explained(centre, token=7)
    with pytest.raises(UnknownContact, match="contact 'nobody' is not known"):
        explained(centre, "nobody")


def test_a_decision_is_described_with_what_was_recorded_apart(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")

    found = described_decision(explained(centre))

    assert found["recorded"]["agent"] == "ana"
    assert found["recorded"]["profile_version"] == "1"
    assert found["reconstructed"]["agents"][0]["agent"] == "ana"
    assert found["reconstructed"]["contacts"][0]["why_not"] is None
    assert (found["reconstructed"]["side"], found["reconstructed"]["agrees"]) == ("contact", True)


def test_the_step_of_a_contact_that_comes_back_from_a_session_that_ended_goes_on(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 2}})
    centre.sign_in("ana")
    centre.push("c", criteria=(parse_step("L:fr >= 4 for 30s"), parse_step("L:fr >= 2")))
    centre.passes(31)
    centre.does("ana", "sign_out")
    centre.sign_in("ana")

    found = explained(centre)

    assert (found.event.fields["attempt"], found.contacts[0].contact.step, found.agrees) == ("1", 2, True)


def test_the_slot_of_an_offer_that_failed_and_an_absence_last_until_they_are_told_to_end(centre: Centre) -> None:
    centre.sign_in("bo", lease_s=3)
    centre.passes(2.5)
    centre.does("bo", "set_status", BREAK.name)
    centre.does("bo", "set_status", "Available")
    centre.sign_in("ana", accepts=False)
    centre.push("first")
    centre.does("ana", "report_error", "first", "no line")
    centre.sign_in("cem")

    found = agents_of(explained(centre, "first"))

    assert found == {"cem": "", "ana": "no slot", "bo": "absent"}
