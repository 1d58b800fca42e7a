"""What the stream of events tells of a contact's way, value by value."""

from centre import BEGINS_US, Centre, S, profile

from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import Callback
from fairlead.store.transitions import producing, supervising
from fairlead.store.transitions.working import Session


def told(centre: Centre, contact_id: str) -> list[str]:
    """Each event of a contact in a line: when, its last word, who did it, and its values; times in seconds."""
    return [
        " ".join([
            str((event.at_us - BEGINS_US) // S), event.name.removeprefix("contact."), *filter(None, [event.actor]),
            *(f"{name}={_seconds(name, value)}" for name, value in event.fields.items() if _tells(name, value)),
        ])
        for event in centre.store.run(reading.events_after())
        if event.fields.get("contact") == contact_id
    ]  # fmt: skip


def _tells(name: str, value: str) -> bool:
    return value != "" and name not in ("contact", "channel", "token", "profile", "profile_version")


def _seconds(name: str, value: str) -> str:
    """A time since the beginning, or a duration."""
    if not name.endswith("_us"):
        return value
    us = int(value)
    return str((us - BEGINS_US if us >= BEGINS_US else us) // S)


def test_a_call_that_is_rejected_missed_answered_and_worked_on(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=0, acw_s={"voice": 5}, missed_slot_s=0))
    centre.sign_in("ana", accepts=False)
    centre.push("c", start_in_s=10)
    centre.passes(13)
    centre.does("ana", "reject", "c")
    centre.passes(20)
    centre.does("ana", "accept", "c")
    centre.passes(2)
    for what in ("hold", "resume", "complete"):
        centre.does("ana", what, "c")
    centre.passes(1)
    centre.clears("ana", "c")

    back = "queue=Q agent=ana reason={0} attempts=0 priority=5 rank_us=13 queued_us=13"
    assert told(centre, "c") == [
        "0 scheduled queue=Q due_us=10",
        "13 queued queue=Q priority=5 rank_us=13 queued_us=13",
        "13 offered queue=Q agent=ana attempt=1 entry_priority=1 waited_us=0 deadline_us=33",
        f"13 rejected agent:ana {back.format('rejected')}",
        "13 offered agent:ana queue=Q agent=ana attempt=1 entry_priority=1 waited_us=0 deadline_us=33",
        f"33 missed {back.format('missed')}",
        "33 offered queue=Q agent=ana attempt=1 entry_priority=1 waited_us=20 deadline_us=53",
        "33 accepted agent:ana queue=Q agent=ana",
        "35 held agent:ana queue=Q agent=ana",
        "35 resumed agent:ana queue=Q agent=ana",
        "35 acw_started agent:ana queue=Q agent=ana",
        "36 completed agent:ana queue=Q agent=ana reason=cleared",
    ]


def test_a_task_that_is_handed_on_moved_parked_retried_changed_and_abandoned(centre: Centre) -> None:
    centre.configure(Queue("Q", max_attempts=1), agents={"bo": {"L:fr": 3}})
    centre.sign_in("ana", accepts=False)
    centre.push("c", channel="task", criteria=(parse_step("L:fr >= 3 for 5s"),))
    centre.passes(5)
    for what in ("accept", "pause", "resume"):
        centre.does("ana", what, "c")
    centre.does("ana", "transfer", "c", "Other")
    centre.passes(5)
    centre.run(supervising.move, "c", "Q", "front")
    centre.does("ana", "accept", "c")
    centre.fails("ana", "c", "ValueError")
    centre.passes(5)
    centre.run(supervising.retry, "c")
    centre.run(producing.update, "c", priority=2)
    centre.run(producing.abandon, "c")

    offered = "offered queue=Q agent=ana attempt=1 entry_priority=1 waited_us={0} deadline_us={1}"
    assert told(centre, "c") == [
        "0 queued queue=Q priority=5 rank_us=0 queued_us=0",
        "5 step_expired queue=Q step=1",
        f"5 {offered.format(5, 35)}",
        "5 accepted agent:ana queue=Q agent=ana",
        "5 paused agent:ana queue=Q agent=ana",
        "5 resumed agent:ana queue=Q agent=ana",
        "5 transferred agent:ana queue=Other agent=ana reason=transferred attempts=0 priority=5 rank_us=0 queued_us=0",
        "10 overflowed queue=Q reason=moved attempts=0 priority=5 rank_us=0 queued_us=10",
        f"10 {offered.format(0, 40)}",
        "10 accepted agent:ana queue=Q agent=ana",
        "10 parked agent:ana queue=Q reason=failed attempts=1 error=ValueError",
        "15 requeued queue=Q reason=retried attempts=0 priority=5 rank_us=0 queued_us=10",
        f"15 {offered.format(5, 45)}",
        "15 updated queue=Q priority=2 rank_us=0 changed=priority",
        "15 abandoned queue=Q agent=ana",
    ]


def test_a_callback_that_reaches_nobody_and_expires(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.does("ana", "set_status", "Break")
    centre.push("c")
    centre.run(producing.request_callback, "c", Callback(delay_s=5, retry_delay_s=7, retries=1, expiry_s=30))
    centre.passes(5)
    centre.run(supervising.assign, "c", "ana")
    centre.does("ana", "accept", "c")
    centre.does("ana", "retry_callback", "c")
    centre.passes(7)
    centre.passes(30)

    assert told(centre, "c") == [
        "0 queued queue=Q priority=5 rank_us=0 queued_us=0",
        "0 scheduled queue=Q due_us=5 reason=callback",
        "5 queued queue=Q priority=5 rank_us=0 queued_us=5",
        "5 offered queue=Q agent=ana attempt=1 entry_priority=by_hand waited_us=0 deadline_us=25",
        "5 accepted agent:ana queue=Q agent=ana",
        "5 scheduled agent:ana queue=Q agent=ana due_us=12 reason=unreachable",
        "12 queued queue=Q priority=5 rank_us=0 queued_us=12",
        "42 expired queue=Q",
    ]


def test_a_contact_that_waits_too_long_is_raised_overflows_and_is_connected(centre: Centre) -> None:
    centre.configure(Queue("Q", raise_after_s=10, raise_to=2, overflow="Other", overflow_after_s=20))
    centre.push("c")
    for _ in range(2):
        centre.passes(10)
    centre.configure(profiles=[])
    centre.sign_in("ana")
    centre.run(supervising.assign, "c", "ana")

    assert told(centre, "c") == [
        "0 queued queue=Q priority=5 rank_us=0 queued_us=0",
        "10 updated queue=Q priority=2 rank_us=0 changed=priority reason=waited",
        "20 overflowed queue=Other reason=waited attempts=0 priority=2 rank_us=0 queued_us=20",
        "20 connected queue=Other agent=ana attempt=1 entry_priority=by_hand waited_us=0",
    ]


def test_an_agent_who_gets_another_profile_is_told_of_however_it_was_made(centre: Centre) -> None:
    profiles = [profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "R")]
    centre.configure(profiles=profiles)
    centre.run(lambda keys: Session(keys, "dora", "w", "here/w/1").sign_in(profile="P"))
    centre.version += 1  # which has one agent more

    centre.configure(profiles=profiles, agents={"ana": "R", "dora": "R", "emil": "R"})

    changed = [one for one in centre.store.run(reading.events_after()) if one.name == "agent.profile_changed"]
    assert sorted((one.fields["agent"], one.fields["before"], one.fields["profile"]) for one in changed) == [
        ("ana", "P", "R"), ("dora", "P", "R"),
    ]  # fmt: skip
