"""What the rules allow can be done by command: contacts, agents, queues, reports, and a person's desk."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Done
from conftest import RealServer

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.working import Session

ROOT = Path(__file__).parents[2]
Fairlead = Callable[..., str]


@pytest.fixture
def fairlead(fairlead: Callable[..., Done]) -> Fairlead:
    """Run `fairlead ARGUMENTS` on the bank's configuration; gives what it prints."""

    def run(*arguments: str, **how: Any) -> str:
        done = fairlead(*arguments, **how)
        return done.out + done.err

    run("apply", str(ROOT / "examples" / "bank.toml"))
    return run


@pytest.fixture
def store(server: RealServer) -> Store:
    return Store(server.client())


def test_a_contact_is_pushed_with_all_that_can_be_said_of_it(fairlead: Fairlead) -> None:
    fairlead(
        "produce", "push", "Accounts", "--id", "c", "--criteria", "Language:French >= 4 for 30s", "--attribute",
        "tier=gold", "--customer", "anna", "--related-to", "before", "--outbound", "--expiry", "600",
    )  # fmt: skip
    shown = json.loads(fairlead("contacts", "show", "c", "--json"))

    assert (shown["customer"], shown["related_to"], shown["direction"]) == ("anna", "before", "outbound")
    assert shown["attributes"] == {"tier": "gold"}
    assert shown["criteria"] == ["30000000 Language:French~4~5"]
    assert shown["estimate"]["position"] == 1
    assert shown["expires_us"] == shown["queued_us"] + 600_000_000


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("produce", "push", "Cards", "--criteria", "French"), 2, "is not a condition"),
        (("produce", "push", "Cards", "--criteria", "L:fr >= 1", "--criteria", "L:de >= 1"), 2, "step 1 never expires"),
        (("produce", "push", "Mailbox", "--channel", "task", "--start-in", "518401"), 2, "from 0 to 518,400"),
        (("produce", "push", "Mailbox", "--callback-in", "259201"), 2, "from 0 to 259,200"),
        (("produce", "push", "Accounts", "--attribute", "gold"), 2, "write NAME=TEXT"),
        (("contacts", "update", "nobody", "--priority", "1", "--age-adjustment", "1"), 2, "not both"),
        (("contacts", "update", "nobody"), 2, "say what is to change"),
        (("contacts", "move", "nobody", "Cards", "--rank", "top"), 2, "choose one of keep, back, front"),
        (("contacts", "move", "nobody", "Cards"), 3, "contact 'nobody' is not known"),
        (("contacts", "assign", "nobody", "ana"), 3, "contact 'nobody' is not known"),
        (("contacts", "end", "nobody"), 3, "contact 'nobody' is not known"),
        (("contacts", "callback", "nobody"), 3, "contact 'nobody' is not known"),
        (("agents", "next-status", "ana", "Lunch"), 4, "agent 'ana' is not signed in"),
        (("agents", "set-profile", "ana", "None"), 3, "routing profile 'None' does not exist"),
        (("agents", "set-profile", "nobody", "Front"), 3, "agent 'nobody' is not known"),
        (("agents", "proficiency", "ana", "Language:French=6"), 2, "with 0 to 5"),
        (("agents", "proficiency", "ana", "French=1"), 2, "is not Attribute:Value"),
        (("agents", "worklist", "nobody"), 3, "agent 'nobody' is not known"),
        (("queues", "disable", "Nowhere"), 3, "queue 'Nowhere' does not exist"),
        (("report", "--since", "soon"), 2, "as in 15m, 8h or 2d"),
        (("desk", "--agent", "nobody"), 3, "agent 'nobody' is not known"),
    ],
)
def test_what_cannot_be_done_is_told_with_why(
    fairlead: Fairlead, arguments: tuple[str, ...], code: int, says: str
) -> None:
    assert says in fairlead(*arguments, code=code)


def test_a_supervisor_changes_moves_and_ends_contacts(fairlead: Fairlead, store: Store) -> None:
    for name in ("a", "b", "c"):
        fairlead("produce", "push", "Accounts", "--id", name)
    fairlead("contacts", "update", "c", "--priority", "1")
    fairlead("contacts", "update", "b", "--age-adjustment", "600")
    order = [one["contact_id"] for one in json.loads(fairlead("contacts", "list", "--json"))]
    fairlead("contacts", "move", "b", "Mailbox", "--rank", "front")
    fairlead("contacts", "end", "a")
    fairlead("contacts", "callback", "c", "--delay", "60", "--retries", "2")

    assert order == ["c", "b", "a"]
    assert [store.run(reading.contact(name)).state for name in "abc"] == ["completed", "queued", "scheduled"]
    assert store.run(reading.contact("b")).queue == "Mailbox"


def test_a_disabled_queue_refuses_and_an_enabled_one_takes(fairlead: Fairlead) -> None:
    fairlead("queues", "disable", "Cards")
    refused = fairlead("produce", "push", "Cards", code=4)
    fairlead("queues", "enable", "Cards")

    assert "queue 'Cards' is disabled" in refused
    assert "is queued" in fairlead("produce", "push", "Cards")


def test_a_supervisor_steers_agents(fairlead: Fairlead, store: Store) -> None:
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in())
    fairlead("produce", "push", "Loans", "--channel", "task", "--id", "loan")
    worklist = json.loads(fairlead("agents", "worklist", "ana", "--json"))
    assigned = fairlead("contacts", "assign", "loan", "ana")
    told = fairlead("agents", "next-status", "ana", "Lunch")
    fairlead("agents", "proficiency", "ana", "Language:French=0", "Product:Loans=4")
    fairlead("agents", "set-profile", "ana", "Bots")
    exported = fairlead("export")

    assert [one["contact_id"] for one in worklist] == ["loan"]
    assert "loan is connected, with ana" in assigned
    assert "ana is Available, and will be Lunch" in told
    assert '"Product:Loans" = 4' in exported
    assert '"Language:French" = 4' not in exported


def test_a_person_works_at_the_desk(fairlead: Fairlead, store: Store) -> None:
    fairlead("produce", "push", "Cards", "--id", "card", "--attribute", "tier=gold")
    fairlead("produce", "push", "Loans", "--channel", "task", "--id", "loan", "--payload", '{"amount": 1}')

    told = fairlead(
        "desk", "--agent", "ana",
        typed="wait 10\naccept card\nhold card\nresume card\ncomplete card\nshow\nclear card\n"
        "pick loan\npause loan\nresume loan\nnext Lunch\ntransfer loan @bo\nshow\nquit\n",
    )  # fmt: skip

    assert "card is offered: voice from Cards tier=gold, answer within 15 s" in told
    assert "card acw: voice from Cards" in told
    assert '{"amount":1}' in told
    assert "you are Lunch" in told
    assert store.run(reading.contact("loan")).queue == "@bo"
    names = [event.name for event in store.run(reading.events_after()) if event.fields.get("contact") == "card"]
    assert names == [
        "contact.queued", "contact.offered", "contact.accepted", "contact.held", "contact.resumed",
        "contact.acw_started", "contact.completed",
    ]  # fmt: skip


def test_what_the_desk_cannot_do_is_told_and_ends_with_the_first_refusals_code(fairlead: Fairlead) -> None:
    fairlead("produce", "push", "Cards", "--id", "card")

    told = fairlead(
        "desk", "--agent", "ana", typed="wait 10\nfly\naccept nobody\nhold card\nreject card card\n", code=2
    )

    assert "'fly' is not a command" in told
    assert "contact 'nobody' is not with you" in told
    assert "contact 'card' is offered, and that state does not allow this" in told
    assert "reject has too few or too many words" in told


def test_a_callback_and_an_error_are_reported_at_the_desk(fairlead: Fairlead, store: Store) -> None:
    fairlead("produce", "push", "Cards", "--id", "back", "--callback-in", "0", "--retries", "1", "--retry-delay", "60")

    fairlead("desk", "--agent", "ana", typed="wait 10\nerror back\nclear back\nwait 10\naccept back\nretry back\n")

    assert store.run(reading.contact("back")).state == "scheduled"


def test_reports_are_in_intervals(fairlead: Fairlead) -> None:
    for name in ("a", "b"):
        fairlead("produce", "push", "Accounts", "--id", name)
    fairlead("desk", "--agent", "ana", typed="wait 10\naccept a\ncomplete a\n")

    rows = json.loads(fairlead("report", "--interval", "15m", "--since", "1h", "--within", "60", "--json"))
    agents = json.loads(fairlead("report", "--agents", "--json"))
    shown = fairlead("report", "--queue", "Accounts")

    accounts = [row for row in rows if row["queue"] == "Accounts"]
    assert sum(row["queued"] for row in accounts) == 2
    assert sum(row["answered"] for row in accounts) == 1
    assert all(row["service_level"] is None or 0 <= row["service_level"] <= 100 for row in accounts)
    assert sum(row["contact_s"] for row in agents if row["agent"] == "ana") > 0
    assert "Accounts" in shown


def test_contacts_that_ended_are_found_by_queue_and_customer(fairlead: Fairlead) -> None:
    for name, customer in (("c1", "anna"), ("c2", "bert"), ("c3", "anna")):
        fairlead("produce", "push", "Accounts", "--id", name, "--customer", customer)
    fairlead("contacts", "end", "c1")

    ended = json.loads(fairlead("contacts", "find", "--state", "completed", "--queue", "Accounts", "--json"))
    of_anna = json.loads(fairlead("contacts", "find", "--customer", "anna", "--json"))

    assert [contact["contact_id"] for contact in ended] == ["c1"]
    assert {contact["contact_id"] for contact in of_anna} == {"c1", "c3"}
    assert len(json.loads(fairlead("contacts", "find", "--limit", "2", "--json"))) == 2
    assert "none" in fairlead("contacts", "find", "--agent", "nobody")
