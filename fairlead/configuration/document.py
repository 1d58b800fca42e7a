"""The TOML file's shape and limits, as pydantic models: the one place where each limit of a configuration stands.

The JSON schema for editors is made from them, too.
"""

from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fairlead.domain.agent import MOST_PROFICIENCIES
from fairlead.domain.channel import Channel
from fairlead.domain.configuration import ENDED_RETENTION_S, EVENTS_KEPT, MEASURES_KEPT_S
from fairlead.domain.contact import LONGEST_EXPIRY_S, LONGEST_PAUSE_S
from fairlead.domain.criteria import HIGHEST_LEVEL
from fairlead.domain.hours import ClosedPolicy, parse_span
from fairlead.domain.names import NAME_PATTERN
from fairlead.domain.profile import (
    HIGHEST_PRIORITY,
    LARGEST_WEIGHT,
    LONGEST_DELAY_S,
    LOWEST_PRIORITY,
    AvailabilityTimer,
    Sharing,
)
from fairlead.domain.queue import LONGEST_ACW_S, MAX_ATTEMPTS, RETRY_DELAY_S, SERVICE_LEVEL_S, AgentChoice, Rank

Name = Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")]
WindowS = Annotated[float, Field(gt=0, le=3_600)]
Seconds = Annotated[int, Field(ge=0, le=LONGEST_ACW_S)]
ExpiryS = Annotated[int, Field(ge=0, le=LONGEST_EXPIRY_S)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Proficiency = Annotated[str, Field(pattern=f"^{NAME_PATTERN}:{NAME_PATTERN}$")]
Level = Annotated[int, Field(ge=1, le=HIGHEST_LEVEL)]
DisplayName = Annotated[str, Field(max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InstanceDocument(_Strict):
    """What concerns the instance as a whole."""

    ended_retention_s: int = Field(ENDED_RETENTION_S, ge=1, le=30 * 86_400, description="keep ended contacts' records")
    events_kept: int = Field(EVENTS_KEPT, ge=1_000, le=100_000_000, description="about how many events to keep")
    measures_kept_s: int = Field(
        MEASURES_KEPT_S, ge=3_600, le=62 * 86_400, description="how long the measures of each minute are kept"
    )


class HoursDocument(_Strict):
    """Hours of operation: spans like 08:00-17:30 by the wall clock of a time zone."""

    timezone: str = Field(description="an IANA time zone, as in Europe/Berlin")
    week: dict[Day, list[str]] = Field(default_factory=dict, description="day -> spans; closed on days left out")
    exceptions: dict[date, list[str]] = Field(default_factory=dict, description="date -> spans; [] is closed")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            close = get_close_matches(name, available_timezones(), n=1)
            raise ValueError(f"no such time zone{f'; did you mean {close[0]}?' if close else ''}")
        return name

    @field_validator("week", "exceptions")
    @classmethod
    def _spans(cls, given: dict[Any, list[str]]) -> dict[Any, list[str]]:
        for spans in given.values():
            for span in spans:
                parse_span(span)
        return given


class QueueDocument(_Strict):
    """A standard queue."""

    display_name: DisplayName = ""
    max_attempts: int = Field(
        MAX_ATTEMPTS, ge=1, le=1_000, description="failed, or its session lost, so often, a contact is parked"
    )
    retry_delay_s: int = Field(
        RETRY_DELAY_S, ge=0, le=LONGEST_PAUSE_S,
        description="pause after the first failed attempt; doubles with each, to 300 s at most; 0: none",
    )  # fmt: skip
    service_level_s: int = Field(SERVICE_LEVEL_S, ge=1, le=86_400, description="the service level's threshold")
    offer_window_s: dict[Channel, WindowS] = Field(default_factory=dict, description="how long an offer waits")
    enabled: bool = Field(True, description="false: nothing new enters, what is inside is still routed")
    max_contacts: int | None = Field(None, ge=0, le=10_000_000, description="over all channels; 0: always full")
    hours: Name | None = Field(None, description="the hours of operation; without them always open")
    closed_policy: ClosedPolicy = Field("hold", description="what a closed queue does with what comes")
    overflow: Name | None = Field(None, description="the queue that takes what this one does not")
    overflow_rank: Rank = Field("keep", description="the rank in the overflow queue")
    max_offers: int | None = Field(None, ge=1, le=1_000, description="unanswered so often, it overflows or is parked")
    missed_slot_s: int | None = Field(None, ge=0, le=86_400, description="a missed slot is cleared after; 0: at once")
    status_after_misses: int = Field(0, ge=0, le=1_000, description="misses in a row that change the status; 0: none")
    missed_status: Name | None = Field(None, description="the status after so many misses")
    exclude_rejecting: bool = Field(False, description="who has refused a contact is not offered it again")
    acw_s: dict[Channel, Seconds] = Field(default_factory=dict, description="after-contact work, 0 to 7200 s")
    expiry_s: dict[Channel, ExpiryS] = Field(default_factory=dict, description="how long a contact waits; 0: for ever")
    agent_choice: AgentChoice = Field("longest_idle", description="which free agent an arriving contact gets")
    raise_after_s: int | None = Field(None, ge=1, le=604_800, description="waited so long, the priority is raised")
    raise_to: int = Field(1, ge=1, le=2**53 - 1, description="the contact priority that it is raised to")
    overflow_after_s: int | None = Field(None, ge=1, le=604_800, description="waited so long, a contact overflows")
    skip_unmatched_steps: bool = Field(False, description="a step that no signed-in agent satisfies ends early")


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
    manual_only: bool = Field(False, description="nothing is routed: agents pick from a worklist")
    weight: int = Field(1, ge=1, le=LARGEST_WEIGHT, description="the share in a profile that shares by weight")

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
    agent_availability_timer: AvailabilityTimer = Field(
        "since_last_activity", description="since_last_inbound: outbound work does not restart the availability clock"
    )
    sharing: Sharing = Field("strict", description="weighted: entries get shares instead of strict priority")


class AgentDocument(_Strict):
    """An agent and its one routing profile."""

    profile: Name
    display_name: DisplayName = ""
    proficiencies: dict[Proficiency, Level] = Field(default_factory=dict, max_length=MOST_PROFICIENCIES)
    auto_accept: list[Channel] = Field(default_factory=list, description="channels connected without being asked")


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
    hours: dict[Name, HoursDocument] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON schema of the file, for editors."""
    schema = Document.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Fairlead configuration", **schema}
