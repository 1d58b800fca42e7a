"""Each row of the worked cases of the routing rules, decided by the pure rules and by the store alike.

`waiting` is written `queue@seconds waited`, as in the rules' table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest
import redis
from centre import Clock

from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent
from fairlead.domain.channel import CHANNELS, Channel
from fairlead.domain.choose import choose_agent, choose_contact
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import Waiting, rank_of
from fairlead.domain.criteria import active_step, parse_step
from fairlead.domain.eligible import Circumstances, FreeAgent
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import Queue
from fairlead.domain.slots import why_no_slot
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import producing
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

S = 1_000_000
NOW_US = 1_800_000_000 * S
NOW = Circumstances(NOW_US)


@pytest.fixture
def clock() -> Clock:
    """The store is configured an hour before the case."""
    return Clock(NOW_US - 3_600 * S)


@pytest.fixture
def store(client: redis.Redis, clock: Clock) -> Store:
    return Store(client, clock=clock)


@dataclass(frozen=True)
class Case:
    """`serves`: queue -> (priority, delay); `waiting`: (queue, seconds waited, contact priority, adjustment)."""

    serves: Mapping[str, tuple[int, int]]
    waiting: tuple[tuple[str, float, int, int], ...]
    expected: int | None
    channels: Mapping[str, Channel] = field(default_factory=dict)


def _case(serves: Mapping[str, tuple[int, int]], expected: int | None, *waiting: str) -> Case:
    rows = []
    for text in waiting:
        place, *more = text.split()
        queue, waited = place.rsplit("@", 1)
        options = dict(option.split("=") for option in more)
        rows.append((queue, float(waited), int(options.get("priority", 5)), int(options.get("age", 0))))
    return Case(serves, tuple(rows), expected)


TIERS = {"T1": (1, 0), "T2": (1, 0), "T3": (2, 20), "T4": (3, 80)}
STRICT = {"Sales": (1, 0), "Support": (2, 0)}
DELAYED = {"Sales": (1, 0), "Support": (1, 30)}

CASES = {
    "a better entry goes before an older contact": _case(STRICT, 1, "Support@300", "Sales@1"),
    "a worse entry is served when alone": _case(STRICT, 0, "Support@300"),
    "before its delay a contact does not compete": _case(DELAYED, 1, "Support@20", "Sales@5"),
    "after its delay it competes with its full age": _case(DELAYED, 0, "Support@40", "Sales@5"),
    "just before the delay nobody is eligible": _case(DELAYED, None, "Support@29.999"),
    "at the delay it is eligible": _case(DELAYED, 0, "Support@30"),
    "of equal entries the oldest goes first": _case(TIERS, 1, "T1@10", "T2@12"),
    "a passed delay does not lift a worse entry": _case(TIERS, 1, "T3@60", "T2@1"),
    "a better entry with a passed delay goes first": _case(TIERS, 1, "T4@200", "T3@25"),
    "a contact under its delay holds nobody back": _case(TIERS, 0, "T4@100", "T3@5"),
    "a senior does not take before the delay": _case({"Savings": (1, 15)}, None, "Savings@14"),
    "a senior takes at the delay": _case({"Savings": (1, 15)}, 0, "Savings@15"),
    "the agent's own queue is above all": _case({"Q": (1, 0)}, 0, "@ana@1", "Q@900"),
    "contact priority goes before age": _case({"Q": (1, 0)}, 1, "Q@600", "Q@1 priority=1"),
    "an age adjustment moves the rank": _case({"Q": (1, 0)}, 1, "Q@300", "Q@10 age=600"),
    "a contact that ranks younger still passes its delay": _case({"Q": (1, 30)}, 0, "Q@40 age=-60"),
    "and stands behind one that is younger": _case({"Q": (1, 30)}, 1, "Q@40 age=-60", "Q@31"),
    "an age adjustment does not shorten a delay": _case({"Q": (1, 30)}, None, "Q@10 age=600"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_pure_rule_decides_the_worked_case(case: Case) -> None:
    waiting = [
        _waiting(str(place), queue, waited, priority, adjustment)
        for place, (queue, waited, priority, adjustment) in enumerate(case.waiting)
    ]
    agent = FreeAgent("ana", _profile("P", case.serves), available_us=0)

    chosen = choose_contact(agent, waiting, NOW)

    assert (int(chosen.contact_id) if chosen else None) == case.expected


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_store_decides_the_worked_case(
    case: Case, store: Store, clock: Clock, configure: Callable[[Configuration], int]
) -> None:
    queues = {queue for queue in case.serves if not queue.startswith("@")}
    configure(_configuration(queues, _profile("P", case.serves)))
    oldest_first = sorted(enumerate(case.waiting), key=lambda row: -row[1][1])
    for place, (queue, waited, priority, adjustment) in oldest_first:
        contact = NewContact(queue, "voice", b"{}", priority, adjustment, contact_id=str(place))
        clock.now_us = round(NOW_US - waited * S)
        store.run(producing.push(store.keys, contact))

    clock.now_us = NOW_US
    offers = store.run(Session(store.keys, "ana", "w", "here").sign_in())

    assert [int(offer.contact_id) for offer in offers] == ([] if case.expected is None else [case.expected])


def test_entry_priority_never_ranks_agents_against_each_other() -> None:
    first = FreeAgent("a", _profile("A", {"Q1": (1, 0)}), available_us=200)
    longer = FreeAgent("b", _profile("B", {"Q1": (5, 0)}), available_us=100)

    chosen = choose_agent(_waiting("c", "Q1", 0), [first, longer], NOW)

    assert chosen is longer


def test_the_store_gives_a_contact_to_the_agent_available_longest(
    store: Store, clock: Clock, configure: Callable[[Configuration], int]
) -> None:
    configure(_configuration({"Q1"}, _profile("A", {"Q1": (1, 0)}), _profile("B", {"Q1": (5, 0)}), agents="BA"))
    sessions = [Session(store.keys, name, "w", "here") for name in ("b", "a")]
    for place, session in enumerate(sessions):
        clock.now_us = NOW_US + place
        store.run(session.sign_in())

    clock.now_us = NOW_US + 5
    store.run(producing.push(store.keys, NewContact("Q1", "voice")))

    clock.now_us = NOW_US + 6
    assert [len(store.run(session.take()).offers) for session in sessions] == [1, 0]


@pytest.mark.parametrize(
    ("used", "channel", "expected"),
    [
        ({"chat": 1}, "task", False),
        ({"task": 1}, "chat", True),
        ({"task": 1, "chat": 1}, "voice", False),
        ({"chat": 1}, "chat", True),
        ({"chat": 2}, "chat", False),
        ({}, "voice", True),
        ({"voice": 1}, "voice", False),
        ({}, "email", False),
    ],
)
def test_cross_channel_concurrency_asks_the_channels_that_are_held(
    used: Mapping[Channel, int], channel: Channel, expected: bool
) -> None:
    profile = RoutingProfile(
        "P", {"voice": Concurrency(1), "chat": Concurrency(2), "task": Concurrency(1, allows_others=True)}, ()
    )

    assert (why_no_slot("ana", profile, used, channel) is None) is expected


def test_a_better_channel_goes_before_an_older_contact_of_a_worse_one() -> None:
    entries = (Entry("Q", "voice", 1), Entry("Q", "chat", 2))
    profile = RoutingProfile("P", {"voice": Concurrency(1), "chat": Concurrency(1)}, entries)
    waiting = [_waiting("chat", "Q", 99, channel="chat"), _waiting("voice", "Q", 0)]

    chosen = choose_contact(FreeAgent("a", profile, 0), waiting, NOW)

    assert chosen is not None
    assert chosen.contact_id == "voice"


def test_nobody_who_is_not_routable_takes_anything() -> None:
    agent = FreeAgent("a", _profile("P", {"Q": (1, 0)}), 0, routable=False)

    assert choose_contact(agent, [_waiting("c", "Q", 900)], NOW) is None


FRENCH_THEN_LESS = (
    parse_step("Language:French >= 4 and Technology:DynamoDB >= 5 for 30s"),
    parse_step("Language:French >= 4 and Technology:DynamoDB >= 4 for 30s"),
    parse_step("Language:French >= 3 and Technology:DynamoDB >= 4"),
)
AGENT1 = {"Language:French": 3, "Technology:DynamoDB": 5}
AGENT2 = {"Language:French": 4, "Technology:DynamoDB": 3}


@pytest.mark.parametrize(
    ("waited_s", "expected"), [(0, None), (30, None), (59.999, None), (60, "agent1"), (900, "agent1")]
)
def test_steps_of_criteria_widen_who_may_take_the_contact(waited_s: float, expected: str | None) -> None:
    profile = _profile("P", {"Q": (1, 0)})
    agents = [
        FreeAgent("agent1", profile, 2, proficiencies=AGENT1), FreeAgent("agent2", profile, 1, proficiencies=AGENT2)
    ]  # fmt: skip
    step = FRENCH_THEN_LESS[active_step(FRENCH_THEN_LESS, waited_s)]

    chosen = choose_agent(replace(_waiting("c", "Q", waited_s), criteria=step.expression), agents, NOW)

    assert (chosen.name if chosen else None) == expected


def test_the_store_widens_the_criteria_step_by_step(
    store: Store, clock: Clock, configure: Callable[[Configuration], int]
) -> None:
    base = _configuration({"Q"}, _profile("P", {"Q": (1, 0)}))
    configure(
        replace(
            base,
            agents={
                "agent1": Agent("agent1", "P", proficiencies=AGENT1),
                "agent2": Agent("agent2", "P", proficiencies=AGENT2),
            },
        )
    )
    sessions = [Session(store.keys, name, "w", "here", lease_ms=10**9) for name in ("agent1", "agent2")]
    for place, session in enumerate(sessions):
        clock.now_us = NOW_US + place
        store.run(session.sign_in())
    contact = NewContact("Q", "voice", contact_id="c", criteria=FRENCH_THEN_LESS)
    clock.now_us = NOW_US + 5
    store.run(producing.push(store.keys, contact))
    sweeper = Sweeper(store.keys)

    holders = []
    for waited_s in (0, 30, 59.999, 60):
        clock.now_us = round(NOW_US + 5 + waited_s * S)
        store.run(sweeper.sweep())
        holders.append(store.run(reading.contact("c")).agent)

    assert holders == ["", "", "", "agent1"]


def test_a_preferred_agent_who_is_offline_is_waited_for_and_then_anybody_takes_the_contact(
    store: Store, clock: Clock, configure: Callable[[Configuration], int]
) -> None:
    base = _configuration({"Q"}, _profile("P", {"Q": (1, 0)}))
    configure(replace(base, agents={name: Agent(name, "P") for name in ("jane", "bo", "cem")}))
    for place, name in enumerate(("cem", "bo")):
        clock.now_us = NOW_US + place
        store.run(Session(store.keys, name, "w", "here", lease_ms=10**9).sign_in())
    contact = NewContact("Q", "voice", contact_id="c", criteria=(parse_step("agents [jane] for 30s"),))
    clock.now_us = NOW_US + 5
    store.run(producing.push(store.keys, contact))
    sweeper = Sweeper(store.keys)

    clock.now_us = NOW_US + 5 + round(29.999 * S)
    store.run(sweeper.sweep())
    before = store.run(reading.contact("c")).agent
    clock.now_us = NOW_US + 5 + 30 * S
    store.run(sweeper.sweep())

    assert (before, store.run(reading.contact("c")).agent) == ("", "cem")


def _waiting(
    contact_id: str, queue: str, waited_s: float, priority: int = 5, adjustment_s: int = 0, channel: Channel = "voice"
) -> Waiting:
    queued_us = round(NOW_US - waited_s * S)
    return Waiting(contact_id, queue, channel, priority, queued_us, rank_of(queued_us, adjustment_s))


def _profile(name: str, serves: Mapping[str, tuple[int, int]]) -> RoutingProfile:
    entries = tuple(Entry(queue, "voice", priority, delay_s) for queue, (priority, delay_s) in serves.items())
    return RoutingProfile(name, {channel: Concurrency(1) for channel in CHANNELS}, entries)


def _configuration(queues: set[str], *profiles: RoutingProfile, agents: str = "") -> Configuration:
    named = {profile.name.lower(): Agent(profile.name.lower(), profile.name) for profile in profiles}
    return Configuration(
        queues={queue: Queue(queue) for queue in queues},
        profiles={profile.name: profile for profile in profiles},
        agents=named if agents else {"ana": Agent("ana", profiles[0].name)},
        statuses={status.name: status for status in (AVAILABLE, OFFLINE)},
    )
