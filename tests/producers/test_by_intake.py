"""Recorded and synthetic contacts for whom an intake chooses the queue."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Run
from conftest import RealServer

from fairlead.store import reading
from fairlead.store.client import Store

INTAKE = """\
[queues.Vip]
[queues.Other]
[intakes.Front]
rules = [
  { when = 'attributes.tier == "gold"', queue = "Vip", priority = 2 },
  { when = 'attributes.tier == "spam"', refuse = "not here" },
]
default = { queue = "Other" }
"""


@pytest.fixture
def front(run: Run, server: RealServer, tmp_path: Path) -> str:
    file = tmp_path / "front.toml"
    file.write_text(INTAKE)
    assert run(server.url, "apply", str(file)).code == 0
    return server.url


def test_an_intake_chooses_the_queue_of_each_row_that_is_replayed(
    run: Run, front: str, server: RealServer, tmp_path: Path
) -> None:
    """Attributes come from nested JSON; a row without any has none, and who is refused is a reject."""
    records: list[dict[str, Any]] = [
        {"id": "c1", "Attributes": {"tier": "gold"}}, {"id": "c2", "Attributes": {}}, {"id": "c3"},
        {"id": "c4", "Attributes": {"tier": "spam"}}, {"id": "c5", "Attributes": {"tier": ["gold"]}},
    ]  # fmt: skip
    file = tmp_path / "calls.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in records))
    replay = (
        "produce", "replay", str(file), "--intake", "Front", "--attribute-columns", "Attributes.tier", "--id-column",
        "id", "--json", "--rejects", str(tmp_path / "bad"),
    )  # fmt: skip

    first, again = json.loads(run(front, *replay).out), json.loads(run(front, *replay).out)

    store = Store(server.client())
    found = [store.run(reading.contact(one)) for one in ("c1", "c2", "c3")]
    assert [(one.queue, one.priority) for one in found] == [("Vip", 2), ("Other", 5), ("Other", 5)]
    assert dict(found[0].attributes) == {"tier": "gold"}
    assert (first["pushed"], first["rejected"], again["pushed"], again["repeated"]) == (3, 2, 0, 3)
    assert any("not here" in reason for reason in first["reasons"])
    assert "Attributes.tier is nested: name what is in it, as in Attributes.tier.tier" in first["reasons"]


def test_synthetic_contacts_go_by_an_intake(run: Run, front: str, server: RealServer) -> None:
    arrivals = ("produce", "arrivals", "--intake", "Front:voice=600", "--duration", "6", "--pace", "0", "--seed", "3")

    gold = json.loads(run(front, *arrivals, "--attribute", "tier=gold", "--json").out)
    plain = json.loads(run(front, *arrivals, "--queue", "Vip:chat=600", "--json").out)

    store = Store(server.client())
    assert store.run(reading.position_of_next("Vip", "voice", 5)) == gold["pushed"] + 1 > 30
    others = [store.run(reading.position_of_next(*pair, 5)) - 1 for pair in (("Other", "voice"), ("Vip", "chat"))]
    assert min(others) > 30
    assert sum(others) == plain["pushed"]


def test_synthetic_contacts_need_a_queue_or_an_intake(run: Run, front: str) -> None:
    neither, wrong = run(front, "produce", "arrivals"), run(front, "produce", "arrivals", "--intake", "Front")

    assert (neither.code, wrong.code) == (2, 2)
    assert "say what is to come: --queue QUEUE:CHANNEL=PER_MINUTE, or --intake" in neither.err
    assert "write INTAKE:CHANNEL=PER_MINUTE" in wrong.err
