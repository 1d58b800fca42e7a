"""A payload is nowhere but where it has to be: not in keys, events, measures, logs, errors or what commands show."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import READING, Run
from conftest import RealServer, eventually
from fairlead_web.metrics import age, exposition
from processes import StartWorker, push, state_of, told
from raw import raw

from fairlead.errors import FairleadError
from fairlead.service.administrator import Administrator
from fairlead.service.producer import Producer
from fairlead.service.snapshot import take_snapshot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions import supervising

CANARY = "kanarienvogel"


def keys_with_canary(store: Store) -> set[str]:
    client: Any = raw(store)
    read = {
        b"hash": client.hgetall, b"set": client.smembers, b"string": client.get, b"stream": client.xrange,
        b"zset": lambda key: client.zrange(key, 0, -1), b"list": lambda key: client.lrange(key, 0, -1),
    }  # fmt: skip
    return {key.decode() for key in sorted(client.keys()) if CANARY in f"{key} {read[client.type(key)](key)}"}


HANDLERS = """
import pathlib, json

def handle(contact):
    if contact.contact_id == "raises":
        raise ValueError(contact.payload)
    if contact.contact_id == "answers":
        contact.outcome = contact.payload
        return contact.payload
    if contact.contact_id == "transfers":
        contact.transfer(json.dumps(contact.payload))
    if contact.contact_id == "awaits":
        return wait(contact)
    try:
        raise ValueError(contact.payload)
    except ValueError as failure:
        raise RuntimeError(contact.payload) from failure

async def wait(contact):
    raise KeyError(contact.payload)
"""

FAILING = ("raises", "answers", "transfers", "awaits", "c1")


@pytest.fixture
def impatient(real: Store) -> Store:
    """Failed contacts are offered again at once."""
    Administrator(real).change_object("queue", "BasicQueue", lambda queue: replace(queue, retry_delay_s=0))
    return real


def test_the_payload_of_a_contact_that_fails_again_and_again_is_shown_nowhere(
    impatient: Store, server: RealServer, start_worker: StartWorker, run: Run, tmp_path: Path
) -> None:
    real = impatient
    (tmp_path / "birds.py").write_text(HANDLERS)
    start_worker("birds:handle", "--log-level", "debug")
    for name in FAILING:
        push(real, name, {CANARY: [CANARY]})

    for name in FAILING:
        eventually(lambda name=name: state_of(real, name) == "parked")  # type: ignore[misc]
    eventually(lambda: len(told(tmp_path, "parked")) == len(FAILING))

    shown = [run(server.url, *command) for command in READING if "--payload" not in command]
    assert {key.rpartition(":")[2] for key in keys_with_canary(real)} == {"payloads"}
    assert CANARY not in (tmp_path / "worker0.log").read_text()
    assert CANARY not in "".join(done.out + done.err for done in shown)
    assert "c1" in "".join(done.out for done in shown)
    assert CANARY not in exposition(real.run(take_snapshot())) + age(0)
    assert CANARY not in repr(real.run(reading.contact("c1", with_payload=True)))

    for name in FAILING:
        real.run(supervising.stop(real.keys, name))
    assert keys_with_canary(real) == set()


@pytest.mark.parametrize(
    "payload", [[CANARY * 6_000], {CANARY: object()}, CANARY + "\ud800", {(CANARY,): 1}]
)
def test_the_error_of_a_payload_that_is_refused_does_not_tell_it(real: Store, payload: object) -> None:
    with pytest.raises(FairleadError) as refusal:
        Producer(real).push("BasicQueue", payload)

    assert CANARY not in repr(refusal.value)
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize("payload", ["{" + CANARY, f'["{CANARY}"', f'"{CANARY * 6_000}"'])
def test_the_command_does_not_tell_a_payload_that_it_refuses(
    real: Store, server: RealServer, run: Run, payload: str
) -> None:
    done = run(server.url, "produce", "push", "BasicQueue", "--payload", payload)

    assert done.code == 2
    assert CANARY not in done.out + done.err


def test_who_asks_for_it_keeps_what_errors_say_in_one_line(
    impatient: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    real = impatient
    start_worker("shop:failing", "--keep-error-text")
    push(real, "c1", "the order\nis " + "x" * 300)

    eventually(lambda: state_of(real, "c1") == "parked")
    eventually(lambda: told(tmp_path, "parked"))

    error = real.run(reading.contact("c1")).error
    assert error.startswith("ValueError at shop.py:")
    assert error.endswith(": the order is " + "x" * 187)
    assert json.dumps(error) in (tmp_path / "worker0.log").read_text()
