"""The Python API for programs that configure an instance.

with Administrator.connect() as administrator:
    plan = administrator.plan(configuration)
    version = administrator.apply(configuration)
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fairlead.configuration.objects import check_configuration, check_object
from fairlead.configuration.plan import Plan, make_plan
from fairlead.domain.agent import Agent
from fairlead.domain.configuration import Configuration
from fairlead.domain.objects import Kind, Object
from fairlead.errors import ConfigurationChanged, Conflict, FairleadError, NotFound
from fairlead.service.asked import AsyncConnected, Connected, of_keys, of_nothing
from fairlead.service.supervisor import Watching
from fairlead.service.tokens import create_token, note_token_used, revoke_token, tokens
from fairlead.service.what_if import what_if
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_one, procedure, run
from fairlead.store.transitions import configuring, staging

TRIES = 5
"""How often a change is made again when somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What applying a configuration would change, the version that is in force, and what refuses it, if anything does.

    `refusal`: QueueInUse, AgentInUse or UnknownProfile.
    """

    plan: Plan
    version: int
    refusal: FairleadError | None


@procedure
def plan(source: Source, target: Configuration) -> Steps[Planned]:
    """What applying would change now, whom it affects, and whether it would be refused; it changes nothing.

    Raises InvalidName, InvalidConfiguration.
    """
    check_configuration(target)
    current, version = yield from reading.configuration_in_force().steps(source)
    signed_in = Counter(
        agent.profile for agent in (yield from reading.agents_signed_in().steps(source))
    )
    waiting: Counter[str] = Counter()
    for state in (yield from reading.queue_states().steps(source)):
        waiting[state.queue] += state.waiting
    changes = make_plan(current, target, signed_in, waiting)
    try:
        if changes:
            yield from staging.attempt(target, version).steps(source)
    except (NotFound, Conflict) as refusal:
        return Planned(changes, version, refusal)
    return Planned(changes, version, None)


@procedure
def apply(source: Source, target: Configuration, version: int | None = None) -> Steps[int]:
    """Replace the whole configuration by the target, all of it or not at all. Returns the new version.

    A change of some hundred objects acts at once; a larger one object by object, until this returns.

    `version`: the version that the target was made from; None: the one in force. Raises InvalidName,
    InvalidConfiguration, ConfigurationChanged, QueueInUse, AgentInUse, UnknownProfile.
    """
    check_configuration(target)
    if version is None:
        _, version = yield from reading.configuration_in_force().steps(source)
    return (yield from staging.apply(target, version).steps(source))


@procedure
def is_configured(source: Source) -> Steps[bool]:
    """Whether somebody has applied a configuration, or changed the one that every instance begins with."""
    return bool((yield from ask_one("HGET", source.keys.instance, "configured")))


@procedure
def change(source: Source, make: Callable[[Configuration], Configuration]) -> Steps[int]:
    """Apply what `make` makes of the configuration in force; answers its version. Raises what both raise."""
    for left in reversed(range(TRIES)):
        current, version = yield from reading.configuration_in_force().steps(source)
        target = make(current)
        if target == current:
            return version
        check_configuration(target)
        try:
            return (yield from staging.apply(target, version).steps(source))
        except ConfigurationChanged:
            if not left:
                raise
            yield from staging.finish(source)
    raise AssertionError("a loop that ends by returning or raising")


@procedure
def put(source: Source, one: Object, version: int) -> Steps[int]:
    """Create an object (version 0), or change the one that was read at a version. Returns its new version.

    Raises InvalidConfiguration, ConfigurationChanged, ObjectExists, StatusDisabled, ObjectInUse, and UnknownQueue,
    UnknownProfile, UnknownAgent, UnknownStatus or UnknownHours when it, or an object that it names, is not there.
    """
    check_object(one)
    return (yield from run(configuring.put_object(source.keys, one, version)))


@procedure
def change_object(source: Source, kind: Kind, name: str, make: Callable[[Any], Object]) -> Steps[int]:
    """Put what `make` makes of one object; again when somebody else was quicker. Returns its version.

    Raises what `make` and `put` raise.
    """
    for left in reversed(range(TRIES)):
        found, version = yield from reading.object_in_force(kind, name).steps(source)
        try:
            return (yield from put(make(found), version).steps(source))
        except ConfigurationChanged:
            if not left:
                raise
            yield from staging.finish(source)
    raise AssertionError("a loop that ends by returning or raising")


@procedure
def set_agent_profile(source: Source, agent: str, profile: str) -> Steps[int]:
    """Change the routing profile of an agent, which keeps its contacts. Returns the agent's new version.

    Raises UnknownAgent, UnknownProfile.
    """
    return (yield from change_object("agent", agent, lambda found: replace(found, profile=profile)).steps(source))


def with_levels(agent: Agent, levels: Mapping[str, int]) -> Agent:
    """The agent with these of its proficiencies changed; a level of 0 removes one."""
    merged = {name: level for name, level in {**agent.proficiencies, **levels}.items() if level}
    return replace(agent, proficiencies=merged)


@procedure
def set_proficiencies(source: Source, agent: str, levels: Mapping[str, int]) -> Steps[int]:
    """Change proficiencies of an agent, `Attribute:Value` -> level 1 to 5, or 0 to remove it; others stay.

    Returns the agent's new version. Raises UnknownAgent, InvalidConfiguration.
    """

    return (yield from change_object("agent", agent, lambda found: with_levels(found, levels)).steps(source))


@procedure
def set_queue_enabled(source: Source, queue: str, is_enabled: bool) -> Steps[int]:
    """Enable or disable a queue: no new contact enters a disabled one. Returns its new version. Raises UnknownQueue."""
    return (yield from change_object("queue", queue, lambda found: replace(found, enabled=is_enabled)).steps(source))


class _Administering(Watching):
    """What administrators ask."""

    makes_instance = True

    plan = of_nothing(plan)
    what_if = of_nothing(what_if)
    apply = of_nothing(apply)
    is_configured = of_nothing(is_configured)
    change = of_nothing(change)
    put = of_nothing(put)
    remove = of_keys(configuring.remove_object)
    change_object = of_nothing(change_object)
    set_agent_profile = of_nothing(set_agent_profile)
    set_proficiencies = of_nothing(set_proficiencies)
    set_queue_enabled = of_nothing(set_queue_enabled)
    create_token = of_nothing(create_token)
    tokens = of_nothing(tokens)
    revoke_token = of_nothing(revoke_token)
    note_token_used = of_nothing(note_token_used)


class Administrator(_Administering, Connected):
    """Configures one instance, synchronously. It may be used by several threads."""


class AsyncAdministrator(_Administering, AsyncConnected):
    """Configures one instance, in asyncio."""
