"""Between the file's shape and the values of the domain."""

from collections.abc import Mapping
from typing import Any

from fairlead.configuration.document import (
    AgentDocument,
    ChoiceDocument,
    ConcurrencyDocument,
    Document,
    EntryDocument,
    HoursDocument,
    InstanceDocument,
    IntakeDocument,
    ObjectDocument,
    ProfileDocument,
    QueueDocument,
    RuleDocument,
    StatusDocument,
)
from fairlead.domain.agent import Agent, Status
from fairlead.domain.channel import CHANNELS, OFFER_WINDOW_MS, Channel
from fairlead.domain.configuration import Configuration, built_in_statuses
from fairlead.domain.hours import DAYS, Hours, parse_period, parse_span, span_text
from fairlead.domain.intake import Choice, Intake, Rule, choice_of, choice_values
from fairlead.domain.objects import Object
from fairlead.domain.profile import Concurrency, Entry, RoutingProfile
from fairlead.domain.queue import EXPIRY_S, Queue


def configuration_of(document: Document) -> Configuration:
    """The file as values of the domain."""
    statuses = {name: _status(name, one) for name, one in document.statuses.items()}
    return Configuration(
        queues={name: _queue(name, one) for name, one in document.queues.items()},
        profiles={name: _profile(name, one) for name, one in document.profiles.items()},
        agents={name: _agent(name, one) for name, one in document.agents.items()},
        statuses=built_in_statuses() | statuses,
        hours={name: _hours(name, one) for name, one in document.hours.items()},
        ended_retention_s=document.instance.ended_retention_s,
        events_kept=document.instance.events_kept,
        measures_kept_s=document.instance.measures_kept_s,
        agent_queue_overflow=document.instance.agent_queue_overflow or "",
        agent_queue_overflow_after_s=document.instance.agent_queue_overflow_after_s,
        intakes={name: _intake(name, one) for name, one in document.intakes.items()},
    )


def object_of(name: str, document: ObjectDocument) -> Object:
    """One object of the file as a value of the domain."""
    if isinstance(document, QueueDocument):
        return _queue(name, document)
    if isinstance(document, ProfileDocument):
        return _profile(name, document)
    if isinstance(document, AgentDocument):
        return _agent(name, document)
    if isinstance(document, StatusDocument):
        return _status(name, document)
    if isinstance(document, HoursDocument):
        return _hours(name, document)
    if isinstance(document, IntakeDocument):
        return _intake(name, document)
    raise TypeError(f"{type(document).__name__} describes no object")


def _queue(name: str, given: QueueDocument) -> Queue:
    expiry = {**EXPIRY_S, **given.expiry_s}
    by_channel: dict[str, Any] = {
        "offer_window_ms": {**OFFER_WINDOW_MS, **_windows_ms(given.offer_window_s)},
        "acw_s": {channel: seconds for channel, seconds in given.acw_s.items() if seconds},
        "expiry_s": {channel: seconds for channel, seconds in expiry.items() if seconds},
    }
    plain: dict[str, Any] = {
        field: getattr(given, field) for field in QueueDocument.model_fields if field not in _QUEUE_FIELDS_APART
    }
    plain["offer_again_after_s"] = None if given.offer_again_after_s == "never" else given.offer_again_after_s
    names: dict[str, Any] = {field: getattr(given, field) or "" for field in _OPTIONAL_NAMES}
    return Queue(name=name, labels=dict(sorted(given.labels.items())), **plain, **names, **by_channel)


def _windows_ms(windows_s: Mapping[Channel, float]) -> dict[Channel, int]:
    return {channel: round(window_s * 1_000) for channel, window_s in windows_s.items()}


_OPTIONAL_NAMES = ("hours", "overflow", "missed_status", "choice_proficiency")
_QUEUE_FIELDS_APART = {"offer_window_s", "acw_s", "expiry_s", "labels", *_OPTIONAL_NAMES}


def _agent(name: str, given: AgentDocument) -> Agent:
    return Agent(
        name, given.profile, proficiencies=dict(given.proficiencies), auto_accept=frozenset(given.auto_accept),
        acw_s=dict(given.acw_s), offer_window_ms=_windows_ms(given.offer_window_s),
        overflow=given.overflow or "", overflow_after_s=given.overflow_after_s, **_described(given),
    )  # fmt: skip


def _status(name: str, given: StatusDocument) -> Status:
    return Status(name, given.type, enabled=given.enabled, **_described(given))


def _hours(name: str, given: HoursDocument) -> Hours:
    return Hours(
        name,
        given.timezone,
        {day: tuple(map(parse_span, spans)) for day, spans in given.week.items()},
        {parse_period(on): tuple(map(parse_span, spans)) for on, spans in given.exceptions.items()},
        **_described(given),
    )


def _intake(name: str, given: IntakeDocument) -> Intake:
    rules = tuple(Rule(rule.when, _choice(rule), rule.name or "") for rule in given.rules)
    return Intake(name, rules, _choice(given.default), given.timezone, **_described(given))


def _choice(given: ChoiceDocument) -> Choice:
    return choice_of(given.model_dump(exclude={"when", "name"}, exclude_none=True))


def _described(given: ObjectDocument | Object) -> dict[str, Any]:
    """What every object has for people alone."""
    labels = dict(sorted(given.labels.items()))
    return {"display_name": given.display_name, "description": given.description, "labels": labels}


def _profile(name: str, given: ProfileDocument) -> RoutingProfile:
    entries = [
        Entry(entry.queue, channel, entry.priority, entry.delay_s, entry.manual_only, entry.weight, entry.max_contacts)
        for entry in given.entries
        for channel in entry.channel_list()
    ]
    return RoutingProfile(
        name=name,
        channels={channel: Concurrency(one.slots, one.allows_others) for channel, one in given.channels.items()},
        entries=tuple(sorted(entries, key=lambda entry: (entry.manual_only, entry.priority * (not entry.manual_only)))),
        agent_availability_timer=given.agent_availability_timer,
        sharing=given.sharing,
        outbound_queue=given.outbound_queue or "",
        **_described(given),
    )


def document_of(configuration: Configuration) -> Document:
    """The file that describes a configuration; what is as it is by default is left out when written."""
    return Document(
        instance=instance_document(configuration),
        queues={name: _queue_document(queue) for name, queue in sorted(configuration.queues.items())},
        profiles={name: _profile_document(profile) for name, profile in sorted(configuration.profiles.items())},
        agents={name: _agent_document(agent) for name, agent in sorted(configuration.agents.items())},
        statuses={
            name: _status_document(status)
            for name, status in sorted(configuration.statuses.items())
            if status != built_in_statuses().get(name)
        },
        hours={name: _hours_document(hours) for name, hours in sorted(configuration.hours.items())},
        intakes={name: _intake_document(intake) for name, intake in sorted(configuration.intakes.items())},
    )


def instance_document(configuration: Configuration) -> InstanceDocument:
    """What the file says of the instance as a whole. Raises pydantic's ValidationError when it breaks a limit."""
    return InstanceDocument(
        ended_retention_s=configuration.ended_retention_s,
        events_kept=configuration.events_kept,
        measures_kept_s=configuration.measures_kept_s,
        agent_queue_overflow=configuration.agent_queue_overflow or None,
        agent_queue_overflow_after_s=configuration.agent_queue_overflow_after_s,
    )


def document_of_object(one: Object) -> ObjectDocument:
    """What the file says of one object. Raises pydantic's ValidationError when the object breaks a limit."""
    if isinstance(one, Queue):
        return _queue_document(one)
    if isinstance(one, RoutingProfile):
        return _profile_document(one)
    if isinstance(one, Agent):
        return _agent_document(one)
    if isinstance(one, Intake):
        return _intake_document(one)
    return _status_document(one) if isinstance(one, Status) else _hours_document(one)


def _agent_document(agent: Agent) -> AgentDocument:
    return AgentDocument(
        profile=agent.profile,
        proficiencies=dict(sorted(agent.proficiencies.items())),
        auto_accept=sorted(agent.auto_accept),
        acw_s=dict(agent.acw_s),
        offer_window_s={channel: window_ms / 1_000 for channel, window_ms in agent.offer_window_ms.items()},
        overflow=agent.overflow or None,
        overflow_after_s=agent.overflow_after_s,
        **_described(agent),
    )


def _intake_document(intake: Intake) -> IntakeDocument:
    return IntakeDocument(
        timezone=intake.timezone,
        rules=[
            RuleDocument(when=rule.when, name=rule.name or None, **choice_values(rule.choice)) for rule in intake.rules
        ],
        default=ChoiceDocument(**choice_values(intake.default)),
        **_described(intake),
    )


def _status_document(status: Status) -> StatusDocument:
    return StatusDocument(type=status.type, enabled=status.enabled, **_described(status))


def _hours_document(hours: Hours) -> HoursDocument:
    exceptions = {str(on): [span_text(span) for span in spans] for on, spans in hours.exceptions.items()}
    return HoursDocument(
        timezone=hours.timezone,
        week={day: [span_text(span) for span in hours.week[day]] for day in DAYS if day in hours.week},
        exceptions={on: exceptions[on] for on in sorted(exceptions)},
        **_described(hours),
    )


def _queue_document(queue: Queue) -> QueueDocument:
    windows: dict[Channel, float] = {
        channel: queue.offer_window_ms[channel] / 1_000
        for channel in CHANNELS
        if queue.offer_window_ms[channel] != OFFER_WINDOW_MS[channel]
    }
    expiry: dict[Channel, int] = {
        channel: queue.expiry_s.get(channel, 0)
        for channel in CHANNELS
        if queue.expiry_s.get(channel) != EXPIRY_S.get(channel)
    }
    plain = {field: getattr(queue, field) for field in QueueDocument.model_fields if field not in _QUEUE_FIELDS_APART}
    plain["offer_again_after_s"] = "never" if queue.offer_again_after_s is None else queue.offer_again_after_s
    names: dict[str, Any] = {field: getattr(queue, field) or None for field in _OPTIONAL_NAMES}
    labels = dict(sorted(queue.labels.items()))
    return QueueDocument(
        offer_window_s=windows, acw_s=dict(queue.acw_s), expiry_s=expiry, labels=labels, **plain, **names
    )


def _profile_document(profile: RoutingProfile) -> ProfileDocument:
    return ProfileDocument(
        channels={
            channel: ConcurrencyDocument(slots=one.slots, allows_others=one.allows_others)
            for channel, one in sorted(profile.channels.items())
        },
        entries=[
            EntryDocument(
                queue=entry.queue,
                channel=entry.channel,
                priority=entry.priority,
                delay_s=entry.delay_s,
                manual_only=entry.manual_only,
                weight=entry.weight,
                max_contacts=entry.max_contacts,
            )
            for entry in profile.entries
        ],
        agent_availability_timer=profile.agent_availability_timer,
        sharing=profile.sharing,
        outbound_queue=profile.outbound_queue or None,
        **_described(profile),
    )
