"""A configuration that is tried out shows who would get what, and changes nothing. That it then happens so, the machine
of test_explained.py holds.
"""

from datetime import time

from centre import Centre, profile
from raw import raw

from fairlead.domain.agent import BREAK, Status
from fairlead.domain.configuration import Configuration
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.service.what_if import Goes, Unserved, what_if
from fairlead.store import reading

NEVER = Hours("Never", "UTC", {"mon": ((time(3), time(3, 1)),)})


def changed(
    centre: Centre, *queues: Queue, profiles: tuple[RoutingProfile, ...] = (), **others: object
) -> Configuration:
    """The configuration in force with some objects put into it."""
    now, _ = centre.store.run(reading.configuration_in_force())
    changes = {
        "queues": {**now.queues, **{queue.name: queue for queue in queues}},
        "profiles": {**now.profiles, **{one.name: one for one in profiles}},
        "agents": now.agents, "statuses": now.statuses, "hours": now.hours,
    } | others  # fmt: skip
    return Configuration(**changes)  # type: ignore[arg-type]


def everything(centre: Centre) -> dict[bytes, bytes]:
    client = raw(centre.store)
    return {key: client.dump(key) for key in client.scan_iter()}


def test_who_waits_in_a_queue_that_gets_agents_would_go_to_who_is_available_longest(centre: Centre) -> None:
    centre.sign_in("bo", accepts=False)
    centre.sign_in("ana")
    for name in ("c1", "c2", "c3"):
        centre.push(name, "Other")
    before = everything(centre)

    would = centre.store.run(what_if(changed(centre, profiles=(profile([Entry("Other", "voice")]),))))

    assert would.goes == (Goes("c1", "Other", "voice", "bo", 2, True), Goes("c2", "Other", "voice", "ana", 1, False))
    assert everything(centre) == before


def test_a_queue_that_would_lose_its_last_agent_is_told_with_what_waits_there(centre: Centre) -> None:
    served = (profile([Entry("Q", "voice"), Entry("Other", "voice")]), profile([Entry("Q", "voice")], name="Late"))
    centre.configure(profiles=served, agents={"cem": "Late"})
    centre.sign_in("ana")
    centre.push("held")
    centre.push("c")

    target = changed(centre, profiles=(profile([Entry("Other", "voice"), Entry("Overflow", "voice")]),))
    would = centre.store.run(what_if(target))

    assert would.unserved == (Unserved("Q", "voice", 1, ("ana",), 1),)
    assert would.goes == ()


def test_an_entry_that_is_picked_by_hand_serves_nobody(centre: Centre) -> None:
    centre.sign_in("ana")

    would = centre.store.run(what_if(changed(centre, profiles=(profile([Entry("Q", "voice", manual_only=True)]),))))

    assert {(one.queue, one.channel) for one in would.unserved} >= {("Q", "voice")}


def test_a_queue_that_would_open_gives_what_it_holds_and_one_that_would_close_does_not(centre: Centre) -> None:
    centre.configure(Queue("Q", hours="Never"), hours=[NEVER])
    centre.sign_in("ana")
    centre.push("c")

    opened = centre.store.run(what_if(changed(centre, Queue("Q"))))
    closed = centre.store.run(what_if(changed(centre, Queue("Q", hours="Never", max_attempts=9))))

    assert [one.contact for one in opened.goes] == ["c"]
    assert closed.goes == ()


def test_refusals_that_would_be_forgotten_stop_nobody(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")

    would = centre.store.run(what_if(changed(centre, Queue("Q"))))

    assert [(one.contact, one.agent) for one in would.goes] == [("c", "ana")]


def test_a_status_that_would_be_routable_frees_who_is_in_it(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", BREAK.name)
    centre.push("c")
    now, _ = centre.store.run(reading.configuration_in_force())

    target = changed(centre, statuses={**now.statuses, BREAK.name: Status(BREAK.name, "routable")})
    would = centre.store.run(what_if(target))

    assert [(one.contact, one.agent) for one in would.goes] == [("c", "ana")]


def test_a_limit_that_would_be_raised_gives_what_waits_and_one_that_is_reached_does_not(centre: Centre) -> None:
    def limited(most: int) -> RoutingProfile:
        return profile([Entry("Q", "chat", max_contacts=most)])

    centre.configure(profiles=[limited(1)])
    centre.sign_in("ana")
    for name in ("held", "c1", "c2"):
        centre.push(name, channel="chat")

    raised = centre.store.run(what_if(changed(centre, Queue("Q", max_attempts=9), profiles=(limited(2),))))
    kept = centre.store.run(what_if(changed(centre, Queue("Q", max_attempts=9))))

    assert [(one.contact, one.agent) for one in raised.goes] == [("c1", "ana")]
    assert kept.goes == ()
