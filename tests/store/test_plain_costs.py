"""What a contact costs where nothing is out of the ordinary: how often each transition asks Redis, how many bytes its
request has and how many its reply. Counted, not timed.
"""

from collections.abc import Iterator
from operator import gt
from typing import Any, NamedTuple

import hiredis
import pytest
from conftest import REAL_SERVERS, RealServer, eventually
from store.counting import CountingStore

from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.renewing import renew
from fairlead.store.transitions.working import Session


class Cost(NamedTuple):
    """`calls` of Redis by the script; the bytes of `request` and `reply` as they are sent."""

    calls: int
    request: int
    reply: int


MOST = {
    "push": Cost(11, 435, 32),
    "push 40 together": Cost(154, 11_600, 1_000),
    "push to an idle agent": Cost(25, 435, 32),
    "take what was pushed": Cost(7, 192, 400),
    "accept": Cost(14, 250, 16),
    "complete": Cost(21, 245, 16),
    "complete and take the next": Cost(26, 245, 380),
    "renew": Cost(5, 160, 8),
}

CHATS = 10
"""How many an agent may have at once, unless its session says that it wants fewer."""

MOST_OF_TEN = 155
"""How often a turn that ends ten contacts and takes the next ten asks Redis; it was 225 when each of them looked at all
heads and counters.
"""

QUEUES = tuple(f"q{place}" for place in range(5))
BODY = b'"' + b"x" * 198 + b'"'


class Meter(CountingStore):
    """`cost`: of the last request; `pushed`: how many contacts."""

    cost: Cost
    pushed = 0

    def run(self, asked: Any) -> Any:
        self.calls.clear()
        self.counts = True
        try:
            return super().run(asked)
        finally:
            self.counts = False

    def _send(self, requests: Any) -> list[Any]:
        requests = list(requests)
        replies = super()._send(requests)
        if not isinstance(replies[0], Exception):  # the script was not loaded yet
            request = len(hiredis.pack_command(tuple(self._dialect.call(requests[0]))))
            self.cost = Cost(max(self.calls.values(), default=0), request, _bytes_of(replies[0]))
        return replies


def _bytes_of(reply: Any) -> int:
    """How many bytes Redis sends for a reply."""
    if isinstance(reply, list):
        return len(str(len(reply))) + 3 + sum(map(_bytes_of, reply))
    if isinstance(reply, int):
        return len(str(reply)) + 3
    return len(str(len(reply))) + len(reply) + 5


@pytest.fixture
def meter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meter]:
    server = RealServer(REAL_SERVERS[0], tmp_path_factory.mktemp("redis"))
    store = Meter(server.client(), actor="cli:ana")
    profile = RoutingProfile("p", {"chat": Concurrency(CHATS)}, tuple(Entry(queue, "chat") for queue in QUEUES))
    target = Configuration(
        {queue: Queue(queue) for queue in QUEUES}, {"p": profile}, {"ana": Agent("ana", "p")},
        {one.name: one for one in (AVAILABLE, OFFLINE)},
    )  # fmt: skip
    store.run(configuring.apply_configuration(store.keys, target, 0))
    yield store
    server.kill()


def test_a_plain_contact_costs_no_more(meter: Meter) -> None:
    costs: dict[str, Cost] = {}

    def asked(request: Any, what: str = "") -> Any:
        answer = meter.run(request)
        if what:
            costs[what] = meter.cost
        return answer

    def push(what: str = "") -> None:
        asked(producing.push(meter.keys, NewContact(f"q{meter.pushed % 5}", "chat", BODY, 5)), what)
        meter.pushed += 1

    eventually(lambda: int(meter.raw.time()[0]) % 60 < 50)  # no minute turns meanwhile
    session = Session(meter.keys, "ana", "w", "here/1", auto_accept=False, inbox="here", capacity=1)
    asked(session.sign_in())
    for told in (False, True):  # what is counted first in a minute costs more
        push("push to an idle agent" * told)
        [offer] = asked(session.take(), "take what was pushed" * told).offers
        asked(session.accept(offer), "accept" * told)
        asked(session.complete([offer]), "complete" * told)
        asked(renew(meter.keys, [session]), "renew" * told)
    asked(session.sign_out())
    for _ in range(10):
        push()
    push("push")
    new = [NewContact(QUEUES[place % 5], "chat", BODY, place % 10 + 1) for place in range(40)]
    asked(producing.push_together(meter.keys, new, [None] * 40), "push 40 together")
    session = Session(meter.keys, "ana", "w", "here/1", capacity=1)
    [offer] = asked(session.sign_in())
    [offer] = asked(session.complete([offer])).offers
    asked(session.complete([offer]), "complete and take the next")
    assert costs.keys() == MOST.keys()
    dear = {what: (cost, MOST[what]) for what, cost in costs.items() if any(map(gt, cost, MOST[what]))}
    assert dear == {}, f"cost more than {MOST}: {dear}"


def test_a_turn_of_ten_contacts_looks_at_no_head_twice_and_adds_once_to_each_counter(meter: Meter) -> None:
    eventually(lambda: int(meter.raw.time()[0]) % 60 < 50)
    for number in range(3 * CHATS):
        meter.run(producing.push(meter.keys, NewContact(f"q{number % 5}", "chat", BODY, 5)))
    session = Session(meter.keys, "ana", "w", "here/1")
    offers = meter.run(session.sign_in())
    assert len(offers) == CHATS

    offers = meter.run(session.complete(offers)).offers  # what is counted first in a minute costs more
    offers = meter.run(session.complete(offers)).offers

    assert len(offers) == CHATS
    assert meter.cost.calls <= MOST_OF_TEN
    counted: dict[str, int] = {}
    raw: Any = meter.raw
    for key in raw.scan_iter("*minute:*"):
        for field, many in raw.hgetall(key).items():
            name = field.decode().partition(" ")[2]
            counted[name] = counted.get(name, 0) + int(many)
    assert counted["handled"] == 2 * CHATS
    assert sum(many for name, many in counted.items() if name[0] == "a" and name[1:].isdigit()) == 3 * CHATS
