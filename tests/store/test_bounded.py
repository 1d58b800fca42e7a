"""What a script leaves to others because it is too much ends where it would have ended at once.

Each case runs twice, by scripts that take one step at a time and by scripts that stop at nothing, each time until
nobody is left anything to do, and both have given the same contacts to the same agents in the same order.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.drawing import AGENTS, QUEUES, USED_CHANNELS, S, criteria, proficiencies, profiles
from store.stepping import FEW, at_once, most_calls

from fairlead import errors
from fairlead.domain.agent import AVAILABLE, OFFLINE, Agent, Status
from fairlead.domain.configuration import Configuration
from fairlead.domain.names import agent_queue
from fairlead.domain.profile import Concurrency, RoutingProfile
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.procedure import Procedure, ask_one
from fairlead.store.transitions import configuring, producing, staging
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

HEIR = "heir"
"""An agent to whom nothing is routed, whose sign-in tells that the process of the others is dead."""

GIVEN = ("contact.connected", "contact.offered")


@dataclass(frozen=True)
class Drawn:
    """A configuration by chance."""

    profiles: dict[str, RoutingProfile]
    agents: dict[str, str]
    skills: dict[str, dict[str, int]]


drawn = st.builds(
    Drawn,
    st.fixed_dictionaries({name: profiles(name) for name in ("P", "Q")}),
    st.fixed_dictionaries({name: st.sampled_from("PQ") for name in AGENTS}),
    st.fixed_dictionaries(dict.fromkeys(AGENTS, proficiencies)),
)
places = st.sampled_from([*QUEUES, *QUEUES, agent_queue("ana"), agent_queue("dora")])
contacts = st.lists(
    st.tuples(places, st.sampled_from(USED_CHANNELS), st.integers(1, 3), criteria), min_size=4, max_size=14
)
changes = st.lists(
    st.tuples(st.sampled_from(["configure", "desk", "dead", "silence", "time"]), drawn), min_size=1, max_size=4
)


class Run:
    """One run of a case."""

    def __init__(self, client: redis.Redis, is_staged: bool) -> None:
        client.flushall()
        self.is_staged = is_staged
        self.now_us = 1_800_000_000 * S
        self.store = Store(client, clock=lambda: self.now_us)
        self.sweeper = Sweeper(self.store.keys)
        self.sessions: dict[str, Session] = {}

    def apply(self, target: Configuration) -> None:
        version = int(self.store.run(Procedure(lambda source: ask_one("HGET", source.keys.instance, "version"))) or 0)
        if self.is_staged:
            self.store.run(staging.apply(target, version))
        else:
            self.store.run(configuring.apply_configuration(self.store.keys, target, version))

    def sign_in(self, name: str, holder: str, lease_s: int = 60, **options: Any) -> None:
        self.now_us += 100
        self.sessions[name] = Session(self.store.keys, name, "w", holder, lease_s * 1_000, name != "bo", 0, "")
        self.store.run(self.sessions[name].sign_in(**options))

    def push(self, place: int, queue: str, channel: Any, priority: int, steps: Any) -> None:
        self.now_us += 100
        new = NewContact(queue, channel, b"1", priority, 0, f"c{place:02}", criteria=steps)
        with suppress(errors.QueueFull):
            self.store.run(producing.push(self.store.keys, new))

    def is_signed_in(self, name: str) -> bool:
        return self.store.run(reading.agent_states([name]))[0].is_signed_in

    def sweep(self) -> None:
        sweeps = 1
        while self.store.run(self.sweeper.sweep()).more:
            sweeps += 1
            assert sweeps < 5_000, "it does not come to an end"

    def configure(self, drawn: "Drawn", desk: Literal["custom", "routable"]) -> None:
        """The drawn profiles and proficiencies; whether who is at a desk is routable."""
        idle = RoutingProfile("Idle", {"voice": Concurrency(1)}, ())
        agents = [Agent(name, profile, proficiencies=drawn.skills[name]) for name, profile in drawn.agents.items()]
        statuses = (AVAILABLE, OFFLINE, Status("Desk", desk))
        target = Configuration(
            QUEUES, {**drawn.profiles, "Idle": idle}, {one.name: one for one in (*agents, Agent(HEIR, "Idle"))},
            {one.name: one for one in statuses},
        )  # fmt: skip
        self.apply(target)

    def outcome(self) -> Any:
        events = self.store.run(reading.events_after(count=100_000))
        given = [(one.name, one.fields["contact"], one.fields["agent"]) for one in events if one.name in GIVEN]
        held = {
            state.name: (
                state.is_signed_in, state.offerable_channels, sorted((one.contact_id, one.kind) for one in state.slots)
            )
            for state in self.store.run(reading.agent_states())
        }  # fmt: skip
        queued = [contact.contact_id for contact in self.store.run(reading.contacts_in("queued", 10_000))]
        return given, held, queued


def run(
    client: redis.Redis, is_staged: bool, before: Drawn, at_desk: set[str], new: list[Any], changes: list[Any]
) -> list[Any]:
    """What comes of a first configuration, agents and contacts by each of some changes."""
    one, outcomes = Run(client, is_staged), []
    one.configure(before, "custom")
    for name in (HEIR, *AGENTS):
        is_mortal = name in (HEIR, "ana", "bo")
        one.sign_in(name, "here/1" if is_mortal else "here/2", 60 if is_mortal else 10**6)
        if name in at_desk:
            one.store.run(one.sessions[name].set_status("Desk"))
    for place, contact in enumerate(new):
        one.push(place, *contact)
    for change, after in changes:
        one.now_us += S
        if change == "configure":
            one.configure(after, "custom")
        elif change == "desk":
            one.configure(before, "routable")
        elif change == "dead" and one.is_signed_in(HEIR):
            one.sign_in(HEIR, "here/3", 10**6, replaces=one.sessions[HEIR].epoch, is_dead=True)
        else:
            one.now_us += 65 * S if change == "silence" else 28 * S
        one.sweep()
        outcomes.append(one.outcome())
    return outcomes


def test_step_by_step_the_same_agents_get_the_same_contacts_in_the_same_order(
    any_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_COST", 0)

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(drawn, st.sets(st.sampled_from(sorted(AGENTS))), contacts, changes)
    def agree(before: Drawn, at_desk: set[str], new: list[Any], what: list[Any]) -> None:
        with at_once(FEW):
            step_by_step = run(any_client, True, before, at_desk, new, what)
        with most_calls(10**9):
            whole = run(any_client, False, before, at_desk, new, what)
        assert step_by_step == whole

    agree()
