"""The TOML file's tables and their limits, as pydantic models; what a single value may be stands in values.py.

The JSON schema for editors is made from them, too.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fairlead.configuration.values import (
    AcwS,
    Criteria,
    Days,
    DisplayName,
    ExpiryS,
    Level,
    Name,
    OverflowAfterS,
    Proficiency,
    Span,
    When,
    WindowS,
    Zone,
)
from fairlead.domain.agent import MOST_PROFICIENCIES
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import ENDED_RETENTION_S, EVENTS_KEPT, MEASURES_KEPT_S
from fairlead.domain.contact import HIGHEST_PRIORITY as HIGHEST_CONTACT_PRIORITY
from fairlead.domain.contact import (
    LONGEST_AGE_ADJUSTMENT_S,
    LONGEST_CALLBACK_DELAY_S,
    LONGEST_PAUSE_S,
    LONGEST_SCHEDULE_S,
    MOST_CALLBACK_RETRIES,
)
from fairlead.domain.contact import LOWEST_PRIORITY as LOWEST_CONTACT_PRIORITY
from fairlead.domain.hours import ClosedPolicy, Day
from fairlead.domain.intake import DEFAULT_RETRY_DELAY_S, LONGEST_REASON, MOST_RULES
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.objects import LONGEST_DESCRIPTION, LONGEST_LABEL, MOST_LABELS, Kind
from fairlead.domain.profile import (
    HIGHEST_PRIORITY,
    LARGEST_WEIGHT,
    LONGEST_DELAY_S,
    LOWEST_PRIORITY,
    AvailabilityTimer,
    Sharing,
)
from fairlead.domain.queue import (
    MAX_ATTEMPTS,
    MOST_RINGS,
    OFFER_AGAIN_AFTER_S,
    RETRY_DELAY_S,
    SERVICE_LEVEL_S,
    AgentChoice,
    Nobody,
    Rank,
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ObjectDocument(_Strict):
    """What every object may have, for people and other programs; it means nothing to the engine."""

    display_name: DisplayName = ""
    description: str = Field("", max_length=LONGEST_DESCRIPTION, description="what it is for, in a sentence or two")
    labels: dict[Name, Annotated[str, Field(max_length=LONGEST_LABEL)]] = Field(
        default_factory=dict, max_length=MOST_LABELS, description="names with texts, for people and other programs"
    )


class InstanceDocument(_Strict):
    """Settings of the instance as a whole."""

    ended_retention_s: int = Field(
        default=ENDED_RETENTION_S,
        ge=1,
        le=30 * 86_400,
        description="seconds for which the record of an ended contact is kept",
    )
    events_kept: int = Field(
        default=EVENTS_KEPT, ge=1_000, le=100_000_000, description="approximate number of events kept"
    )
    measures_kept_s: int = Field(
        default=MEASURES_KEPT_S,
        ge=3_600,
        le=62 * 86_400,
        description="seconds for which the measures of each minute are kept",
    )
    agent_queue_overflow: Name | None = Field(
        default=None,
        description="queue that gets what waits too long in the own queue of an agent who names none, or is full",
    )
    agent_queue_overflow_after_s: OverflowAfterS | None = Field(
        default=None, description="seconds of waiting in such an agent's own queue after which a contact overflows"
    )


class HoursDocument(ObjectDocument):
    """Hours of operation: spans such as 08:00-17:30, in the local time of a time zone."""

    timezone: Zone = Field(description="IANA time zone, for example Europe/Berlin")
    week: dict[Day, list[Span]] = Field(
        default_factory=dict, description="opening spans of each day; a day that is not listed is closed"
    )
    exceptions: dict[Days, list[Span]] = Field(
        default_factory=dict,
        description="opening spans of days: 2026-12-25, or 12-25 of every year, and of ranges with ..; [] means closed",
    )


class QueueDocument(ObjectDocument):
    """A standard queue."""

    max_attempts: int = Field(
        MAX_ATTEMPTS, ge=1, le=1_000, description="number of failed attempts after which a contact is parked"
    )
    retry_delay_s: int = Field(
        RETRY_DELAY_S, ge=0, le=LONGEST_PAUSE_S,
        description="pause in seconds after the first failed attempt; each further one doubles it, up to 300",
    )  # fmt: skip
    service_level_s: int = Field(
        SERVICE_LEVEL_S, ge=1, le=86_400, description="threshold of the service level, in seconds"
    )
    offer_window_s: dict[Channel, WindowS] = Field(
        default_factory=dict, description="seconds for which an offer waits for its answer, by channel"
    )
    enabled: bool = Field(True, description="false: no new contact enters; contacts in the queue are still routed")
    max_contacts: int | None = Field(
        None, ge=0, le=10_000_000, description="largest number of contacts, over all channels; 0: always full"
    )
    hours: Name | None = Field(None, description="name of the hours of operation; without it the queue is always open")
    closed_policy: ClosedPolicy = Field("hold", description="what happens to contacts that arrive while it is closed")
    overflow: Name | None = Field(None, description="queue that gets the contacts which this one cannot take")
    overflow_rank: Rank = Field("keep", description="place in line in the overflow queue")
    offer_to: int = Field(
        1, ge=1, le=MOST_RINGS, description="number of agents at whom a contact rings at once; who accepts first has it"
    )
    max_offers: int | None = Field(
        None, ge=1, le=1_000, description="number of unanswered offers after which a contact overflows or is parked"
    )
    missed_slot_s: int | None = Field(
        None,
        ge=0,
        le=86_400,
        description="seconds after which a missed slot is cleared; 0: at once; left out: by hand",
    )
    status_after_misses: int = Field(
        0, ge=0, le=1_000, description="number of misses in a row after which the agent's status changes; 0: never"
    )
    missed_status: Name | None = Field(None, description="status that the agent gets after status_after_misses misses")
    offer_again_after_s: Annotated[int, Field(ge=0, le=86_400)] | Literal["never"] = Field(
        OFFER_AGAIN_AFTER_S,
        description="seconds for which an agent who refused, missed, failed or gave back a contact is not offered it "
        'again; "never": for good',
    )
    acw_s: dict[Channel, AcwS] = Field(
        default_factory=dict,
        description="longest after-contact work in seconds, by channel: 0 to 7200; unlimited: until it is cleared",
    )
    expiry_s: dict[Channel, ExpiryS] = Field(
        default_factory=dict, description="seconds after which a waiting contact expires, by channel; 0: never"
    )
    agent_choice: AgentChoice = Field("longest_idle", description="which free agent gets an arriving contact")
    choice_proficiency: Proficiency | None = Field(
        None, description="proficiency whose highest level agent_choice = highest_proficiency prefers"
    )
    raise_after_s: int | None = Field(
        None, ge=1, le=604_800, description="seconds of waiting after which the contact's priority is raised"
    )
    raise_to: int = Field(1, ge=1, le=2**53 - 1, description="contact priority after raise_after_s; 1 is the highest")
    overflow_after_s: OverflowAfterS | None = Field(
        None, description="seconds of waiting after which a contact overflows"
    )
    turn_away_when: Nobody = Field(
        "never",
        description="arrivals overflow or are refused while nobody who serves it is available, staffed or signed in",
    )
    skip_steps_when: Nobody = Field(
        "never", description="a routing step ends early when nobody who satisfies it is available, staffed or signed in"
    )


class ConcurrencyDocument(_Strict):
    """How many contacts of one channel an agent may hold at the same time."""

    slots: int = Field(
        ge=1, le=10, description="number of contacts at the same time: voice 1; chat, task and email 1 to 10"
    )
    allows_others: bool = Field(
        False, description="true: the agent may get contacts of other channels while holding one of this channel"
    )


class EntryDocument(_Strict):
    """One queue that the profile serves, on one or more channels."""

    queue: Name
    channel: Channel | None = None
    channels: list[Channel] = Field(default_factory=list)
    priority: int = Field(
        HIGHEST_PRIORITY,
        ge=HIGHEST_PRIORITY,
        le=LOWEST_PRIORITY,
        description="entry priority, 1 to 99; 1 is served first",
    )
    delay_s: int = Field(
        0, ge=0, le=LONGEST_DELAY_S, description="seconds that a contact must have waited before this entry serves it"
    )
    manual_only: bool = Field(
        False,
        description="true: this entry routes nothing; agents pick from a worklist. Another entry may route the same",
    )
    weight: int = Field(1, ge=1, le=LARGEST_WEIGHT, description="share of this entry when the profile shares by weight")
    max_contacts: int | None = Field(
        None,
        ge=1,
        le=10,
        description="contacts of this queue and channel that an agent holds at most; left out: as its slots allow",
    )

    @model_validator(mode="after")
    def _one_way_to_name_channels(self) -> "EntryDocument":
        if (self.channel is None) == (not self.channels):
            raise ValueError("give either channel or channels")
        return self

    def channel_list(self) -> list[Channel]:
        return self.channels or [self.channel] if self.channel else self.channels


class ProfileDocument(ObjectDocument):
    """A routing profile."""

    channels: dict[Channel, ConcurrencyDocument] = Field(min_length=1)
    entries: list[EntryDocument] = Field(default_factory=list, max_length=500)
    agent_availability_timer: AvailabilityTimer = Field(
        "since_last_activity",
        description="which work restarts the availability clock; since_last_inbound: outbound work does not",
    )
    outbound_queue: Name | None = Field(
        None, description="queue for which contacts count that agents begin without naming one"
    )
    sharing: Sharing = Field("strict", description="strict: entries are served by priority; weighted: by their shares")


class AgentDocument(ObjectDocument):
    """An agent and its one routing profile."""

    profile: Name
    proficiencies: dict[Proficiency, Level] = Field(default_factory=dict, max_length=MOST_PROFICIENCIES)
    auto_accept: list[Channel] = Field(
        default_factory=list, description="channels whose contacts are connected without an offer to answer"
    )
    acw_s: dict[Channel, AcwS] = Field(
        default_factory=dict, description="longest after-contact work by channel; left out: as the queue says; 0: none"
    )
    offer_window_s: dict[Channel, WindowS] = Field(
        default_factory=dict, description="seconds for which an offer waits, by channel; left out: as the queue says"
    )
    overflow: Name | None = Field(
        None, description="queue that gets what the agent's own queue cannot take; left out: as the instance says"
    )
    overflow_after_s: OverflowAfterS | None = Field(
        None, description="seconds of waiting in the agent's own queue after which a contact overflows"
    )


class StatusDocument(ObjectDocument):
    """A status that agents can have."""

    type: Literal["routable", "custom", "offline"]
    enabled: bool = Field(True, description="false: nobody can be put into it; who is in it stays until they leave")


class ChoiceDocument(_Strict):
    """What an intake makes of a contact; what is left out stays as the producer gave it."""

    queue: str | None = Field(
        None, pattern=f"^@?{NAME_PATTERN}$", description="the queue that the contact goes to, or @agent"
    )
    refuse: str | None = Field(
        None, min_length=1, max_length=LONGEST_REASON, description="instead: the reason why the contact is refused"
    )
    channel: Channel | None = Field(None, description="its channel")
    priority: int | None = Field(
        None, ge=HIGHEST_CONTACT_PRIORITY, le=LOWEST_CONTACT_PRIORITY, description="contact priority; 1 is the highest"
    )
    age_adjustment_s: int | None = Field(
        None, ge=-LONGEST_AGE_ADJUSTMENT_S, le=LONGEST_AGE_ADJUSTMENT_S,
        description="seconds added to its age for its place in line",
    )  # fmt: skip
    criteria: Criteria | None = Field(
        None, description='routing steps, as in "Language:French >= 3 for 30s"; []: none'
    )
    start_in_s: int | None = Field(
        None, ge=0, le=LONGEST_SCHEDULE_S, description="seconds until it enters its queue, at most 6 days"
    )
    callback_after_s: int | None = Field(
        None, ge=0, le=LONGEST_CALLBACK_DELAY_S, description="it becomes a callback, first tried in so many seconds"
    )
    callback_retry_delay_s: int = Field(
        DEFAULT_RETRY_DELAY_S, ge=0, le=LONGEST_CALLBACK_DELAY_S, description="seconds between two attempts of it"
    )
    callback_retries: int = Field(
        0, ge=0, le=MOST_CALLBACK_RETRIES, description="number of further attempts of the callback"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.queue is None) == (self.refuse is None):
            raise ValueError("give either queue or refuse")
        if self.refuse is not None and not self.refuse.isprintable():
            raise ValueError("refuse takes one line of printable characters")
        further = self.model_fields_set - {"when", "name", "refuse"}
        if self.refuse is not None and further:
            raise ValueError(f"a contact that is refused has no {sorted(further)[0]}")
        if self.callback_after_s is None and self.model_fields_set & {"callback_retry_delay_s", "callback_retries"}:
            raise ValueError("callback_retry_delay_s and callback_retries also need callback_after_s")
        if self.callback_after_s is not None and self.start_in_s is not None:
            raise ValueError("give one of start_in_s and callback_after_s")
        if self.callback_after_s is not None and self.channel not in (None, "voice"):
            raise ValueError(f"a callback is a call: its channel is voice, not {self.channel}")
        return self


class RuleDocument(ChoiceDocument):
    """A rule of an intake."""

    when: When = Field(
        description="a condition in CEL on attributes, channel, customer, now and queues"
    )
    name: Name | None = Field(None, description="what events and people call the rule")


class IntakeDocument(ObjectDocument):
    """An intake: the first rule that holds chooses the queue of a contact, and what else it has."""

    timezone: Zone = Field("UTC", description="IANA time zone of what conditions read of now")
    rules: list[RuleDocument] = Field(default_factory=list, max_length=MOST_RULES)
    default: ChoiceDocument = Field(description="what is chosen where no rule holds")


SECTIONS: dict[Kind, str] = {
    "queue": "queues", "profile": "profiles", "agent": "agents", "status": "statuses", "hours": "hours",
    "intake": "intakes",
}  # fmt: skip
"""The table of the file in which objects of a kind stand."""

DOCUMENTS: dict[Kind, type[ObjectDocument]] = {
    "queue": QueueDocument, "profile": ProfileDocument, "agent": AgentDocument, "status": StatusDocument,
    "hours": HoursDocument, "intake": IntakeDocument,
}  # fmt: skip


class Document(_Strict):
    """A whole configuration file. Applying it removes whatever it does not contain."""

    instance: InstanceDocument = Field(default_factory=InstanceDocument)
    queues: dict[Name, QueueDocument] = Field(default_factory=dict)
    profiles: dict[Name, ProfileDocument] = Field(default_factory=dict)
    agents: dict[Name, AgentDocument] = Field(default_factory=dict)
    statuses: dict[Name, StatusDocument] = Field(default_factory=dict)
    hours: dict[Name, HoursDocument] = Field(default_factory=dict)
    intakes: dict[Name, IntakeDocument] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON schema of the file, for editors."""
    schema = Document.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Fairlead configuration", **schema}
