"""Ruling 16: what waits in the own queue of an agent who is away, or busy, overflows as agent or instance say."""

from dataclasses import replace
from typing import Any

import pytest
from centre import Centre, S, profile
from raw import raw
from store.consistency import check

from fairlead import errors
from fairlead.domain.agent import Agent
from fairlead.domain.channel import CHANNELS
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import AGENT_QUEUE_CONTACTS, Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import configuring, staging, supervising

DESK = profile((Entry(queue, channel) for queue in ("Q", "Overflow") for channel in CHANNELS), "Desk")


def ana(overflow: str = "Overflow", after_s: int | None = 60) -> Agent:
    return Agent("ana", "P", overflow=overflow, overflow_after_s=after_s)


def configured(centre: Centre, *queues: Queue, agent: Agent | None = None, **instance: Any) -> None:
    centre.configure(
        *queues, profiles=[profile(Entry("Q", one) for one in CHANNELS), DESK],
        agents={"ana": agent or ana(), "bo": "Desk"}, **instance,
    )  # fmt: skip


def passes(centre: Centre, seconds: float) -> None:
    centre.passes(seconds)
    check(centre.store)


def test_ruling_16_a_call_in_the_queue_of_an_agent_who_has_signed_out_overflows(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.does("ana", "sign_out")
    centre.push("c", "@ana")

    passes(centre, 59)
    assert (centre.where("c"), centre.who("c")) == ("@ana", "")
    passes(centre, 1)

    assert (centre.where("c"), centre.who("c")) == ("Overflow", "bo")
    assert centre.counts("@ana:voice")["o60"] == 1


def test_ruling_16_without_an_overflow_it_waits(centre: Centre) -> None:
    configured(centre, agent=ana("", None))
    centre.push("c", "@ana")

    passes(centre, 86_400)

    assert (centre.where("c"), centre.state("c")) == ("@ana", "queued")


def test_ruling_16_an_agent_who_comes_in_time_gets_it(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("bo")
    centre.push("c", "@ana")
    passes(centre, 59)

    centre.sign_in("ana")
    passes(centre, 60)

    assert (centre.where("c"), centre.held("ana")) == ("@ana", {"c": "connected"})


def test_ruling_16_what_waits_for_a_busy_agent_overflows_each_at_its_time(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("ana")
    centre.push("held", "@ana")
    for number in range(3):
        centre.push(f"c{number}", "@ana")
        passes(centre, 20)
    where = []

    for _ in range(3):
        where.append([centre.where(f"c{number}") for number in range(3)].count("Overflow"))
        passes(centre, 20)

    assert where == [1, 2, 3]
    assert centre.held("ana") == {"held": "connected"}


def test_ruling_16_it_overflows_while_it_rings_too(centre: Centre) -> None:
    configured(centre, agent=ana(after_s=5))
    centre.sign_in("ana", accepts=False)
    centre.push("c", "@ana")
    assert centre.held("ana") == {"c": "offered"}

    passes(centre, 5)

    assert (centre.where("c"), centre.held("ana")) == ("Overflow", {})


def test_ruling_16_an_agents_queue_that_is_full_overflows_at_once(centre: Centre) -> None:
    configured(centre)
    for number in range(AGENT_QUEUE_CONTACTS):
        centre.push(f"c{number}", "@ana")

    assert centre.push("over", "@ana").queue == "Overflow"
    configured(centre, agent=ana("", None))
    with pytest.raises(errors.QueueFull):
        centre.push("refused", "@ana")


def test_ruling_16_the_agents_own_setting_goes_before_the_instances(centre: Centre) -> None:
    configured(centre, agent_queue_overflow="Other", agent_queue_overflow_after_s=30)
    centre.push("of-ana", "@ana")
    centre.push("of-bo", "@bo")

    passes(centre, 30)
    assert (centre.where("of-ana"), centre.where("of-bo")) == ("@ana", "Other")
    passes(centre, 30)

    assert centre.where("of-ana") == "Overflow"


def test_ruling_16_the_instances_setting_holds_for_an_agent_who_was_made_at_sign_in(centre: Centre) -> None:
    configured(centre, agent_queue_overflow="Other", agent_queue_overflow_after_s=30)
    session = centre.sign_in("ana")
    made = type(session)(centre.keys, "new", "w", "here/new/1", lease_ms=10**6)
    centre.store.run(made.sign_in(profile="P"))
    centre.store.run(made.sign_out())
    centre.push("c", "@new")

    centre.passes(31)

    assert centre.where("c") == "Other"


@pytest.mark.parametrize("of", ["agent", "instance"])
def test_ruling_16_a_setting_that_changes_acts_on_what_waits(centre: Centre, of: str) -> None:
    def set_to(overflow: str, after_s: int | None) -> None:
        if of == "agent":
            configured(centre, agent=ana(overflow, after_s))
        else:
            both = {"agent_queue_overflow": overflow, "agent_queue_overflow_after_s": after_s}
            configured(centre, agent=ana("", None), **both)

    set_to("", None)
    centre.push("c", "@ana")
    passes(centre, 100)

    set_to("Overflow", 600)
    passes(centre, 1)
    assert centre.where("c") == "@ana"
    set_to("", None)
    passes(centre, 600)
    assert centre.where("c") == "@ana"
    set_to("Other", 701)
    passes(centre, 0.5)

    assert centre.where("c") == "Other"


def test_ruling_16_no_contact_comes_back_to_where_it_has_waited(centre: Centre) -> None:
    configured(centre)
    centre.push("c", "@ana")
    passes(centre, 60)
    assert centre.where("c") == "Overflow"

    centre.run(supervising.move, "c", "@ana")
    passes(centre, 600)

    assert (centre.where("c"), centre.state("c")) == ("@ana", "queued")


def test_ruling_16_it_overflows_when_there_is_room_again(centre: Centre) -> None:
    configured(centre, Queue("Overflow", max_contacts=1))
    centre.push("there", "Overflow")
    centre.push("c", "@ana")
    passes(centre, 90)
    assert centre.where("c") == "@ana"

    centre.run(supervising.stop, "there")
    passes(centre, 5)

    assert centre.where("c") == "Overflow"


def test_ruling_16_the_talk_before_a_transfer_is_no_wait(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("bo")
    centre.push("c")
    passes(centre, 600)
    centre.does("bo", "transfer", "c", "@ana")

    passes(centre, 59)
    assert centre.where("c") == "@ana"
    passes(centre, 1)

    assert centre.where("c") == "Overflow"


def test_ruling_16_routing_steps_begin_as_it_overflows(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("bo")
    centre.push("c", "@ana", criteria=(parse_step("L:fr >= 3 for 30s"),))

    passes(centre, 60)
    assert (centre.where("c"), centre.who("c")) == ("Overflow", "")
    passes(centre, 30)

    assert centre.who("c") == "bo"


def test_ruling_16_a_callback_in_an_agents_queue_overflows_after_it_was_due(centre: Centre) -> None:
    configured(centre)
    centre.push("c", "@ana", callback=Callback(delay_s=300))

    passes(centre, 300)
    assert (centre.where("c"), centre.state("c")) == ("@ana", "queued")
    passes(centre, 60)

    assert centre.where("c") == "Overflow"


def test_ruling_16_what_expires_first_does_not_overflow(centre: Centre) -> None:
    configured(centre)
    centre.push("c", "@ana", expiry_s=50)

    passes(centre, 50)
    passes(centre, 60)

    assert (centre.where("c"), centre.state("c")) == ("@ana", "expired")


def test_ruling_16_a_contact_that_pauses_in_an_agents_queue_overflows_at_its_time(centre: Centre) -> None:
    configured(centre)
    centre.sign_in("ana")
    centre.push("c", "@ana")
    passes(centre, 59.5)
    centre.fails("ana", "c")

    passes(centre, 0.5)

    assert (centre.where("c"), centre.state("c")) == ("Overflow", "queued")


def test_ruling_16_what_has_overflowed_lets_its_agent_be_removed(centre: Centre) -> None:
    configured(centre)
    centre.push("c", "@ana")
    with pytest.raises(errors.AgentInUse):
        centre.run(configuring.remove_object, "agent", "ana", centre.version)

    passes(centre, 60)
    centre.run(configuring.remove_object, "agent", "ana", centre.version)

    passes(centre, 60)
    assert centre.where("c") == "Overflow"


@pytest.mark.parametrize("instance", [{}, {"agent_queue_overflow": "Spill", "agent_queue_overflow_after_s": 60}])
def test_ruling_16_a_queue_into_which_agents_overflow_cannot_be_removed(
    centre: Centre, instance: dict[str, Any]
) -> None:
    spill = Queue("Spill")
    agent = ana("", None) if instance else ana("Spill")
    configured(centre, spill, agent=agent, **instance)
    configuration, version = centre.store.run(reading.configuration_in_force())
    without = {name: one for name, one in configuration.queues.items() if name != "Spill"}
    target = replace(configuration, queues=without)

    named = "agent_queue_overflow of the instance" if instance else "agent 'ana'"
    with pytest.raises(errors.QueueInUse, match=named):
        centre.run(configuring.remove_object, "queue", "Spill", version)
    with pytest.raises(errors.QueueInUse, match=named):
        centre.store.run(staging.apply(target, version))


def test_ruling_16_a_large_configuration_names_a_queue_that_comes_with_it(centre: Centre) -> None:
    configuration, version = centre.store.run(reading.configuration_in_force())
    many = {f"S{number}": Queue(f"S{number}") for number in range(2 * staging.MOST_COST // staging.COSTS["queue"])}
    large = replace(configuration, queues={**configuration.queues, **many}, agent_queue_overflow_after_s=60)

    with pytest.raises(errors.UnknownQueue, match="Nowhere"):
        centre.store.run(staging.apply(replace(large, agent_queue_overflow="Nowhere"), version))
    centre.store.run(staging.apply(replace(large, agent_queue_overflow="S7"), version))
    centre.push("c", "@ana")
    passes(centre, 60)

    assert centre.where("c") == "S7"


def test_ruling_16_what_leaves_an_agents_queue_before_leaves_no_due_time(centre: Centre) -> None:
    configured(centre)
    for number in range(3):
        centre.push(f"c{number}", "@ana")
    due_us = raw(centre.store).zscore(centre.keys.due, "own:c0")
    assert due_us == centre.store.run(reading.contact("c0")).queued_us + 60 * S

    centre.run(supervising.stop, "c0")
    centre.run(supervising.move, "c1", "Q")
    centre.run(supervising.stop, "c2")

    assert not [one for one in raw(centre.store).zrange(centre.keys.due, 0, -1) if one.startswith(b"own:")]
