"""A plain contact that meets an agent who waits is given to it at once, without standing in line, and what it leaves is
what the general way does; whatever else is in play goes that way.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis
from store.stepping import FEW, at_once
from store.straight import CHATS, SALES, CountedStore, Pair, S

from fairlead.domain.agent import Agent
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing


def push(pair: Pair, contact_id: str, queue: str = "Sales", channel: str = "chat", **options: Any) -> None:
    contact = NewContact(queue, channel, b'"x"', contact_id=contact_id, **options)
    answers = pair.each(lambda place, store: producing.push(store.keys, contact))
    assert answers[0] == answers[1]


def waiting(client: redis.Redis, *, auto_accept: bool = True, inbox: str = "", **changed: Any) -> Pair:
    """Ana waits, and nothing else does; `changed` of the configuration, which is plain else."""
    pair = Pair(client, CountedStore)
    pair.configure(**changed)
    pair.sign_in("ana", auto_accept=auto_accept, inbox=inbox)
    return pair


def given(pair: Pair) -> int:
    """A contact is pushed; how often that was given at once, without standing in line."""
    pair.client.delete("given")
    push(pair, "c1")
    pair.is_agreed()
    return pair.taken("given")


@pytest.mark.parametrize("auto_accept", [True, False])
@pytest.mark.parametrize("inbox", ["", "here"])
def test_a_plain_contact_is_given_to_who_waits(client: redis.Redis, auto_accept: bool, inbox: str) -> None:
    pair = waiting(client, auto_accept=auto_accept, inbox=inbox)

    assert given(pair) == 1
    assert pair.keys(0)[b":contact:c1"][b"agent"] == b"ana"


def test_of_all_profiles_that_serve_its_queue_who_has_waited_longest_gets_it(client: redis.Redis) -> None:
    others = RoutingProfile("O", {"chat": Concurrency(1)}, (Entry("Sales", "chat"),))
    pair = waiting(client, others=[others])
    pair.sign_in("bo", auto_accept=True, profile="O")
    pair.does("ana", lambda session, held: session.set_status("Break"))
    pair.does("ana", lambda session, held: session.set_status("Available"))

    assert given(pair) == 1
    assert pair.keys(0)[b":contact:c1"][b"agent"] == b"bo"


def test_what_waits_in_a_channel_in_which_the_agent_takes_nothing_now_is_in_nobodys_way(client: redis.Redis) -> None:
    channels = {"chat": Concurrency(3, True), "task": Concurrency(1, True)}
    profile = RoutingProfile("P", channels, (Entry("Sales", "task"), Entry("Sales", "chat")))
    pair = waiting(client, profile=profile)
    for number in range(2):
        push(pair, f"t{number}", channel="task")

    assert given(pair) == 1


CONFIGURED: dict[str, dict[str, Any]] = {
    "a choice of agents": {"sales": replace(SALES, agent_choice="round_robin")},
    "proficiencies": {"ana": Agent("ana", "P", proficiencies={"L:fr": 2})},
    "a delay": {"profile": replace(CHATS, entries=(Entry("Sales", "chat"), Entry("Support", "chat", delay_s=900)))},
    "weights": {"profile": replace(CHATS, sharing="weighted")},
    "a limit": {"profile": replace(CHATS, entries=(Entry("Sales", "chat", max_contacts=1), Entry("Support", "chat")))},
    "a timer": {"profile": replace(CHATS, agent_availability_timer="since_last_inbound")},
}


@pytest.mark.parametrize("what", CONFIGURED)
def test_what_is_configured_otherwise_goes_the_general_way(client: redis.Redis, what: str) -> None:
    assert given(waiting(client, **CONFIGURED[what])) == 0


def is_absent(pair: Pair) -> None:
    pair.now_us += 10**6 * S


def becomes_absent(pair: Pair) -> None:
    """Its presence ends just as the contact comes."""
    pair.now_us = int(pair.keys(0)[b":agent:ana"][b"present_us"]) - 7


def has_a_contact_of_its_own(pair: Pair) -> None:
    """Of a channel in which she takes nothing."""
    push(pair, "own", "@ana", "email")


def another_queue_closes(pair: Pair) -> None:
    pair.configure(hours=[Hours("Never", "UTC", {})], support=replace(SALES, name="Support", hours="Never"), version=1)


def somebody_asks_for_a_skill(pair: Pair) -> None:
    push(pair, "c9", "Support", criteria=(parse_step("L:fr >= 2"),))


@pytest.mark.parametrize(
    "happens",
    [is_absent, becomes_absent, has_a_contact_of_its_own, another_queue_closes, somebody_asks_for_a_skill],
)
def test_what_has_happened_goes_the_general_way(client: redis.Redis, happens: Callable[[Pair], None]) -> None:
    pair = waiting(client)

    happens(pair)

    assert given(pair) == 0


@pytest.mark.parametrize(("priority", "times"), [(1, 0), (2, 1)])
def test_what_waits_in_a_line_of_lower_priority_alone_is_in_nobodys_way(
    client: redis.Redis, priority: int, times: int
) -> None:
    pair = waiting(client)
    push(pair, "c0", "Support", "email")
    entries = (Entry("Sales", "chat"), Entry("Support", "email", priority))
    profile = RoutingProfile("P", {"chat": Concurrency(1), "email": Concurrency(1)}, entries)

    with at_once(FEW):  # nobody has swept since she may take it
        pair.configure(profile=profile, version=1)

    assert given(pair) == times


def test_a_profile_of_too_many_lines_to_look_at_goes_the_general_way(client: redis.Redis) -> None:
    with at_once({"VALUES_AT_ONCE": 1}):
        assert given(waiting(client)) == 0
