"""`fairlead desk`: a person works as an agent at a terminal, or a script does through standard input."""

import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Annotated

import typer

from fairlead.cli.completing import completes
from fairlead.cli.context import InstanceOption, RedisOption
from fairlead.cli.options import ProfileOption
from fairlead.cli.outage import ASK_AGAIN_S, Outage
from fairlead.cli.output import print_error, stderr, stdout
from fairlead.domain.channel import checked_channel
from fairlead.domain.contact import HELD
from fairlead.domain.names import checked_name
from fairlead.errors import BadInput, FairleadError, NotFound, RedisError, SessionEnded
from fairlead.server.connection import connect
from fairlead.server.finding import find_server
from fairlead.service.agent import Agent, beside, new_session
from fairlead.service.identity import worker_name
from fairlead.service.opening import prepare_store
from fairlead.service.supervisor import Supervisor
from fairlead.settings import DAY_S, checked_number
from fairlead.store.client import Store
from fairlead.store.offers import Answer, Offer
from fairlead.store.transitions.sweeping import SWEEP_EVERY_S
from fairlead.store.transitions.working import LEASE_MS

LISTEN_S = 1.0

HELP = """\
accept CONTACT            answer an offer            hold CONTACT       put the customer on hold
reject CONTACT            refuse it                  resume CONTACT     connect it, or a paused task, again
error CONTACT             it could not reach you     pause CONTACT      pause a task
complete CONTACT          you are done with it       release CONTACT    give it back to its place
clear CONTACT             end after-contact work, or clear a missed or failed offer's slot
transfer CONTACT QUEUE    hand it on, or to @agent   retry CONTACT      a callback's customer was not reached
pick CONTACT              take one of your worklist  show               what you hold
begin CONTACT [CHANNEL [QUEUE]]                      begin a contact yourself, under a new id
status STATUS             change your status         next STATUS        the status after your last contact
wait [SECONDS]            until you are offered or given something         help, quit"""


class Terminal:
    """One agent's session, driven by lines of text. What is offered or given is told as it comes."""

    def __init__(self, agent: Agent, supervisor: Supervisor) -> None:
        self._agent = agent
        self._name = agent.session.agent
        self._supervisor = supervisor
        self._held: dict[str, Offer] = {}
        self._unanswered: dict[str, int] = {}
        self._told = threading.Event()
        self._commands: dict[str, Callable[..., Answer | None]] = {
            "accept": lambda contact: self._note(agent.accept(self._offer(contact))),
            "reject": lambda contact: self._drop(contact, agent.reject(self._offer(contact))),
            "error": lambda contact: self._drop(contact, agent.report_error(self._offer(contact), "told by the agent")),
            "complete": lambda contact: self._note(agent.complete([self._offer(contact)])),
            "release": lambda contact: self._drop(contact, agent.release([self._offer(contact)])),
            "hold": lambda contact: self._note(agent.hold(self._offer(contact))),
            "resume": lambda contact: self._note(agent.resume(self._offer(contact))),
            "pause": lambda contact: self._note(agent.pause(self._offer(contact))),
            "clear": lambda contact: self._note(agent.clear(self._token(contact))),
            "transfer": lambda contact, queue: self._drop(contact, agent.transfer(self._offer(contact), queue)),
            "retry": lambda contact: self._drop(contact, agent.retry_callback(self._offer(contact))),
            "begin": lambda contact, channel="voice", queue="": self._note(
                agent.begin(contact_id=contact, channel=checked_channel(channel), queue=queue)
            ),
            "pick": lambda contact: self._note(agent.pick(contact)),
            "status": lambda status: self._note(agent.set_status(status)),
            "next": self._set_next_status,
            "show": self._show,
            "wait": self._wait,
            "help": lambda: stdout.print(HELP, markup=False),
        }

    def do(self, line: str) -> None:
        """Run one line. Raises BadInput when it is not a command, and the error with which the store refuses it."""
        name, *words = line.split()
        command = self._commands.get(name)
        if command is None:
            raise BadInput(f"{name!r} is not a command: the commands are {', '.join(self._commands)} and quit")
        if words:
            self._unanswered.pop(words[0], None)
        try:
            command(*words)
        except TypeError as failure:
            if "argument" not in str(failure):
                raise
            raise BadInput(f"{name} has too few or too many words: `help` lists the commands") from None
        if words and name not in ("status", "next", "wait"):
            stdout.print(f"{words[0]} is {self._supervisor.contact(words[0]).state}", soft_wrap=True)
        elif name == "status":
            stdout.print(f"you are {words[0]}")

    def tell(self, offers: tuple[Offer, ...]) -> None:
        """Remember and print what came."""
        for offer in offers:
            self._held[offer.contact_id] = offer
            if offer.state == "offered":
                self._unanswered[offer.contact_id] = offer.token
            _ring()
            waits = f", answer within {self._left_s(offer):.0f} s" if offer.state == "offered" else ""
            more = "".join(f" {name}={value}" for name, value in offer.attributes.items())
            stdout.print(
                f"{offer.contact_id} is {offer.state}: {offer.channel} from {offer.queue}{more}{waits}", soft_wrap=True
            )
            stdout.print(f"  {offer.payload.decode()}", markup=False, soft_wrap=True)
            self._told.set()

    def look(self) -> None:
        """Ask what came, after a hint."""
        self._note(self._agent.take())

    def watch(self) -> None:
        """Tell of offers that have ended unanswered; no hint comes of them."""
        if not self._unanswered:
            return
        slots = {slot.token: slot for slot in self._supervisor.agent(self._name).slots}
        for contact, token in list(self._unanswered.items()):
            slot = slots.get(token)
            if slot and slot.kind == "offered":
                continue
            if self._unanswered.pop(contact, None) is None:
                continue  # it is being answered right now
            offer = self._held.pop(contact, None)
            _ring()
            blocked = slot is not None and slot.kind == "missed"
            more = f"; your slot stays taken until you type: clear {contact}" if blocked else ""
            told = f"was not answered in time{more}"
            if slot is None and offer and self._left_s(offer) > 0:
                told = self._why_rescinded(contact)
            stdout.print(f"{contact} {told}", markup=False, soft_wrap=True)
            self._told.set()

    def _why_rescinded(self, contact: str) -> str:
        """What became of a contact that rings no more before its time is over."""
        has_it = self._supervisor.contact(contact)
        is_answered = has_it.state in (*HELD, "acw", "completed") and has_it.agent != self._name
        return "was answered by another" if is_answered else f"is offered to you no more: it is {has_it.state}"

    def _note(self, answer: Answer) -> Answer:
        for contact in answer.fenced:
            stdout.print(f"{contact} is no longer yours", soft_wrap=True)
        self.tell(answer.offers)
        return answer

    def _drop(self, contact: str, answer: Answer) -> Answer:
        self._note(answer)
        if all(offer.contact_id != contact for offer in answer.offers):
            self._held.pop(contact, None)
        return answer

    def _offer(self, contact: str) -> Offer:
        if contact not in self._held:
            raise NotFound(f"contact {contact!r} is not with you: `show` lists your contacts")
        return self._held[contact]

    def _token(self, contact: str) -> int:
        for slot in self._supervisor.agent(self._name).slots:
            if slot.contact_id == contact and slot.kind in ("acw", "missed", "error"):
                return slot.token
        raise NotFound(f"contact {contact!r} has no slot to clear: `show` lists your contacts")

    def _left_s(self, offer: Offer) -> float:
        return max(0, (offer.deadline_us or 0) - self._supervisor.now_us()) / 1e6

    def _set_next_status(self, status: str) -> None:
        now = self._supervisor.set_next_status(self._name, status)
        stdout.print(f"you are {now}" + (f", and will be {status}" if now != status else ""))

    def _show(self) -> None:
        state = self._supervisor.agent(self._name)
        stdout.print(f"you are {state.status}" + (f", and will be {state.next_status}" if state.next_status else ""))
        for slot in state.slots:
            contact = self._supervisor.contact(slot.contact_id)
            stdout.print(f"{slot.contact_id} {slot.kind}: {slot.channel} from {contact.queue}", soft_wrap=True)

    def _wait(self, seconds: str = "60") -> None:
        try:
            limit_s = float(seconds)
        except ValueError:
            raise BadInput(f"wait {seconds!r}: give a number of seconds") from None
        self._told.wait(checked_number("wait", limit_s, 0, DAY_S))
        self._told.clear()


def _ring() -> None:
    """The bell, for a person who looks elsewhere."""
    if stdout.is_terminal:
        stdout.bell()


def desk(
    agent: Annotated[str, typer.Option(help="Your name as an agent.", autocompletion=completes("agent"))],
    profile: ProfileOption = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="End a live session of the agent first.")] = False,
    lease: Annotated[float, typer.Option(help="Seconds until the session of a dead terminal ends.")] = LEASE_MS / 1e3,
    redis: RedisOption = None,
    instance: InstanceOption = None,
) -> None:
    """Work as an agent at this terminal: accept, hold, complete, transfer, pick; `help` lists the commands.

    Commands are read from standard input, one a line. The exit code is that of the first command that is refused.
    """
    lease_s = checked_number("--lease", lease, 1, DAY_S)
    checked_name("agent", agent)
    store = prepare_store(redis, instance)
    server = find_server(redis, instance)
    session = new_session(store.keys, agent, checked_name("worker", "desk-" + worker_name()), lease_s=lease_s)
    person = Agent(store, session)
    terminal = Terminal(person, Supervisor(store))
    terminal.tell(person.sign_in(profile=profile, take_over=take_over))
    stdout.print(f"{agent} is signed in; help lists the commands")
    ended = threading.Event()
    outage = Outage(lambda text: stderr.print(text, markup=False, soft_wrap=True))
    alive, listening = (
        beside(person, Store(connect(server.url, server.instance, max_connections=1, retries=0), server.instance))
        for _ in range(2)
    )
    background = [
        _in_background("lease", _keeping_alive(alive, ended), outage, ended),
        _in_background("wake-ups", _listening(listening, terminal), outage, ended),
    ]
    code = 0
    try:
        for line in _lines(ended):
            refused = _do(terminal, line)
            code = code or refused
    finally:
        ended.set()
        with suppress(SessionEnded):
            given_back = person.sign_out()
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


def _keeping_alive(agent: Agent, ended: threading.Event) -> Callable[[], None]:
    def work() -> None:
        agent.keep_alive()
        ended.wait(min(SWEEP_EVERY_S, agent.session.lease_ms / 3_000))

    return work


def _listening(agent: Agent, terminal: Terminal) -> Callable[[], None]:
    """Wait for a hint, at most a second, and look; what came without a hint, or has ended, is noticed all the same."""

    def work() -> None:
        if agent.wait(LISTEN_S):
            terminal.look()
        terminal.watch()

    return work
