"""`fairlead desk`: a person works as an agent at a terminal, or a script does through standard input."""

import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Annotated

import typer

from fairlead.cli.context import InstanceOption, RedisOption, prepare_store
from fairlead.cli.options import DAY_S, ProfileOption, checked_number
from fairlead.cli.outage import ASK_AGAIN_S, Outage
from fairlead.cli.output import print_error, stderr, stdout
from fairlead.domain.names import checked_name
from fairlead.errors import AgentSignedIn, BadInput, FairleadError, NotFound, RedisError, SessionEnded
from fairlead.server.connection import connect
from fairlead.server.finding import find_server
from fairlead.store.client import Store
from fairlead.store.instances import default_profile
from fairlead.store.reading import engine_now_us, read_agent_states, read_contact
from fairlead.store.request import Request
from fairlead.store.transitions import supervising
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S, Sweeper
from fairlead.store.transitions.working import LEASE_MS, Answer, Offer, Session, find_unseen, renew
from fairlead_worker.identity import holder, inbox_name, is_dead, is_replaceable, worker_name

LISTEN_S = 1.0

HELP = """\
accept CONTACT            answer an offer            hold CONTACT       put the customer on hold
reject CONTACT            refuse it                  resume CONTACT     connect it, or a paused task, again
error CONTACT             it could not reach you     pause CONTACT      pause a task
complete CONTACT          you are done with it       release CONTACT    give it back to its place
clear CONTACT             end after-contact work, or clear a missed or failed offer's slot
transfer CONTACT QUEUE    hand it on, or to @agent   retry CONTACT      a callback's customer was not reached
pick CONTACT              take one of your worklist  show               what you hold
status STATUS             change your status         next STATUS        the status after your last contact
wait [SECONDS]            until you are offered or given something         help, quit"""


class Terminal:
    """One agent's session, driven by lines of text. What is offered or given is told as it comes."""

    def __init__(self, store: Store, session: Session) -> None:
        self._store = store
        self._session = session
        self._held: dict[str, Offer] = {}
        self._told = threading.Event()
        self._lock = threading.Lock()
        self._commands: dict[str, Callable[..., Answer | None]] = {
            "accept": lambda contact: self._run(session.accept, self._offer(contact)),
            "reject": lambda contact: self._drop(contact, session.reject, self._offer(contact)),
            "error": lambda contact: self._drop(
                contact, session.report_error, self._offer(contact), "told by the agent"
            ),
            "complete": lambda contact: self._run(session.complete, [self._offer(contact)]),
            "release": lambda contact: self._drop(contact, session.release, [self._offer(contact)]),
            "hold": lambda contact: self._run(session.hold, self._offer(contact)),
            "resume": lambda contact: self._run(session.resume, self._offer(contact)),
            "pause": lambda contact: self._run(session.pause, self._offer(contact)),
            "clear": lambda contact: self._run(session.clear, self._token(contact)),
            "transfer": lambda contact, queue: self._drop(contact, session.transfer, self._offer(contact), queue),
            "retry": lambda contact: self._drop(contact, session.retry_callback, self._offer(contact)),
            "pick": lambda contact: self._run(session.pick, contact),
            "status": lambda status: self._run(session.set_status, status),
            "next": self._set_next_status,
            "show": self._show,
            "wait": self._wait,
            "help": lambda: stdout.print(HELP, markup=False),
        }

    def do(self, line: str) -> None:
        """Run one line. Raises BadInput for a command that is none, and what the store refuses with."""
        name, *words = line.split()
        command = self._commands.get(name)
        if command is None:
            raise BadInput(f"{name!r} is not a command: the commands are {', '.join(self._commands)} and quit")
        try:
            command(*words)
        except TypeError as failure:
            if "argument" not in str(failure):
                raise
            raise BadInput(f"{name} has too few or too many words: see help") from None
        if words and name not in ("status", "next", "wait"):
            stdout.print(f"{words[0]} is {read_contact(self._store, words[0]).state}", soft_wrap=True)
        elif name == "status":
            stdout.print(f"you are {words[0]}")

    def tell(self, offers: tuple[Offer, ...]) -> None:
        """Remember and print what came."""
        for offer in offers:
            self._held[offer.contact_id] = offer
            waits = f", answer within {self._left_s(offer):.0f} s" if offer.state == "offered" else ""
            more = "".join(f" {name}={value}" for name, value in offer.attributes.items())
            stdout.print(
                f"{offer.contact_id} is {offer.state}: {offer.channel} from {offer.queue}{more}{waits}", soft_wrap=True
            )
            stdout.print(f"  {offer.payload.decode()}", markup=False, soft_wrap=True)
            self._told.set()

    def look(self) -> None:
        """Ask what came, after a hint."""
        self._run(self._session.take)

    def _run(self, build: Callable[..., Request[Answer]], *arguments: object) -> Answer:
        with self._lock:  # a request is numbered when it is built: the next one must wait for its answer
            answer = self._store.run(build(*arguments))
        for contact in answer.fenced:
            stdout.print(f"{contact} is no longer yours", soft_wrap=True)
        self.tell(answer.offers)
        return answer

    def _drop(self, contact: str, build: Callable[..., Request[Answer]], *arguments: object) -> Answer:
        answer = self._run(build, *arguments)
        if all(offer.contact_id != contact for offer in answer.offers):
            self._held.pop(contact, None)
        return answer

    def _offer(self, contact: str) -> Offer:
        if contact not in self._held:
            raise NotFound(f"contact {contact!r} is not with you: see show")
        return self._held[contact]

    def _token(self, contact: str) -> int:
        for slot in read_agent_states(self._store, [self._session.agent])[0].slots:
            if slot.contact_id == contact and slot.kind in ("acw", "missed", "error"):
                return slot.token
        raise NotFound(f"contact {contact!r} has no slot that can be cleared: see show")

    def _left_s(self, offer: Offer) -> float:
        return max(0, (offer.deadline_us or 0) - engine_now_us(self._store)) / 1e6

    def _set_next_status(self, status: str) -> None:
        now = self._store.run(supervising.set_next_status(self._store.keys, self._session.agent, status))
        stdout.print(f"you are {now}" + (f", and will be {status}" if now != status else ""))

    def _show(self) -> None:
        state = read_agent_states(self._store, [self._session.agent])[0]
        stdout.print(f"you are {state.status}" + (f", and will be {state.next_status}" if state.next_status else ""))
        for slot in state.slots:
            contact = read_contact(self._store, slot.contact_id)
            stdout.print(f"{slot.contact_id} {slot.kind}: {slot.channel} from {contact.queue}", soft_wrap=True)

    def _wait(self, seconds: str = "60") -> None:
        try:
            limit_s = float(seconds)
        except ValueError:
            raise BadInput(f"wait {seconds!r}: give a number of seconds") from None
        self._told.wait(checked_number("wait", limit_s, 0, DAY_S))
        self._told.clear()


def desk(
    agent: Annotated[str, typer.Option(help="Your name as an agent.")],
    profile: ProfileOption = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="End a live session of the agent first.")] = False,
    lease: Annotated[float, typer.Option(help="Seconds until the session of a dead terminal ends.")] = LEASE_MS / 1e3,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Work as an agent at this terminal: accept, hold, complete, transfer, pick; `help` lists the commands.

    Commands are read from standard input, one a line. The exit code is that of the first command that is refused.
    """
    lease_ms = round(checked_number("--lease", lease, 1, DAY_S) * 1_000)
    checked_name("agent", agent)
    store = prepare_store(redis, instance)
    server = find_server(redis, instance)
    name = checked_name("worker", "desk-" + worker_name())
    session = Session(store.keys, agent, name, holder(), lease_ms=lease_ms, auto_accept=False, inbox=inbox_name(name))
    terminal = Terminal(store, session)
    terminal.tell(_signed_in(store, session, profile or default_profile(store), take_over))
    stdout.print(f"{agent} is signed in; help lists the commands")
    ended = threading.Event()
    outage = Outage(lambda text: stderr.print(text, markup=False, soft_wrap=True))
    kept, waits = (Store(connect(server.url, max_connections=1, retries=0), server.instance) for _ in range(2))
    background = [
        _in_background("lease", _keeping_alive(kept, session, ended), outage, ended),
        _in_background("wake-ups", _listening(waits, terminal, session), outage, ended),
    ]
    code = 0
    try:
        for line in _lines(ended):
            refused = _do(terminal, line)
            code = code or refused
    finally:
        ended.set()
        with suppress(SessionEnded):
            given_back = store.run(session.sign_out())
            stdout.print(f"{agent} is signed out, {len(given_back)} contacts went back")
        for thread in background:
            thread.join()
    if code:
        raise typer.Exit(code)


def _do(terminal: Terminal, line: str) -> int:
    try:
        terminal.do(line)
    except SessionEnded:
        raise
    except FairleadError as failure:
        print_error(failure)
        return failure.exit_code
    return 0


def _lines(ended: threading.Event) -> Iterator[str]:
    """The lines of standard input until `quit` or its end, or until the session has ended."""
    is_person = sys.stdin.isatty()
    while not ended.is_set():
        if is_person and not select.select([sys.stdin], [], [], 0.2)[0]:
            continue
        line = sys.stdin.readline()
        if not line or line.strip() in ("quit", "exit"):
            return
        if line.strip():
            yield line.strip()


def _signed_in(store: Store, session: Session, profile: str, take_over: bool) -> tuple[Offer, ...]:
    try:
        return store.run(session.sign_in(profile=profile))
    except AgentSignedIn as refusal:
        if not (take_over or is_replaceable(refusal)):
            raise AgentSignedIn(f"{refusal}; to take it over: --take-over", holder=refusal.holder) from None
        return store.run(session.sign_in(profile=profile, replaces=refusal.epoch, is_dead=is_dead(refusal)))


def _in_background(name: str, work: Callable[[], None], outage: Outage, ended: threading.Event) -> threading.Thread:
    """Do some work again and again until the desk ends. It goes on after an outage; of anything else the desk ends."""

    def run() -> None:
        try:
            while not ended.is_set():
                try:
                    work()
                    outage.note(None, name)
                except RedisError as failure:
                    outage.note(failure, name)
                    ended.wait(ASK_AGAIN_S)
        except SessionEnded:
            if not ended.is_set():
                stdout.print("your session was ended elsewhere")
        finally:
            ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _keeping_alive(store: Store, session: Session, ended: threading.Event) -> Callable[[], None]:
    sweeper = Sweeper(store.keys)

    def work() -> None:
        if (session.agent, session.epoch) in store.run(renew(store.keys, [session])):
            raise SessionEnded(session.agent)
        while store.run(sweeper.sweep()).more:
            pass
        ended.wait(min(SWEEP_EVERY_S, session.lease_ms / 3_000))

    return work


def _listening(store: Store, terminal: Terminal, session: Session) -> Callable[[], None]:
    """Wait for a hint, at most a second, and look; what came without a hint is noticed all the same."""

    def work() -> None:
        hint = store.client.blpop([store.keys.inbox(session.inbox)], timeout=LISTEN_S)
        if hint or store.run(find_unseen(store.keys, [session])):
            terminal.look()

    return work
