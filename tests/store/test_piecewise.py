"""What concerns many contacts or agents is done for each of them, in one script or step by step in several."""

from collections.abc import Iterator

import pytest
from centre import Centre, S, profile
from raw import raw
from store.consistency import Kept
from store.stepping import FEW, at_once, most_calls

from fairlead.domain.channel import CHANNELS
from fairlead.domain.configuration import MEASURES_KEPT_S
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Concurrency, Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.reading import ContactRecord


@pytest.fixture(params=[{"MOST_CALLS": 1}, FEW, {}], ids=["step by step", "one by one", "at once"])
def steps(request: pytest.FixtureRequest) -> Iterator[None]:
    with at_once(request.param):
        yield


def waiting(centre: Centre) -> list[ContactRecord]:
    return centre.store.run(reading.contacts_in("queued", 10_000))


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize(
    "relieved", [Queue("Q", raise_after_s=60, raise_to=2), Queue("Q", overflow_after_s=60, overflow="Overflow")]
)
def test_all_who_have_waited_so_long_are_relieved(centre: Centre, relieved: Queue) -> None:
    centre.configure(relieved, Queue("Other", raise_after_s=60, raise_to=3))
    for place in range(30):
        centre.push(f"c{place:03}", channel=CHANNELS[place % 4], priority=7)
    for place in range(3):
        centre.push(f"other{place}", queue="Other", priority=7)

    centre.passes(60)

    found = {(one.queue, one.priority) for one in waiting(centre)}
    assert found == {("Other", 3), ("Q", 2) if relieved.raise_after_s else ("Overflow", 7)}
    assert len(waiting(centre)) == 33


def test_more_than_one_script_relieves_are_relieved_by_one_sweep(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=60, raise_to=2))
    for place in range(130):
        centre.push(f"c{place:03}", channel="chat", priority=7)

    centre.passes(60)

    assert {one.priority for one in waiting(centre)} == {2}
    assert not raw(centre.store).hexists(centre.keys.instance, "relieving")


@pytest.mark.usefixtures("steps")
def test_all_whose_refusals_are_forgotten_stand_in_line_before_anybody_is_given_one(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None), agents={"ana": {"L:fr": 3}})
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    for place in range(24):
        asks = (parse_step("L:fr >= 1"),) * (place % 2)
        centre.push(f"c{place:02}", channel="chat", priority=place + 1, criteria=asks)
        centre.does("ana", "reject", f"c{place:02}")

    centre.configure(Queue("Q"), agents={"ana": {"L:fr": 3}})
    centre.passes(0)

    assert sorted(centre.held("ana")) == [f"c{place:02}" for place in range(10)]


def test_refusals_that_are_for_good_again_before_all_were_forgotten_stay(centre: Centre) -> None:
    excludes = Queue("Q", offer_again_after_s=None)
    centre.configure(excludes)
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    for place in range(45):
        centre.push(f"c{place:02}", channel="chat")
        centre.does("ana", "reject", f"c{place:02}")

    with most_calls(1):
        centre.configure(Queue("Q"))
        centre.configure(excludes)
        centre.passes(0)

    left = [one for one in waiting(centre) if one.refused]
    assert 0 < len(left) < 45
    assert {one.contact_id for one in left}.isdisjoint(centre.held("ana"))
    assert not Kept(centre.store).is_behind


@pytest.mark.usefixtures("steps")
def test_a_queue_that_excludes_nobody_any_more_forgets_all_refusals_and_no_criteria(centre: Centre) -> None:
    """Who has refused and who must not be asked is the same to a track."""
    centre.configure(Queue("Q", offer_again_after_s=None))
    centre.sign_in("ana", accepts=False)
    centre.sign_in("bo")
    centre.does("bo", "set_status", "Break")
    for place in range(45):
        centre.push(f"refused{place:02}", channel="chat")
        centre.does("ana", "reject", f"refused{place:02}")
        centre.push(f"asks{place:02}", channel="chat", criteria=(parse_step("not (agents [ana])"),))
    assert centre.held("ana") == {}

    centre.configure(Queue("Q"))
    centre.passes(0)

    assert centre.held("ana") == {f"refused{place:02}": "offered" for place in range(10)}
    assert {one.refused for one in waiting(centre)} == {()}
    assert len(waiting(centre)) == 80
    assert not Kept(centre.store).is_behind


@pytest.mark.usefixtures("steps")
@pytest.mark.parametrize("many", [3, 105])
def test_the_step_of_all_who_wait_ends_when_the_last_one_who_fits_has_left(centre: Centre, many: int) -> None:
    centre.configure(Queue("Q", skip_steps_when="nobody_signed_in"), agents={"bo": {"L:fr": 4}})
    session = centre.sign_in("bo")
    centre.does("bo", "set_status", "Offline")
    for place in range(many):
        centre.push(f"c{place:03}", channel="chat", criteria=(parse_step("L:fr >= 4 for 600s"),))
    centre.push("ends", channel="chat", criteria=(parse_step("agents [bo] for 600s"), parse_step("agents [cem]")))
    centre.store.run(session.sign_out())

    centre.passes(1)

    assert {(one.contact_id == "ends", one.step) for one in waiting(centre)} == {(False, 2), (True, 3)}
    assert len(waiting(centre)) == many + 1


@pytest.mark.usefixtures("steps")
def test_all_agents_of_a_profile_have_the_channel_that_it_gets(centre: Centre) -> None:
    names = [f"a{place:02}" for place in range(45)]
    centre.configure(profiles=[profile([Entry("Q", "voice")], channels={"voice": Concurrency(1)})],
                     agents=dict.fromkeys(names, "P"))  # fmt: skip
    for name in names:
        centre.sign_in(name)
        centre.push(f"for-{name}", channel="chat")

    centre.configure(profiles=[profile([Entry("Q", "chat")], channels={"chat": Concurrency(1)})],
                     agents=dict.fromkeys(names, "P"))  # fmt: skip
    centre.passes(0)

    assert [centre.held(name) for name in names] == [{f"for-{name}": "connected"} for name in names]
    assert not Kept(centre.store).is_behind


@pytest.mark.usefixtures("steps")
def test_minutes_that_are_over_are_all_in_the_totals(centre: Centre) -> None:
    centre.push("c")
    minute = centre.now_us // (60 * S)
    for place in (1, 2, 140):
        counters = {f"Q{queue}:chat queued": queue for queue in range(1, 601 + place)}
        raw(centre.store).hset(centre.keys.minute(minute + place), mapping=counters)
        raw(centre.store).expire(centre.keys.minute(minute + place), MEASURES_KEPT_S)

    centre.passes(141 * 60)

    assert centre.counts("Q:voice")["queued"] == 1
    assert [centre.counts(f"Q{queue}:chat")["queued"] for queue in (1, 600, 601, 602, 603)] == [
        3, 1_800, 1_803, 1_204, 603,
    ]  # fmt: skip


def test_the_least_urgent_who_has_waited_long_enough_is_found_behind_all_who_have_not(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat", delay_s=100)])])
    centre.push("waited", channel="chat", priority=99)
    centre.passes(90)
    for place in range(70):
        centre.push(f"c{place:02}", channel="chat", priority=place + 1)
    for place in range(70):
        centre.push(f"older{place:02}", channel="chat", priority=98, age_adjustment_s=600)
    centre.passes(10)

    centre.sign_in("ana")

    assert centre.held("ana") == {"waited": "connected"}


def test_contacts_that_have_become_eligible_together_go_before_the_one_that_comes(centre: Centre) -> None:
    names = [f"a{place:02}" for place in range(35)]
    centre.configure(profiles=[profile([Entry("Q", "voice", delay_s=10), Entry("Other", "voice", 2)])],
                     agents=dict.fromkeys(names, "P"))  # fmt: skip
    for name in names:
        centre.sign_in(name)
        centre.push(f"for-{name}")
    centre.now_us += 10 * S

    centre.push("new", queue="Other")
    centre.passes(0)

    assert [centre.held(name) for name in names] == [{f"for-{name}": "connected"} for name in names]
    assert centre.line() == ["new"]


@pytest.mark.usefixtures("steps")
def test_of_many_who_are_asked_for_by_name_each_gets_its_contact_as_a_profile_serves_the_queue(centre: Centre) -> None:
    asked = [f"a{place:03}" for place in range(230)]
    there = dict.fromkeys(asked[5::75], "P")
    centre.configure(profiles=[profile([Entry("Other", "voice")])], agents=there)
    for name in there:
        centre.sign_in(name)
    for name in asked:
        centre.push(f"for-{name}", criteria=(parse_step(f"agents [{name}]"),))
    centre.push("for-everybody")

    centre.configure(profiles=[profile([Entry("Q", "voice")])], agents=there)
    centre.passes(0)

    assert {name: centre.held(name) for name in there} == {name: {f"for-{name}": "connected"} for name in there}
    assert len(waiting(centre)) == len(asked) + 1 - len(there)


def test_whatever_many_contacts_ask_who_has_been_available_longest_takes_its_own_best_first(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Other", "voice")])], agents=dict.fromkeys(("ana", "bo", "cem"), "P"))
    for name in ("cem", "ana", "bo"):
        centre.sign_in(name)
    centre.push("for-bo", criteria=(parse_step("agents [bo]"),))
    for place in range(10):
        centre.push(f"for-nobody-{place}", criteria=(parse_step(f"agents [a{place}]"),))
    centre.push("for-ana-or-bo", priority=1, criteria=(parse_step("agents [ana, bo]"),))

    with at_once({"TRACKS_AT_ONCE": 9}):
        centre.configure(profiles=[profile([Entry("Q", "voice")])], agents=dict.fromkeys(("ana", "bo", "cem"), "P"))
        centre.passes(0)

    assert centre.held("ana") == {"for-ana-or-bo": "connected"}
    assert centre.held("bo") == {"for-bo": "connected"}
    assert centre.held("cem") == {}


def test_whatever_many_contacts_ask_each_agent_takes_one_before_anybody_takes_a_second(centre: Centre) -> None:
    agents = {f"a{place:02}": "P" for place in range(60)}
    chats = {"chat": Concurrency(2)}
    centre.configure(profiles=[profile([Entry("Other", "chat")], channels=chats)], agents=agents)
    for name in agents:
        centre.sign_in(name)
    for place in range(10):
        centre.push(f"for-nobody-{place}", channel="chat", criteria=(parse_step(f"agents [b{place}]"),))
    for place in range(120):
        centre.push(f"c{place:03}", channel="chat")

    with at_once({"TRACKS_AT_ONCE": 9}):
        centre.configure(profiles=[profile([Entry("Q", "chat")], channels=chats)], agents=agents)
        centre.passes(0)

    assert {name: sorted(centre.held(name)) for name in agents} == {
        name: [f"c{place:03}", f"c{place + 60:03}"] for place, name in enumerate(agents)
    }


def test_sweeps_come_to_an_end_when_an_agent_has_left_whose_own_queue_was_left_to_be_matched(centre: Centre) -> None:
    centre.sign_in("ana")
    for contact_id in ("a", "b"):
        centre.push(contact_id, "@ana", "chat", start_in_s=10)
    centre.now_us += 10 * S
    with most_calls(1):
        centre.store.run(centre.sweeper.sweep())
    left = centre.keys.prefix + "unmatched"
    assert raw(centre.store).exists(left)

    centre.store.run(centre.sessions["ana"].sign_out())
    swept = [centre.store.run(centre.sweeper.sweep()).more for _ in range(10)]

    assert not swept[-1]
    assert not raw(centre.store).exists(left)


def test_whatever_many_contacts_ask_who_is_absent_keeps_nobody_else_from_them(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "chat")], channels={"chat": Concurrency(2)})])
    centre.sign_in("cem")
    for contact_id in ("a", "b"):
        centre.push(contact_id, channel="chat")
    centre.sign_in("ana", lease_s=60)
    centre.sign_in("bo")
    for place in range(10):
        centre.push(f"for-nobody-{place}", channel="chat", criteria=(parse_step(f"agents [b{place}]"),))
    centre.now_us += 61 * S  # nobody has swept since ana is absent

    with at_once({"TRACKS_AT_ONCE": 9}):
        centre.does("cem", "sign_out")
    held = centre.held("bo")
    centre.passes(0)

    assert held == {"a": "connected", "b": "connected"}
