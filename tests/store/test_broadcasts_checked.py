"""The checks of keys and of histories know contacts that ring at several agents."""

from dataclasses import replace

import pytest
from centre import Centre
from conftest import RealServer
from raw import raw
from store.ringing import ringing

from fairlead.domain.queue import Queue
from fairlead.service.decision import explain_offer
from fairlead.service.history import check_history, record_history
from fairlead.store.checking.walk import examine_state
from fairlead.store.reading import Event
from fairlead.store.transitions import producing, supervising


def findings(centre: Centre) -> list[tuple[str, str]]:
    found = centre.store.run(examine_state()).findings
    return [(one.key.removeprefix(centre.keys.prefix), one.stands) for one in found]


def a_day(centre: Centre) -> None:
    """Contacts that ring, and all ways in which they end."""
    ringing(centre)
    centre.does("ana", "reject", "c")
    centre.does("cem", "accept", "c")
    for name in ("d", "e"):
        centre.push(name)
    centre.passes(20)
    for name in ("ana", "bo"):
        centre.clears(name, "d")
    centre.does("cem", "complete", "c")
    for name in ("d", "e"):
        centre.run(producing.abandon, name)
    centre.push("f")
    centre.does("ana", "report_error", "f", "no line")
    centre.does("bo", "set_status", "Break")
    centre.does("bo", "set_status", "Available")
    centre.clears("ana", "f")
    centre.store.run(centre.sessions["cem"].sign_out())
    centre.sign_in("cem", accepts=False)
    centre.run(supervising.move, "f", "Other")


def test_what_rings_at_several_is_as_it_should_be(centre: Centre) -> None:
    ringing(centre)
    assert findings(centre) == []

    centre.does("ana", "reject", "c")
    assert findings(centre) == []
    centre.does("cem", "accept", "c")
    assert findings(centre) == []


@pytest.fixture
def spoiled(server: RealServer) -> Centre:
    """What has been damaged, which is not looked at in the end."""
    return Centre(server.client())


@pytest.mark.parametrize(
    ("damage", "stands"),
    [
        ("HDEL agent:bo slots", ("agent:bo", "slots none")),
        ("ZREM due ring:bo/{bo}", ("due", "no ring:bo/{bo}")),
        ("ZADD due 9e15 ring:bo/7", ("due", "ring:bo/7: the agent keeps no such slot")),
        ("HDEL contact:c rings", ("agent:bo", "slot {bo} voice offered c Q , of a contact that is offered ana {ana}")),
        ("HDEL instance special", ("instance special", "choices []")),
    ],
)
def test_damage_to_what_rings_is_told(spoiled: Centre, damage: str, stands: tuple[str, str]) -> None:
    ringing(spoiled, "ana", "bo")
    tokens = {name: spoiled.slots(name)[0].token for name in ("ana", "bo")}
    word, key, *words = damage.format(**tokens).split(" ")

    raw(spoiled.store).execute_command(word, spoiled.keys.prefix + key, *words)

    assert (stands[0], stands[1].format(**tokens)) in findings(spoiled)


def test_the_history_of_a_day_is_right(centre: Centre) -> None:
    a_day(centre)

    history = centre.store.run(record_history())

    assert sum(one.name == "contact.rescinded" for one in history.events) > 2
    assert check_history(history) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("nobody was rescinded", "c still rings at bo"),
        ("the last was rescinded", "c rings at nobody else"),
        ("another accepted", "contact.accepted of c by cem"),
        ("rings at too many", "c rings at 2, and may at 1"),
        ("another number", "c rings on at 2, not 5"),
    ],
)
def test_a_wrong_history_is_told(centre: Centre, wrong: str, told: str) -> None:
    ringing(centre)
    if wrong == "another number":
        centre.does("ana", "reject", "c")
    centre.does("ana" if wrong != "another number" else "bo", "accept", "c")
    history = centre.store.run(record_history())
    at = [place for place, one in enumerate(history.events) if one.name in ("contact.rescinded", "contact.accepted")]

    def changed(place: int, **fields: str) -> Event:
        event = history.events[place]
        return replace(event, fields={**event.fields, **fields})

    if wrong == "nobody was rescinded":
        del history.events[at[0] : at[-1]]
    elif wrong == "the last was rescinded":
        accepted = history.events[at[-1]].fields
        also = {name: accepted[name] for name in ("contact", "queue", "channel", "agent", "token")}
        history.events.insert(at[-1], replace(history.events[at[0]], fields={**also, "reason": "answered"}))
    elif wrong == "another accepted":
        history.events[at[-1]] = changed(at[-1], agent="cem")
    elif wrong == "rings at too many":
        one = history.configured[-1]
        queues = {**one.configuration.queues, "Q": Queue("Q", offer_again_after_s=0)}
        history.configured[-1] = replace(one, configuration=replace(one.configuration, queues=queues))
    else:
        place = next(place for place, one in enumerate(history.events) if one.name == "contact.rejected")
        history.events[place] = changed(place, rings="5")

    assert told in " ".join(one.found for one in check_history(history))


@pytest.mark.parametrize("name", ["ana", "bo", "cem"])
def test_each_of_them_was_asked_by_one_decision(centre: Centre, name: str) -> None:
    ringing(centre)
    token = centre.slots(name)[0].token

    decided = centre.store.run(explain_offer("c", token))

    assert (decided.event.fields["agent"], decided.rings, decided.side) == (name, ("ana", "bo", "cem"), "contact")
    assert decided.agrees
    assert [one.agent for one in decided.agents if one.reason is None] == ["ana", "bo", "cem"]


def test_what_has_rung_at_several_is_known_when_it_is_offered_again(centre: Centre) -> None:
    a_day(centre)
    centre.push("g")

    decided = centre.store.run(explain_offer("g"))

    assert decided.agrees, decided
