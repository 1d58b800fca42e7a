"""A small contact centre on an embedded Redis with its wallboard, until it is stopped.

Contacts arrive like weather: for a while more than the eight agents can take, so that some wait, and then fewer.
Some customers lose patience, and people go to lunch. A ninth agent, guest, is whoever opens the agent desk.
"""

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import demo

from fairlead import Producer, Supervisor, errors, new_contact

PORT = int(os.environ.get("PORT", "8080"))
EVERY_S = 0.5
TIDE_S = 120.0
"""How long it takes from one rush of contacts to the next."""

PEOPLE = [name for names in demo.WORKERS.values() for name in names]
GUEST = """
[profiles.Guest]
display_name = "Whoever tries the agent desk"
channels.voice = { slots = 1, allows_others = true }
channels.chat = { slots = 2, allows_others = true }
channels.task = { slots = 1, allows_others = true }
entries = [
  { queue = "Sales", channels = ["voice", "chat"] },
  { queue = "Support", channels = ["voice", "chat"] },
  { queue = "Billing", channel = "task", manual_only = true },
]

[agents.guest]
profile = "Guest"
display_name = "Guest"
acw_s = { voice = 20, chat = 20 }
"""
LANGUAGES = ("English", "French", "German", "Spanish")


def main() -> None:
    for number in demo.ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        with demo.embedded_redis() as embedded:
            demo.configure(embedded.url, (demo.HERE / "contact-centre.toml").read_text(encoding="utf-8") + GUEST)
            with demo.workers(embedded.url, handler="sleep:4"), serving(embedded.url) as address:
                demo.console.print(f"\n[bold green]Open {address}[/]  and {address}?tv=1 on a wall.")
                demo.console.print(f"[bold green]Open {address}desk[/]  and sign in as guest to take contacts.")
                demo.console.print("Ctrl-C stops it.\n")
                live(embedded.url)
    except KeyboardInterrupt:
        demo.console.print("stopped: the server, the workers and the embedded Redis have ended")


@contextmanager
def serving(url: str) -> Iterator[str]:
    """`fairlead serve`, and its address."""
    command = [sys.executable, "-m", "fairlead.cli.main", "serve", "--port", str(PORT), "--redis", url]
    quiet = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    process = subprocess.Popen(command, env=quiet, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
        if not address:
            sys.exit("the server has not begun: PORT=0 make demo-web takes any free port")
        yield address
    finally:
        demo.ignore_interrupts()
        process.terminate()
        demo.end(process)


def live(url: str) -> None:
    """Whatever happens in a contact centre, each half second a little of it."""
    waiting: deque[str] = deque(maxlen=40)
    with Producer.connect(url) as producer, Supervisor.connect(url) as supervisor:
        for number in range(sys.maxsize):
            tide = 1.1 + math.sin(2 * math.pi * number * EVERY_S / TIDE_S)
            for _ in range(round(random.expovariate(0.75) * tide)):
                waiting.append(push(producer))
            with suppress(errors.FairleadError, IndexError):  # whoever was answered meanwhile stays
                if random.random() < 0.15:
                    producer.abandon(waiting.popleft())
            with suppress(errors.FairleadError):  # whoever is busy goes later
                if random.random() < 0.03:
                    status = random.choice(("Lunch", "Available", "Available"))
                    supervisor.set_agent_status(random.choice(PEOPLE), status)
            time.sleep(EVERY_S)


def push(producer: Producer) -> str:
    queue, channel = random.choice(demo.LINES)
    attributes = {"language": random.choice(LANGUAGES), "order": str(random.randrange(1_000, 9_999))}
    customer = f"customer-{random.randrange(300)}"
    contact = new_contact(queue, attributes, channel=channel, attributes=attributes, customer=customer)
    return next(iter(producer.push_many([contact]))).contact_id


if __name__ == "__main__":
    main()
