"""A script's refusal, `CODE word ...`, as the exception that says who, what, why and what to do."""

from collections.abc import Callable, Sequence

from fairlead import errors
from fairlead.domain import reasons
from fairlead.domain.channel import checked_channel
from fairlead.domain.contact import MOST_ATTRIBUTES
from fairlead.domain.objects import Kind
from fairlead.domain.reasons import Reason
from fairlead.errors import FairleadError

_Words = list[str]


def _agent_signed_in(words: _Words) -> FairleadError:
    agent, epoch, lease_left_ms, holder = words
    return errors.AgentSignedIn(
        f"agent {agent!r} is already signed in, in process {holder}: sign that session out, take it over, "
        f"or wait {int(lease_left_ms) / 1000:.1f} s for its lease to end",
        holder=holder,
        epoch=int(epoch),
        lease_left_ms=int(lease_left_ms),
    )


_KIND_WORDS = {
    "queue": "queue", "profile": "routing profile", "agent": "agent", "status": "status", "hours": "hours of operation",
    "intake": "intake",
}  # fmt: skip


def _by(kind: str, name: str) -> str:
    """Who names an object; the instance as a whole has no name."""
    return f"{_KIND_WORDS[kind]} {name!r}" if name else "agent_queue_overflow of the instance"


def _stopped(agent: str, filter_: str, *values: str) -> Reason:
    """The filter that a script names, in the words of all filters."""
    return _FILTERS[filter_](agent, values)


_FILTERS: dict[str, Callable[[str, Sequence[str]], Reason]] = {
    "absent": lambda agent, v: reasons.Absent(agent, int(v[0])),
    "not_routable": lambda agent, v: reasons.NotRoutable(agent, v[0]),
    "next_status_set": lambda agent, v: reasons.NextStatusSet(agent, v[0]),
    "capacity_reached": lambda agent, v: reasons.CapacityReached(agent, int(v[0]), int(v[1])),
    "no_slot": lambda agent, v: reasons.NoSlot(agent, checked_channel(v[0]), int(v[1]), int(v[2])),
    "too_many_tasks": lambda agent, v: reasons.TooManyTasks(agent, int(v[0]), int(v[1]), int(v[2])),
    "other_channel_held": lambda agent, v: reasons.OtherChannelHeld(
        agent, checked_channel(v[0]), checked_channel(v[1])
    ),
    "limit_reached": lambda agent, v: reasons.LimitReached(agent, v[0], checked_channel(v[1]), int(v[2]), int(v[3])),
}


_REFUSALS: dict[str, Callable[[_Words], FairleadError]] = {
    "UNKNOWN_QUEUE": lambda w: errors.UnknownQueue(
        f"queue {w[0]!r} does not exist: apply a configuration that contains it, or see `fairlead queues list`"
    ),
    "UNKNOWN_PROFILE": lambda w: errors.UnknownProfile(
        f"routing profile {w[0]!r} does not exist: apply a configuration that contains it"
    ),
    "UNKNOWN_AGENT": lambda w: errors.UnknownAgent(
        f"agent {w[0]!r} is not known: apply a configuration that contains it, or sign it in with --profile"
    ),
    "UNKNOWN_STATUS": lambda w: errors.UnknownStatus(
        f"status {w[0]!r} does not exist: apply a configuration that contains it"
    ),
    "UNKNOWN_HOURS": lambda w: errors.UnknownHours(
        f"hours of operation {w[0]!r} do not exist: apply a configuration that contains them"
    ),
    "UNKNOWN_WEBHOOK": lambda w: errors.UnknownWebhook(
        f"webhook {w[0]!r} does not exist: see `fairlead webhooks list`"
    ),
    "WEBHOOK_CHANGED": lambda w: errors.ConfigurationChanged(
        f"webhook {w[0]!r} has changed: it is at version {w[1]}, the change was planned for version {w[2]}; "
        "read it again"
    ),
    "UNKNOWN_INTAKE": lambda w: errors.UnknownIntake(
        f"intake {w[0]!r} does not exist: apply a configuration that contains it, or see `fairlead intake list`"
    ),
    "INTAKE_CHANGED": lambda w: errors.ConfigurationChanged(
        f"intake {w[0]!r} has changed: it is at version {w[1]}, the contact was pushed by version {w[2]}; push it again"
    ),
    "INTAKE_REFUSED": lambda w: errors.IntakeRefused(f"intake {w[0]!r} refuses the contact: {' '.join(w[1:])}"),
    "STATUS_DISABLED": lambda w: errors.StatusDisabled(
        f"status {w[0]!r} is disabled: nobody can be put into it until it is enabled; choose another one"
    ),
    "UNKNOWN_CONTACT": lambda w: errors.UnknownContact(
        f"contact {w[0]!r} is not known: it was never pushed, or it ended and its record has expired"
    ),
    "CONTACT_EXISTS": lambda w: errors.ContactExists(
        f"contact id {w[0]!r} belongs to another contact, with other content: give the new contact an id of its own"
    ),
    "WRONG_STATE": lambda w: errors.WrongState(
        f"contact {w[0]!r} is {w[1]}, and that state does not allow this: see `fairlead contacts show`"
    ),
    "NOT_ENDED": lambda w: errors.WrongState(
        f"contact {w[0]!r} is {w[1]}, and only what has ended is forgotten: end it first (`fairlead contacts end`)"
    ),
    "AGENT_SIGNED_IN": _agent_signed_in,
    "SESSION_ENDED": lambda w: errors.SessionEnded(
        f"agent {w[0]!r} is not signed in, or this session was signed out, lost or replaced: sign in first"
    ),
    "STALE_OPERATION": lambda w: errors.StaleOperation(
        f"request {w[1]} of agent {w[0]!r} was refused because it arrived after the newer request {w[2]}"
    ),
    "OPERATION_REUSED": lambda w: errors.OperationReused(
        f"request {w[1]} of agent {w[0]!r} was refused because another request has that number: two callers number the "
        "requests of one session; send it with the next number"
    ),
    "STALE_TOKEN": lambda w: errors.StaleToken(
        f"token {w[1]} is not the current token of contact {w[0]!r}: the contact went to another agent, or ended"
    ),
    "QUEUE_FULL": lambda w: errors.QueueFull(
        f"queue {w[0]!r} is full: its limit is {w[1]} contacts, and no overflow queue has room; "
        "try again later, or raise max_contacts"
    ),
    "QUEUE_DISABLED": lambda w: errors.QueueDisabled(
        f"queue {w[0]!r} is disabled: it accepts no contacts until it is enabled (`fairlead queues enable`)"
    ),
    "QUEUE_CLOSED": lambda w: errors.QueueClosed(
        f"queue {w[0]!r} is closed by its hours of operation: it accepts no contacts until it opens"
    ),
    "SAME_QUEUE": lambda w: errors.SameQueue(
        f"contact {w[0]!r} is in queue {w[1]!r} already: give a rank, back or front, to move it within its queue"
    ),
    "AGENT_SIGNED_OUT": lambda w: errors.AgentSignedOut(
        f"agent {w[0]!r} was signed out by a supervisor: it stays out until somebody signs it in"
    ),
    "QUEUE_UNSTAFFED": lambda w: errors.QueueUnstaffed(
        f"queue {w[0]!r} turns contacts away now: of the agents who serve it {w[1].replace('_', ' ')}; try again later"
    ),
    "CHAIN_TOO_LONG": lambda w: errors.ChainTooLong(
        f"contact {w[0]!r} cannot be handed on: its chain has reached the limit of {w[1]} contacts"
    ),
    "TOO_MANY_ATTRIBUTES": lambda w: errors.InvalidContact(
        f"contact {w[0]!r} would have {w[1]} attributes, the limit is {MOST_ATTRIBUTES}: remove some, too"
    ),
    "START_TOO_FAR": lambda w: errors.InvalidContact(
        f"contact {w[0]!r} cannot start in {int(w[1]):,} s: a contact is scheduled at most 6 days ahead"
    ),
    "NOT_SERVED": lambda w: errors.NotServed(
        f"agent {w[0]!r} cannot pick contact {w[1]!r}: its profile has no manual-only entry for queue {w[2]!r}"
    ),
    "NO_OUTBOUND_QUEUE": lambda w: errors.UnknownQueue(
        f"agent {w[0]!r} begins no contact without a queue: its profile {w[1]!r} has no outbound_queue; name a queue"
    ),
    "NO_SLOT": lambda w: errors.NoSlot(f"{_stopped(*w)}; `fairlead explain agent {w[0]}` tells more"),
    "NOT_PAUSABLE": lambda w: errors.WrongState(
        f"contact {w[0]!r} cannot be paused: it is a {w[1]} contact, and only tasks can be paused; put it on hold"
    ),
    "NOT_CALLBACK": lambda w: errors.WrongState(
        f"contact {w[0]!r} is not a callback and cannot be tried again later: complete, release or transfer it"
    ),
    "CONFIGURATION_CHANGED": lambda w: errors.ConfigurationChanged(
        f"the configuration has changed: it is at version {w[0]}, the change was planned for version {w[1]}; plan again"
    ),
    "OBJECT_CHANGED": lambda w: errors.ConfigurationChanged(
        f"{_KIND_WORDS[w[0]]} {w[1]!r} has changed: it is at version {w[2]}, the change was planned for version "
        f"{w[3]}; read it again"
    ),
    "OBJECT_EXISTS": lambda w: errors.ObjectExists(
        f"{_KIND_WORDS[w[0]]} {w[1]!r} exists already, with other content: choose another name, or change the one there"
    ),
    "OBJECT_IN_USE": lambda w: (errors.QueueInUse if w[0] == "queue" else errors.ObjectInUse)(
        f"{_KIND_WORDS[w[0]]} {w[1]!r} cannot be removed{' or disabled' * (w[0] == 'status')}: "
        f"{_by(w[2], w[3])} names it; change that first"
    ),
    "QUEUE_IN_USE": lambda w: errors.QueueInUse(
        f"queue {w[0]!r} cannot be removed: contacts wait in it, or are scheduled for it or parked from it; "
        "wait until they are handled, retry, move or stop them, or keep the queue"
    ),
    "AGENT_IN_USE": lambda w: errors.AgentInUse(
        f"agent {w[0]!r} cannot be removed: it is signed in, or contacts wait in its queue, or are scheduled for it "
        "or parked from it; sign it out, stop them, or keep it"
    ),
}


def refusal_of(message: str) -> FairleadError | None:
    """The typed error for a script's error reply, or None when the message is not a refusal."""
    code, *words = message.split(" ")
    build = _REFUSALS.get(code)
    return build(words) if build else None


def unknown_object(kind: Kind, name: str) -> FairleadError:
    """The error for an object that is not there."""
    return _REFUSALS[f"UNKNOWN_{kind.upper()}"]([name])


def unknown_agent(name: str) -> FairleadError:
    """The error for an agent who is asked about and is not known."""
    return errors.UnknownAgent(f"agent {name!r} is not known: see `fairlead agents list`")


def codes() -> frozenset[str]:
    """Every code that a script may refuse with."""
    return frozenset(_REFUSALS)
