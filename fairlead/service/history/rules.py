"""What the rules say of each choice, and of all whom they would have brought together."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from fairlead.domain.centre.state import Contact, State
from fairlead.domain.choose import rank_for
from fairlead.domain.eligible import FreeAgent, served_by, why_not
from fairlead.domain.names import is_agent_queue
from fairlead.domain.profile import RoutingProfile
from fairlead.domain.reasons import CapacityReached, LimitReached, NoSlot, OtherChannelHeld, Reason, TooManyTasks
from fairlead.service.decision import side_of
from fairlead.service.history.recording import Configured, History
from fairlead.service.history.values import Finding, Kind
from fairlead.service.history.waits import Waits
from fairlead.service.replaying import Replay
from fairlead.store.reading import Event

_CLOSE_US = 1_000
"""Stamps run ahead of the clock: who has been available longer by less than this is not told apart."""

_SILENT_US = 1_000_000
"""Whoever has asked for something so long ago, by the server's clock and by the engine's, is certainly still there."""

_NO_SLOT = (CapacityReached, LimitReached, NoSlot, OtherChannelHeld, TooManyTasks)


class Rules:
    """Follows the events as the rules do. Profiles whose entries are not known are left out, and so are agents whose
    session began before the first event.
    """

    def __init__(self, history: History, slack_us: int, *, judges_agents: bool) -> None:
        self._judges_agents = judges_agents
        self._events = history.events
        self._plain, self._slack_us = history.plain, slack_us
        self._profiles = dict(_profiles(history.configured))
        self._configuration = history.configured[-1].configuration
        self._versions: dict[str, int] = {}
        self._has: dict[str, str] = {}
        """Agent -> its profile, which the last configuration need not know any more."""
        self._known: set[str] = set()
        self._acted: dict[str, Event] = {}
        self._changed: tuple[set[str], set[str]] = (set(), set())
        self._waits = Waits(slack_us, history.away)
        self._replay = Replay(State(self._configuration), [])
        self.unchecked = 0
        """How many choices could not be judged, since the profile that made them is not known."""

    @property
    def state(self) -> State:
        return self._replay.state

    def happen(self, place: int, event: Event) -> Iterator[Finding]:
        """What the event at this place tells has happened. Yields what the rules would not have done."""
        fields = event.fields
        if "agent" in fields and "profile" in fields:
            self._has[fields["agent"]] = fields["profile"]
        if event.name == "profile.updated":
            self._has_changed(fields["profile"], int(fields.get("profile_version", 0)))
        elif event.name in ("agent.signed_in", "agent.signed_out", "agent.lost"):
            (self._known.add if event.name == "agent.signed_in" else self._known.discard)(fields["agent"])
        elif event.name in ("contact.offered", "contact.connected"):
            yield from self._judge(place, event)
        if event.actor:
            self._acted[event.actor] = event
        self._replay.happen(event)
        agents, contacts = self._changed
        agents |= {fields["agent"]} if fields.get("agent") else set()
        contacts |= {fields["contact"]} if "contact" in fields else set()

    def settle(self, at_us: int, event_id: str) -> Iterator[Finding]:
        """A script is over: whoever may take a contact that waits has taken it, or will soon."""
        yield from self._overdue(at_us, event_id)
        (agents, contacts), self._changed = self._changed, (set(), set())
        free = [one for name in sorted(self._known) if (one := self._free(name))]
        sure = [one for one in self.state.waiting.values() if self._is_sure(one)]
        changed = [one for one in sure if one.contact_id in contacts]
        pairs = [(agent, one) for agent in free for one in (sure if agent.name in agents else changed)]
        since = {
            (agent.name, one.contact_id): begins_us
            for agent, one in pairs
            if (begins_us := self._eligible_from(agent, one, at_us)) is not None
        }
        self._waits.settle(agents, contacts, since, at_us)

    def end(self, at_us: int) -> Iterator[Finding]:
        """The history is over."""
        yield from self._overdue(at_us, "")

    def _overdue(self, at_us: int, event_id: str) -> Iterator[Finding]:
        for name, contact_id, waited_us in self._waits.overdue(at_us):
            yield Finding(
                "lost wake-up", event_id, f"{contact_id} waits, and {name} may take it, for {waited_us / 1e6:.1f} s"
            )

    def _has_changed(self, profile: str, version: int) -> None:
        """A profile has another version: all its agents are judged anew."""
        self._versions[profile] = version
        known = self._profiles.get((profile, version))
        configuration = self.state.configuration
        profiles = {name: one for name, one in configuration.profiles.items() if name != profile}
        self.state.configuration = replace(configuration, profiles=profiles | ({profile: known} if known else {}))
        self._changed[0].update(self._known)

    def _judge(self, place: int, event: Event) -> Iterator[Finding]:
        fields, name = event.fields, event.fields["agent"]
        version = self._versions.get(fields["profile"])

        def wrong(kind: Kind, found: str) -> Finding:
            return Finding(kind, event.event_id, f"{fields['contact']} is given to {name}: {found}")

        if version not in (None, int(fields["profile_version"])):
            yield wrong("eligible", f"{fields['profile']} is at version {version}, not {fields['profile_version']}")
        if fields["entry_priority"] == "by_hand" or name not in self._known:
            return
        contact, first = self.state.waiting.get(fields["contact"]), True
        if contact is None:  # it rings at another already
            contact, first = self._replay.ringing(fields["contact"]), False
        if contact is None or not self._is_configured(name):
            self.unchecked += 1
            return
        agent = self.state.free_agent(name)
        reason = self._why_not(agent, contact, event.at_us)
        entry = served_by(agent).get((contact.queue, contact.channel))
        if reason:
            yield wrong("capacity" if isinstance(reason, _NO_SLOT) else "eligible", str(reason))
        elif entry and str(entry.priority) != fields["entry_priority"]:
            yield wrong("eligible", f"the entry has priority {entry.priority}, not {fields['entry_priority']}")
        elif before := self._before(agent, contact, event.at_us):
            yield wrong("order", f"{before.contact_id} goes before it, and waits")
        elif first and (other := self._longer_idle(place, event, agent, contact)):
            yield wrong("order", f"{other.name} has been available longer, and may take it")

    def _before(self, agent: FreeAgent, contact: Contact, at_us: int) -> Contact | None:
        """A contact that the agent should have taken before this one."""
        served, given = served_by(agent), self.state.circumstances(agent.profile.name, at_us)

        def rank(one: Contact) -> tuple[int, ...]:
            return rank_for(agent, one.waiting(), served[one.queue, one.channel], given)

        mine = rank(contact)
        for one in self.state.waiting.values():
            is_before = (one.queue, one.channel) in served and self._is_sure(one) and rank(one) < mine
            until_us = max(one.again_us, *(until_us for _, until_us in one.refused), 0)
            waits = until_us and until_us + self._slack_us > at_us  # a sweep ends pauses and refusals
            if is_before and not waits and self._why_not(agent, one, at_us) is None:
                return one
        return None

    def _longer_idle(self, place: int, event: Event, agent: FreeAgent, contact: Contact) -> FreeAgent | None:
        """Another agent to whom a contact that has just come into its line should have gone."""
        is_by_time = self.state.queue(contact.queue).agent_choice == "longest_idle"
        is_plain = contact.contact_id in self._plain and agent.profile.agent_availability_timer != "since_last_inbound"
        if not (self._judges_agents and is_by_time and is_plain) or side_of(self._events, place) != "contact":
            return None
        for name in self._known - {agent.name}:
            # who is silent may have left routing already, which the next sweep tells
            acted = self._acted.get(f"agent:{name}")
            is_silent = acted is None or _lie_apart_us(acted, event) > _SILENT_US
            other = None if is_silent else self._free(name)
            if other and other.available_us + _CLOSE_US < agent.available_us and other.available_us > 0:
                is_plain = other.profile.agent_availability_timer != "since_last_inbound"
                if is_plain and self._why_not(other, contact, event.at_us) is None:
                    return other
        return None

    def _is_sure(self, contact: Contact) -> bool:
        """Whether the events tell all that decides about the contact: it asks for nobody, and its queue is open."""
        queue = self._configuration.queues.get(contact.queue)
        is_open = is_agent_queue(contact.queue) if queue is None else not queue.hours
        return is_open and contact.contact_id in self._plain

    def _is_configured(self, name: str) -> bool:
        """Whether the agent's profile is known, as it is now."""
        configured = self.state.configuration.agents.get(name)
        if configured is None or configured.profile != self._has.get(name, configured.profile):
            return False
        return configured.profile in self.state.configuration.profiles

    def _free(self, name: str) -> FreeAgent | None:
        """The agent, unless it may be offered nothing now, whatever it is."""
        agent = self.state.agents.get(name)
        is_away = agent is None or not agent.is_routable or agent.next_status or agent.present_until_us is not None
        return None if is_away or not self._is_configured(name) else self.state.free_agent(name)

    def _why_not(self, agent: FreeAgent, contact: Contact, at_us: int) -> Reason | None:
        entry = served_by(agent).get((contact.queue, contact.channel))
        return why_not(agent, contact.waiting(), entry, self.state.circumstances(agent.profile.name, at_us))

    def _eligible_from(self, agent: FreeAgent, contact: Contact, at_us: int) -> int | None:
        """From when on the agent may take the contact if nothing else happens; None: never."""
        entry = served_by(agent).get((contact.queue, contact.channel))
        if entry is None or entry.manual_only:
            return None
        from_us = max(at_us, contact.again_us, contact.queued_us + entry.delay_s * 1_000_000)
        return from_us if self._why_not(agent, contact, from_us) is None else None


def _lie_apart_us(before: Event, after: Event) -> int:
    """How long after one event another one came, by the clock by which it was longer."""
    return max(after.at_us - before.at_us, 1_000 * (_server_ms(after) - _server_ms(before)))


def _server_ms(event: Event) -> int:
    """The server's own time of an event, which is the first part of its id."""
    return int(event.event_id.partition("-")[0] or 0)


def _profiles(configured: Iterable[Configured]) -> Iterator[tuple[tuple[str, int], RoutingProfile]]:
    """Each profile by its name and the version at which it became so."""
    for one in configured:
        for name, profile in one.configuration.profiles.items():
            yield (name, one.profiles.get(name, one.version)), profile
