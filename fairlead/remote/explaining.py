"""Values of the library, of what the service tells of them to programs."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

import orjson
from pydantic import TypeAdapter

from fairlead.domain.contact import Waiting
from fairlead.domain.intake import choice_of
from fairlead.domain.measures import Estimate
from fairlead.domain.profile import Entry
from fairlead.domain.reasons import Reason
from fairlead.remote.following import event_of
from fairlead.service.decision import AgentThen, ContactThen, Decision
from fairlead.service.explain import ContactExplanation, Kind, Overflow, Server
from fairlead.service.intakes import Trial
from fairlead.service.timeline import Span, Timeline
from fairlead.store.reading import ContactRecord
from fairlead.store.transitions.describing import SessionDescription

_REASONS = {kind.__name__: kind for kind in get_args(Reason)}


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def reason_of(told: Mapping[str, Any] | None) -> Reason | None:
    """A reason, of how `described_reason` tells it."""
    if told is None:
        return None
    held = {name: value for name, value in told.items() if name not in ("reason", "told")}
    reason: Reason = _adapter(_REASONS[told["reason"].title().replace("_", "")]).validate_python(held)
    return reason


def contact_explanation_of(told: Mapping[str, Any], contact: ContactRecord) -> ContactExplanation:
    """Why a contact waits, of how `described_contact` tells it, and the contact. Each agent is a kind of its own."""

    def server(one: Mapping[str, Any]) -> Server:
        entry = Entry(told["queue"], told["channel"], **one["entry"]) if one["entry"] else None
        kinds = tuple(Kind((pair["agent"],), reason_of(pair["why_not"])) for pair in one["agents"])
        return Server(one["profile"], entry, kinds)

    return ContactExplanation(
        told["at_us"],
        contact,
        Estimate(**told["estimate"]) if told["estimate"] else None,
        tuple(map(server, told["profiles"])),
        Overflow(**told["overflow"]) if told["overflow"] else None,
    )


def decision_of(told: Mapping[str, Any]) -> Decision:
    """How it was decided who got a contact, of how `described_decision` tells it."""
    then = told["reconstructed"]

    def agent(one: Mapping[str, Any]) -> AgentThen:
        return AgentThen(one["agent"], one["profile"], one["available_us"], reason_of(one["reason"]))

    def contact(one: Mapping[str, Any]) -> ContactThen:
        waiting = Waiting(
            one["contact"], one["queue"], one["channel"], one["priority"], one["queued_us"], one["rank_us"]
        )
        return ContactThen(waiting, one["entry_priority"], reason_of(one["why_not"]))

    return Decision(
        event_of(told["recorded"]),
        then["side"],
        tuple(map(agent, then["agents"])),
        tuple(map(contact, then["contacts"])),
        then["chosen"],
        tuple(then["unsure"]),
        tuple(then["rings"]),
    )


def trial_of(told: Mapping[str, Any]) -> Trial:
    """What an intake would make of a contact, of how the server shows it."""
    found: Trial = _adapter(Trial).validate_python({**told, "choice": choice_of(told["choice"])})
    return found


def timeline_of(told: Mapping[str, Any]) -> Timeline:
    """A contact's life, of how `described_timeline` tells it."""
    spans = _adapter(tuple[Span, ...]).validate_python(told["spans"])
    events = tuple(map(event_of, told["events"]))
    return Timeline(told["contact"], told["at_us"], told["state"], spans, events, told["is_trimmed"])


def _with_bytes(contact: Mapping[str, Any]) -> Mapping[str, Any]:
    has_ended = contact["state"] == "acw"  # and its payload is gone
    return {**contact, "payload": b"" if has_ended else orjson.dumps(contact["payload"])}


def session_of(told: Mapping[str, Any]) -> SessionDescription:
    """A session, of how the server shows it. `op` is 0: the server numbers the requests."""
    slots = [{**slot, "contact": slot["contact"] and _with_bytes(slot["contact"])} for slot in told["slots"]]
    found: SessionDescription = _adapter(SessionDescription).validate_python({**told, "op": 0, "slots": slots})
    return found
