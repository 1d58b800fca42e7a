"""What tells of a customer is erased when somebody asks for it, and measures go on as if nothing had happened."""

import pytest
from centre import Centre
from raw import raw

from fairlead import errors
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.measures import total
from fairlead.service.snapshot import take_snapshot
from fairlead.store import reading
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising

CANARY = "kanarienvogel"


def everything(centre: Centre) -> str:
    """All keys with what is in them."""
    client = raw(centre.store)
    read = {
        b"hash": client.hgetall, b"set": client.smembers, b"string": client.get, b"stream": client.xrange,
        b"zset": lambda key: client.zrange(key, 0, -1), b"list": lambda key: client.lrange(key, 0, -1),
    }  # fmt: skip
    return "\n".join(f"{key} {read[client.type(key)](key)}" for key in sorted(client.keys()))


def pushed(centre: Centre) -> None:
    about = {"customer": CANARY, "attributes": {"tier": CANARY}, "headers": {"baggage": CANARY}}
    centre.push("c", payload=f'"{CANARY}"'.encode(), **about)


def handled(centre: Centre) -> float:
    return total(centre.store.run(take_snapshot()).queues[0].totals, "h")


def test_nothing_of_the_customer_is_left_but_the_skeleton(centre: Centre) -> None:
    pushed(centre)
    centre.sign_in("ana")
    centre.fails("ana", "c", error=CANARY)
    centre.passes(120)
    centre.does("ana", "complete", "c")
    raw(centre.store).delete(*raw(centre.store).keys("*inbox*"), centre.keys.served("nobody"))
    kept = everything(centre)

    centre.run(supervising.forget, "c")
    centre.run(supervising.forget, "c")

    left = centre.store.run(reading.contact("c"))
    stream = repr(raw(centre.store).xrange(centre.keys.events))
    assert kept.count(CANARY) - stream.count(CANARY) > 3
    assert everything(centre).count(CANARY) == stream.count(CANARY)
    assert (left.state, left.queue, left.attempts) == ("completed", "Q", 1)
    assert (left.customer, left.attributes, left.headers, left.error) == ("", {}, {}, "")
    assert handled(centre) == 2  # a part that failed, and one that was completed
    assert [one.name for one in centre.store.run(reading.events_after())].count("contact.forgotten") == 1


def test_what_rules_of_an_intake_have_read_is_forgotten_and_which_rule_it_was_is_not(centre: Centre) -> None:
    door = Intake("Door", (Rule(f'attributes.tier == "{CANARY}"', Choice("Q", priority=1)),), Choice("Other"))
    centre.run(configuring.put_object, door, 0)
    producer_decides = NewContact("Q", "voice", contact_id="c", attributes={"tier": CANARY})
    centre.store.run(producing.push(centre.keys, producer_decides))
    record = centre.keys.contact("c")
    raw(centre.store).hset(record, "intake", f"Door 1 1\nattributes.tier={CANARY}")
    centre.run(producing.abandon, "c")

    centre.run(supervising.forget, "c")

    decision = centre.store.run(reading.contact("c")).decision
    assert decision is not None
    assert (decision.intake, decision.rule, decision.read) == ("Door", 1, {})


def test_only_what_has_ended_is_forgotten(centre: Centre) -> None:
    pushed(centre)

    with pytest.raises(errors.WrongState, match="is queued, and only what has ended is forgotten: end it first"):
        centre.run(supervising.forget, "c")
    with pytest.raises(errors.UnknownContact):
        centre.run(supervising.forget, "d")

    assert centre.store.run(reading.contact("c")).customer == CANARY


def test_a_push_of_the_same_id_does_not_bring_it_back(centre: Centre) -> None:
    pushed(centre)
    centre.run(producing.abandon, "c")
    centre.run(supervising.forget, "c")

    with pytest.raises(errors.ContactExists):
        pushed(centre)

    assert centre.store.run(reading.contact("c")).customer == ""
