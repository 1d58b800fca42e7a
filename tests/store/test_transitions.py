"""One contact's way, transition by transition, on fakeredis and on real servers."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import redis
from raw import hinted, raw

from fairlead import errors
from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import Configuration, built_in_statuses, fresh_configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

BASIC = "BasicRoutingProfile"
Configure = Callable[[Configuration], int]


@pytest.fixture(autouse=True)
def _prepared(store: Store) -> None:
    store.run(configuring.prepare_instance(store.keys))


def session_of(store: Store, agent: str, **options: object) -> Session:
    return Session(store.keys, agent, "w-" + agent, f"here/{agent}/1", **options)  # type: ignore[arg-type]


def signed_in(store: Store, agent: str, **options: object) -> Session:
    session = session_of(store, agent, **options)
    store.run(session.sign_in(profile=BASIC))
    return session


def push(store: Store, contact_id: str, channel: str = "voice", **options: object) -> producing.Receipt:
    contact = NewContact("BasicQueue", channel, contact_id=contact_id, **options)  # type: ignore[arg-type]
    return store.run(producing.push(store.keys, contact))


def sweep_at(client: redis.Redis, at_us: int) -> None:
    """Somebody sweeps at a time that the test brings."""
    store = Store(client, clock=lambda: at_us)
    store.run(Sweeper(store.keys).sweep())


def test_a_contact_reaches_an_idle_agent_with_the_push_itself(store: Store) -> None:
    ana = signed_in(store, "ana", inbox="w-ana")

    receipt = push(store, "c1")

    assert receipt.state == "connected"
    assert hinted(store, "w-ana") == ["ana"]
    assert [offer.contact_id for offer in store.run(ana.take()).offers] == ["c1"]


def test_completing_brings_the_next_contact_in_the_same_call(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1")
    push(store, "c2")
    first = store.run(ana.take()).offers

    answer = store.run(ana.complete(first))

    assert [offer.contact_id for offer in answer.offers] == ["c2"]
    assert store.run(reading.contact("c1")).state == "completed"


def test_a_repeated_push_changes_nothing_and_says_so(store: Store) -> None:
    push(store, "c1", payload=b'"a"')

    again = push(store, "c1", payload=b'"a"')

    assert not again.created
    assert len(store.run(reading.contacts_in("queued"))) == 1


def test_the_same_id_with_other_content_is_refused(store: Store) -> None:
    push(store, "c1", payload=b'"a"')

    with pytest.raises(errors.ContactExists, match="'c1'"):
        push(store, "c1", payload=b'"b"')


def test_an_unknown_queue_is_refused_and_nothing_is_left(store: Store) -> None:
    before = set(raw(store).keys())

    with pytest.raises(errors.UnknownQueue, match="'Nowhere'"):
        store.run(producing.push(store.keys, NewContact("Nowhere", "voice")))

    assert set(raw(store).keys()) == before


def test_a_lost_answer_comes_with_the_repetition(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1")
    request = ana.take()
    first = store.run(request)

    again = store.run(request)

    assert [offer.token for offer in again.offers] == [offer.token for offer in first.offers]
    assert len(store.run(reading.agent_states(["ana"]))[0].slots) == 1


def test_a_repeated_completion_has_no_second_effect(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1")
    request = ana.complete(store.run(ana.take()).offers)
    store.run(request)

    again = store.run(request)

    assert again.fenced == ()
    assert [event.name for event in store.run(reading.events_after())].count("contact.completed") == 1


def test_a_late_request_is_refused(store: Store) -> None:
    ana = signed_in(store, "ana")
    late = ana.set_status("Available")
    store.run(ana.set_status("Break"))

    with pytest.raises(errors.StaleOperation):
        store.run(late)

    assert store.run(reading.agent_states(["ana"]))[0].status == "Break"


def test_a_released_contact_keeps_its_place_in_line(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1")
    push(store, "c2")
    held = store.run(ana.take()).offers
    store.run(ana.set_status("Break"))

    store.run(ana.release(held))

    assert [contact.contact_id for contact in store.run(reading.contacts_in("queued"))] == ["c1", "c2"]


def test_a_contact_that_always_fails_is_parked_with_its_error_and_can_be_put_back(
    store: Store, configure: Configure
) -> None:
    fresh = fresh_configuration()
    configure(replace(fresh, queues={"BasicQueue": Queue("BasicQueue", offer_again_after_s=0, retry_delay_s=0)}))
    ana = signed_in(store, "ana")
    push(store, "poison")
    push(store, "c2")
    answer = store.run(ana.take())
    while answer.offers[0].contact_id == "poison":
        answer = store.run(ana.fail([(answer.offers[0], "ValueError at shop.py:12")]))

    parked = store.run(reading.contacts_in("parked"))
    assert [(contact.contact_id, contact.attempts, contact.error) for contact in parked] == [
        ("poison", 5, "ValueError at shop.py:12")
    ]
    assert answer.offers[0].contact_id == "c2"

    store.run(supervising.retry(store.keys, "poison"))

    assert store.run(reading.contact("poison")).state == "queued"
    assert store.run(reading.contacts_in("parked")) == []


def test_a_lost_session_gives_back_what_it_held_and_its_tokens_are_fenced(store: Store, client: redis.Redis) -> None:
    ana = signed_in(store, "ana", lease_ms=1_000)
    push(store, "c1")
    held = store.run(ana.take()).offers
    bo = session_of(store, "bo")
    store.run(bo.sign_in(profile=BASIC))
    later_us = held[0].token + 1_500_000

    sweep_at(client, later_us)

    with pytest.raises(errors.SessionEnded):
        store.run(ana.complete(held))
    assert [(offer.contact_id, offer.attempt) for offer in store.run(bo.take()).offers] == [("c1", 2)]
    assert store.run(renew(store.keys, [ana, bo])) == [("ana", ana.epoch)]


def test_a_second_session_is_refused_until_it_names_the_first(store: Store) -> None:
    first = signed_in(store, "ana")
    push(store, "c1")
    second = session_of(store, "ana")

    with pytest.raises(errors.AgentSignedIn) as refusal:
        store.run(second.sign_in())
    offers = store.run(second.sign_in(replaces=refusal.value.epoch))

    assert refusal.value.holder == "here/ana/1"
    assert [offer.contact_id for offer in offers] == ["c1"]
    with pytest.raises(errors.SessionEnded):
        store.run(first.take())


def test_an_offer_is_accepted_rejected_or_missed(store: Store, client: redis.Redis) -> None:
    ana = signed_in(store, "ana", auto_accept=False, lease_ms=60_000)
    push(store, "c1")
    offer = store.run(ana.take()).offers[0]
    assert offer.state == "offered"

    assert store.run(ana.reject(offer)).offers == ()
    sweep_at(client, offer.token + 6_000_000)
    again = store.run(ana.take()).offers[0]
    assert again.token > offer.token

    sweep_at(client, again.token + 21_000_000)
    with pytest.raises(errors.StaleToken):
        store.run(ana.accept(again))
    assert [slot.kind for slot in store.run(reading.agent_states(["ana"]))[0].slots] == ["missed"]

    store.run(ana.clear(again.token))
    sweep_at(client, again.token + 27_000_000)
    last = store.run(ana.take()).offers[0]
    store.run(ana.accept(last))
    assert store.run(reading.contact("c1")).state == "connected"
    assert (last.attempt, store.run(reading.contact("c1")).attempts) == (1, 0)


def test_a_session_that_ends_together_with_its_offer_gives_the_contact_back_once(
    store: Store, client: redis.Redis
) -> None:
    ana = signed_in(store, "ana", auto_accept=False, lease_ms=1_000)
    push(store, "c1")
    offer = store.run(ana.take()).offers[0]

    sweep_at(client, offer.token + 60_000_000)

    assert [contact.contact_id for contact in store.run(reading.contacts_in("queued"))] == ["c1"]
    assert store.run(reading.agent_states(["ana"]))[0].slots == ()


def test_who_left_while_being_offered_frees_the_agent(store: Store) -> None:
    ana = signed_in(store, "ana", auto_accept=False)
    push(store, "c1")
    push(store, "c2")
    store.run(ana.take())

    store.run(producing.abandon(store.keys, "c1"))

    assert [offer.contact_id for offer in store.run(ana.take()).offers] == ["c2"]


def test_who_is_connected_does_not_abandon(store: Store) -> None:
    signed_in(store, "ana")
    push(store, "c1")

    with pytest.raises(errors.WrongState, match="connected"):
        store.run(producing.abandon(store.keys, "c1"))


def test_a_transfer_keeps_the_time_of_the_first_enqueueing(store: Store) -> None:
    ana, bo = signed_in(store, "ana"), signed_in(store, "bo")
    push(store, "c1")
    offer = store.run(ana.take()).offers[0]

    store.run(ana.transfer(offer, "@bo"))

    moved = store.run(bo.take()).offers[0]
    assert (moved.contact_id, moved.queue, moved.queued_us) == ("c1", "@bo", offer.queued_us)


def test_a_transfer_to_nowhere_leaves_the_contact_where_it_is(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1")
    offer = store.run(ana.take()).offers[0]

    with pytest.raises(errors.UnknownQueue):
        store.run(ana.transfer(offer, "Nowhere"))

    assert store.run(reading.contact("c1")).agent == "ana"
    assert store.run(ana.complete([offer])).fenced == ()


def test_a_changed_profile_is_seen_by_waiting_contacts_and_idle_agents(store: Store, configure: Configure) -> None:
    basic = fresh_configuration()
    queues = {**basic.queues, "New": Queue("New")}
    configure(Configuration(queues, basic.profiles, basic.agents, basic.statuses))
    configured = Configuration(
        queues, basic.profiles, store.run(reading.configuration_in_force())[0].agents, basic.statuses
    )
    store.run(producing.push(store.keys, NewContact("New", "chat", contact_id="c1")))
    ana = signed_in(store, "ana")
    entries = (*basic.profiles[BASIC].entries, Entry("New", "chat", 9))
    wider = RoutingProfile(BASIC, {channel: Concurrency(1) for channel in CHANNELS}, entries)

    agents = store.run(reading.configuration_in_force())[0].agents
    configure(Configuration(configured.queues, {BASIC: wider}, agents, basic.statuses))

    offers = store.run(ana.take()).offers
    assert [offer.contact_id for offer in offers] == ["c1"]
    connected = [event for event in store.run(reading.events_after()) if event.name == "contact.connected"]
    assert connected[-1].fields["profile_version"] == str(store.run(reading.configuration_in_force())[1])


def test_a_stale_plan_is_refused(store: Store) -> None:
    without_break = replace(fresh_configuration(), statuses=built_in_statuses())

    with pytest.raises(errors.ConfigurationChanged):
        store.run(configuring.apply_configuration(store.keys, without_break, 7))


def test_a_queue_in_which_contacts_wait_is_not_removed(store: Store, configure: Configure) -> None:
    push(store, "c1")
    fresh = fresh_configuration()

    with pytest.raises(errors.QueueInUse, match="BasicQueue"):
        configure(Configuration({}, {}, {}, fresh.statuses))

    assert store.run(reading.configuration_in_force())[0].queues.keys() == {"BasicQueue"}


def test_a_configuration_reads_back_as_it_was_applied(store: Store, configure: Configure) -> None:
    target = fresh_configuration()

    configure(target)

    assert store.run(reading.configuration_in_force())[0] == target


def test_a_capacity_bounds_what_a_session_holds(store: Store) -> None:
    ana = signed_in(store, "ana", capacity=2)

    for number in range(3):
        push(store, f"c{number}", "chat")

    assert len(store.run(ana.take()).offers) == 2


def test_no_byte_of_a_payload_leaves_its_place(store: Store) -> None:
    ana = signed_in(store, "ana")
    push(store, "c1", payload=b'"SECRET-WORD"')
    store.run(ana.take())

    for key in set(raw(store).keys()) - {store.keys.payloads.encode()}:
        kind = raw(store).type(key)
        content = raw(store).hgetall(key) if kind == b"hash" else {}
        assert b"SECRET-WORD" not in key + repr(content).encode()
    assert not any("SECRET-WORD" in str(event) for event in store.run(reading.events_after()))
