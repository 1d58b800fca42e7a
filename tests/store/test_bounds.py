"""No script blocks: at size, each asks Redis at most so often, whatever has happened. Counted, not timed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest
from conftest import REAL_SERVERS, RealServer
from store.counting import Large

from fairlead.domain.agent import Status
from fairlead.domain.conditions import QUEUE_FIELDS
from fairlead.domain.criteria import parse_step
from fairlead.domain.hours import Hours
from fairlead.domain.intake import Choice, Intake, Rule
from fairlead.domain.profile import Entry
from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.new_contact import NewContact
from fairlead.store.reading.intakes import intake_seen
from fairlead.store.transitions import producing, staging
from fairlead.store.transitions.working import Session

MOST = {
    "a whole configuration is new": 1_200,
    "nothing has changed": 10,
    "a profile serves another queue": 1_150,
    "a profile has more slots": 1_150,
    "a process of 3,000 sessions is dead": 1_250,
    "a status becomes routable": 1_150,
    "every agent goes to another profile": 1_300,
    "300 queues open": 1_750,
    "20,000 priorities wait for their delay": 150,
    "20,000 priorities have waited too long": 1_500,
    "ten hours of minutes are over": 2_000,
    "no track of 1,000 fits who is free": 60,
    "a contact comes to a limited queue with 1,000 tracks": 60,
    "nobody fits 300 tracks": 1_300,
    "an intake asks about ten queues": 1_800,
}
"""How often one script may ask Redis; none may more than 2,000 times."""

NIGHT = Hours("night", "UTC", {}, exceptions={date(2027, 1, 15): ((time(12), time(13)),)})


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Large]:
    server = RealServer(REAL_SERVERS[0], tmp_path_factory.mktemp("redis"))
    yield Large(server.client())
    server.kill()


def _apply(centre: Large, **changes: object) -> None:
    version = int(centre.store.raw.hget(centre.keys.instance, "version") or 0)
    centre.store.run(staging.apply(centre.configuration(**changes), version))


def _counted(centre: Large, what: str, act: object) -> None:
    centre.store.calls.clear()
    centre.store.counts = True
    act()  # type: ignore[operator]
    centre.store.counts = False
    script, many = max(centre.store.calls.items(), key=lambda one: one[1])
    assert many <= MOST[what] <= 2_000, f"{what}: {script} asks Redis {many} times"


def test_no_script_asks_redis_too_often(centre: Large) -> None:
    _counted(centre, "a whole configuration is new", lambda: _apply(centre))
    _counted(centre, "nothing has changed", lambda: _apply(centre))
    centre.sign_in_all(lambda name: "dead/1" if name < "a03000" else "here/1")
    centre.push(4_000, "Late")
    profiles = dict(centre.profiles)
    served = [Entry("Late", "chat"), *profiles["P0"].entries]

    centre.profiles = {**profiles, "P0": centre.profile("P0", served)}
    _counted(centre, "a profile serves another queue", lambda: _apply(centre))
    centre.profiles = {**profiles, "P0": centre.profile("P0", served, slots=10)}
    _counted(centre, "a profile has more slots", lambda: _apply(centre))
    assert centre.store.raw.zcard(centre.keys.waiting("Late", "chat")) == 0

    def dead() -> None:
        session = Session(centre.keys, "a00000", "w", "here/3", lease_ms=10**9)
        centre.store.run(session.sign_in(replaces=centre.sessions["a00000"].epoch, is_dead=True))
        centre.quiet()

    _counted(centre, "a process of 3,000 sessions is dead", dead)
    desk = Status("Break", "routable")
    _counted(centre, "a status becomes routable", lambda: _apply(centre, desk=desk))
    centre.agents = {name: replace(one, profile="P1") for name, one in centre.agents.items()}
    _counted(centre, "every agent goes to another profile", lambda: _apply(centre, desk=desk))
    _queues_that_wait(centre)
    _tracks(centre)


def test_an_intake_looks_at_no_more_however_much_waits(tmp_path: Path) -> None:
    server = RealServer(REAL_SERVERS[0], tmp_path)
    centre = Large(server.client(), agents=100)
    names = [f"Q{place}" for place in range(10)]
    entries = [Entry(name, "chat") for name in names]
    centre.profiles = {name: centre.profile(name, entries) for name in centre.profiles}
    texts = [f"queues.{name}.{field} == queues.{name}.{field}" for name in names for field in QUEUE_FIELDS]
    asking = Intake("Front", tuple(Rule(text, Choice("Q0")) for text in texts), Choice("Q0"))
    _apply(centre, intakes={"Front": asking})
    for name in names:
        first = centre.pushed
        centre.push(100, name, priority=lambda place, first=first: place - first + 1)
        centre.push(90, name, criteria=lambda place: (parse_step(f"agents [b{place % 90}]"),))
    centre.passes(7)

    _counted(centre, "an intake asks about ten queues", lambda: centre.store.run(intake_seen("Front", "chat")))

    seen = centre.store.run(intake_seen("Front", "chat"))
    assert seen
    found = [(state["waiting"], state["oldest_s"]) for state in seen.queues.values()]
    assert found == [(190, 26 - 2 * place) for place in range(10)]
    server.kill()


def _queues_that_wait(centre: Large) -> None:
    centre.store.raw.flushall()
    centre.agents = {name: one for name, one in centre.agents.items() if name < "a01000"}
    shut = {f"Q{place}": Queue(f"Q{place}", hours="night") for place in range(300)}
    plain, centre.queues = centre.queues, {**centre.queues, **shut}
    entries = [Entry(queue, "chat") for queue in shut]
    centre.profiles = {**centre.profiles, "P1": centre.profile("P1", entries)}
    _apply(centre, hours={"night": NIGHT})
    centre.sign_in_all()
    for place in range(0, 300, 10):
        centre.push(100, f"Q{place}")
    opens_us = 1_800_014_400 * 1_000_000
    centre.now_us = opens_us
    _counted(centre, "300 queues open", centre.quiet)
    assert sum(bool(agent.slots) for agent in centre.store.run(reading.agent_states())) == 1_000

    late = Entry("Late", "chat", delay_s=9_000)
    centre.queues, centre.profiles = plain, {**centre.profiles, "P1": centre.profile("P1", [late])}
    _apply(centre, hours={"night": NIGHT})
    first = centre.pushed
    centre.push(20_000, "Late", priority=lambda place: place - first + 1)
    free = centre.sessions["a00999"]
    _counted(centre, "20,000 priorities wait for their delay", lambda: centre.store.run(free.take()))
    raised = {**plain, "Late": Queue("Late", raise_after_s=60, raise_to=1)}
    centre.queues = raised
    _apply(centre, hours={"night": NIGHT})
    _counted(centre, "20,000 priorities have waited too long", lambda: centre.passes(61))
    assert centre.store.raw.zcount(centre.keys.waiting("Late", "chat"), 1, 1) == 20_000
    minute = centre.now_us // 60_000_000
    for place in range(600):
        counters = {f"Q{queue}:chat queued": 1 for queue in range(200)}
        centre.store.raw.hset(centre.keys.minute(minute + place), mapping=counters)
    before = int(centre.store.raw.hget(centre.keys.totals, "Q7:chat queued") or 0)
    _counted(centre, "ten hours of minutes are over", lambda: centre.passes(36_000))
    assert int(centre.store.raw.hget(centre.keys.totals, "Q7:chat queued")) == before + 600


def _tracks(centre: Large) -> None:
    centre.store.raw.flushall()
    centre.queues = {**centre.queues, "Late": Queue("Late", max_contacts=10_000, offer_again_after_s=None)}
    centre.profiles = {**centre.profiles, "P1": centre.profile("P1", [Entry("Late", "chat")])}
    _apply(centre)
    first = centre.pushed
    centre.push(1_000, "Late", criteria=lambda place: (parse_step(f"agents [b{place - first}]"),))
    centre.sign_in_all()
    free = centre.sessions["a00005"]
    _counted(centre, "no track of 1,000 fits who is free", lambda: centre.store.run(free.take()))
    new = NewContact("Late", "chat", contact_id="new", criteria=(parse_step("agents [b1]"),))
    _counted(
        centre, "a contact comes to a limited queue with 1,000 tracks",
        lambda: centre.store.run(producing.push(centre.keys, new)),
    )  # fmt: skip
    skipping = Queue("Late", max_contacts=10_000, skip_steps_when="nobody_signed_in")
    centre.queues = {**centre.queues, "Late": skipping}
    _apply(centre)
    _counted(centre, "nobody fits 300 tracks", lambda: centre.passes(1))
    assert centre.store.raw.hlen(centre.keys.tracks("Late", "chat")) == 0
