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
        f"agent {w[0]!r} is not known: apply a configuration that has it, or sign it in with a routing profile"
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
