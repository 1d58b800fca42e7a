"""What an agent has ended, and Redis has forgotten with its last writes, is held by nobody for good."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from conftest import RealServer

from fairlead import Administrator, Agent, AsyncAgent, Callback, Producer, Supervisor, parse_configuration
from fairlead.store.checking import examine_state
from fairlead.store.client import Store
from fairlead.store.offers import Offer
from fairlead.store.transitions.sweeping import Sweeper

CENTRE = """
[queues.Support]
[queues.Other]
[profiles.P]
channels = { voice = { slots = 1, allows_others = true }, chat = { slots = 1, allows_others = true } }
entries = [{ queue = "Support", channels = ["voice", "chat"] }]
[agents.ana]
profile = "P"
[agents.bo]
profile = "P"
"""

End = Callable[[Agent, Offer], object]

ENDS: dict[str, End] = {
    "complete": lambda agent, offer: agent.complete([offer]),
    "fail": lambda agent, offer: agent.fail([(offer, "ValueError")]),
    "release": lambda agent, offer: agent.release([offer]),
    "transfer": lambda agent, offer: agent.transfer(offer, "Other"),
    "retry_callback": lambda agent, offer: agent.retry_callback(offer),
}


@pytest.fixture
def supervisor(forgetful: RealServer) -> Iterator[Supervisor]:
    """Of a centre in which a callback waits, c1, and behind it a chat, c2."""
    with Administrator.connect(forgetful.url) as administrator:
        administrator.apply(parse_configuration(CENTRE, "centre.toml"))
    with Producer.connect(forgetful.url) as producer, Supervisor.connect(forgetful.url) as supervisor:
        producer.push("Support", contact_id="c1", callback=Callback(retries=3))
        producer.push("Support", contact_id="c2", channel="chat")
        Store(forgetful.client()).run(Sweeper(supervisor._store.keys).sweep())
        yield supervisor


def held_by(supervisor: Supervisor, agent: str) -> list[str]:
    return [slot.contact_id for slot in supervisor.agent(agent).slots]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_what_was_ended_and_is_forgotten_goes_back_into_line(
    supervisor: Supervisor, forgetful: RealServer, end: End
) -> None:
    with Agent.connect("ana", forgetful.url, auto_accept=True) as ana:
        first, _ = ana.sign_in()
        forgetful.forgets(lambda: end(ana, first))
        assert held_by(supervisor, "ana") == ["c1", "c2"]

        ana.keep_alive()

        assert held_by(supervisor, "ana") == ["c2"]
        assert supervisor.contact("c1").state == "queued"
        with Agent.connect("bo", forgetful.url, auto_accept=True) as bo:
            [again] = bo.sign_in()
            bo.complete([again])
        ana.keep_alive()
        assert (again.contact_id, again.attempt) == ("c1", 1)
        assert again.token > first.token
        assert held_by(supervisor, "ana") == ["c2"]
    assert Store(forgetful.client()).run(examine_state()).findings == ()


def test_what_comes_for_what_goes_back_is_told_by_the_next_answer(
    supervisor: Supervisor, forgetful: RealServer
) -> None:
    with Producer.connect(forgetful.url) as producer, Agent.connect("ana", forgetful.url, auto_accept=True) as ana:
        first, _ = ana.sign_in()
        producer.push("Support", contact_id="c3")
        forgetful.forgets(lambda: ana.complete([first]))

        ana.keep_alive()

        assert ana.wait(5)
        assert [offer.contact_id for offer in ana.take().offers] == ["c3"]
        assert held_by(supervisor, "ana") == ["c2", "c3"]


async def test_that_is_so_for_asyncio_too(supervisor: Supervisor, forgetful: RealServer) -> None:
    ana = await AsyncAgent.connect("ana", forgetful.url, auto_accept=True)
    async with ana:
        first, _ = await ana.sign_in()
        ends = asyncio.get_running_loop()
        await asyncio.to_thread(
            forgetful.forgets, lambda: asyncio.run_coroutine_threadsafe(ana.complete([first]), ends).result()
        )

        await ana.keep_alive()

        assert held_by(supervisor, "ana") == ["c2"]


def test_a_new_session_ends_nothing_of_the_one_before(supervisor: Supervisor, forgetful: RealServer) -> None:
    with Agent.connect("ana", forgetful.url, auto_accept=True) as ana:
        first, _ = ana.sign_in()
        ana.complete([first])
        supervisor.sign_out_agent("ana")

        ana.sign_in()

        assert ana.session.has_ended == set()
        ana.keep_alive()
        assert held_by(supervisor, "ana") == ["c2"]
