"""A contact is changed: its attributes in any state, its criteria while it waits."""

import pytest
from centre import Centre, profile
from commands import Run
from conftest import RealServer
from raw import raw

from fairlead import errors
from fairlead.domain.contact import MOST_ATTRIBUTES
from fairlead.domain.criteria import parse_step
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.service.producer import Producer
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import producing

OPEN = ["scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw", "parked"]
ENDED = ["completed", "abandoned", "expired"]
FRENCH, GERMAN = [(parse_step(f"L:{language} >= 3"),) for language in ("fr", "de")]


def comes_to(centre: Centre, state: str) -> None:
    """A task that is in a state, and has the attribute `tier`."""
    centre.configure(Queue("Q", acw_s={"task": 60} if state == "acw" else {}, max_attempts=1))
    if state not in ("scheduled", "queued", "abandoned", "expired"):
        centre.sign_in("ana", accepts=state != "offered")
    later = {"start_in_s": 60} if state == "scheduled" else {}
    centre.push("c", channel="task", attributes={"tier": "gold"}, expiry_s=60, **later)
    doing = {"on_hold": "hold", "paused": "pause", "acw": "complete", "completed": "complete"}
    if state in doing:
        centre.does("ana", doing[state], "c")
    if state == "parked":
        centre.fails("ana", "c")
    if state == "abandoned":
        centre.run(producing.abandon, "c")
    if state == "expired":
        centre.passes(61)
    assert centre.state("c") == state


def attributes(centre: Centre) -> dict[str, str]:
    return dict(centre.store.run(reading.contact("c")).attributes)


def changes(centre: Centre) -> list[str]:
    events = centre.store.run(reading.events_after())
    return [event.fields["changed"] for event in events if event.name == "contact.updated"]


@pytest.mark.parametrize("state", OPEN + ENDED)
def test_attributes_are_merged_in_any_state(centre: Centre, state: str) -> None:
    comes_to(centre, state)

    centre.run(producing.update, "c", attributes={"note": "called before", "tier": "silver"})
    centre.run(producing.update, "c", attributes={"note": None, "order": "A-1"})

    assert attributes(centre) == {"tier": "silver", "order": "A-1"}
    assert changes(centre) == ["attribute:note attribute:tier", "attribute:note attribute:order"]
    assert centre.state("c") == state


@pytest.mark.parametrize("state", ENDED)
def test_a_contact_that_has_ended_keeps_its_rank_and_its_end(centre: Centre, state: str) -> None:
    comes_to(centre, state)
    ends_in_s = raw(centre.store).ttl(centre.keys.contact("c"))

    centre.run(producing.update, "c", attributes={"tier": "silver"})
    with pytest.raises(errors.WrongState, match=state):
        centre.run(producing.update, "c", priority=1, attributes={"tier": "bronze"})

    assert attributes(centre) == {"tier": "silver"}
    assert 0 < raw(centre.store).ttl(centre.keys.contact("c")) <= ends_in_s


@pytest.mark.parametrize("text", ["", '"', "a\nb", "a\\nb", "\u2028", "é", "tier silver\n", "{}", " x "])
def test_an_attribute_is_kept_as_it_is_whatever_it_says(centre: Centre, text: str) -> None:
    centre.push("c", attributes={"first": text, "last": "z"})

    centre.run(producing.update, "c", attributes={"second": text})

    assert attributes(centre) == {"first": text, "last": "z", "second": text}
    centre.sign_in("ana")
    assert centre.offer("ana", "c").attributes == attributes(centre)


@pytest.mark.parametrize("text", ["\udcff", "a\ud800b", 7, "x" * 257])
def test_what_is_no_text_is_no_attribute(centre: Centre, text: str) -> None:
    centre.push("c")

    with pytest.raises(errors.InvalidContact, match="attribute 'a' is not a text"):
        centre.push("other", attributes={"a": text})
    with pytest.raises(errors.InvalidContact, match="attribute 'a' is not a text"):
        centre.run(producing.update, "c", attributes={"a": text})

    assert attributes(centre) == {}


def test_merged_attributes_keep_the_limit_and_one_is_removed_to_make_room(centre: Centre) -> None:
    full = {f"a{number}": "x" for number in range(MOST_ATTRIBUTES)}
    centre.push("c", attributes=full)

    with pytest.raises(errors.InvalidContact, match="would have 31 attributes"):
        centre.run(producing.update, "c", attributes={"more": "x"}, priority=1)
    assert (attributes(centre), centre.store.run(reading.contact("c")).priority) == (full, 5)
    centre.run(producing.update, "c", attributes={"more": "x", "a0": None})

    assert len(attributes(centre)) == MOST_ATTRIBUTES
    assert "more" in attributes(centre)


def test_the_last_attribute_may_be_removed(centre: Centre) -> None:
    centre.push("c", attributes={"tier": "gold"})

    centre.run(producing.update, "c", attributes={"tier": None, "never": None})

    assert attributes(centre) == {}
    assert changes(centre) == ["attribute:tier"]


@pytest.mark.parametrize(
    "change",
    [{"priority": 5}, {"age_adjustment_s": 0}, {"attributes": {"tier": "gold", "no": None}}, {"criteria": FRENCH}],
    ids=lambda change: next(iter(change)),
)
def test_what_is_as_it_was_changes_nothing_and_is_not_told(centre: Centre, change: dict[str, object]) -> None:
    centre.push("c", attributes={"tier": "gold"}, criteria=FRENCH)
    before = raw(centre.store).hgetall(centre.keys.contact("c"))

    centre.run(producing.update, "c", **change)

    assert raw(centre.store).hgetall(centre.keys.contact("c")) == before
    assert changes(centre) == []


def test_the_event_names_everything_that_changed_and_no_value(centre: Centre) -> None:
    centre.push("c")

    centre.run(producing.update, "c", priority=2, criteria=FRENCH, attributes={"tier": "platinum"})
    centre.run(producing.update, "c", age_adjustment_s=60)

    assert changes(centre) == ["priority criteria attribute:tier", "age_adjustment"]
    assert "platinum" not in str(centre.store.run(reading.events_after()))


def test_new_criteria_find_another_agent_at_once(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 5}, "bo": {"L:de": 5}})
    centre.sign_in("bo")
    centre.push("c", criteria=FRENCH)
    nobody = centre.who("c")

    centre.run(producing.update, "c", criteria=GERMAN)

    assert (nobody, centre.who("c")) == ("", "bo")


def test_without_criteria_anybody_gets_the_contact(centre: Centre) -> None:
    centre.sign_in("ana")
    centre.push("c", criteria=FRENCH)

    centre.run(producing.update, "c", criteria=())

    assert (centre.who("c"), centre.store.run(reading.contact("c")).criteria) == ("ana", ())
    assert raw(centre.store).keys("*:tracks:*") == []


def test_new_criteria_begin_with_their_first_step_from_now_on(centre: Centre) -> None:
    centre.configure(agents={"ana": {"L:fr": 5}})
    centre.sign_in("ana")
    steps = [parse_step(text) for text in ("L:it >= 1 for 30s", "L:es >= 1")]
    centre.push("c", criteria=steps)
    centre.passes(31)
    second = centre.store.run(reading.contact("c")).step

    centre.run(producing.update, "c", criteria=[parse_step("L:de >= 1 for 20s"), parse_step("L:fr >= 1")])
    centre.passes(19)
    is_early = centre.who("c")
    centre.passes(1)

    assert (second, is_early, centre.who("c")) == (2, "", "ana")
    assert raw(centre.store).zscore(centre.keys.due, "step:c") is None


def test_new_criteria_of_a_contact_that_is_offered_count_when_it_comes_back(centre: Centre) -> None:
    centre.configure(Queue("Q", offer_again_after_s=None), agents={"bo": {"L:de": 5}})
    centre.sign_in("ana", accepts=False)
    centre.push("c", criteria=[parse_step("not (L:xx >= 1) for 40s")])
    centre.run(producing.update, "c", criteria=GERMAN)
    still = centre.who("c")

    centre.sign_in("bo")
    centre.does("ana", "reject", "c")

    assert (still, centre.who("c")) == ("ana", "bo")
    assert raw(centre.store).zscore(centre.keys.due, "step:c") is None


def test_new_criteria_of_a_scheduled_contact_count_when_it_starts(centre: Centre) -> None:
    centre.configure(agents={"bo": {"L:de": 5}})
    centre.push("c", start_in_s=60, criteria=FRENCH)
    centre.run(producing.update, "c", criteria=GERMAN)
    centre.sign_in("bo")

    centre.passes(61)

    assert centre.who("c") == "bo"


def test_new_criteria_count_in_another_queue_once_the_contact_has_left_an_agent_queue(centre: Centre) -> None:
    centre.configure(profiles=[profile([Entry("Q", "voice"), Entry("Other", "voice")])])
    centre.push("c", queue="@ana")

    centre.run(producing.update, "c", criteria=FRENCH)
    centre.sign_in("bo")

    assert (centre.where("c"), centre.who("c")) == ("@ana", "")
    centre.sign_in("ana")
    assert centre.who("c") == "ana"


@pytest.mark.parametrize("state", ["connected", "on_hold", "acw", "parked"])
@pytest.mark.parametrize("change", [{"priority": 1}, {"criteria": FRENCH}], ids=["priority", "criteria"])
def test_what_does_not_wait_ranks_nowhere_and_asks_for_nobody(
    centre: Centre, state: str, change: dict[str, object]
) -> None:
    comes_to(centre, state)

    with pytest.raises(errors.WrongState, match=state):
        centre.run(producing.update, "c", attributes={"tier": "silver"}, **change)

    assert attributes(centre) == {"tier": "gold"}


def test_an_update_says_what_is_to_change(centre: Centre) -> None:
    with pytest.raises(errors.InvalidContact, match="say what is to change"):
        centre.run(producing.update, "c", attributes={})
    with pytest.raises(errors.InvalidName, match="attribute"):
        centre.run(producing.update, "c", attributes={"two words": None})
    with pytest.raises(errors.InvalidContact, match="at most 256"):
        centre.run(producing.update, "c", attributes={"a": "x" * 257})
    with pytest.raises(errors.InvalidCriteria):
        centre.run(producing.update, "c", criteria=FRENCH * 6)


def test_a_producer_changes_criteria_by_their_texts(centre: Centre) -> None:
    centre.push("c")

    Producer(centre.store).update("c", criteria=["L:fr >= 3"], attributes={"tier": "gold"})

    record = centre.store.run(reading.contact("c"))
    assert (record.criteria, record.attributes) == (("- L:fr~3~5",), {"tier": "gold"})


def test_the_command_merges_attributes_and_removes_one_without_a_text(server: RealServer, run: Run) -> None:
    store = Store(server.client())
    run(server.url, "produce", "push", "BasicQueue", "--id", "c", "--attribute", "a=1", "--attribute", "b=2")

    change = ("--attribute", "a=", "--attribute", "d=4", "--criteria", "L:fr >= 3")
    done = run(server.url, "contacts", "update", "c", *change)

    assert done.code == 0
    assert store.run(reading.contact("c")).attributes == {"b": "2", "d": "4"}
    assert store.run(reading.contact("c")).criteria == ("- L:fr~3~5",)


def test_a_change_of_rank_alone_writes_no_attributes(centre: Centre) -> None:
    centre.push("c")

    centre.run(producing.update, "c", priority=2)

    assert not raw(centre.store).hexists(centre.keys.contact("c"), "attributes")
