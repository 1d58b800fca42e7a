"""Each filter of routing, on both sides of its boundary: what stops a pair, and the sentence that says why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import pytest

from fairlead.domain import reasons
from fairlead.domain.choose import choose_agent, choose_contact, in_order, why_behind, why_not_next
from fairlead.domain.contact import Waiting
from fairlead.domain.criteria import parse_expression
from fairlead.domain.eligible import Circumstances, FreeAgent, served_by, why_not
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.reasons import Ahead, Reason, told_of, word_of

S = 1_000_000
NOW_US = 1_800_000_000 * S

PROFILE = RoutingProfile(
    "P",
    {"voice": Concurrency(1), "chat": Concurrency(2), "task": Concurrency(1, allows_others=True)},
    (
        Entry("Q", "voice"), Entry("Q", "chat"), Entry("Q", "task"), Entry("Late", "voice", 2, delay_s=15),
        Entry("Picked", "voice", manual_only=True), Entry("Few", "chat", 2, max_contacts=1),
    ),
)  # fmt: skip
ANA = FreeAgent("ana", PROFILE, available_us=0)
CALL = Waiting("c", "Q", "voice", 5, NOW_US - 60 * S, NOW_US - 60 * S)
NOW = Circumstances(NOW_US)


@dataclass(frozen=True)
class Case:
    """What is changed of agent, contact and circumstances for a filter to stop them, and for it just not to."""

    reason: Reason
    sentence: str
    stopped: Mapping[str, Any]
    passed: Mapping[str, Any]
    common: Mapping[str, Any] = field(default_factory=dict)


CASES = [
    Case(
        reasons.SomebodyElses("ana", "bo"),
        "agent 'ana' is not offered the contact: it waits in the agent queue of 'bo'",
        {"queue": "@bo"}, {"queue": "@ana"},
    ),
    Case(
        reasons.NotServed("ana", "P", "Else", "voice"),
        "agent 'ana' does not serve the contact: its profile 'P' has no entry for voice in queue 'Else'",
        {"queue": "Else"}, {"queue": "Q"},
    ),
    Case(
        reasons.ManualOnly("ana", "P", "Picked", "voice"),
        "agent 'ana' has to pick the contact by hand: "
        "in its profile 'P' the entry for voice in queue 'Picked' is manual-only",
        {"queue": "Picked"}, {"queue": "Q"},
    ),
    Case(
        reasons.Closed("Q"), "queue 'Q' is closed by its hours of operation: its contacts wait until it opens",
        {"closed": frozenset({"Q"})}, {"closed": frozenset({"Late"})},
    ),
    Case(
        reasons.NotSignedIn("ana"), "agent 'ana' is not signed in", {"is_signed_in": False}, {"is_signed_in": True},
    ),
    Case(
        reasons.Absent("ana", 0), "agent 'ana' is absent: its session has been out of routing for less than 1 ms",
        {"present_until_us": NOW_US}, {"present_until_us": NOW_US + 1},
    ),
    Case(
        reasons.NotRoutable("ana", "Lunch"),
        "agent 'ana' is not Available: in status 'Lunch' it gets no contacts",
        {"status": "Lunch", "routable": False}, {"status": "Back office", "routable": True},
    ),
    Case(
        reasons.NextStatusSet("ana", "Lunch"), "agent 'ana' gets no more contacts: its next status is 'Lunch'",
        {"next_status": "Lunch"}, {"next_status": ""},
    ),
    Case(
        reasons.CapacityReached("ana", 1, 1), "agent 'ana' has no capacity: it holds 1 of at most 1 contacts",
        {"used": {"task": 1}, "capacity": 1}, {"used": {"task": 1}, "capacity": 2},
    ),
    Case(
        reasons.NoSlot("ana", "chat", 2, 2), "agent 'ana' has no free slot for chat now: 2 of 2 are taken",
        {"used": {"chat": 2}}, {"used": {"chat": 1}}, {"channel": "chat"},
    ),
    Case(
        reasons.TooManyTasks("ana", 0, 2, 2),
        "agent 'ana' has no free slot for task now: it holds 0 active and 2 paused of at most 2",
        {"paused": 2}, {"paused": 1}, {"channel": "task"},
    ),
    Case(
        reasons.OtherChannelHeld("ana", "voice", "chat"),
        "agent 'ana' is not offered voice: it holds chat, which allows no others",
        {"used": {"task": 1, "chat": 1}}, {"used": {"task": 1, "chat": 0}},
    ),
    Case(
        reasons.LimitReached("ana", "Few", "chat", 1, 1),
        "agent 'ana' takes no more chat of queue 'Few' now: it holds 1 of at most 1",
        {"used": {"chat": 1}, "held": {("Few", "chat"): 1}}, {"used": {"chat": 1}, "held": {("Q", "chat"): 1}},
        {"queue": "Few", "channel": "chat"},
    ),
    Case(
        reasons.Pausing("c", 1), "contact 'c' pauses after a failed attempt, for less than 1 ms more",
        {"again_us": NOW_US + 1}, {"again_us": NOW_US},
    ),
    Case(
        reasons.Delayed("c", "P", 15, 5 * S),
        "contact 'c' has not waited the delay of 15 s in profile 'P': 5.0 s are left",
        {"queued_us": NOW_US - 10 * S}, {"queued_us": NOW_US - 15 * S}, {"queue": "Late"},
    ),
    Case(
        reasons.Delayed("c", "P", 15, 1),
        "contact 'c' has not waited the delay of 15 s in profile 'P': less than 1 ms are left",
        {"queued_us": NOW_US - 15 * S + 1}, {"queued_us": NOW_US - 15 * S}, {"queue": "Late"},
    ),
    Case(
        reasons.Refused("ana", "c"), "agent 'ana' has refused contact 'c' and is not offered it again",
        {"refused": (("bo", 0), ("ana", 0))}, {"refused": (("bo", 0),)},
    ),
    Case(
        reasons.Refused("ana", "c", 5 * S), "agent 'ana' has refused contact 'c' and is not offered it again for 5.0 s",
        {"refused": (("ana", NOW_US + 5 * S),)}, {"refused": (("ana", NOW_US),)},
    ),
    Case(
        reasons.OtherChannelHeld("ana", "voice", "chat"),
        "agent 'ana' is not offered voice: it holds chat, which allows no others",
        {"used": {"chat": 2}, "kept": {"chat": 1}}, {"used": {"chat": 1}, "kept": {"chat": 1}},
    ),
    Case(
        reasons.Unmatched("ana", "c", 2, ("L:fr >= 4",), ("3",)),
        "agent 'ana' does not satisfy step 2 of contact 'c': L:fr >= 4 (it has 3)",
        {"proficiencies": {"L:fr": 3}}, {"proficiencies": {"L:fr": 4}},
        {"criteria": parse_expression("L:fr >= 4"), "step": 2},
    ),
    Case(
        reasons.Unmatched("ana", "c", 0, ("T:db in [2, 3]", "agents [bo]"), ("none", "")),
        "agent 'ana' does not satisfy the criteria of contact 'c': T:db in [2, 3] (it has none) or agents [bo]",
        {"proficiencies": {"L:fr": 5}}, {"proficiencies": {"L:fr": 5, "T:db": 2}},
        {"criteria": parse_expression("L:fr >= 1 and T:db in [2, 3] or agents [bo]")},
    ),
    Case(
        reasons.Unmatched("ana", "c", 1, ("not (agents [ana])",), ("",)),
        "agent 'ana' does not satisfy step 1 of contact 'c': not (agents [ana])",
        {"criteria": parse_expression("not (agents [ana])")}, {"criteria": parse_expression("not (agents [bo])")},
        {"step": 1},
    ),
]  # fmt: skip
NAMES = [f"{place}-{type(case.reason).__name__}" for place, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_filter_stops_the_pair_and_says_why(case: Case) -> None:
    agent, contact, given = _made({**case.common, **case.stopped})

    reason = why_not(agent, contact, served_by(agent).get((contact.queue, contact.channel)), given)

    assert reason == case.reason
    assert str(reason) == case.sentence
    assert choose_contact(agent, [contact], given) is choose_agent(contact, [agent], given) is None


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_at_its_boundary_a_filter_stops_nothing(case: Case) -> None:
    agent, contact, given = _made({**case.common, **case.passed})

    reason = why_not(agent, contact, served_by(agent).get((contact.queue, contact.channel)), given)

    assert reason is None
    assert choose_contact(agent, [contact], given) is contact
    assert choose_agent(contact, [agent], given) is agent


def test_each_filter_has_a_case() -> None:
    told = {type(case.reason) for case in CASES}

    assert told == set(get_args(Reason)) - {Ahead}


def test_what_is_configured_is_told_before_what_passes() -> None:
    agent, contact, given = _made({"queue": "Else", "is_signed_in": False, "again_us": NOW_US + S})

    reason = why_not_next(agent, contact, [contact], given)

    assert isinstance(reason, reasons.NotServed)


def test_in_an_agents_own_queue_steps_do_not_run() -> None:
    asked = {"criteria": parse_expression("L:fr >= 4"), "refused": (("bo", 0),)}
    agent, contact, given = _made({"queue": "@ana", **asked})

    assert why_not_next(agent, contact, [contact], given) is None


def test_an_entry_that_routes_goes_before_a_manual_only_one_of_the_same_queue() -> None:
    both = (Entry("Q", "voice"), Entry("Q", "voice", manual_only=True))
    agent = replace(ANA, profile=replace(PROFILE, entries=both))

    assert why_not_next(agent, CALL, [CALL], NOW) is None


def _contact(name: str, **changes: Any) -> Waiting:
    return replace(CALL, contact_id=name, **changes)


WEIGHTED = replace(
    PROFILE, entries=(Entry("Q", "voice", 1, weight=1), Entry("R", "voice", 2, weight=1)), sharing="weighted"
)


@pytest.mark.parametrize(
    ("other", "expected", "sentence"),
    [
        (
            _contact("o", queue="@ana", queued_us=NOW_US), ("entry priority", 0, 1),
            "its queue has entry priority 0 in the agent's profile, not 1",
        ),
        (_contact("o", priority=4, rank_us=NOW_US), ("contact priority", 4, 5), "it has contact priority 4, not 5"),
        (
            _contact("o", rank_us=CALL.rank_us - 3 * S, queued_us=NOW_US), ("age", CALL.rank_us - 3 * S, CALL.rank_us),
            "it ranks 3.0 s older",
        ),
        (
            _contact("o", queued_us=CALL.queued_us - 1), ("arrival", CALL.queued_us - 1, CALL.queued_us),
            "it arrived first",
        ),
    ],
)  # fmt: skip
def test_what_goes_before_a_contact_is_told_with_its_advantage(
    other: Waiting, expected: tuple[str, int, int], sentence: str
) -> None:
    reason = why_not_next(ANA, CALL, [CALL, other], NOW)

    assert reason == Ahead("ana", "c", "o", *expected)  # type: ignore[arg-type]
    assert str(reason) == f"contact 'o' goes before 'c' for agent 'ana': {sentence}"
    assert why_not_next(ANA, other, [CALL, other], NOW) is None


def test_in_a_profile_that_shares_the_queue_that_has_had_less_goes_before() -> None:
    agent, other = replace(ANA, profile=WEIGHTED), _contact("o", queue="R", rank_us=NOW_US, queued_us=NOW_US)
    given = replace(NOW, passes={("Q", "voice"): 2_000_000, ("R", "voice"): 1_000_000})

    reason = why_not_next(agent, CALL, [CALL, other], given)

    assert reason == Ahead("ana", "c", "o", "share", 1_000_000, 2_000_000)
    assert str(reason) == "contact 'o' goes before 'c' for agent 'ana': its queue has had less than its share"


def test_a_queue_that_had_nothing_yet_goes_before_one_that_had_the_least() -> None:
    agent, other = replace(ANA, profile=WEIGHTED), _contact("o", queue="R", rank_us=NOW_US, queued_us=NOW_US)

    reason = why_not_next(agent, CALL, [CALL, other], replace(NOW, passes={("Q", "voice"): 1}))

    assert reason == Ahead("ana", "c", "o", "share", 0, 1)


def test_the_agents_own_queue_goes_before_those_that_share() -> None:
    agent, own = replace(ANA, profile=WEIGHTED), _contact("o", queue="@ana", queued_us=NOW_US)

    assert why_not_next(agent, CALL, [CALL, own], NOW) == Ahead("ana", "c", "o", "entry priority", 0, 1)


def test_what_came_at_the_same_moment_and_ranks_the_same_is_ahead_by_arrival() -> None:
    assert why_behind(ANA, CALL, _contact("o"), NOW) == Ahead(
        "ana", "c", "o", "arrival", CALL.queued_us, CALL.queued_us
    )


def test_what_waits_where_the_agent_serves_stands_in_the_order_in_which_it_would_take_it() -> None:
    waiting = [_contact("late", rank_us=NOW_US), _contact("else", queue="Else"), CALL, _contact("first", priority=1)]

    assert [one.contact_id for one in in_order(ANA, waiting, NOW)] == ["first", "c", "late"]


@pytest.mark.parametrize(
    ("left_us", "says"), [(99_000, "99 ms more"), (100_000, "0.1 s"), (999_999, "1.0 s"), (1_234 * S, "1,234.0 s")]
)
def test_from_a_tenth_of_a_second_on_a_time_is_told_in_seconds(left_us: int, says: str) -> None:
    assert says in str(reasons.Pausing("c", left_us))


def test_a_filter_is_told_by_its_name_in_words() -> None:
    assert [word_of(case.reason) for case in CASES[:3]] == ["somebody elses", "not served", "manual only"]


def test_a_channel_that_the_profile_leaves_out_has_no_slots() -> None:
    contact = _contact("c", queue="@ana", channel="email")

    reason = why_not(ANA, contact, served_by(ANA)["@ana", "email"], NOW)

    assert reason == reasons.NoSlot("ana", "email", 0, 0)


def test_a_contact_that_does_not_fit_is_not_ahead() -> None:
    paused = _contact("o", priority=1, again_us=NOW_US + 1)

    assert why_not_next(ANA, CALL, [CALL, paused], NOW) is None


def _made(changes: Mapping[str, Any]) -> tuple[FreeAgent, Waiting, Circumstances]:
    made = []
    for base in (ANA, CALL, NOW):
        own = {name: value for name, value in changes.items() if name in type(base).__dataclass_fields__}
        made.append(replace(base, **own))
    return tuple(made)  # type: ignore[return-value]


def test_a_reason_is_told_of_each_agent_whom_it_stops() -> None:
    delayed, ended = reasons.Delayed("c", "P", 30, 1), reasons.NoSlot("ana", "chat", 2, 2)

    assert told_of(ended, ["bo", "cem"]) == [replace(ended, agent=name) for name in ("bo", "cem")]
    assert told_of(delayed, ["bo", "cem"]) == [delayed, delayed]
    assert told_of(None, ["bo"]) == [None]
