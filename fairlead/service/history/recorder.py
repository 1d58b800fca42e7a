"""Recording a running instance."""

from collections.abc import Sequence

from fairlead.service.decision import all_events
from fairlead.service.history.recording import Configured, Ended, History
from fairlead.store import reading
from fairlead.store.procedure import Source, Steps, ask_each, procedure
from fairlead.store.reading import Event

_MOST_LATER = 100_000
"""Events that come while a recording is made: who has more of them has nothing to compare with in the end."""


@procedure
def record_history(source: Source) -> Steps[History]:
    """All events that the stream has, and what is needed to judge them, as far as the instance still knows it."""
    configuration, version = yield from reading.configuration_in_force().steps(source)
    names = sorted(configuration.profiles)
    versions = yield from ask_each(("HGET", source.keys.profile(name), "version") for name in names)
    history = History((yield from all_events(source)))
    profiles = {name: int(found or 0) for name, found in zip(names, versions, strict=True)}
    history.configured.append(Configured(configuration, version, profiles))
    ids = sorted({one.fields["contact"] for one in history.events if one.name.startswith("contact.")})
    records = {one.contact_id: one for one in (yield from reading.contacts_by_id(ids).steps(source))}
    agents = yield from reading.agents_signed_in("slots").steps(source)
    totals = yield from reading.totals().steps(source)
    at_us = yield from reading.now_us().steps(source)
    last_id = history.events[-1].event_id if history.events else "-"
    later = yield from reading.events_after(last_id, _MOST_LATER).steps(source)
    busy = {one.fields.get(name) for one in later for name in ("contact", "agent")}
    history.plain = {one for one, record in records.items() if not record.criteria} - _ever_asked(history.events)
    contacts = {one: (record.state, record.agent, record.token or 0) for one, record in records.items()}
    history.now = Ended(
        at_us,
        {one: contacts.get(one, ("", "", 0)) for one in ids if one not in busy},
        {
            agent.name: [(one.token, one.kind, one.contact_id) for one in agent.slots]
            for agent in agents
            if agent.name not in busy
        },
        {} if later else totals,
    )
    return history


def _ever_asked(events: Sequence[Event]) -> set[str]:
    """The contacts that may have asked something of agents, though their records do not say so any more."""
    return {
        event.fields["contact"]
        for event in events
        if event.name == "contact.step_expired"
        or (event.name == "contact.updated" and "criteria" in event.fields["changed"])
        or event.fields.get("reason") in ("moved", "transferred")
    }
