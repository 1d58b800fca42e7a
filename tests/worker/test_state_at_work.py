"""An instance that is at work agrees with itself at every moment: nothing of the work is told as damage."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest
from conftest import RealServer, eventually
from processes import StartWorker
from raw import raw

from fairlead.domain.criteria import parse_step
from fairlead.errors import FairleadError
from fairlead.store import reading
from fairlead.store.checking import examine_state
from fairlead.store.client import Store
from fairlead.store.keys import Keys
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing, supervising

AGENTS = tuple(f"agent{number}" for number in range(12))


@contextmanager
def pushing(server: RealServer, store: Store) -> Iterator[None]:
    """Contacts come as quickly as they are done with, some of them asking for agents, some moved, some abandoned."""
    ends, failures = threading.Event(), list[BaseException]()

    def push() -> None:
        own = Store(server.client())
        for number in count():
            while raw(own).hlen(own.keys.payloads) > 60 and not ends.wait(0.001):
                pass
            if ends.is_set():
                return
            contact_id, channel = f"c{number}", ("voice", "chat", "task", "email")[number % 4]
            criteria = (parse_step("agents [agent3, agent4] for 1s"),) if number % 3 == 0 else ()
            payload = (b'"raise ValueError"', b'""')[number % 5 > 0]
            new = NewContact("BasicQueue", channel, payload, number % 7 + 1, 0, contact_id, criteria)
            own.run(producing.push(own.keys, new))
            try:
                if number % 11 == 0:
                    own.run(producing.abandon(own.keys, contact_id))
                if number % 13 == 0:
                    own.run(supervising.move(own.keys, contact_id, "@agent5", "back"))
            except FairleadError:
                pass  # it is with an agent already

    def noted() -> None:
        try:
            push()
        except BaseException as failure:
            failures.append(failure)
            raise

    thread = threading.Thread(target=noted)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()
    assert failures == []


@pytest.mark.timeout(120)
def test_a_busy_instance_tells_nothing_in_twenty_examinations(
    server: RealServer, real: Store, start_worker: StartWorker
) -> None:
    configuration, version = real.run(reading.configuration_in_force())
    real.run(configuring.apply_configuration(real.keys, replace(configuration, ended_retention_s=1), version))
    start_worker("shop:poisonous", agents=AGENTS[:6])
    start_worker("shop:poisonous_async", agents=AGENTS[6:])
    eventually(lambda: len(real.run(reading.agent_states())) == len(AGENTS))

    with pushing(server, real):
        eventually(lambda: raw(real).exists(Keys().contact("c200")))
        states = [real.run(examine_state()) for _ in range(20)]
        ended = _ended(real)

    assert [state.findings for state in states] == [()] * 20
    assert all(state.seen > 100 for state in states)
    assert ended > 100


def _ended(store: Store) -> int:
    counts = store.run(reading.totals())
    return sum(row.get("handled", 0) for row in counts.values())
