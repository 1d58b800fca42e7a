"""The TOML file's shape and limits, as pydantic models: the one place where each limit of a configuration stands.

The JSON schema for editors is made from them, too.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, MAX_SLOTS, OFFER_WINDOW_MS, Channel
from fairlead.domain.configuration import ENDED_RETENTION_S, EVENTS_KEPT, Configuration, built_in_statuses
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.profile import (
    HIGHEST_PRIORITY,
    LONGEST_DELAY_S,
    LOWEST_PRIORITY,
    Concurrency,
    Entry,
    RoutingProfile,
)
from fairlead.domain.queue import MAX_ATTEMPTS, SERVICE_LEVEL_S, Queue

Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]
WindowS = Annotated[float, Field(gt=0, le=3_600)]
DisplayName = Annotated[str, Field(max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InstanceDocument(_Strict):
    """What concerns the instance as a whole."""

    ended_retention_s: int = Field(ENDED_RETENTION_S, ge=1, le=30 * 86_400, description="keep ended contacts' records")
    events_kept: int = Field(EVENTS_KEPT, ge=1_000, le=100_000_000, description="about how many events to keep")


class QueueDocument(_Strict):
    """A standard queue."""

    display_name: DisplayName = ""
    max_attempts: int = Field(
        MAX_ATTEMPTS, ge=1, le=1_000, description="connected so often, a failing contact is parked"
    )
    service_level_s: int = Field(SERVICE_LEVEL_S, ge=1, le=86_400, description="the service level's threshold")
    offer_window_s: dict[Channel, WindowS] = Field(default_factory=dict, description="how long an offer waits")


class ConcurrencyDocument(_Strict):
    """How many contacts of one channel an agent holds at a time."""

    slots: int = Field(ge=1, le=10, description="voice 1; chat, task and email 1 to 10")
    allows_others: bool = Field(False, description="contacts of other channels may come while one of this is held")


class EntryDocument(_Strict):
    """What the profile serves: a queue on one or more channels."""

    queue: Name
    channel: Channel | None = None
    channels: list[Channel] = Field(default_factory=list)
    priority: int = Field(HIGHEST_PRIORITY, ge=HIGHEST_PRIORITY, le=LOWEST_PRIORITY, description="1 goes first")
    delay_s: int = Field(0, ge=0, le=LONGEST_DELAY_S, description="seconds that a contact must have waited")

    @model_validator(mode="after")
    def _one_way_to_name_channels(self) -> "EntryDocument":
        if (self.channel is None) == (not self.channels):
            raise ValueError("give either channel or channels")
        return self

    def channel_list(self) -> list[Channel]:
        return self.channels or [self.channel] if self.channel else self.channels


class ProfileDocument(_Strict):
    """A routing profile."""

    display_name: DisplayName = ""
    channels: dict[Channel, ConcurrencyDocument] = Field(min_length=1)
    entries: list[EntryDocument] = Field(default_factory=list, max_length=500)


class AgentDocument(_Strict):
    """An agent and its one routing profile."""

    profile: Name
    display_name: DisplayName = ""


class StatusDocument(_Strict):
    """A status of agents."""

    type: Literal["routable", "custom", "offline"]


class Document(_Strict):
    """A whole configuration file. What it leaves out is removed when it is applied."""

    instance: InstanceDocument = Field(default_factory=InstanceDocument)
    queues: dict[Name, QueueDocument] = Field(default_factory=dict)
    profiles: dict[Name, ProfileDocument] = Field(default_factory=dict)
    agents: dict[Name, AgentDocument] = Field(default_factory=dict)
    statuses: dict[Name, StatusDocument] = Field(default_factory=dict)

    def configuration(self) -> Configuration:
        """The same as values of the domain."""
        return Configuration(
            queues={name: _queue(name, one) for name, one in self.queues.items()},
            profiles={name: _profile(name, one) for name, one in self.profiles.items()},
            agents={name: Agent(name, one.profile, one.display_name) for name, one in self.agents.items()},
            statuses=built_in_statuses() | {name: Status(name, one.type) for name, one in self.statuses.items()},
            ended_retention_s=self.instance.ended_retention_s,
            events_kept=self.instance.events_kept,
        )


def _queue(name: str, given: QueueDocument) -> Queue:
    windows = {channel: round(window_s * 1_000) for channel, window_s in given.offer_window_s.items()}
    return Queue(
        name=name,
        display_name=given.display_name,
        max_attempts=given.max_attempts,
        service_level_s=given.service_level_s,
        offer_window_ms={**OFFER_WINDOW_MS, **windows},
    )


def _profile(name: str, given: ProfileDocument) -> RoutingProfile:
    return RoutingProfile(
        name=name,
        display_name=given.display_name,
        channels={channel: Concurrency(one.slots, one.allows_others) for channel, one in given.channels.items()},
        entries=tuple(
            Entry(entry.queue, channel, entry.priority, entry.delay_s)
            for entry in given.entries
            for channel in entry.channel_list()
        ),
    )


def cross_problems(document: Document) -> list[tuple[tuple[str | int, ...], str]]:
    """What each part allows but the whole does not: (path, what is wrong) for each."""
    problems: list[tuple[tuple[str | int, ...], str]] = []
    for name, profile in document.profiles.items():
        problems += [(("profiles", name, *path), why) for path, why in _profile_problems(document, profile)]
    for name, agent in document.agents.items():
        if agent.profile not in document.profiles:
            known = ", ".join(document.profiles) or "none"
            problems.append((("agents", name, "profile"), f"no profile {agent.profile!r} in this file; it has {known}"))
    for name in built_in_statuses().keys() & document.statuses.keys():
        if document.statuses[name].type != built_in_statuses()[name].type:
            problems.append((("statuses", name), "is built in, with another type"))
    return problems


def _profile_problems(document: Document, profile: ProfileDocument) -> list[tuple[tuple[str | int, ...], str]]:
    problems: list[tuple[tuple[str | int, ...], str]] = []
    for channel, one in profile.channels.items():
        if one.slots > MAX_SLOTS[channel]:
            problems.append(
                (("channels", channel, "slots"), f"{one.slots} is above {MAX_SLOTS[channel]}, the most for {channel}")
            )
    seen: set[tuple[str, Channel]] = set()
    for place, entry in enumerate(profile.entries):
        if entry.queue not in document.queues:
            known = ", ".join(document.queues) or "none"
            problems.append((("entries", place, "queue"), f"no queue {entry.queue!r} in this file; it has {known}"))
        for channel in entry.channel_list():
            if channel not in profile.channels:
                problems.append(
                    (("entries", place, "channel"), f"the profile has no slots for {channel}: add channels.{channel}")
                )
            if (entry.queue, channel) in seen:
                problems.append((("entries", place), f"{entry.queue} on {channel} stands in this profile already"))
            seen.add((entry.queue, channel))
    return problems


def json_schema() -> dict[str, Any]:
    """The JSON schema of the file, for editors."""
    schema = Document.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Fairlead configuration", **schema}


def document_of(configuration: Configuration) -> Document:
    """The file that describes a configuration; what is as it is by default is left out when written."""
    return Document(
        instance=InstanceDocument(
            ended_retention_s=configuration.ended_retention_s, events_kept=configuration.events_kept
        ),
        queues={name: _queue_document(queue) for name, queue in sorted(configuration.queues.items())},
        profiles={name: _profile_document(profile) for name, profile in sorted(configuration.profiles.items())},
        agents={
            name: AgentDocument(profile=agent.profile, display_name=agent.display_name)
            for name, agent in sorted(configuration.agents.items())
        },
        statuses={
            name: StatusDocument(type=status.type)
            for name, status in sorted(configuration.statuses.items())
            if name not in built_in_statuses()
        },
    )


def _queue_document(queue: Queue) -> QueueDocument:
    windows = {
        channel: queue.offer_window_ms[channel] / 1_000
        for channel in CHANNELS
        if queue.offer_window_ms[channel] != OFFER_WINDOW_MS[channel]
    }
    return QueueDocument(
        display_name=queue.display_name,
        max_attempts=queue.max_attempts,
        service_level_s=queue.service_level_s,
        offer_window_s=windows,
    )


def _profile_document(profile: RoutingProfile) -> ProfileDocument:
    return ProfileDocument(
        display_name=profile.display_name,
        channels={
            channel: ConcurrencyDocument(slots=one.slots, allows_others=one.allows_others)
            for channel, one in sorted(profile.channels.items())
        },
        entries=[
            EntryDocument(queue=entry.queue, channel=entry.channel, priority=entry.priority, delay_s=entry.delay_s)
            for entry in profile.entries
        ],
    )
