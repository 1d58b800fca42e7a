"""Every error that Fairlead raises on purpose, as one tree.

An error names the thing, says why, and where there is something to do, what to do.
Each branch has the exit code with which the `fairlead` command ends:

    1  unexpected (a bug: anything that is not a FairleadError)
    2  bad input: a name, a number, a payload, a file, a setting, an option
    3  not found: no such queue, profile, agent, contact, status
    4  conflict: the thing exists, but its state does not allow the request
    5  Redis: not reachable, refused, busy, read-only, cannot save, full, moved, too old
"""


class FairleadError(Exception):
    """Base of the tree; never raised itself."""

    exit_code = 1


class WorkerFailed(FairleadError):
    """A part of a worker died again and again, so that the worker ended itself."""


class BadInput(FairleadError):
    """The caller's input breaks a documented limit; nothing was changed."""

    exit_code = 2


class InvalidName(BadInput):
    """A name that is not `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`."""


class InvalidContact(BadInput):
    """A contact's priority, channel, age adjustment or payload is outside its limits."""


class InvalidCriteria(BadInput):
    """Routing criteria or proficiencies that break their grammar or its limits."""


class InvalidConfiguration(BadInput):
    """A configuration file that cannot be applied; the message names file, path and allowed values."""


class InvalidSetting(BadInput):
    """A setting from the environment or an option that does not exist or has a wrong value."""


class HandlerNotFound(BadInput):
    """A worker's handler does not name something that can be called."""


class NotFound(FairleadError):
    """The request names something that is not there; nothing was changed."""

    exit_code = 3


class UnknownInstance(NotFound):
    """No instance of that name is on the server: it was never prepared, or Redis has lost it."""


class UnknownQueue(NotFound):
    """No queue of that name is configured."""


class UnknownProfile(NotFound):
    """No routing profile of that name is configured."""


class UnknownAgent(NotFound):
    """No agent of that name is configured."""


class UnknownStatus(NotFound):
    """No agent status of that name is configured."""


class UnknownContact(NotFound):
    """No contact of that id is known: it never was, or it ended and its record has expired."""


class Conflict(FairleadError):
    """The state of the thing does not allow the request; nothing was changed."""

    exit_code = 4


class ContactExists(Conflict):
    """The contact id is taken by a contact with other content."""


class WrongState(Conflict):
    """The contact is in a state from which the transition does not start."""


class AgentSignedIn(Conflict):
    """Another live session of the agent exists."""

    def __init__(self, message: str, *, holder: str = "", epoch: int = 0, lease_left_ms: int = 0) -> None:
        super().__init__(message)
        self.holder = holder
        self.epoch = epoch
        self.lease_left_ms = lease_left_ms


class SessionEnded(Conflict):
    """The session is no longer the agent's: it was signed out, lost or replaced."""


class StaleOperation(Conflict):
    """A request older than one that the session has already made; it was refused."""


class StaleToken(Conflict):
    """The fencing token is not the contact's current one: the contact has gone to somebody else."""


class ConfigurationChanged(Conflict):
    """The configuration is no longer the one that the plan was made against."""


class QueueInUse(Conflict):
    """A queue cannot be removed while contacts are in it."""


class AgentInUse(Conflict):
    """An agent cannot be removed while signed in or while contacts wait in its agent queue."""


class QueueFull(Conflict):
    """The queue holds as many contacts as it may, and names no overflow queue that takes more."""


class QueueDisabled(Conflict):
    """The queue is disabled: nothing new enters it."""


class QueueClosed(Conflict):
    """The queue is closed, by its hours of operation, and refuses what comes."""


class ChainTooLong(Conflict):
    """The contact has been handed on as often as a chain allows."""


class NotServed(Conflict):
    """The agent's profile does not give it this contact by hand."""


class NoSlot(Conflict):
    """The agent has no free slot for the contact."""


class RedisError(FairleadError):
    """Redis cannot serve the request."""

    exit_code = 5


class RedisUnreachable(RedisError):
    """No Redis answers at the address, or all connections to it are in use."""


class RedisRefused(RedisError):
    """Redis refused the user or the password, or the user lacks a right; the message names it."""


class RedisBusy(RedisError):
    """Redis answers, but cannot serve for a while: a script runs, it reads its data, its cluster or master is away."""


class RedisReadOnly(RedisError):
    """The server takes no writes: it is a replica, or too few replicas follow it."""


class RedisCannotSave(RedisError):
    """Redis cannot write to its disk, and takes no writes until it can."""


class RedisFull(RedisError):
    """Redis' memory is full: it refuses what is new until contacts are worked off."""


class RedisMoved(RedisError):
    """The address is one node of a cluster, and the instance is on another one."""


class RedisTooOld(RedisError):
    """The server lacks commands that the transitions need."""


class ScriptForgotten(RedisError):
    """The server does not have a script, or no longer. The store loads it and asks again."""


class EmbeddedUnavailable(RedisError):
    """No Redis is configured and no server binary for a private one is here."""
