"""A small contact centre on an embedded Redis, in about twenty seconds.

Eight agents in three worker processes take calls, chats and tasks; half way one profile changes and a worker is
killed. At the end: who got what, and why.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from fairlead import NewContact, Producer
from fairlead.configuration.reading import parse
from fairlead.domain.measures import total
from fairlead.server.connection import connect
from fairlead.server.embedded import EmbeddedRedis
from fairlead.store.client import Store
from fairlead.store.reading import Event, list_contacts, read_configuration, read_events, read_queue_states
from fairlead.store.transitions import configuring

HERE = Path(__file__).parent
WORKERS = {"front": ("ana", "bo", "cem"), "help": ("dora", "eli", "fay"), "back": ("gus", "hal")}
LINES = [("Sales", "voice"), ("Sales", "chat"), ("Support", "voice"), ("Support", "chat"), ("Billing", "task")]
CONTACTS = 160
PATIENCE_S = 60.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)
    try:
        demonstrate()
    except KeyboardInterrupt:
        console.print("stopped: the workers and the embedded Redis have ended")
        sys.exit(130)


def demonstrate() -> None:
    with embedded_redis() as embedded:
        store = Store(connect(embedded.url))
        say(f"An embedded Redis runs at {embedded.url}")
        configure(store, (HERE / "contact-centre.toml").read_text(encoding="utf-8"))
        with workers(embedded.url) as processes:
            wait_until(lambda: store.client.zcard(store.keys.due) == 8, "eight agents to sign in")
            say("Eight agents have signed in, in three worker processes")
            run(store, processes)
            summarise(store)
        store.client.close()


@contextmanager
def embedded_redis() -> Iterator[EmbeddedRedis]:
    """A server in a folder of its own; both are gone in the end."""
    with tempfile.TemporaryDirectory(prefix="fairlead-demo-", ignore_cleanup_errors=True) as home:
        embedded = EmbeddedRedis(Path(home))
        try:
            yield embedded
        finally:
            ignore_interrupts()
            embedded.close()
            wait_until(lambda: not embedded.socket.exists(), "the embedded Redis to end")


def ignore_interrupts() -> None:
    """From now on there is only clearing up, which a second Ctrl-C would leave half done."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def run(store: Store, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Contacts arrive; one third of the way a profile changes, two thirds of the way a worker is killed."""
    producer = Producer(store)
    random.seed(7)
    for number in range(CONTACTS):
        if number == CONTACTS // 3:
            change_profile(store)
        if number == 2 * CONTACTS // 3:
            kill_worker(store, processes)
        queue, channel = random.choice(LINES)
        contact = NewContact(queue, channel, b'{"customer": %d}' % number, contact_id=f"{queue}-{channel}-{number:03}")
        list(producer.push_many([contact]))
        time.sleep(random.expovariate(CONTACTS / 10))
    say(f"{CONTACTS} contacts have arrived; waiting for the last to be handled")
    wait_until(lambda: completed(store) == CONTACTS, "every contact to be handled")


def configure(store: Store, text: str) -> None:
    store.run(configuring.prepare_instance(store.keys))
    version = read_configuration(store)[1]
    store.run(configuring.apply_configuration(store.keys, parse(text, "contact-centre.toml"), version))


def change_profile(store: Store) -> None:
    before = sum(state.waiting for state in read_queue_states(store) if state.queue == "Support")
    text = (HERE / "contact-centre.toml").read_text(encoding="utf-8")
    widened = text.replace(
        '{ queue = "Sales", channel = "chat", priority = 2 },',
        '{ queue = "Sales", channel = "chat", priority = 2 },\n'
        '  { queue = "Support", channel = "chat", priority = 3 },',
    )
    configure(store, widened)
    after = sum(state.waiting for state in read_queue_states(store) if state.queue == "Support")
    say(
        "[bold]The Front profile now takes Support chats, too[/]: "
        f"in Support {before} waited before, {after} right after"
    )


def kill_worker(store: Store, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    processes["help"].kill()
    processes["help"].wait()
    held = [contact for contact in list_contacts(store, "connected") if contact.agent in WORKERS["help"]]
    in_hand = "1 contact" if len(held) == 1 else f"{len(held)} contacts"
    say(f"[bold]Worker help was killed[/] with {in_hand} in hand, and started again")
    processes["help"] = start_worker(processes_url(processes), "help")


def processes_url(processes: dict[str, subprocess.Popen[bytes]]) -> str:
    arguments = processes["front"].args
    assert isinstance(arguments, list)
    return str(arguments[arguments.index("--redis") + 1])


@contextmanager
def workers(url: str) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in WORKERS:
            processes[name] = start_worker(url, name)
        yield processes
    finally:
        ignore_interrupts()
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a worker has drained; one that does not is killed, since its Redis is about to end."""
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def start_worker(url: str, name: str) -> subprocess.Popen[bytes]:
    agents = [part for agent in WORKERS[name] for part in ("--agent", agent)]
    command = [sys.executable, "-m", "fairlead.cli.main", "work", *agents, "--handler", "sleep:0.35", "--lease", "2"]
    quiet = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    command += ["--name", name, "--log-level", "error", "--redis", url]
    return subprocess.Popen(command, env=quiet, start_new_session=True)  # Ctrl-C is for the demo, which ends them


def completed(store: Store) -> int:
    return sum(total(state.totals, "h") for state in read_queue_states(store))


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > ends:
            sys.exit(f"waited {PATIENCE_S} s in vain for {what}")
        time.sleep(0.05)


def say(text: str) -> None:
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {text}")


def summarise(store: Store) -> None:
    """Who got what and why, out of the event stream."""
    events = read_events(store, count=100_000)
    taken = [event for event in events if event.name == "contact.connected"]
    by_agent: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in taken:
        by_agent[event.fields["agent"]][f"{event.fields['queue']} {event.fields['channel']}"] += 1
    table = Table(title="Who got what", title_justify="left", box=None, pad_edge=False)
    table.add_column("agent")
    for queue, channel in LINES:
        table.add_column(f"{queue} {channel}", justify="right")
    for agent in sorted(by_agent):
        table.add_row(agent, *(str(by_agent[agent][f"{queue} {channel}"] or "") for queue, channel in LINES))
    console.print(table)
    console.print("\nWhy: the last five decisions, and one that came back")
    back = [event for event in events if event.name == "contact.requeued"]
    again = [event for event in taken if back and event.fields["contact"] == back[0].fields["contact"]][-1:]
    for event in taken[-5:] + again:
        console.print("  " + why(event))
    console.print(
        f"\n[bold green]{completed(store)} of {CONTACTS} contacts were handled, each once; "
        f"{len(back)} came back from the killed worker and were routed again; none was lost.[/]"
    )


def why(event: Event) -> str:
    """One decision in a sentence."""
    of = event.fields
    waited = int(of["waited_us"]) / 1e6
    attempt = "" if of["attempt"] == "1" else f", attempt {of['attempt']}"
    return (
        f"{of['contact']} to {of['agent']}: {of['profile']} (version {of['profile_version']}) serves "
        f"{of['queue']} {of['channel']} at priority {of['entry_priority']}; it had waited {waited:.1f} s{attempt}"
    )


if __name__ == "__main__":
    main()
