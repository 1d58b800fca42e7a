"""The pure Centre: what the transitions do to queues and agents. tests/store holds that the scripts do the same."""

from fairlead.domain.agent import Agent
from fairlead.domain.centre import Assignment, Centre, Contact
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue

S = 1_000_000
NOW_US = 1_800_000_000 * S


def test_a_contact_goes_to_the_agent_available_longest() -> None:
    centre = _centre("ana", "bo")

    given = centre.push(_contact("c"), NOW_US + 10)

    assert given == [Assignment("ana", "c", is_offered=False)]


def test_a_completed_contact_makes_room_for_the_next() -> None:
    centre = _centre("ana")
    centre.push(_contact("c"), NOW_US + 10)
    centre.push(_contact("d"), NOW_US + 20)

    given = centre.complete("ana", *centre.state.agents["ana"].slots, NOW_US + 30)

    assert given == [Assignment("ana", "d", is_offered=False)]
    assert centre.state.waiting == {}


def test_a_failed_contact_pauses_and_comes_back_with_the_sweep() -> None:
    centre = _centre("ana")
    centre.push(_contact("c"), NOW_US)

    at_once = centre.fail("ana", [*centre.state.agents["ana"].slots], NOW_US)
    given = [centre.sweep(NOW_US + 4 * S - 1), centre.sweep(NOW_US + 4 * S)]

    assert at_once == []
    assert given == [[], [Assignment("ana", "c", is_offered=False)]]


def test_a_lost_session_is_an_attempt_and_a_signed_out_one_is_none() -> None:
    centre = _centre("ana")
    centre.push(_contact("c"), NOW_US)

    centre.end_sessions(["ana"], "signed_out", NOW_US + 10)
    after_sign_out = centre.state.waiting["c"].attempts
    centre.sign_in("ana", NOW_US + 20)
    centre.end_sessions(["ana"], "lost", NOW_US + 30)

    assert (after_sign_out, centre.state.waiting["c"].attempts) == (0, 1)


def test_what_is_assigned_by_hand_is_offered_to_who_asks_and_what_is_picked_is_connected() -> None:
    centre = _centre()
    centre.sign_in("ana", NOW_US, accepts_all=False)
    centre.set_status("ana", NOW_US, is_routable=False)
    for name in ("c", "d"):
        centre.push(_contact(name), NOW_US + 10)

    given = [*centre.assign("c", "ana", NOW_US + 20), *centre.pick("ana", "d", NOW_US + 30)]

    assert given == [Assignment("ana", "c", is_offered=True), Assignment("ana", "d", is_offered=False)]


def test_a_session_goes_on_elsewhere_with_all_that_it_holds_and_new_numbers() -> None:
    centre = _centre("ana", "bo")
    for name in ("c", "d", "e"):
        centre.push(_contact(name), NOW_US + 10)
    centre.ask("ana", 7, "take")
    held = centre.state.agents["ana"].slots

    given = centre.resume_session("ana", NOW_US + 20, lost=["bo"])

    assert given == []
    assert centre.state.agents.keys() == {"ana"}
    assert (centre.state.agents["ana"].slots, centre.ask("ana", 1, "take")) == (held, "new")
    assert {one.contact_id: one.attempts for one in centre.state.waiting.values()} == {"d": 1, "e": 0}


def test_a_request_is_known_by_its_number_and_by_what_it_asks() -> None:
    centre = _centre("ana")

    standings = [centre.ask("ana", op, asked) for op, asked in ((2, "a"), (2, "a"), (2, "b"), (1, "a"), (3, "b"))]

    assert standings == ["new", "repeated", "reused", "late", "new"]


def test_attributes_are_merged_wherever_the_contact_is() -> None:
    centre = _centre("ana")
    for name in ("held", "waits", "parked"):
        centre.push(_contact(name), NOW_US + 10)
    centre.state.parked["parked"] = centre.state.waiting.pop("parked")

    for name in ("held", "waits", "parked", "nobody"):
        centre.annotate(name, {"a": "1", "b": "2"})
        centre.annotate(name, {"a": None, "b": name})

    (slot,) = centre.state.agents["ana"].slots.values()
    contacts = (slot.contact, centre.state.waiting["waits"], centre.state.parked["parked"])
    assert [contact.attributes for contact in contacts] == [{"b": name} for name in ("held", "waits", "parked")]


def test_what_is_as_it_was_is_no_update() -> None:
    centre = _centre()
    centre.push(_contact("c"), NOW_US)
    before = centre.state.waiting["c"]
    centre.sign_in("ana", NOW_US + 10)
    centre.state.waiting["c"] = before

    given = centre.update("c", NOW_US + 20, priority=before.priority, age_adjustment_s=0, criteria=())

    assert given == []
    assert centre.state.waiting == {"c": before}


def _centre(*signed_in: str) -> Centre:
    profile = RoutingProfile("P", {"voice": Concurrency(1)}, (Entry("Q", "voice"),))
    agents = {name: Agent(name, "P") for name in ("ana", "bo")}
    centre = Centre(Configuration({"Q": Queue("Q", retry_delay_s=4)}, {"P": profile}, agents, {}))
    for name in signed_in:
        centre.sign_in(name, NOW_US)
    return centre


def _contact(name: str) -> Contact:
    return Contact(name, "Q", "voice", 5, 0, 0)
