"""A contact is pushed as its intake decides, on one look at what the rules ask, and what was decided can be read."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from centre import Centre, profile
from objects import put, remove

from fairlead.domain.agent import BREAK
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours, parse_span
from fairlead.domain.intake import Choice, Decision, Intake, Rule
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.errors import ContactExists, IntakeRefused, InvalidContact, QueueFull, UnknownIntake
from fairlead.service.intakes import push_decided, try_intake
from fairlead.store import reading
from fairlead.store.new_contact import Callback, NewContact
from fairlead.store.reading.intakes import intake_seen
from fairlead.store.transitions import producing
from fairlead.store.transitions.producing import Receipt

FIELDS = ("waiting", "oldest_s", "available", "staffed", "contacts", "max", "open")


def front(*rules: tuple[str, Choice], timezone: str = "UTC") -> Intake:
    return Intake("Front", tuple(Rule(when, choice) for when, choice in rules), Choice("Q"), timezone)


def take_in(centre: Centre, contact_id: str, intake: str = "Front", channel: Any = "voice", **options: Any) -> Receipt:
    centre.now_us += 1
    new = NewContact("", channel, contact_id=contact_id, intake=intake, **options)
    return centre.store.run(push_decided(new))


def seen(centre: Centre, queue: str = "Q", channel: Any = "voice") -> Mapping[str, Any]:
    """All that can be asked of a queue."""
    put(centre.store, Intake("All", tuple(Rule(f"queues.{queue}.{one} == queues.{queue}.{one}", Choice("Q"))
                                          for one in FIELDS), Choice("Q")))  # fmt: skip
    found = centre.store.run(intake_seen("All", channel))
    assert found
    return found.queues[queue]


def decision(centre: Centre, contact_id: str) -> Decision | None:
    return centre.store.run(reading.contact(contact_id)).decision


def first_event(centre: Centre, contact_id: str) -> reading.Event:
    return next(one for one in centre.store.run(reading.events_after()) if one.fields.get("contact") == contact_id)


def test_a_contact_goes_where_the_first_rule_that_holds_says(centre: Centre) -> None:
    put(centre.store, front(('attributes.tier == "gold"', Choice("Other", priority=2)), ("true", Choice("Overflow"))))

    gold = take_in(centre, "c1", attributes={"tier": "gold"})
    other = take_in(centre, "c2")

    assert (gold.created, gold.state, gold.queue) == (True, "queued", "Other")
    assert centre.store.run(reading.contact("c1")).priority == 2
    assert other.queue == "Overflow"


def test_the_decision_stands_in_the_contacts_first_event_and_in_its_record(centre: Centre) -> None:
    when = 'attributes.tier == "gold" && queues.Other.waiting == 0'
    version = put(centre.store, Intake("Front", (Rule(when, Choice("Other"), "gold"),), Choice("Q")))

    take_in(centre, "c1", attributes={"tier": "gold"})
    take_in(centre, "c2", attributes={"tier": "gold"})

    assert decision(centre, "c1") == Decision("Front", version, 1, "gold", {"queues.Other.waiting": "0"})
    assert decision(centre, "c2") == Decision("Front", version, 0, "", {"queues.Other.waiting": "1"})
    event = first_event(centre, "c1")
    assert event.name == "contact.queued"
    assert {name: event.fields[name] for name in ("intake", "intake_version", "rule", "read")} == {
        "intake": "Front", "intake_version": str(version), "rule": "1 gold", "read": "queues.Other.waiting=0",
    }  # fmt: skip


def test_a_contact_that_was_pushed_to_a_queue_has_no_decision(centre: Centre) -> None:
    centre.push("c1")

    assert decision(centre, "c1") is None
    assert "intake" not in first_event(centre, "c1").fields


def test_no_event_of_an_intake_tells_what_the_customer_gave(centre: Centre) -> None:
    put(centre.store, front(('attributes.word == "s3cret" && customer == "c0der"', Choice("Other"))))

    take_in(centre, "c1", attributes={"word": "s3cret"}, customer="c0der", payload=b'"hidd3n"')

    events = str(centre.store.run(reading.events_after()))
    assert [word for word in ("s3cret", "c0der", "hidd3n") if word in events] == []


def test_a_rule_sets_all_that_a_producer_may_say(centre: Centre) -> None:
    steps = (parse_step("Language:French >= 3 for 30s"),)
    chosen = Choice("Other", channel="chat", priority=3, age_adjustment_s=60, criteria=steps)
    put(centre.store, front(("true", chosen)))

    take_in(centre, "c1", "Front", "voice", priority=9, criteria=(parse_step("agents [ana]"),))

    found = centre.store.run(reading.contact("c1"))
    assert (found.queue, found.channel, found.priority) == ("Other", "chat", 3)
    assert found.queued_us - found.rank_us == 60_000_000
    assert found.criteria == ("30000000 Language:French~3~5",)


def test_what_a_rule_does_not_set_stays_as_the_producer_gave_it(centre: Centre) -> None:
    put(centre.store, front(('channel == "chat"', Choice("Other"))))

    take_in(centre, "c1", "Front", "chat", priority=9, criteria=(parse_step("agents [ana]"),), start_in_s=60)

    found = centre.store.run(reading.contact("c1"))
    assert (found.state, found.queue, found.channel, found.priority) == ("scheduled", "Other", "chat", 9)
    assert found.criteria == ("- @ana",)


def test_a_rule_drops_the_criteria_that_the_producer_gave(centre: Centre) -> None:
    put(centre.store, front(("true", Choice("Other", criteria=()))))

    take_in(centre, "c1", criteria=(parse_step("agents [ana]"),))

    assert centre.store.run(reading.contact("c1")).criteria == ()


@pytest.mark.parametrize(
    "given", [{}, {"start_in_s": 9_000}, {"start_at_us": 1_900_000_000_000_000}, {"callback": Callback(9_000)}]
)
def test_a_rule_schedules_whatever_the_producer_said(centre: Centre, given: dict[str, Any]) -> None:
    put(centre.store, front(("true", Choice("Other", start_in_s=60))))

    take_in(centre, "c1", **given)
    centre.passes(61)

    found = centre.store.run(reading.contact("c1"))
    assert (found.state, found.queue, found.is_callback) == ("queued", "Other", False)
    assert first_event(centre, "c1").name == "contact.scheduled"
    assert first_event(centre, "c1").fields["rule"] == "1"


@pytest.mark.parametrize("given", [{}, {"start_in_s": 9_000}, {"callback": Callback(9_000)}])
def test_a_rule_makes_a_callback_of_a_chat(centre: Centre, given: dict[str, Any]) -> None:
    put(centre.store, front(("true", Choice("Other", callback_after_s=60, callback_retries=1))))

    channel = "voice" if "callback" in given else "chat"
    take_in(centre, "c1", "Front", channel, **given)
    before = centre.state("c1")
    centre.passes(61)

    found = centre.store.run(reading.contact("c1"))
    assert (before, found.state, found.channel, found.is_callback) == ("scheduled", "queued", "voice", True)
    assert found.direction == "outbound"


def test_a_rule_sends_a_contact_to_an_agents_own_queue(centre: Centre) -> None:
    put(centre.store, front(('"owner" in attributes', Choice("@ana"))))

    assert take_in(centre, "c1", attributes={"owner": "ana"}).queue == "@ana"


def test_a_rule_refuses_with_its_reason_and_nothing_is_left(centre: Centre) -> None:
    put(centre.store, front(("queues.Q.available == 0", Choice(refuse="nobody is here: call again at 8"))))

    with pytest.raises(IntakeRefused, match="intake 'Front' refuses the contact: nobody is here: call again at 8"):
        take_in(centre, "c1")
    centre.sign_in("ana")

    assert take_in(centre, "c1").created


def test_what_a_rule_makes_impossible_is_refused_with_why(centre: Centre) -> None:
    put(centre.store, front(("true", Choice("Q", channel="chat"))))

    with pytest.raises(IntakeRefused, match="a callback is a call: its channel is voice, not chat"):
        take_in(centre, "c1", callback=Callback(60))


def test_an_unknown_intake_and_a_full_queue_are_told_as_they_are(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=0))
    put(centre.store, front())

    with pytest.raises(UnknownIntake, match="intake 'Nowhere' does not exist"):
        take_in(centre, "c1", "Nowhere")
    with pytest.raises(QueueFull):
        take_in(centre, "c1")


def test_a_contact_of_an_intake_is_not_pushed_undecided(centre: Centre) -> None:
    with pytest.raises(InvalidContact, match="has an intake, which has not decided on it"):
        producing.push(centre.keys, NewContact("", "voice", intake="Front"))
    with pytest.raises(InvalidContact, match="give a queue or an intake, not both"):
        NewContact("Q", "voice", intake="Front")


def removals(centre: Centre) -> Iterator[Any]:
    """What happens between a push and its repetition, one after the other: the last leaves nothing of the intake."""
    yield put(centre.store, front(("queues.Q.waiting == 0", Choice("Q"))))
    yield put(centre.store, front(("true", Choice("Other", priority=1))))
    yield put(centre.store, front(("true", Choice(refuse="we are closed"))))
    yield put(centre.store, front(("true", Choice("Q", channel="chat"))))
    yield remove(centre.store, front())


def test_a_repeated_push_has_the_same_answer_and_no_second_effect_whatever_has_changed(centre: Centre) -> None:
    put(centre.store, front(("queues.Q.waiting == 0", Choice("Q"))))
    given: dict[str, Any] = {"attributes": {"tier": "gold"}, "callback": Callback(0, 60, 1)}
    first = take_in(centre, "c1", **given)
    made = decision(centre, "c1")

    for _ in removals(centre):
        events = len(centre.store.run(reading.events_after()))
        again = take_in(centre, "c1", **given)

        assert (again.contact_id, again.created, again.state, again.queue) == ("c1", False, first.state, "Q")
        assert decision(centre, "c1") == made
        assert len(centre.store.run(reading.events_after())) == events


@pytest.mark.parametrize(
    "other", [{"attributes": {"tier": "silver"}}, {"priority": 2}, {"intake": "Back"}, {"channel": "chat"}]
)
def test_another_push_of_the_same_id_is_refused(centre: Centre, other: dict[str, Any]) -> None:
    put(centre.store, front())
    put(centre.store, Intake("Back", (), Choice("Q")))
    take_in(centre, "c1", attributes={"tier": "gold"})

    with pytest.raises(ContactExists):
        take_in(centre, "c1", **{"attributes": {"tier": "gold"}} | other)
    with pytest.raises(ContactExists):
        centre.push("c1", attributes={"tier": "gold"})


def test_an_intake_is_read_once_for_each_push_while_it_stays_as_it_is(centre: Centre) -> None:
    put(centre.store, front(("queues.Q.open", Choice("Other"))))
    take_in(centre, "c1")
    asked: list[str] = []
    send = centre.store.run_many

    def counted(requests: Any) -> Any:
        asked.extend(request.script for request in requests)
        return send(requests)

    centre.store.run_many = counted  # type: ignore[method-assign]  # the store is the test's own
    take_in(centre, "c2")

    assert asked == ["read_intake", "push_contacts"]


def test_a_condition_reads_the_time_of_the_wall_clock(centre: Centre) -> None:
    put(centre.store, front(('now.time == "09:00"', Choice("Other")), timezone="Europe/Berlin"))

    assert take_in(centre, "c1").queue == "Other"  # 1,800,000,000 is 2027-01-15 08:00 UTC
    centre.now_us += 60_000_000
    assert take_in(centre, "c2").queue == "Q"


def test_what_is_read_of_a_queue_is_what_a_snapshot_tells(centre: Centre) -> None:
    centre.configure(Queue("Q", max_contacts=7))
    for number, adjusted in enumerate((0, -600, 600)):
        centre.push(f"c{number}", age_adjustment_s=adjusted, priority=number + 1)
        centre.now_us += 10_000_000
    centre.push("chat", channel="chat")
    centre.push("fussy", criteria=(parse_step("Language:French >= 3"),))

    voice, chat = seen(centre), seen(centre, channel="chat")
    states = {one.channel: one for one in centre.store.run(reading.queue_states("Q"))}

    assert voice == {
        "waiting": states["voice"].waiting, "oldest_s": states["voice"].oldest_us // 1_000_000, "available": 0,
        "staffed": 0, "contacts": 5, "max": 7, "open": True,
    }  # fmt: skip
    assert (voice["waiting"], voice["oldest_s"], chat["waiting"], chat["oldest_s"]) == (4, 30, 1, 0)


def test_a_contact_that_is_offered_waits_still(centre: Centre) -> None:
    centre.sign_in("ana", accepts=False)
    centre.push("c1")
    centre.now_us += 5_000_000

    found = seen(centre)

    assert (found["waiting"], found["oldest_s"], found["contacts"], found["available"]) == (1, 5, 1, 0)


def test_the_one_who_has_waited_longest_is_found_among_many_priorities(centre: Centre) -> None:
    for number in range(40):
        centre.push(f"c{number}", priority=40 - number)
        centre.now_us += 1_000_000

    assert (seen(centre)["waiting"], seen(centre)["oldest_s"]) == (40, 40)


def test_agents_are_staffed_while_routable_and_available_while_they_may_be_offered_a_contact(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Other", "chat")])], agents={"dan": "P"})
    found = [seen(centre)]
    for name in ("ana", "bo", "cem"):
        centre.sign_in(name)
    found.append(seen(centre))
    centre.push("c1")
    found.append(seen(centre))
    centre.does("bo", "set_status", BREAK.name)
    found.append(seen(centre))
    centre.does("cem", "sign_out")
    found.append(seen(centre))
    found.append(seen(centre, channel="chat"))

    counts = [(one["staffed"], one["available"]) for one in found]
    assert counts == [(0, 0), (3, 3), (3, 2), (2, 1), (1, 0), (0, 0)]


def test_agents_who_change_their_profile_are_staffed_there(centre: Centre) -> None:
    profiles = [profile([Entry("Q", "voice")]), profile([Entry("Other", "voice")], "R")]
    centre.configure(profiles=profiles)
    centre.sign_in("ana")
    centre.sign_in("bo")
    centre.does("bo", "set_status", BREAK.name)
    centre.configure(profiles=profiles, agents={"ana": "R", "bo": "R"})

    assert (seen(centre)["staffed"], seen(centre, "Other")["staffed"]) == (0, 1)


def test_a_queue_without_a_limit_has_no_max_and_a_closed_one_is_not_open(centre: Centre) -> None:
    night = Hours("Night", "UTC", dict.fromkeys(("mon", "fri"), (parse_span("20:00-24:00"),)))
    centre.configure(Queue("Q", hours="Night"), hours=[night])

    found = seen(centre)

    assert found["open"] is False
    assert "max" not in found


def test_a_trial_tells_what_a_push_would_do_and_pushes_nothing(centre: Centre) -> None:
    put(centre.store, front(('attributes.tier == "gold"', Choice("Other")), ("queues.Q.waiting > 3", Choice("Q"))))

    trial = centre.store.run(try_intake("Front", attributes={"tier": "silver"}))

    assert (trial.intake, trial.rule, trial.choice, trial.read) == ("Front", 0, Choice("Q"), {"queues.Q.waiting": "0"})
    assert [one.why_not for one in trial.rules] == [
        "attributes.tier == \"gold\" does not hold: tier is 'silver'",
        "queues.Q.waiting > 3 does not hold: queues.Q.waiting is 0",
        "",
    ]
    assert centre.line() == []
    with pytest.raises(UnknownIntake):
        centre.store.run(try_intake("Nowhere"))
