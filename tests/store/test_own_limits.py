"""What an agent's configuration says of its offers and its after-contact work, by channel."""

import pytest
from centre import Centre, profile

from fairlead.domain.agent import Agent
from fairlead.domain.profile import Entry
from fairlead.domain.queue import AcwLimit, Queue

BOTH = profile([Entry("Q", "voice"), Entry("Q", "chat")])


def works(centre: Centre, agent: Agent, queue: Queue) -> None:
    """The agent has completed a call and a chat."""
    centre.configure(queue, profiles=[BOTH], agents={"ana": agent})
    centre.sign_in("ana")
    for contact, channel in (("call", "voice"), ("chat", "chat")):
        centre.push(contact, channel=channel)
        centre.does("ana", "complete", contact)


@pytest.mark.parametrize(("own", "ends_s"), [(7, 7), (90, 90), (7_200, 7_200)])
def test_an_agents_own_after_contact_work_goes_before_the_queues(centre: Centre, own: int, ends_s: int) -> None:
    works(centre, Agent("ana", "P", acw_s={"voice": own}), Queue("Q", acw_s={"voice": 60, "chat": 9_000}))
    begun = centre.held("ana")

    centre.passes(ends_s - 0.1)
    before = centre.held("ana")
    centre.passes(0.1)

    assert begun == before == {"call": "acw", "chat": "acw"}
    assert centre.held("ana") == {"chat": "acw"}


def test_an_agent_has_no_after_contact_work_where_its_own_is_none(centre: Centre) -> None:
    works(centre, Agent("ana", "P", acw_s={"voice": 0}), Queue("Q", acw_s={"voice": 60, "chat": 60}))

    assert (centre.held("ana"), centre.state("call")) == ({"chat": "acw"}, "completed")


@pytest.mark.parametrize(("own", "of_queue"), [("unlimited", 5), (None, "unlimited")])
def test_after_contact_work_without_limit_ends_by_hand(
    centre: Centre, own: AcwLimit | None, of_queue: AcwLimit
) -> None:
    works(centre, Agent("ana", "P", acw_s={"voice": own} if own else {}), Queue("Q", acw_s={"voice": of_queue}))

    centre.passes(10 * 86_400)
    before = centre.held("ana")
    centre.clears("ana", "call")

    assert (before, centre.held("ana"), centre.state("call")) == ({"call": "acw"}, {}, "completed")


def test_an_agents_own_after_contact_work_is_that_of_its_own_queue_too(centre: Centre) -> None:
    centre.configure(agents={"ana": Agent("ana", "P", acw_s={"voice": 5})})
    centre.sign_in("ana")
    centre.push("c", queue="@ana")

    centre.does("ana", "complete", "c")

    assert centre.held("ana") == {"c": "acw"}


@pytest.mark.parametrize("window_s", [5, 60])
def test_an_agents_own_window_goes_before_the_queues(centre: Centre, window_s: int) -> None:
    ana = Agent("ana", "P", offer_window_ms={"voice": window_s * 1_000})
    centre.configure(Queue("Q", offer_window_ms={"voice": 30_000, "chat": 30_000, "task": 1, "email": 1}),
                     profiles=[BOTH], agents={"ana": ana})  # fmt: skip
    centre.sign_in("ana", accepts=False)
    centre.push("chat", channel="chat")
    centre.push("call")
    begins_us = centre.now_us

    centre.passes((begins_us - centre.now_us) / 1e6 + window_s - 0.001)
    before = centre.held("ana")["call"]
    centre.passes(0.001)

    assert (before, centre.held("ana")["call"]) == ("offered", "missed")
    assert len(centre.events("contact.missed")) == (1 if window_s == 5 else 2)  # the chat by the queue, too


def test_what_an_agent_has_no_more_is_as_the_queue_says(centre: Centre) -> None:
    queue = Queue("Q", acw_s={"voice": 60})
    centre.configure(queue, profiles=[BOTH], agents={"ana": Agent("ana", "P", acw_s={"voice": 0})})
    centre.sign_in("ana")
    centre.configure(queue, profiles=[BOTH], agents={"ana": Agent("ana", "P")})
    centre.push("call")

    centre.does("ana", "complete", "call")

    assert centre.held("ana") == {"call": "acw"}
