"""Each filter of the rules is the reason that is told, of a pair that it stops in a real instance."""

from collections.abc import Callable
from datetime import time
from typing import Any, get_args

import pytest
from centre import Centre, profile

from fairlead.domain import reasons
from fairlead.domain.agent import BREAK, Agent
from fairlead.domain.criteria import Step, parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.domain.reasons import Reason
from fairlead.service.explain import explain_agent, explain_contact
from fairlead.store.transitions import supervising

NEVER = Hours("Never", "UTC", {"mon": ((time(3), time(3, 1)),)})

Case = Callable[[Centre], None]
"""What makes contact c wait for ana, in a small contact centre."""


def somebody_elses(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", "@bo")


def not_served(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", "Other")


def manual_only(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", manual_only=True)])])
    centre.sign_in("ana")
    centre.push("c")


def closed(centre: Centre) -> None:
    centre.configure(Queue("Q", hours="Never"), hours=[NEVER])
    centre.sign_in("ana")
    centre.push("c")


def not_signed_in(centre: Centre) -> None:
    centre.push("c")


def absent(centre: Centre) -> None:
    centre.sign_in("ana", lease_s=15)
    centre.passes(11)
    centre.push("c")


def not_routable(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", BREAK.name)
    centre.push("c")


def next_status_set(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("first", channel="chat")
    centre.run(supervising.set_next_status, "ana", BREAK.name)
    centre.push("c", channel="chat")


def capacity_reached(centre: Centre) -> None:
    centre.sign_in("ana", capacity=1)
    centre.push("first", channel="chat")
    centre.push("c", channel="chat")


def no_slot(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("first")
    centre.push("c")


def too_many_tasks(centre: Centre) -> None:
    channels = {"task": Concurrency(1, allows_others=True)}
    centre.configure(profiles=[profile([Entry("Q", "task")], channels=channels)])
    centre.sign_in("ana")
    for name in ("first", "second"):
        centre.push(name, channel="task")
        centre.does("ana", "pause", name)
    centre.push("c", channel="task")


def other_channel_held(centre: Centre) -> None:
    channels = {"voice": Concurrency(1), "chat": Concurrency(1)}
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Q", "chat")], channels=channels)])
    centre.sign_in("ana")
    centre.push("first", channel="chat")
    centre.push("c")


def limit_reached(centre: Centre) -> None:
    entries = [Entry("Q", "chat", max_contacts=1), Entry("Other", "chat")]
    centre.configure(profiles=[profile(entries, channels={"chat": Concurrency(3)})])
    centre.sign_in("ana")
    centre.push("first", channel="chat")
    centre.push("c", channel="chat")


def pausing(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c")
    centre.fails("ana", "c")


def pausing_until_a_sweep(centre: Centre) -> None:
    pausing(centre)
    centre.now_us += 60_000_000


def delayed(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", delay_s=30)])])
    centre.sign_in("ana")
    centre.push("c")


def refused(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    centre.push("c")
    centre.does("ana", "reject", "c")


def refused_for_a_while(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=5))
    centre.sign_in("ana", accepts=False)
    centre.push("c")
    centre.does("ana", "reject", "c")


def unmatched(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 3}})
    centre.sign_in("ana")
    centre.push("c", criteria=_steps("L:fr >= 4 for 30s", "L:fr >= 3"))


def unmatched_by_a_later_step(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", criteria=_steps("L:fr >= 4 for 30s", "agents [bo]"))
    centre.passes(31)


def ahead(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", delay_s=30)])])
    centre.sign_in("ana")
    centre.push("first", priority=4)
    centre.push("c")
    centre.now_us += 31_000_000


def ahead_by_its_share(centre: Centre) -> None:
    entries = [Entry("Q", "voice", delay_s=30, weight=1), Entry("Other", "voice", delay_s=30, weight=2)]
    centre.configure(profiles=[profile(entries, sharing="weighted")])
    centre.sign_in("ana")
    centre.push("before")
    centre.passes(31)
    centre.does("ana", "complete", "before")
    centre.push("c", priority=1)
    centre.push("first", "Other")
    centre.now_us += 31_000_000


def _steps(*texts: str) -> tuple[Step, ...]:
    return tuple(map(parse_step, texts))


CASES: list[tuple[Case, str, str]] = [
    (somebody_elses, "somebody elses", "agent 'ana' is not offered the contact: it waits in the agent queue of 'bo'"),
    (not_served, "not served", "agent 'ana' does not serve the contact: its profile 'P' has no entry for voice in"),
    (manual_only, "manual only", "agent 'ana' has to pick the contact by hand: in its profile 'P' the entry for voice"),
    (closed, "closed", "queue 'Q' is closed by its hours of operation: its contacts wait until it opens"),
    (not_signed_in, "not signed in", "agent 'ana' is not signed in"),
    (absent, "absent", "agent 'ana' is absent: its session has been out of routing for 1.0 s"),
    (not_routable, "not routable", "agent 'ana' is not Available: in status 'Break' it gets no contacts"),
    (next_status_set, "next status set", "agent 'ana' gets no more contacts: its next status is 'Break'"),
    (capacity_reached, "capacity reached", "agent 'ana' has no capacity: it holds 1 of at most 1 contacts"),
    (no_slot, "no slot", "agent 'ana' has no free slot for voice now: 1 of 1 are taken"),
    (too_many_tasks, "too many tasks", "agent 'ana' has no free slot for task now: it holds 0 active and 2 paused of"),
    (other_channel_held, "other channel held", "agent 'ana' is not offered voice: it holds chat, which allows no"),
    (limit_reached, "limit reached", "agent 'ana' takes no more chat of queue 'Q' now: it holds 1 of at most 1"),
    (pausing, "pausing", "contact 'c' pauses after a failed attempt, for 1.0 s more"),
    (pausing_until_a_sweep, "pausing", "contact 'c' pauses after a failed attempt, for less than 1 ms more"),
    (delayed, "delayed", "contact 'c' has not waited the delay of 30 s in profile 'P': 30.0 s are left"),
    (refused, "refused", "agent 'ana' has refused contact 'c' and is not offered it again"),
    (refused_for_a_while, "refused", "agent 'ana' has refused contact 'c' and is not offered it again for 5.0 s"),
    (unmatched, "unmatched", "agent 'ana' does not satisfy step 1 of contact 'c': L:fr >= 4 (it has 3)"),
    (unmatched_by_a_later_step, "unmatched", "agent 'ana' does not satisfy step 2 of contact 'c': agents [bo]"),
    (ahead, "ahead", "contact 'first' goes before 'c' for agent 'ana': it has contact priority 4, not 5"),
    (ahead_by_its_share, "ahead", "contact 'first' goes before 'c' for agent 'ana': its queue has had less than its"),
]


@pytest.mark.parametrize(("make", "word", "sentence"), CASES, ids=[make.__name__ for make, _, _ in CASES])
def test_the_filter_that_stops_a_contact_is_told(centre: Centre, make: Case, word: str, sentence: str) -> None:
    make(centre)

    [pair] = centre.store.run(explain_contact("c", "ana")).pairs

    assert pair.reason is not None
    assert (reasons.word_of(pair.reason), str(pair.reason)[: len(sentence)]) == (word, sentence)
    of_agent = {one.contact_id: str(reason) for one, reason in centre.store.run(explain_agent("ana")).others}
    assert of_agent.get("c") == (None if word in ("somebody elses", "not served") else str(pair.reason))


def test_each_filter_is_told_of_a_real_instance() -> None:
    told = {word for _, word, _ in CASES}

    assert told == {" ".join(_words(one.__name__)) for one in get_args(Reason)}


def _words(name: str) -> list[str]:
    return "".join(f" {one.lower()}" if one.isupper() else one for one in name).split()


def test_nothing_stops_what_a_free_agent_is_given_with_its_next_request(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice", delay_s=30)])])
    centre.sign_in("ana")
    centre.push("c")
    centre.now_us += 30_000_000

    found = centre.store.run(explain_contact("c"))

    assert next((pair.agent, pair.reason) for pair in found.pairs) == ("ana", None)
    assert [one.contact_id for one in centre.store.run(explain_agent("ana")).gets] == ["c"]
    centre.does("ana", "take")
    assert centre.who("c") == "ana"


def test_a_contact_that_does_not_wait_has_no_agents_to_ask_about(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1))
    centre.sign_in("ana")
    centre.push("c")
    held = centre.store.run(explain_contact("c"))
    centre.fails("ana", "c")

    parked = centre.store.run(explain_contact("c"))

    assert (held.contact.state, held.pairs, parked.contact.state, parked.estimate) == ("connected", (), "parked", None)


def test_the_agents_of_a_dead_process_are_absent(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.does("ana", "set_status", BREAK.name)
    centre.push("c")
    centre.store.client.send([("HSET", centre.keys.instance, "special", " \n \n \n here/ana/1 ")])

    [pair] = centre.store.run(explain_contact("c", "ana")).pairs

    assert isinstance(pair.reason, reasons.Absent)
    centre.store.client.send([("HDEL", centre.keys.instance, "special")])  # nothing is left to be done after a test


OWN = Agent("ana", "P", overflow="Overflow", overflow_after_s=30)


@pytest.mark.parametrize(
    ("queue", "configured"),
    [
        ("@ana", {"agents": {"ana": OWN}}),
        ("@ana", {"agent_queue_overflow": "Overflow", "agent_queue_overflow_after_s": 30}),
        ("Q", {}),
    ],
)
def test_where_a_contact_goes_if_nobody_takes_it_is_told_with_the_time_at_which_it_does(
    centre: Centre, queue: str, configured: dict[str, Any]
) -> None:
    centre.configure(Queue("Q", overflow="Overflow", overflow_after_s=30), **configured)
    centre.push("c", queue)
    centre.passes(10)

    overflow = centre.store.run(explain_contact("c")).overflow

    assert overflow
    assert overflow.queue == "Overflow"
    centre.passes((overflow.at_us - centre.now_us) / 1e6 - 0.001)
    assert centre.where("c") == queue
    centre.passes(2)
    assert centre.where("c") == "Overflow"
    assert centre.store.run(explain_contact("c")).overflow is None


def test_a_contact_in_an_agents_own_queue_asks_that_agent_alone(centre: Centre) -> None:
    centre.push("c", "@bo")

    found = centre.store.run(explain_contact("c"))

    assert [(pair.agent, str(pair.reason)) for pair in found.pairs] == [("bo", "agent 'bo' is not signed in")]


def test_an_agent_whose_turn_it_is_gets_several_and_the_others_are_behind(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", one, delay_s=30) for one in ("voice", "chat")])])
    centre.sign_in("ana", capacity=2)
    for name, channel in (("a", "voice"), ("b", "voice"), ("c", "chat"), ("d", "chat")):
        centre.push(name, channel=channel)
    centre.now_us += 31_000_000

    found = centre.store.run(explain_agent("ana"))

    assert [one.contact_id for one in found.gets] == ["a", "c"]
    assert {one.contact_id: reasons.word_of(reason) for one, reason in found.others} == {"b": "ahead", "d": "ahead"}
