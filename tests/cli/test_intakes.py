"""Intakes at a terminal: applied, listed, tried, pushed to, and told with a contact."""

import json
from pathlib import Path

import pytest
from commands import Run
from conftest import RealServer

CONFIGURATION = """\
[queues.Sales]
[queues.Vip]
[profiles.P]
channels.voice = { slots = 1 }
entries = [{ queue = "Sales", channel = "voice" }, { queue = "Vip", channel = "voice" }]
[intakes.Front]
display_name = "At the door"
rules = [
  { when = 'attributes.tier == "gold" && queues.Sales.waiting > 0', name = "gold", queue = "Vip", priority = 2 },
  { when = 'channel == "chat"', refuse = "we do not chat" },
]
default = { queue = "Sales" }
"""


@pytest.fixture
def url(server: RealServer, run: Run, tmp_path: Path) -> str:
    file = tmp_path / "f.toml"
    file.write_text(CONFIGURATION)
    applied = run(server.url, "apply", str(file))
    assert "+ intake Front" in applied.out
    return server.url


def test_intakes_are_listed_with_their_rules(url: str, run: Run) -> None:
    assert run(url, "intake", "list").out.splitlines() == [
        "Front  At the door",
        '  1 gold: attributes.tier == "gold" && queues.Sales.waiting > 0: queue Vip, priority 2',
        '  2: channel == "chat": refuse we do not chat',
        "  default: queue Sales",
    ]
    [listed] = json.loads(run(url, "intake", "list", "--json").out)
    assert (listed["name"], listed["default"], len(listed["rules"])) == ("Front", {"queue": "Sales"}, 2)


def test_where_there_are_no_intakes_none_is_listed(server: RealServer, run: Run) -> None:
    assert run(server.url, "intake", "list").out == "none\n"


def test_a_trial_shows_which_rule_holds_and_why_those_before_do_not(url: str, run: Run) -> None:
    assert run(url, "intake", "try", "Front", "--attribute", "tier=gold", "--channel", "chat").out.splitlines() == [
        "1 gold: no: queues.Sales.waiting > 0 does not hold: queues.Sales.waiting is 0",
        '2: yes: channel == "chat"',
        "so: refuse we do not chat",
        "read: queues.Sales.waiting is 0, channel is chat",
    ]
    assert run(url, "intake", "try", "Front").out.splitlines()[-3:] == [
        "default: no rule holds", "so: queue Sales", "read: queues.Sales.waiting is 0, channel is voice",
    ]  # fmt: skip


def test_a_trial_is_told_to_programs(url: str, run: Run) -> None:
    trial = json.loads(run(url, "intake", "try", "Front", "--channel", "chat", "--json").out)

    assert (trial["rule"], trial["choice"]) == (2, {"refuse": "we do not chat"})
    assert trial["rules"][0]["why_not"].endswith("the contact has no attribute tier")
    assert trial["read"] == {"queues.Sales.waiting": "0", "channel": "chat"}


def test_a_contact_is_pushed_to_an_intake_and_shows_its_decision(url: str, run: Run) -> None:
    push = ("produce", "push", "--intake", "Front", "--attribute", "tier=gold", "--id")

    said = [run(url, *push, one).out for one in ("c1", "c2", "c2")]
    shown, other = run(url, "contacts", "show", "c2").out, run(url, "contacts", "show", "c1").out

    assert said == ["c1 is queued in Sales\n", "c2 is queued in Vip\n", "c2 is queued in Vip (known already)\n"]
    chosen = "Front chose its queue by rule 1 gold (version 2): queues.Sales.waiting was 1"
    assert f"intake      {chosen}\n" in shown
    assert "intake      Front chose its queue by default, no rule held (version 2): " in other
    assert f"\nintake {chosen}" in run(url, "explain", "contact", "c2").out
    assert f", intake {chosen}" in run(url, "contacts", "timeline", "c2").out
    explained = json.loads(run(url, "explain", "contact", "c1", "--json").out)["intake"]
    assert (explained["rule"], explained["told"].split(":")[0]) == (
        0, "Front chose its queue by default, no rule held (version 2)",
    )  # fmt: skip
    decision = json.loads(run(url, "contacts", "show", "c2", "--json").out)["decision"]
    assert (decision["intake"], decision["rule"], decision["rule_name"]) == ("Front", 1, "gold")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("produce", "push"), 2, "name the queue, or an intake with --intake"),
        (("produce", "push", "Sales", "--intake", "Front"), 2, "give a queue or an intake, not both"),
        (("produce", "push", "--intake", "Nowhere"), 3, "intake 'Nowhere' does not exist"),
        (("produce", "push", "--intake", "Front", "--channel", "chat"), 4, "refuses the contact: we do not chat"),
        (("intake", "try", "Nowhere"), 3, "intake 'Nowhere' does not exist"),
        (("intake", "try", "Front", "--attribute", "tier"), 2, "'tier': write NAME=TEXT"),
        (("intake", "try", "Front", "--channel", "fax"), 2, "channel 'fax' does not exist"),
        (("intake", "try", "Front", "--customer", "a b"), 2, "customer 'a b' is not a valid name"),
    ],
)
def test_what_cannot_be_done_is_told(url: str, run: Run, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = run(url, *arguments)

    assert done.code == code
    assert says in done.err


def test_an_exported_intake_is_applied_again(url: str, run: Run, tmp_path: Path) -> None:
    exported = tmp_path / "exported.toml"
    run(url, "export", str(exported))

    assert "Nothing to change" in run(url, "apply", str(exported)).out
