"""Names, defaults and limits: the numbers are part of the contract."""

import pytest

from fairlead.domain import (
    agent,
    channel,
    choose,
    conditions,
    configuration,
    contact,
    criteria,
    intake,
    measures,
    names,
    objects,
    profile,
    queue,
)
from fairlead.domain.agent import AVAILABLE, BREAK, OFFLINE
from fairlead.domain.configuration import fresh_configuration
from fairlead.domain.eligible import AGENT_QUEUE_PRIORITY, FreeAgent, waited_us
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue, allowance
from fairlead.domain.slots import may_hold_another_task, most_tasks
from fairlead.errors import InvalidContact, InvalidName


@pytest.mark.parametrize("name", ["a", "9", "A.b-c_d", "a" * 64])
def test_a_name_is_letters_digits_and_a_little_more(name: str) -> None:
    assert names.checked_name("queue", name) == name
    assert names.checked_queue_name(name) == name
    assert names.checked_queue_name(names.agent_queue(name)) == f"@{name}"
    assert (names.is_agent_queue(name), names.is_agent_queue(f"@{name}")) == (False, True)


@pytest.mark.parametrize("name", ["", "a" * 65, ".a", "-a", "a b", "a:b", "a\n", "@a", "é"])
def test_any_other_name_is_refused_by_what_it_names(name: str) -> None:
    with pytest.raises(InvalidName, match=r"agent .* is not a valid name"):
        names.checked_name("agent", name)
    with pytest.raises(InvalidName, match=r"agent .* is not a valid name"):
        names.checked_queue_name(f"@{name}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Señor Müller", "Senor-Muller"), ("Große Straße", "Grosse-Strasse"), ("R&D", "RandD"), ("a__b.c", "a__b.c"),
        ("-Łódź / Øst-", "Lodz-Ost"), ("...", ""), ("x" * 63 + " y", "x" * 63), ("x" * 70, "x" * 64),
    ],
)  # fmt: skip
def test_a_text_becomes_a_name_that_is_as_close_to_it_as_can_be(text: str, name: str) -> None:
    assert names.allowed_name(text) == name


@pytest.mark.parametrize("actor", ["", "lea", "Léa of the night shift", "a" * 80])
def test_an_actor_is_any_text_of_one_line(actor: str) -> None:
    assert names.checked_actor(actor) == actor


@pytest.mark.parametrize("actor", ["a" * 81, "a\nb", "a\0", 5, None, ()])
def test_what_is_no_actor_is_refused(actor: object) -> None:
    with pytest.raises(InvalidName, match="is not a text of at most 80 printable characters"):
        names.checked_actor(actor)  # type: ignore[arg-type]  # whatever a caller gives


@pytest.mark.parametrize("name", ["", "a b", None, 5])
def test_a_queue_that_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidName, match=r"queue .* is not a valid name"):
        names.checked_queue_name(name)


def test_there_are_four_channels() -> None:
    assert [channel.checked_channel(name) for name in channel.CHANNELS] == ["voice", "chat", "task", "email"]
    assert channel.MAX_SLOTS == {"voice": 1, "chat": 10, "task": 10, "email": 10}
    assert channel.OFFER_WINDOW_MS == {"voice": 20_000, "chat": 20_000, "task": 30_000, "email": 30_000}
    with pytest.raises(InvalidContact, match="channel 'fax' does not exist: choose one of voice, chat, task, email"):
        channel.checked_channel("fax")


def test_the_limits_of_a_contact_are_those_of_the_contract() -> None:
    assert (contact.DEFAULT_PRIORITY, contact.HIGHEST_PRIORITY, contact.LOWEST_PRIORITY) == (
        5,
        1,
        9_007_199_254_740_991,
    )
    assert (contact.LONGEST_SCHEDULE_S, contact.LONGEST_CALLBACK_DELAY_S) == (518_400, 259_200)
    assert (contact.LONGEST_EXPIRY_S, contact.LONGEST_AGE_ADJUSTMENT_S) == (7_776_000, 604_800)
    assert (contact.MAX_PAYLOAD_BYTES, contact.MOST_ATTRIBUTES, contact.LONGEST_ATTRIBUTE) == (65_536, 30, 256)
    assert (contact.CHAIN_CONTACTS, contact.MOST_CALLBACK_RETRIES, contact.LONGEST_PAUSE_S) == (12, 20, 300)


def test_the_other_limits_are_those_of_the_contract() -> None:
    assert (criteria.MOST_ANDS, criteria.MOST_CONDITIONS, criteria.MOST_AGENTS, criteria.MOST_STEPS) == (3, 8, 10, 5)
    assert (criteria.HIGHEST_LEVEL, criteria.LONGEST_STEP_S, agent.MOST_PROFICIENCIES) == (5, 604_800, 50)
    assert (intake.MOST_RULES, intake.MOST_QUEUES_READ, intake.LONGEST_REASON) == (100, 10, 200)
    assert (intake.Choice().callback_retry_delay_s, intake.Choice().callback_retries) == (600, 0)
    assert (conditions.LONGEST_CONDITION, contact.MOST_HEADER_BYTES) == (1_000, 512)
    assert (choose.SERVED_S, queue.OVERFLOW_AGAIN_S, measures.MINUTE_US) == (2_592_000, 5, 60_000_000)


def test_a_queue_decides_nothing_unless_told() -> None:
    plain = Queue("Q")

    assert (plain.max_attempts, plain.retry_delay_s, plain.service_level_s, plain.raise_to) == (5, 1, 20, 1)
    assert (plain.enabled, plain.offer_again_after_s, plain.skip_steps_when) == (True, 5, "never")
    assert (plain.max_contacts, plain.status_after_misses, plain.acw_s) == (None, 0, {})
    assert plain.expiry_s == {"chat": 90_000, "task": 604_800, "email": 1_209_600}
    assert (queue.CALLBACK_EXPIRY_S, queue.LONGEST_ACW_S, queue.AGENT_QUEUE_CONTACTS) == (604_800, 7_200, 10)


def test_a_profile_entry_routes_first_and_at_once_unless_told() -> None:
    entry = Entry("Q", "voice")

    assert (entry.priority, entry.delay_s, entry.manual_only, entry.weight) == (1, 0, False, 1)
    assert entry.max_contacts is None
    assert (profile.LOWEST_PRIORITY, profile.LONGEST_DELAY_S, profile.LARGEST_WEIGHT) == (99, 9_999, 100)
    assert AGENT_QUEUE_PRIORITY < profile.HIGHEST_PRIORITY == 1


def test_an_agent_holds_nothing_and_is_routable_unless_told() -> None:
    agent = FreeAgent("ana", RoutingProfile("P", {}, ()), 0)

    assert (agent.routable, agent.is_signed_in, agent.status, agent.next_status) == (True, True, "Available", "")
    assert agent.held == {}
    assert (agent.used, agent.kept, agent.capacity, agent.paused, agent.present_until_us) == ({}, {}, 0, 0, None)


def test_what_is_for_people_has_the_limits_of_the_contract() -> None:
    assert (objects.LONGEST_DESCRIPTION, objects.MOST_LABELS, objects.LONGEST_LABEL) == (250, 50, 256)


def test_a_fresh_instance_routes_every_channel_at_once() -> None:
    fresh = fresh_configuration()
    basic = fresh.profiles["BasicRoutingProfile"]

    assert [*fresh.queues] == ["BasicQueue"]
    assert [(entry.queue, entry.channel) for entry in basic.entries] == [
        ("BasicQueue", one) for one in channel.CHANNELS
    ]
    assert {name: one.slots for name, one in basic.channels.items()} == channel.MAX_SLOTS
    assert fresh.statuses == {status.name: status for status in (AVAILABLE, OFFLINE, BREAK)}
    assert (fresh.ended_retention_s, fresh.events_kept, fresh.measures_kept_s) == (3_600, 100_000, 172_800)


def test_built_in_statuses_are_available_and_offline() -> None:
    assert configuration.built_in_statuses() == {"Available": AVAILABLE, "Offline": OFFLINE}


@pytest.mark.parametrize(("limit", "most"), [(0, 0), (4, 4), (5, 6), (9, 10), (10, 12)])
def test_moves_may_exceed_a_limit_by_a_fifth_rounded_down(limit: int, most: int) -> None:
    assert allowance(limit) == most


@pytest.mark.parametrize(("active", "paused", "may"), [(0, 3, True), (1, 2, True), (1, 3, False), (2, 2, False)])
def test_active_and_paused_tasks_are_at_most_twice_the_profiles(active: int, paused: int, may: bool) -> None:
    two = RoutingProfile("P", {"task": Concurrency(2)}, ())

    assert most_tasks(two) == 4
    assert may_hold_another_task(two, active, paused) is may


@pytest.mark.parametrize(("age_adjustment_s", "rank_us"), [(0, 5_000_000), (2, 3_000_000), (-2, 7_000_000), (6, 0)])
def test_a_rank_is_the_time_of_enqueueing_less_the_adjustment(age_adjustment_s: int, rank_us: int) -> None:
    assert contact.rank_of(5_000_000, age_adjustment_s) == rank_us


def test_a_contact_has_never_waited_less_than_nothing() -> None:
    waiting = contact.Waiting("c", "Q", "voice", 5, queued_us=100, rank_us=0)

    assert [waited_us(waiting, now_us) for now_us in (99, 100, 101)] == [0, 0, 1]


def test_a_share_moves_on_by_the_weight_and_is_never_saved_up() -> None:
    entry, other = Entry("Q", "voice", weight=4), Entry("R", "voice")

    assert choose.share_of(entry, {}, 0) == 250_000
    assert choose.share_of(entry, {("Q", "voice"): 700_000}, 0) == 950_000
    assert choose.share_of(other, {("Q", "voice"): 700_000}, 500_000) == 1_500_000
    assert choose.share_start(entry, {("Q", "voice"): 700_000}, 900_000) == 900_000
