"""Makes the data that the upgrade is tested with, with the first edition's own code (commit 6fc612c).

    git worktree add FIRST 6fc612c; PYTHONPATH=FIRST python tests/upgrade/record.py FOLDER

FOLDER gets `first_edition.aof`, what its redis-server has written, and `first_edition.json`, what the first edition
itself says of the contacts. It was run with the clock set back to June 2025, so that what is in it lies in the past
whatever the clock of a test's machine.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from fairlead.producer import Producer
from fairlead.store.connection import connect
from fairlead.store.session import Session

from fairlead.store.client import Store
from fairlead.store.reading import read_agent_states
from fairlead.store.reading.contacts import list_contacts, read_contact
from fairlead.store.transitions import administering, producing

HERE = Path(__file__).parent
HANDLERS = '''
import time
def handle(contact):
    if contact.payload == "fail":
        raise ValueError("no such order")
    if contact.payload == "hold":
        time.sleep(3600)
'''
OPEN = ("scheduled", "queued", "offered", "connected", "on_hold", "paused", "acw", "parked")


def main(folder: Path) -> None:
    url = f"unix://{folder}/redis.sock"
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--appendonly", "yes",
         "--dir", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait(lambda: Path(f"{folder}/redis.sock").exists(), "the server")
    (folder / "handlers.py").write_text(HANDLERS)
    fairlead(folder, url, "apply", str(HERE / "first_edition.toml"))
    store = Store(connect(url))
    with Producer.connect(url) as producer:
        at_work(folder, url, store, producer)
        by_hand(store, producer)
        waiting(store, producer)
        fairlead(folder, url, "queues", "disable", "Old")
    found = [asdict(read_contact(store, one.contact_id, with_payload=True)) for one in every(store)]
    for one in found:
        one["payload"] = (one["payload"] or b"").decode()
    (folder / "first_edition.json").write_text(json.dumps(found, indent=1) + "\n")
    store.client.shutdown(nosave=True)
    server.wait()
    [written] = (folder / "appendonlydir").glob("*.incr.aof")
    written.rename(folder / "first_edition.aof")


def at_work(folder: Path, url: str, store: Store, producer: Producer) -> None:
    """A worker answers some, fails with others, which are parked, and dies with what it holds."""
    agents = ("ana", "bo", "gus", "hal")
    worker = subprocess.Popen(
        [sys.executable, "-m", "fairlead.cli.main", "work", "--handler", "handlers:handle", "--redis", url,
         *(part for agent in agents for part in ("--agent", agent))], cwd=folder, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait(lambda: sum(one.is_signed_in for one in read_agent_states(store)) == len(agents), "agents to sign in")
    for number in range(6):
        producer.push("Sales", number, contact_id=f"answered-{number}", customer=f"customer-{number}")
        producer.push("Billing", number, channel="task", contact_id=f"done-{number}")
    for name in ("poison-1", "poison-2"):
        producer.push("Billing", "fail", channel="task", contact_id=name, priority=3, attributes={"order": name})
    producer.push("@gus", "fail", channel="task", contact_id="poison-own")
    wait(lambda: len(list_contacts(store, "parked")) == 3, "the poison to be parked")
    wait(lambda: not list_contacts(store, "connected"), "the others to be answered")
    producer.push("@hal", "hold", channel="task", contact_id="held-own")
    producer.push("Sales", "hold", contact_id="held-call", priority=2, customer="anna")
    producer.push("Sales", "hold", channel="chat", contact_id="held-chat", attributes={"tier": "gold"})
    producer.push("Billing", "hold", channel="task", contact_id="held-task", age_adjustment_s=120)
    wait(lambda: len(list_contacts(store, "connected")) == 4, "the worker to hold four")
    for agent in agents:
        store.run(administering.set_agent_status(store.keys, agent, "Lunch"))
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def by_hand(store: Store, producer: Producer) -> None:
    """An agent at a desk has one contact in each state that there is, and refuses one."""
    session = Session(store.keys, "zoe", "desk", "desk/1/1", lease_ms=3_600_000, auto_accept=False)
    store.run(session.sign_in())
    for channel, name in (("voice", "on-hold"), ("task", "paused"), ("chat", "in-acw"), ("email", "offered")):
        producer.push("Support", {"of": name}, channel=channel, contact_id=name)
        [offer] = store.run(session.take()).offers
        if name == "offered":
            continue
        store.run(session.accept(offer))
        if name == "on-hold":
            store.run(session.hold(offer))
        elif name == "paused":
            store.run(session.pause(offer))
        else:
            store.run(session.complete([offer]))
    producer.push("Support", {"of": "refused"}, channel="email", contact_id="refused")
    for offer in store.run(session.take()).offers:
        if offer.contact_id == "refused":
            store.run(session.reject(offer))
    store.run(session.set_status("Lunch"))


def waiting(store: Store, producer: Producer) -> None:
    """Contacts wait in every kind of place, in an order that neither their ids nor their arrivals tell."""
    for number in range(24):
        producer.push(
            "Sales", {"number": number}, channel=("voice", "chat", "task", "email")[number % 4],
            contact_id=f"waits-{number * 7 % 24:02}", priority=1 + number * 5 % 3,
            age_adjustment_s=(0, 0, 300, -300)[number * 3 % 4],
        )  # fmt: skip
    steps = ["Language:French >= 4 for 30s", "Language:French >= 2 AND Skill:Refunds >= 1"]
    producer.push("Support", {"é": "ü"}, channel="chat", contact_id="asks", criteria=steps, direction="outbound")
    producer.push("Support", None, contact_id="asks-for-zoe", criteria=["agents [zoe]"], related_to="asks")
    producer.push("Support", "x" * 2_000, channel="task", contact_id="large", attributes={"note": "line\nbreak\t'\""})
    producer.push("Support", 1, contact_id="expires", expiry_s=3_600)
    producer.push("@ana", 1, channel="voice", contact_id="own-call")
    producer.push("@zoe", 2, channel="task", contact_id="own-task", priority=1, expiry_s=7_776_000)
    for number in range(4):
        producer.push("Small", number, channel="chat", contact_id=f"small-{number}")
    producer.push("Old", 1, channel="email", contact_id="old-mail", customer="carl")
    producer.push("Night", 1, contact_id="at-night")
    for name, rank in (("moved-front", "front"), ("moved-keep", "keep"), ("moved-back", "back")):
        producer.push("Billing", name, channel="task", contact_id=name)
        store.run(administering.move(store.keys, name, "Mailbox", rank))
    producer.push("Sales", 1, contact_id="to-call", customer="dora")
    store.run(producing.request_callback(store.keys, "to-call", producing.Callback(600, 60, 2), "Support"))
    producer.push("Sales", 2, contact_id="callback", callback=producing.Callback(3_600, 600, 1))
    producer.push("Billing", 3, channel="task", contact_id="later", start_in_s=86_400, priority=4, age_adjustment_s=60)
    producer.push("Sales", 4, channel="email", contact_id="left")
    producer.abandon("left")


def every(store: Store) -> list[object]:
    """All contacts that are in a state that is no end."""
    return [one for state in OPEN for one in list_contacts(store, state, 1_000)]


def fairlead(folder: Path, url: str, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "fairlead.cli.main", *words, "--redis", url], cwd=folder, check=True)


def wait(is_so: Callable[[], object], what: str) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise TimeoutError(f"waited for {what}")


if __name__ == "__main__":
    os.environ.pop("FAIRLEAD_REDIS_URL", None)
    main(Path(sys.argv[1]).resolve())
