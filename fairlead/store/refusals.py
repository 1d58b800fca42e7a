"""A script's refusal, `CODE word ...`, as the exception that says who, what, why and what to do."""

from collections.abc import Callable

from fairlead import errors
from fairlead.errors import FairleadError

_Words = list[str]


def _agent_signed_in(words: _Words) -> FairleadError:
    agent, epoch, lease_left_ms, holder = words
    return errors.AgentSignedIn(
        f"agent {agent!r} is already signed in, held by {holder}: sign that session out, take it over, "
        f"or wait {int(lease_left_ms) / 1000:.1f} s until its lease ends unless it is renewed",
        holder=holder,
        epoch=int(epoch),
        lease_left_ms=int(lease_left_ms),
    )


_REFUSALS: dict[str, Callable[[_Words], FairleadError]] = {
    "UNKNOWN_QUEUE": lambda w: errors.UnknownQueue(
        f"queue {w[0]!r} does not exist: apply a configuration that has it, or see `fairlead queues list`"
    ),
    "UNKNOWN_PROFILE": lambda w: errors.UnknownProfile(
        f"routing profile {w[0]!r} does not exist: apply a configuration that has it"
    ),
    "UNKNOWN_AGENT": lambda w: errors.UnknownAgent(
        f"agent {w[0]!r} is not known: apply a configuration that has it, or sign it in with --profile"
    ),
    "UNKNOWN_STATUS": lambda w: errors.UnknownStatus(
        f"status {w[0]!r} does not exist: apply a configuration that has it"
    ),
    "UNKNOWN_CONTACT": lambda w: errors.UnknownContact(
        f"contact {w[0]!r} is not known: it never was pushed, or it ended and its record has expired"
    ),
    "CONTACT_EXISTS": lambda w: errors.ContactExists(
        f"contact id {w[0]!r} is taken by a contact with other content: give a new contact a new id"
    ),
    "WRONG_STATE": lambda w: errors.WrongState(f"contact {w[0]!r} is {w[1]}, from which this cannot be done"),
    "AGENT_SIGNED_IN": _agent_signed_in,
    "SESSION_ENDED": lambda w: errors.SessionEnded(
        f"agent {w[0]!r} is not signed in with this session: it was signed out, lost or replaced; sign in again"
    ),
    "STALE_OPERATION": lambda w: errors.StaleOperation(
        f"request {w[1]} of agent {w[0]!r} came after its request {w[2]} and was refused"
    ),
    "STALE_TOKEN": lambda w: errors.StaleToken(
        f"token {w[1]} is not the current one of {w[0]!r}: it has been given to somebody else or has ended"
    ),
    "QUEUE_FULL": lambda w: errors.QueueFull(
        f"queue {w[0]!r} is full: it holds {w[1]} contacts at most, and no overflow queue takes more; "
        "try again later, or raise max_contacts"
    ),
    "QUEUE_DISABLED": lambda w: errors.QueueDisabled(
        f"queue {w[0]!r} is disabled: nothing new enters it until a configuration enables it"
    ),
    "QUEUE_CLOSED": lambda w: errors.QueueClosed(
        f"queue {w[0]!r} is closed by its hours of operation, and takes nothing until it opens"
    ),
    "CHAIN_TOO_LONG": lambda w: errors.ChainTooLong(
        f"contact {w[0]!r} cannot be handed on: it is the last of the {w[1]} that a chain may have"
    ),
    "START_TOO_FAR": lambda w: errors.InvalidContact(
        f"contact {w[0]!r} would start in {int(w[1]):,} s: it may be scheduled at most 6 days ahead"
    ),
    "NOT_SERVED": lambda w: errors.NotServed(
        f"agent {w[0]!r} cannot pick contact {w[1]!r}: its profile has no manual-only entry for queue {w[2]!r}"
    ),
    "NO_SLOT": lambda w: errors.NoSlot(
        f"agent {w[0]!r} has no free slot for {w[1]} now, or is not Available: finish something first"
    ),
    "NOT_PAUSABLE": lambda w: errors.WrongState(
        f"contact {w[0]!r} cannot be paused: it is a {w[1]}, only tasks are; put it on hold"
    ),
    "NOT_CALLBACK": lambda w: errors.WrongState(
        f"contact {w[0]!r} is no callback, so that it cannot be tried again later: complete, release or transfer it"
    ),
    "CONFIGURATION_CHANGED": lambda w: errors.ConfigurationChanged(
        f"the configuration is at version {w[0]}, not {w[1]} that the change was planned against: plan again"
    ),
    "QUEUE_IN_USE": lambda w: errors.QueueInUse(
        f"queue {w[0]!r} cannot be removed: contacts wait in it; let them be handled, or keep the queue"
    ),
    "AGENT_IN_USE": lambda w: errors.AgentInUse(
        f"agent {w[0]!r} cannot be removed: it is signed in or contacts wait in its queue; sign it out, or keep it"
    ),
}


def refusal_of(message: str) -> FairleadError | None:
    """The typed error for a script's error reply, or None when the message is not a refusal."""
    code, *words = message.split(" ")
    build = _REFUSALS.get(code)
    return build(words) if build else None


def codes() -> frozenset[str]:
    """Every code that a script may refuse with."""
    return frozenset(_REFUSALS)
