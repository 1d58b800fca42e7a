"""What a look costs: commands and round trips in proportion to what has contacts and who is signed in."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from centre import BEGINS_US, Centre, Clock, S, profile
from conftest import RealServer
from raw import raw

from fairlead.domain.agent import Agent
from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.domain.reasons import word_of
from fairlead.errors import FairleadError
from fairlead.service.doctor import examine
from fairlead.service.estimate import estimate_wait
from fairlead.service.explain import explain_contact
from fairlead.service.report import read_report
from fairlead.service.snapshot import Agents, take_snapshot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Procedure
from fairlead.store.request import Request
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.working import Session

BUSY = [f"busy{number:02}" for number in range(10)]
UNUSED = [f"unused{number:03}" for number in range(500)]
PRESENT = [f"present{number:03}" for number in range(50)]
ABSENT = [f"absent{number:04}" for number in range(2_000)]


def run_each(store: Store, requests: Sequence[Request[Any]]) -> None:
    failed = [one for one in store.run_many(requests) if isinstance(one, FairleadError)]
    assert not failed, failed[0]


def build(server: RealServer, queues: Sequence[str], agents: Sequence[str]) -> Store:
    """An instance with ten queues in which contacts wait and fifty agents on contact, beside these, who do nothing."""
    server.client().flushall()
    store = Store(server.client(), clock=lambda: 1_800_000_000_000_000)  # no minute ends between two looks
    store.run(configuring.prepare_instance(store.keys))
    fresh = fresh_configuration()
    serving = RoutingProfile("P", {"voice": Concurrency(1)}, tuple(Entry(name, "voice") for name in BUSY))
    target = replace(
        fresh,
        queues=fresh.queues | {name: Queue(name) for name in (*BUSY, *queues)},
        profiles=fresh.profiles | {"P": serving},
        agents={name: Agent(name, "P") for name in (*PRESENT, *agents)},
    )
    store.run(configuring.apply_configuration(store.keys, target, 1))
    run_each(store, [Session(store.keys, name, "w", "here").sign_in() for name in PRESENT])
    contacts = [NewContact(BUSY[number % 10], "voice", priority=1 + number % 5) for number in range(500)]
    run_each(store, [producing.push(store.keys, one) for one in contacts])
    return store


class Cost:
    """What a procedure asked of the server: round trips, and how often each command, as the server counted."""

    def __init__(self, store: Store, asked: Procedure[Any]) -> None:
        client, send = raw(store), store.client.send
        self.trips = 0

        def counting(commands: Any) -> Any:
            self.trips += 1
            return send(commands)

        client.config_resetstat()
        store.client.send = counting  # type: ignore[method-assign]  # for this one
        self.answer = store.run(asked)
        store.client.send = send  # type: ignore[method-assign]
        stats = client.info("commandstats")
        told = {name.removeprefix("cmdstat_").upper(): row["calls"] for name, row in stats.items()}
        self.commands = {name: calls for name, calls in told.items() if not name.startswith(("CONFIG", "INFO"))}
        self.in_all = sum(self.commands.values())


LOOKS: dict[str, Callable[[], Procedure[Any]]] = {
    "shown": lambda: take_snapshot("shown"),
    "signed_in": lambda: take_snapshot("signed_in"),
    "none": lambda: take_snapshot("none"),
    "queues": reading.queue_states,
    "report": read_report,
    "connected": lambda: reading.contacts_in("connected", 10),
}


@pytest.mark.parametrize("look", LOOKS)
def test_unused_queues_and_agents_who_are_signed_out_cost_a_look_nothing(server: RealServer, look: str) -> None:
    costs = []
    for queues, agents in (([], []), (UNUSED, ABSENT)):
        store = build(server, queues, agents)
        store.run(LOOKS[look]())
        costs.append(Cost(store, LOOKS[look]()))

    small, large = costs

    assert large.commands == small.commands
    assert large.trips == small.trips < 40


def test_the_first_look_reads_each_queue_once_and_no_agent_who_is_signed_out(server: RealServer) -> None:
    small = Cost(build(server, [], []), take_snapshot("signed_in"))
    large = Cost(build(server, UNUSED, ABSENT), take_snapshot("signed_in"))

    assert large.in_all - small.in_all == len(UNUSED)
    assert large.trips == small.trips


def test_a_look_reads_each_agent_who_is_signed_in_once(server: RealServer) -> None:
    cost = Cost(build(server, [], []), take_snapshot("signed_in"))

    assert cost.commands["HMGET"] < len(PRESENT) + 10
    assert len(cost.answer.agents) == len(PRESENT)
    assert "ZMSCORE" not in cost.commands


@pytest.mark.parametrize("agents", ["shown", "signed_in"])
def test_a_look_after_another_reads_those_agents_alone_of_whom_an_event_has_told(
    one_server: RealServer, agents: Agents
) -> None:
    store = build(one_server, [], ABSENT)
    store.run(take_snapshot(agents))
    run_each(store, [supervising.set_next_status(store.keys, name, "Offline") for name in PRESENT[:3]])

    some = Cost(store, take_snapshot(agents))
    run_each(store, [supervising.set_next_status(store.keys, name, "") for name in (*PRESENT, *PRESENT) * 6])
    all_of_them = Cost(store, take_snapshot(agents))

    reads = Cost(store, take_snapshot("none")).commands["HMGET"]
    assert some.commands["HMGET"] - reads == 3
    assert [one.name for one in some.answer.agents if one.next_status] == PRESENT[:3]
    assert all_of_them.commands["HMGET"] - reads == len(PRESENT)
    assert not any(one.next_status for one in all_of_them.answer.agents)


def test_agents_are_all_read_when_the_events_between_two_looks_are_gone(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.store.run(take_snapshot("shown"))
    centre.push("c")
    raw(centre.store).xtrim(centre.keys.events, maxlen=1, approximate=False)

    [ana, *_] = centre.store.run(take_snapshot("shown")).agents

    assert [slot.contact_id for slot in ana.slots] == ["c"]


def test_all_that_is_known_of_agents_takes_one_command_each_and_few_for_all_leases(server: RealServer) -> None:
    cost = Cost(build(server, UNUSED, ABSENT), reading.agent_states())

    assert cost.commands == {"SMEMBERS": 1, "HMGET": len(PRESENT) + len(ABSENT), "ZMSCORE": 1}
    assert cost.trips == 1 + -(-(len(PRESENT) + len(ABSENT)) // 1_000) + 1
    assert all((agent.lease_ends_us > 0) == agent.is_signed_in for agent in cost.answer)


def test_the_doctor_asks_for_what_slots_hold_in_one_round_trip(server: RealServer) -> None:
    cost = Cost(build(server, UNUSED, ABSENT), examine())

    assert {check.name: check.verdict for check in cost.answer}["slots"] == "ok"
    assert cost.trips < 40


def test_priorities_cost_a_line_one_command_each_in_round_trips_for_all_lines(server: RealServer) -> None:
    store = build(server, [], [])
    more = [NewContact(BUSY[number % 10], "voice", priority=6 + number % 7) for number in range(700)]
    run_each(store, [producing.push(store.keys, one) for one in more])
    store.run(reading.queue_states())

    cost = Cost(store, reading.queue_states())

    assert cost.commands["ZRANGEBYSCORE"] <= len(BUSY) * (5 + 7 + 1)
    assert cost.trips < 30


@pytest.mark.parametrize("agents", ["all", "shown", "signed_in", "none"])
def test_a_look_after_another_sees_what_has_changed(centre: Centre, agents: Agents) -> None:
    centre.store.run(take_snapshot(agents))
    centre.configure(Queue("New", service_level_s=7), agents={"dora": "P"})
    centre.store.run(take_snapshot(agents))
    centre.push("c1", queue="Q")
    centre.sign_in("dora")
    centre.push("c2", queue="New", channel="chat")
    centre.store.run(take_snapshot(agents))
    centre.passes(70)
    centre.push("c3", queue="Other", channel="email")
    centre.push("own", queue="@cem")
    centre.passes(70)
    centre.push("c4", queue="Q")

    again = centre.store.run(take_snapshot(agents))
    afresh = Store(raw(centre.store), clock=lambda: centre.now_us).run(take_snapshot(agents))

    assert again == afresh
    used = [(state.queue, state.channel) for state in again.queues]
    assert used == [("New", "chat"), ("Other", "email"), ("Q", "voice"), ("@cem", "voice")]
    assert all(state.totals == centre.counts(f"{state.queue}:{state.channel}") for state in again.queues)
    assert again.queues[2].totals["queued"] == 2
    assert again.configuration.queues["New"].service_level_s == 7


def test_what_is_shown_of_agents_is_as_all_that_is_known_of_them_says(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    for number in range(3):
        centre.push(f"c{number}")
    centre.store.run(take_snapshot("shown"))
    every = centre.store.run(take_snapshot())

    shown, signed_in = (centre.store.run(take_snapshot(agents)) for agents in ("shown", "signed_in"))

    assert [one.name for one in every.agents] == ["ana", "bo", "cem"]
    for agent, found in zip(every.agents, shown.agents, strict=True):
        assert (found.name, found.profile, found.status, found.status_us) == (
            agent.name, agent.profile, agent.status, agent.status_us,
        )  # fmt: skip
        assert (found.worker, found.slots, found.offerable_channels) == (
            agent.worker, agent.slots, agent.offerable_channels,
        )  # fmt: skip
    assert signed_in.agents == shown.agents[:2]
    assert every.agent_measures() == shown.agent_measures() == signed_in.agent_measures()


def test_what_waits_is_seen_when_nobody_has_swept_for_long(centre: Centre) -> None:
    centre.push("c1")
    centre.push("own", queue="@ana")
    centre.now_us += 5 * 3_600 * S
    centre.push("c2", queue="Other")

    found = {(state.queue, state.waiting) for state in centre.store.run(reading.queue_states())}

    assert found == {("Q", 1), ("Other", 1), ("@ana", 1)}


def test_the_oldest_contact_of_a_long_line_is_found_behind_those_that_are_more_urgent(centre: Centre) -> None:
    centre.push("old", priority=9)
    centre.now_us += 100 * S
    for number in range(40):
        centre.push(f"c{number}", priority=1 + number % 4)

    (state,) = centre.store.run(reading.queue_states())

    assert (state.waiting, state.oldest_us) == (41, 100 * S + 40)


def test_contacts_in_tracks_and_offers_count_in_their_queue(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat")])])
    centre.push("younger", channel="chat", age_adjustment_s=-60)
    centre.push("plain", channel="chat")
    centre.sign_in("ana", accepts=False, capacity=1)

    (state,) = centre.store.run(reading.queue_states())

    assert (state.waiting, state.offered) == (1, 1)


def test_contacts_of_few_queues_are_found_without_a_look_at_each_other_queue(server: RealServer) -> None:
    cost = Cost(build(server, UNUSED, ABSENT), reading.contacts_in("queued", 100))

    assert len(cost.answer) == 100
    assert cost.trips < 15


def test_what_is_kept_is_read_again_after_a_while(server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    store = build(server, [], [])
    store.run(take_snapshot("shown"))
    clock = Clock(0)
    monkeypatch.setattr("fairlead.store.kept.monotonic", lambda: BEGINS_US + clock.now_us)

    assert Cost(store, take_snapshot("shown")).commands["HGETALL"] > len(BUSY)


def test_explaining_a_contact_reads_each_agent_once_and_judges_those_together_who_are_alike(
    one_server: RealServer,
) -> None:
    store = build(one_server, [], ABSENT)
    store.run(producing.push(store.keys, NewContact(BUSY[0], "voice", contact_id="c")))
    store.run(take_snapshot("none"))

    cost = Cost(store, explain_contact("c"))

    [serving] = cost.answer.servers
    assert {(len(kind.agents), word_of(kind.reason)) for kind in serving.kinds} == {
        (len(PRESENT), "no slot"), (len(ABSENT), "not signed in"),
    }  # fmt: skip
    assert len(serving.agents) == len(PRESENT) + len(ABSENT)
    assert cost.commands["HMGET"] <= len(PRESENT) + 5
    assert cost.commands["HGET"] <= len(ABSENT) + 5
    assert cost.in_all <= len(PRESENT) + len(ABSENT) + 60
    assert cost.trips <= 9 + len(ABSENT) // 1_000


def test_who_explains_again_reads_those_agents_alone_of_whom_an_event_has_told(one_server: RealServer) -> None:
    store = build(one_server, [], ABSENT)
    store.run(producing.push(store.keys, NewContact(BUSY[0], "voice", contact_id="c")))
    store.run(explain_contact("c"))
    same = Cost(store, explain_contact("c"))
    run_each(store, [supervising.set_next_status(store.keys, name, "Offline") for name in PRESENT[:3]])

    cost = Cost(store, explain_contact("c"))

    told = {pair.agent: word_of(pair.reason) for pair in cost.answer.pairs if pair.reason}
    assert {name for name, word in told.items() if word == "next status set"} == {*PRESENT[:3]}
    assert [told[name] for name in PRESENT[3:]] == ["no slot"] * len(PRESENT[3:])
    assert cost.commands["HMGET"] - same.commands["HMGET"] == 3
    assert same.commands["HMGET"] < 10


def test_a_place_in_a_long_line_is_found_in_few_round_trips(one_server: RealServer) -> None:
    store = build(one_server, [], [])
    ids = [f"c{number}" for number in range(1_200)]
    contacts = [
        NewContact(BUSY[0], "voice", contact_id=one, priority=1, age_adjustment_s=-(number % 3) * 60)
        for number, one in enumerate(ids)
    ]
    run_each(store, [producing.push(store.keys, one) for one in contacts])
    in_order = store.run(reading.ids_in_line(BUSY[0], "voice", 2_000))
    asked = [in_order[place] for place in (0, 1, 399, 400, 401, 802, 803, -2, -1)]

    costs = {one: Cost(store, reading.position_of(store.run(reading.contact(one)))) for one in asked}

    assert len(in_order) > 1_200
    assert {one: cost.answer for one, cost in costs.items()} == {one: in_order.index(one) + 1 for one in asked}
    assert max(cost.trips for cost in costs.values()) <= 4


def test_an_estimate_reads_the_counters_of_its_queue_alone(one_server: RealServer) -> None:
    store = build(one_server, [], [])
    store.run(producing.push(store.keys, NewContact(BUSY[0], "voice", contact_id="c")))
    store.run(estimate_wait("c"))

    cost = Cost(store, estimate_wait("c"))

    assert cost.commands["HGETALL"] <= 2
    assert cost.commands["HSCAN"] == 16
    assert cost.trips <= 6
