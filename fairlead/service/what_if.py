"""What a configuration would do at once: the rules that route, over what there is now, with the configuration put in.

Nothing is changed. What a Centre leaves out (domain/centre) is left out here, too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fairlead.configuration.objects import check_configuration
from fairlead.domain.centre import Centre, State
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import Configuration
from fairlead.domain.contact import FOR_GOOD
from fairlead.domain.hours import is_open
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, procedure

Pair = tuple[str, Channel]
"""A queue and a channel."""


@dataclass(frozen=True, slots=True)
class Goes:
    """A waiting contact would be given to an agent; `is_offered`: it is asked whether it accepts."""

    contact: str
    queue: str
    channel: Channel
    agent: str
    waited_us: int
    is_offered: bool


@dataclass(frozen=True, slots=True)
class Unserved:
    """A queue and channel would lose the last signed-in agent to whom it is routed.

    `waiting`: how many contacts wait there; `agents`: who serves it now; `signed_out`: how many agents would serve it
    once they are signed in.
    """

    queue: str
    channel: Channel
    waiting: int
    agents: tuple[str, ...]
    signed_out: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would come of a configuration at once. `is_whole`: every contact that waits has been looked at."""

    at_us: int
    goes: tuple[Goes, ...]
    unserved: tuple[Unserved, ...]
    is_whole: bool


@procedure
def what_if(source: Source, target: Configuration) -> Steps[WhatIf]:
    """What applying would do at once: which waiting contacts would go to whom, and who would be served by nobody.

    It changes nothing. Raises InvalidName, InvalidConfiguration.
    """
    check_configuration(target)
    now = yield from reading.state_now().steps(source)
    state, at_us, waiting = now.state, now.at_us, dict(now.state.waiting)
    unserved = tuple(_unserved(state, target))
    _put_in(state, target, at_us)
    centre = Centre(state.configuration)
    centre.state = state
    given = centre.apply_configuration(target, at_us)
    goes = [
        Goes(one.contact_id, contact.queue, contact.channel, one.agent, at_us - contact.queued_us, one.is_offered)
        for one in given
        for contact in [waiting[one.contact_id]]
    ]
    return WhatIf(at_us, tuple(goes), unserved, now.is_whole)


def _put_in(state: State, target: Configuration, at_us: int) -> None:
    """What follows from a configuration for agents and contacts that are there already, before anything is matched."""
    state.agents = {
        name: replace(agent, is_routable=_is_routable(target, agent.status))
        for name, agent in state.agents.items()
        if name in target.agents
    }
    state.closed = frozenset(
        queue.name
        for queue in target.queues.values()
        if queue.hours and queue.closed_policy == "hold" and not is_open(target.hours[queue.hours], at_us / 1e6)
    )
    for contact_id, contact in state.waiting.items():
        queue = target.queues.get(contact.queue)
        if queue and queue.offer_again_after_s is not None:
            lasting = tuple(one for one in contact.refused if one[1] != FOR_GOOD)
            state.waiting[contact_id] = replace(contact, refused=lasting)


def _is_routable(target: Configuration, status: str) -> bool:
    return status in target.statuses and target.statuses[status].type == "routable"


def _unserved(state: State, target: Configuration) -> Iterator[Unserved]:
    before, after = _serving(state.configuration), _serving(target)
    waits = Counter((one.queue, one.channel) for one in state.waiting.values())
    for pair in sorted(before):
        present = [name for name in before[pair] if name in state.agents]
        later = after.get(pair, [])
        if present and not any(name in state.agents for name in later):
            yield Unserved(*pair, waits[pair], tuple(present), len(later))


def _serving(configuration: Configuration) -> Mapping[Pair, list[str]]:
    """Queue and channel -> the agents to whom its contacts are routed once they are signed in."""
    served: defaultdict[Pair, list[str]] = defaultdict(list)
    for agent in configuration.agents.values():
        profile = configuration.profiles[agent.profile]
        for entry in profile.entries:
            if not entry.manual_only and entry.channel in profile.channels:
                served[entry.queue, entry.channel].append(agent.name)
    return served
