"""What tests with real worker processes share: how one is started, its handlers, its log."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from raw import raw

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.scripts import load
from fairlead.store.transitions import producing

HANDLERS = """
import asyncio, os, pathlib, sys, time

def plain(contact):
    pathlib.Path(contact.payload).write_text(f"{contact.contact_id} {contact.attempt}")

def failing(contact):
    raise ValueError(contact.payload)

async def patient(contact):
    await asyncio.sleep(3600)

async def moving(contact):
    if contact.queue == "BasicQueue":
        contact.transfer("@bo")

def nowhere(contact):
    contact.transfer("Nowhere")

def calling(contact):
    assert (contact.direction, contact.customer, contact.attributes) == ("outbound", "anna", {"tier": "gold"})
    contact.retry_callback()

def recurse(contact):
    return recurse(contact)

def poisonous(contact):
    "Does what the payload says."
    exec(contact.payload or "")

async def poisonous_async(contact):
    exec(contact.payload or "")

async def poisonous_in_a_task(contact):
    if contact.payload:
        async def task():
            exec(contact.payload)
        await asyncio.gather(asyncio.ensure_future(task()))

class Shop:
    async def __call__(self, contact):
        await asyncio.sleep(0)
        pathlib.Path(contact.payload).write_text("called")

shop = Shop()

async def blocking_once(contact):
    "Keeps the event loop from running for longer than a short lease."
    if not pathlib.Path("blocked").exists():
        pathlib.Path("blocked").touch()
        time.sleep(3)

async def blocking(contact):
    pathlib.Path("begun").touch()
    time.sleep(3600)

def blocking_thread(contact):
    pathlib.Path("begun").touch()
    time.sleep(3600)
"""

StartWorker = Callable[..., "subprocess.Popen[bytes]"]


def worker_command(url: str, handler: str, *options: str, agents: tuple[str, ...] = ("ana",)) -> list[str]:
    named = [part for agent in agents for part in ("--agent", agent)]
    command = [sys.executable, "-m", "fairlead.cli.main", "work", *named, "--handler", handler, *options]
    return [*command, "--redis", url, "--profile", "BasicRoutingProfile", "--log-format", "json"]


def without_settings() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}


def log_of(folder: Path, number: int = 0) -> list[dict[str, Any]]:
    """What the worker that was started as number `number` in this folder has logged."""
    lines = (folder / f"worker{number}.log").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def told(folder: Path, event: str, number: int = 0) -> list[dict[str, Any]]:
    """The log's lines of that event."""
    return [line for line in log_of(folder, number) if line["event"] == event]


def push(store: Store, contact_id: str, payload: object = None, channel: str = "voice") -> None:
    contact = NewContact("BasicQueue", channel, json.dumps(payload).encode(), contact_id=contact_id)
    store.run(producing.push(store.keys, contact))


def inbox_of(store: Store, agent: str) -> str:
    return store.keys.inbox(raw(store).hget(store.keys.agent(agent), "inbox").decode())


def push_without_a_hint(store: Store, contact_id: str, agent: str) -> None:
    """Push a contact, and lose the hint of it before anybody can read it."""
    request = producing.push(store.keys, NewContact("BasicQueue", "voice", contact_id=contact_id))
    script = load(request.script)
    pipeline = raw(store).pipeline(transaction=True)
    pipeline.execute_command("EVAL", script.text, *script.arguments(request))
    pipeline.delete(inbox_of(store, agent))
    pipeline.execute()


def state_of(store: Store, contact_id: str) -> str:
    return store.run(reading.contact(contact_id)).state


def is_signed_in(store: Store, agent: str) -> bool:
    return any(state.is_signed_in for state in store.run(reading.agent_states([agent])))


def below(process: int) -> Iterator[tuple[int, str]]:
    """The processes that this one has started, and those of theirs, with their command lines."""
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()):
            yield child, Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            yield from below(child)
