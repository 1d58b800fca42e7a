"""Every error that Fairlead raises on purpose, as one tree.

The message of an error says what is wrong, why, and what to do.
Each branch has the exit code with which the `fairlead` command ends:

    1  unexpected: a bug, or a worker that ended itself
    2  bad input: a name, number, payload, file, setting or option is wrong
    3  not found: the instance, queue, profile, agent, contact or status does not exist
    4  conflict: the state of the contact, agent, queue or configuration does not allow the request
    5  Redis cannot serve: not reachable, refused, busy, read-only, cannot save, full, moved, too old
"""


class FairleadError(Exception):
    """The base of all errors; it is never raised itself."""

    exit_code = 1


class WorkerFailed(FairleadError):
    """The worker ended itself because one of its parts failed again and again."""


class BadInput(FairleadError):
    """The input breaks a documented limit; nothing was changed."""

    exit_code = 2


class InvalidName(BadInput):
    """A name does not have the form `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`."""


class InvalidContact(BadInput):
    """A contact's priority, channel, age adjustment or payload is outside its limits."""


class InvalidCriteria(BadInput):
    """Routing criteria or proficiencies break the grammar or its limits."""


class InvalidCondition(BadInput):
    """The condition of an intake's rule is no expression of CEL on what it may read, or gives no bool."""


class InvalidConfiguration(BadInput):
    """A configuration file cannot be applied or imported; the message names the file, the place and what to do."""


class InvalidSetting(BadInput):
    """A setting or an option does not exist, or has a wrong value."""


class InvalidToken(BadInput):
    """A token's scopes, its agent or its end are none that there can be."""


class InvalidWebhook(BadInput):
    """A webhook's address, format or choice of events is none that there can be."""


class HandlerNotFound(BadInput):
    """The handler of a worker cannot be loaded or cannot be called."""


class NotFound(FairleadError):
    """The request names something that does not exist; nothing was changed."""

    exit_code = 3


class UnknownInstance(NotFound):
    """The server has no instance of that name: it was never made, or Redis has lost it."""


class UnknownQueue(NotFound):
    """No queue of that name is configured."""


class UnknownProfile(NotFound):
    """No routing profile of that name is configured."""


class UnknownAgent(NotFound):
    """No agent of that name is configured."""


class UnknownStatus(NotFound):
    """No agent status of that name is configured."""


class UnknownHours(NotFound):
    """No hours of operation of that name are configured."""


class UnknownIntake(NotFound):
    """No intake of that name is configured."""


class UnknownToken(NotFound):
    """There is no token of that id: it was revoked, or never made."""


class UnknownWebhook(NotFound):
    """There is no webhook of that id: it was removed, or never made."""


class UnknownContact(NotFound):
    """No contact has that id: it was never pushed, or it ended and its record has expired."""


class Conflict(FairleadError):
    """The present state does not allow the request; nothing was changed."""

    exit_code = 4


class InstanceTooNew(Conflict):
    """The instance has keys of a layout that this program does not know yet: it is to be upgraded."""


class InstanceTooOld(Conflict):
    """The instance has keys of a layout that this program does not know any more: the data is to be taken over."""


class ContactExists(Conflict):
    """The contact id belongs to a contact with other content."""


class WrongState(Conflict):
    """The contact's state does not allow the transition."""


class WebhookOff(Conflict):
    """The endpoint of a webhook is switched off: what is replayed would be dropped."""


class AgentSignedIn(Conflict):
    """The agent already has a live session."""

    def __init__(self, message: str, *, holder: str = "", epoch: int = 0, lease_left_ms: int = 0) -> None:
        super().__init__(message)
        self.holder = holder
        self.epoch = epoch
        self.lease_left_ms = lease_left_ms


class AgentSignedOut(Conflict):
    """A supervisor has signed the agent out: its program does not come back by itself."""


class SessionEnded(Conflict):
    """The session is no longer the agent's: it was signed out, lost or replaced."""


class StaleOperation(Conflict):
    """The request is older than one that the session has already made; it was refused."""


class OperationReused(Conflict):
    """The session has already made another request of the same number; this one was refused."""


class StaleToken(Conflict):
    """The token is not the contact's current one: the contact went to another agent, or ended."""


class StatusDisabled(Conflict):
    """The status is disabled: nobody can be put into it."""


class ConfigurationChanged(Conflict):
    """The configuration, or the object, has changed since it was read."""


class ObjectExists(Conflict):
    """An object of that kind and name is configured already, with other content."""


class ObjectInUse(Conflict):
    """An object cannot be removed, nor a status be disabled, while another one names it."""


class QueueInUse(ObjectInUse):
    """A queue cannot be removed while contacts are in it, or while a profile or another queue names it."""


class AgentInUse(ObjectInUse):
    """An agent cannot be removed while signed in or while contacts wait in its agent queue."""


class QueueFull(Conflict):
    """The queue has reached its limit, and no overflow queue has room."""


class QueueDisabled(Conflict):
    """The queue is disabled: it accepts no contacts."""


class QueueClosed(Conflict):
    """The queue is closed by its hours of operation, and refuses contacts."""


class SameQueue(Conflict):
    """The contact is in that queue already, and no rank is given for it there."""


class QueueUnstaffed(Conflict):
    """The queue turns contacts away while nobody who serves it is there."""


class IntakeRefused(Conflict):
    """A rule of the intake refuses the contact; the message says for which reason."""


class ChainTooLong(Conflict):
    """The contact cannot be handed on: its chain has reached its limit."""


class NotServed(Conflict):
    """The agent cannot pick the contact: its profile has no manual-only entry for the queue."""


class NoSlot(Conflict):
    """The agent cannot take the contact now: the message names the filter that stops it."""


class RedisError(FairleadError):
    """Redis cannot serve the request."""

    exit_code = 5


class RedisUnreachable(RedisError):
    """No Redis answers at the address, or all connections of the client are in use."""


class RedisRefused(RedisError):
    """Redis refused the user or the password, or the user lacks a right, which the message names."""


class RedisBusy(RedisError):
    """Redis cannot serve for a while: it runs a script or reads its data, or its cluster or master is down."""


class RedisReadOnly(RedisError):
    """The server accepts no writes: it is a replica, or too few replicas follow it."""


class RedisCannotSave(RedisError):
    """Redis cannot write to its disk, and accepts no writes until it can."""


class RedisFull(RedisError):
    """The memory of Redis is full: it refuses new contacts until others are completed."""


class RedisMoved(RedisError):
    """The address is one node of a cluster, and another node holds the instance."""


class RedisTooOld(RedisError):
    """The server lacks commands that the transitions need."""


class ScriptForgotten(RedisError):
    """The server does not have the script; the store loads it and asks again."""


class FunctionForgotten(ScriptForgotten):
    """The server does not have the library of functions; the store loads it, or asks for a script."""


class FunctionsMissing(FunctionForgotten):
    """The server has no functions, or the user may not call them; the store asks for a script."""


class EmbeddedUnavailable(RedisError):
    """No Redis is configured, and no embedded server can be started."""
