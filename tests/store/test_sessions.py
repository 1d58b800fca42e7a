"""Who holds a session, what becomes of it when the holder has died, and how its end gives contacts back."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest
from centre import Centre, S, profile
from conftest import REAL_SERVERS, RealServer
from raw import hinted, raw

from fairlead import errors
from fairlead.domain.hours import DAYS, Hours
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.server.connection import connect
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.working import Session

LEASE_S = 15
EIGHT = [f"agent{number}" for number in range(8)]


def signs_in(centre: Centre, name: str, holder: str, *, worker: str = "w", **options: Any) -> Session:
    """Of the arguments of `sign_in` there may be `replaces` and `is_dead`; the rest are those of a Session."""
    centre.now_us += 1
    how = {key: options.pop(key) for key in ("replaces", "is_dead") if key in options}
    session = Session(centre.keys, name, worker, holder, lease_ms=LEASE_S * 1_000, **options)
    centre.store.run(session.sign_in(profile="P", **how))
    centre.sessions[name] = session
    return session


def reasons(centre: Centre, event: str) -> dict[str, list[str]]:
    """Agent or contact -> why, for each event of the name."""
    found: dict[str, list[str]] = {}
    for one in centre.store.run(reading.events_after(count=10_000)):
        if one.name == event:
            found.setdefault(one.fields.get("contact") or one.fields["agent"], []).append(one.fields["reason"])
    return found


@pytest.mark.parametrize("contacts", [8, 4], ids=["all busy", "half of them idle"])
def test_a_killed_worker_that_starts_again_costs_each_contact_one_attempt(centre: Centre, contacts: int) -> None:
    killed = [signs_in(centre, name, "host/1/old/place") for name in EIGHT]
    for number in range(contacts):
        centre.push(f"c{number}")

    for session in killed:
        try:
            signs_in(centre, session.agent, "host/1/new/place")
        except errors.AgentSignedIn as refusal:
            signs_in(centre, session.agent, "host/1/new/place", replaces=refusal.epoch, is_dead=True)

    assert reasons(centre, "contact.requeued") == {f"c{number}": ["lost"] for number in range(contacts)}
    assert reasons(centre, "agent.lost") == {name: ["lost"] for name in EIGHT}
    assert [centre.store.run(reading.contact(f"c{number}")).attempts for number in range(contacts)] == [1] * contacts
    assert sorted(centre.who(f"c{number}") for number in range(contacts)) == EIGHT[:contacts]


def test_a_dead_holders_contacts_all_stand_in_line_before_the_first_agent_is_walked(centre: Centre) -> None:
    first = signs_in(centre, "ana", "dead")
    centre.push("later", priority=5)
    signs_in(centre, "dan", "dead")
    centre.push("sooner", priority=1)
    signs_in(centre, "bo", "alive")

    signs_in(centre, "ana", "new", replaces=first.epoch, is_dead=True)

    assert (centre.who("sooner"), centre.who("later")) == ("bo", "ana")
    assert not centre.store.run(reading.agent_states(["dan"]))[0].is_signed_in


def test_a_sign_in_tells_the_profile_that_the_agent_has(centre: Centre) -> None:
    for _ in range(2):
        centre.sign_in("ana")
        centre.store.run(centre.sessions["ana"].sign_out())

    told = [one for one in centre.store.run(reading.events_after()) if one.name == "agent.signed_in"]
    assert [one.fields["profile"] for one in told] == ["P", "P"]


def test_the_contacts_of_one_session_all_stand_in_line_before_the_first_agent_is_walked(centre: Centre) -> None:
    signs_in(centre, "ana", "one")
    centre.push("c1", channel="chat", priority=5)
    centre.push("c2", channel="chat", priority=1)
    signs_in(centre, "bo", "other", capacity=1)

    given_back = centre.does("ana", "sign_out")

    assert sorted(given_back) == ["c1", "c2"]
    assert (centre.who("c1"), centre.who("c2")) == ("", "bo")


def test_contacts_that_are_given_back_in_one_request_all_stand_in_line_before_the_first_agent_is_walked(
    centre: Centre,
) -> None:
    signs_in(centre, "ana", "one")
    centre.push("c1", channel="chat", priority=5)
    centre.push("c2", channel="chat", priority=1)
    signs_in(centre, "bo", "other", capacity=1)
    held = [centre.offer("ana", "c1"), centre.offer("ana", "c2")]
    centre.does("ana", "set_status", "Break")

    centre.store.run(centre.sessions["ana"].release(held))

    assert (centre.who("c1"), centre.who("c2")) == ("", "bo")


def test_the_contacts_of_an_agents_own_queue_wait_when_its_session_ends_with_those_of_others(centre: Centre) -> None:
    signs_in(centre, "ana", "killed", capacity=1)
    centre.push("own", queue="@ana")
    signs_in(centre, "bo", "killed", capacity=1)
    centre.push("other", queue="Q")

    centre.passes(LEASE_S + 1)
    waited = centre.line()
    signs_in(centre, "ana", "new", capacity=1)

    assert sorted(waited) == ["other", "own"]
    assert (centre.who("own"), centre.who("other")) == ("ana", "")


def test_who_takes_over_a_live_session_leaves_the_others_of_its_holder(centre: Centre) -> None:
    first = signs_in(centre, "ana", "alive")
    centre.push("c1")
    signs_in(centre, "dan", "alive")

    signs_in(centre, "ana", "other", replaces=first.epoch)

    assert reasons(centre, "agent.lost") == {"ana": ["replaced"]}
    assert reasons(centre, "contact.requeued") == {"c1": ["replaced"]}
    assert centre.who("c1") == "dan"


def test_a_process_that_replaces_its_own_session_has_lost_it_and_keeps_its_others(centre: Centre) -> None:
    first = signs_in(centre, "ana", "me")
    centre.push("c1")
    signs_in(centre, "dan", "me", capacity=1)
    centre.push("c2")

    second = signs_in(centre, "ana", "me", replaces=first.epoch)

    assert reasons(centre, "agent.lost") == {"ana": ["lost"]}
    assert (centre.who("c1"), centre.who("c2")) == ("ana", "dan")
    assert second.epoch > first.epoch


def test_that_a_holder_is_dead_says_nothing_about_a_later_session(centre: Centre) -> None:
    dead = signs_in(centre, "ana", "dead")
    signs_in(centre, "ana", "alive", replaces=dead.epoch, is_dead=True)
    signs_in(centre, "dan", "alive")

    with pytest.raises(errors.AgentSignedIn) as refusal:
        signs_in(centre, "ana", "late", replaces=dead.epoch, is_dead=True)

    centre.now_us += (LEASE_S - 1) * S
    centre.renews("dan")
    centre.now_us += 2 * S
    signs_in(centre, "ana", "late", replaces=dead.epoch, is_dead=True)

    assert refusal.value.holder == "alive"
    assert [state.holder for state in centre.store.run(reading.agent_states(["ana", "dan"]))] == ["late", "alive"]


def test_a_sign_in_that_replaced_dead_neighbours_answers_the_same_when_it_is_repeated(centre: Centre) -> None:
    dead = signs_in(centre, "ana", "dead")
    signs_in(centre, "dan", "dead")
    centre.push("c1")
    centre.push("c2")
    session = Session(centre.keys, "ana", "w", "new")
    request = session.sign_in(replaces=dead.epoch, is_dead=True)

    offers = centre.store.run(request)
    epoch, events = session.epoch, len(centre.store.run(reading.events_after()))
    again = centre.store.run(request)

    assert [offer.contact_id for offer in again] == [offer.contact_id for offer in offers] == ["c1"]
    assert (session.epoch, len(centre.store.run(reading.events_after()))) == (epoch, events)


def test_a_renewal_names_the_epoch_that_is_not_live(centre: Centre) -> None:
    first = signs_in(centre, "ana", "me")
    late = renew(centre.keys, [first])
    second = signs_in(centre, "ana", "me", replaces=first.epoch)

    assert centre.store.run(late) == [("ana", first.epoch)]
    assert centre.renews("ana") == []
    assert second.epoch != first.epoch


def test_when_a_workers_leases_end_in_one_sweep_nothing_goes_to_its_other_agents(centre: Centre) -> None:
    for name in EIGHT[:3]:
        signs_in(centre, name, "killed")
        centre.push("c-" + name)
    for name in EIGHT[3:]:
        signs_in(centre, name, "killed")

    centre.passes(LEASE_S + 1)

    assert reasons(centre, "contact.requeued") == {"c-" + name: ["lost"] for name in EIGHT[:3]}
    assert [centre.store.run(reading.contact("c-" + name)).attempts for name in EIGHT[:3]] == [1, 1, 1]
    assert sorted(reasons(centre, "agent.lost")) == EIGHT


def test_the_leases_of_a_large_worker_end_together_though_a_sweep_is_bounded(centre: Centre) -> None:
    for number in range(110):
        signs_in(centre, f"a{number}", "killed")
        if number < 2:
            centre.push(f"c{number}")

    centre.passes(LEASE_S + 1)

    assert reasons(centre, "contact.requeued") == {"c0": ["lost"], "c1": ["lost"]}
    assert len(reasons(centre, "agent.lost")) == 110


@pytest.mark.parametrize("late_us", [0, S])
def test_a_lapsed_session_that_nobody_has_swept_takes_its_lapsed_neighbours_with_it(
    centre: Centre, late_us: int
) -> None:
    signs_in(centre, "ana", "killed")
    centre.push("c1")
    for name in ("bo", "cem", "dan"):
        signs_in(centre, name, "killed")
    centre.now_us += LEASE_S * S + late_us - 1  # with the microsecond of the next sign-in dan's lease ends, too

    signs_in(centre, "ana", "new")

    assert reasons(centre, "contact.requeued") == {"c1": ["lost"]}
    assert sorted(reasons(centre, "agent.lost")) == ["ana", "bo", "cem", "dan"]
    assert centre.who("c1") == "ana"


def test_what_comes_back_late_in_a_sweep_goes_before_a_lower_one_that_waits(centre: Centre) -> None:
    centre.configure(Queue("Q", acw_s={"voice": 5}))
    centre.sign_in("bo", capacity=1)
    centre.push("handled")
    signs_in(centre, "ana", "killed")
    centre.push("sooner", priority=1)
    centre.push("later", priority=5)
    centre.does("bo", "complete", "handled")

    centre.passes(LEASE_S + 1)

    assert (centre.who("sooner"), centre.who("later")) == ("bo", "")


def test_of_those_who_come_back_in_one_renewal_the_one_available_longest_is_walked_first(centre: Centre) -> None:
    signs_in(centre, "bo", "stopped")
    signs_in(centre, "ana", "stopped")
    centre.passes(LEASE_S - 2)
    centre.push("c1")

    centre.renews("ana", "bo")

    assert centre.who("c1") == "bo"


def test_a_queue_that_opens_in_the_sweep_in_which_contacts_come_back_is_matched_with_them(centre: Centre) -> None:
    centre.configure(
        Queue("Q", hours="Late"),
        profiles=[profile([Entry("Q", "voice", 2), Entry("Other", "voice", 1)])],
        hours=[Hours("Late", "UTC", {day: ((time(8, 1), time(18)),) for day in DAYS})],
    )
    centre.push("worse", queue="Q")
    centre.now_us += 50 * S
    signs_in(centre, "ana", "killed")
    centre.push("better", queue="Other")
    centre.sign_in("bo")

    centre.passes(LEASE_S + 1)

    assert (centre.who("better"), centre.who("worse")) == ("bo", "")


def test_two_workers_of_one_name_have_an_inbox_each(centre: Centre) -> None:
    signs_in(centre, "ana", "one", worker="support", inbox="support.1")
    centre.push("c1")
    signs_in(centre, "bo", "two", worker="support", inbox="support.2")
    centre.push("c2")

    inboxes = [hinted(centre.store, f"support.{number}") for number in (1, 2)]

    assert inboxes == [["ana"], ["bo"]]
    states = centre.store.run(reading.agent_states(["ana", "bo"]))
    assert [(state.worker, state.inbox) for state in states] == [("support", "support.1"), ("support", "support.2")]
    assert not raw(centre.store).exists(centre.keys.inbox("support"))


def test_a_session_without_an_inbox_is_told_by_its_own_requests_alone(centre: Centre) -> None:
    ana = signs_in(centre, "ana", "browser", inbox="")

    centre.push("c1")

    assert [offer.contact_id for offer in centre.does("ana", "take").offers] == ["c1"]
    assert (ana.inbox, centre.store.run(reading.agent_states(["ana"]))[0].inbox) == ("", "")
    assert raw(centre.store).keys("*:inbox:*") == []


def test_what_is_known_of_a_holder_ends_with_its_last_session(centre: Centre) -> None:
    signs_in(centre, "ana", "me")
    signs_in(centre, "bo", "me")
    holder_key = centre.keys.prefix + "holder:me"

    centre.does("ana", "sign_out")
    left = raw(centre.store).smembers(holder_key)
    centre.does("bo", "sign_out")

    assert left == {b"bo"}
    assert not raw(centre.store).exists(holder_key)


@pytest.mark.parametrize("holder", ["", "two words", "x" * 161, "new\nline"])
def test_a_holder_that_would_garble_an_answer_is_refused(store: Store, holder: str) -> None:
    with pytest.raises(errors.InvalidName, match="holder"):
        Session(store.keys, "ana", "w", holder)


def test_with_memory_full_an_agent_signs_in_and_works_off_what_waits(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    centre = Centre(connect(server.url))
    centre.push("c1")
    server.client().config_set("maxmemory", "1mb")
    server.client().config_set("maxmemory-policy", "noeviction")

    signs_in(centre, "ana", "me")

    assert centre.who("c1") == "ana"
    server.kill()


@pytest.mark.parametrize(("left_us", "may"), [(1, False), (0, True)])
def test_a_session_is_another_ones_until_its_lease_has_ended(centre: Centre, left_us: int, may: bool) -> None:
    signs_in(centre, "ana", "here/1")
    centre.now_us += LEASE_S * S - left_us - 1  # the other signs in a microsecond later

    if may:
        signs_in(centre, "ana", "here/2")
    else:
        with pytest.raises(errors.AgentSignedIn):
            signs_in(centre, "ana", "here/2")
