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

from fairlead import Administrator, EmbeddedRedis, Event, Producer, Supervisor, new_contact, parse_configuration

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
        say(f"An embedded Redis runs at {embedded.url}")
        configure(embedded.url, (HERE / "contact-centre.toml").read_text(encoding="utf-8"))
        with Supervisor.connect(embedded.url) as supervisor, workers(embedded.url) as processes:
            wait_until(lambda: signed_in(supervisor) == 8, "eight agents to sign in")
            say("Eight agents have signed in, in three worker processes")
            run(embedded.url, supervisor, processes)
            summarise(supervisor)
    console.print("\nTo watch such a centre live: make demo-web, then open http://127.0.0.1:8080/")


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


def signed_in(supervisor: Supervisor) -> int:
    return sum(agent.is_signed_in for agent in supervisor.agents())


def run(url: str, supervisor: Supervisor, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """Contacts arrive; one third of the way a profile changes, two thirds of the way a worker is killed."""
    random.seed(7)
    with Producer.connect(url) as producer:
        for number in range(CONTACTS):
            if number == CONTACTS // 3:
                change_profile(url, supervisor)
            if number == 2 * CONTACTS // 3:
                kill_worker(url, supervisor, processes)
            queue, channel = random.choice(LINES)
            name = f"{queue}-{channel}-{number:03}"
            list(producer.push_many([new_contact(queue, {"customer": number}, channel=channel, contact_id=name)]))
            time.sleep(random.expovariate(CONTACTS / 10))
            start_again(url, processes)
    say(f"{CONTACTS} contacts have arrived; waiting for the last to be handled")
    wait_until(
        lambda: start_again(url, processes) or completed(supervisor) == CONTACTS, "every contact to be handled"
    )


def configure(url: str, text: str) -> None:
    with Administrator.connect(url) as administrator:
        administrator.apply(parse_configuration(text, "contact-centre.toml"))


def waiting_in(supervisor: Supervisor, queue: str) -> int:
    return sum(state.waiting for state in supervisor.queues(queue))


def change_profile(url: str, supervisor: Supervisor) -> None:
    before = waiting_in(supervisor, "Support")
    text = (HERE / "contact-centre.toml").read_text(encoding="utf-8")
    widened = text.replace(
        '{ queue = "Sales", channel = "chat", priority = 2 },',
        '{ queue = "Sales", channel = "chat", priority = 2 },\n'
        '  { queue = "Support", channel = "chat", priority = 3 },',
    )
    configure(url, widened)
    after = waiting_in(supervisor, "Support")
    say(
        "[bold]The Front profile now takes Support chats, too[/]: "
        f"in Support {before} waited before, {after} right after"
    )


def kill_worker(url: str, supervisor: Supervisor, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    processes["help"].kill()
    processes["help"].wait()
    held = [contact for contact in supervisor.contacts("connected") if contact.agent in WORKERS["help"]]
    in_hand = "1 contact" if len(held) == 1 else f"{len(held)} contacts"
    say(f"[bold]Worker help was killed[/] with {in_hand} in hand, and started again")
    processes["help"] = start_worker(url, "help")


def start_again(url: str, processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """What a supervisor of processes would do about the workers that somebody has killed."""
    for name, process in processes.items():
        if process.poll() is not None:
            say(f"Worker {name} has ended and is started again")
            processes[name] = start_worker(url, name)


@contextmanager
def workers(url: str, handler: str = "sleep:0.35") -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in WORKERS:
            processes[name] = start_worker(url, name, handler)
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


def start_worker(url: str, name: str, handler: str = "sleep:0.35") -> subprocess.Popen[bytes]:
    agents = [part for agent in WORKERS[name] for part in ("--agent", agent)]
    command = [sys.executable, "-m", "fairlead.cli.main", "work", *agents, "--handler", handler, "--lease", "2"]
    quiet = {key: value for key, value in os.environ.items() if not key.startswith("FAIRLEAD_")}
    command += ["--name", name, "--log-level", "error", "--redis", url]
    return subprocess.Popen(command, env=quiet, start_new_session=True)  # Ctrl-C is for the demo, which ends them


def completed(supervisor: Supervisor) -> int:
    return sum(queue.completed for queue in supervisor.snapshot().queue_measures())


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > ends:
            sys.exit(f"waited {PATIENCE_S} s in vain for {what}")
        time.sleep(0.05)


def say(text: str) -> None:
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {text}")


def summarise(supervisor: Supervisor) -> None:
    """Who got what and why, out of the event stream."""
    events = supervisor.events(count=100_000)
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
        f"\n[bold green]{completed(supervisor)} of {CONTACTS} contacts were handled, each once; "
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
