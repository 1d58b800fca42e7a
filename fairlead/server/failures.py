"""Turns an error of Redis into one of Fairlead's, which says what is wrong and what to do.

Redis begins an error with a code. redis-py takes the code off where it has a class for it, and leaves it where it has
none; inside a script Redis puts the code, or other words, into a text of its own that differs between versions.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis import exceptions

from fairlead import errors
from fairlead.errors import FairleadError


class SpeaksNoTLS(exceptions.ConnectionError):
    """A server answers without TLS where TLS was wanted."""


_CLASSES: dict[type[Exception], str] = {
    SpeaksNoTLS: "NOTLS",
    exceptions.MaxConnectionsError: "POOL",
    exceptions.AuthenticationError: "WRONGPASS",
    exceptions.AuthorizationError: "WRONGPASS",
    exceptions.BusyLoadingError: "LOADING",
    exceptions.NoPermissionError: "NOPERM",
    exceptions.NoScriptError: "NOSCRIPT",
    exceptions.OutOfMemoryError: "OOM",
    exceptions.ReadOnlyError: "READONLY",
    exceptions.MasterDownError: "MASTERDOWN",
    exceptions.ClusterDownError: "CLUSTERDOWN",
    exceptions.TryAgainError: "TRYAGAIN",
    exceptions.MovedError: "MOVED",
    exceptions.AskError: "ASK",
    exceptions.ClusterCrossSlotError: "CROSSSLOT",
}
"""redis-py's classes, a class before those that it is derived from."""

_NO_FUNCTIONS = re.compile(r"(ERR )?unknown command .FCALL\b|.*no permissions to run the 'fcall' command")
"""Said by servers before 7.0, and to a user who has not been given FCALL."""

_TEXTS = (
    (re.compile(r".*(The user executing the script can't|ACL failure in script)"), "NOPERM"),
    (re.compile(r"No connection available"), "POOL"),
    (re.compile(r"max number of clients reached"), "CLIENTS"),
    (re.compile(r".*ttempted to access a non local key in a cluster"), "MOVED"),
    (re.compile(r"(ERR )?No such master with that name"), "SERVICE"),
    (re.compile(r"(ERR )?unknown command '?SENTINEL"), "NOSENTINEL"),
    (re.compile(r"(ERR )?This instance has cluster support disabled"), "NOCLUSTER"),
    (re.compile(r"(ERR )?Function not found"), "NOFUNCTION"),
    (re.compile(r"(?:.*@user_script: ?\d+: ?-)?([A-Z]+)\b"), ""),
)
"""What is recognised by its words; the last one is the code itself, which Redis 6 puts behind the script's place."""

_SCRIPT_PLACE = re.compile(r" script: .*$")
_PIPELINE_PLACE = re.compile(r"^Command # \d+ .* of pipeline caused error: ")


def translate(failure: redis.RedisError, address: str = "the given address", asked: str = "") -> FairleadError:
    """The typed error for what redis-py raised; never shows a password. `asked`: the command that was refused."""
    text = _PIPELINE_PLACE.sub("", str(_root_of(failure)))
    return failure_of(code_of(failure), address, _SCRIPT_PLACE.sub("", text), asked)


@contextmanager
def translated() -> Iterator[None]:
    """What a library that uses redis-py raises within comes out as ours."""
    try:
        yield
    except redis.RedisError as failure:
        raise translate(failure) from failure


def may_pass(failure: BaseException) -> bool:
    """Whether asking again may help: to redis-py a wrong password or certificate is one more lost connection, too."""
    if getattr(failure, "is_given_up", False):
        return False
    if not isinstance(failure, redis.RedisError):
        return True
    code = code_of(failure)
    return code in ELSEWHERE or not (code in _LASTING or isinstance(_root_of(failure), exceptions.ResponseError))


ELSEWHERE = frozenset({"READONLY", "NOREPLICAS", "MASTERDOWN", "UNBLOCKED", "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"})
"""What a server answers that does not serve the instance, or not now."""

_LASTING = frozenset({"WRONGPASS", "NOAUTH", "TLS", "NOTLS"})


def _root_of(failure: redis.RedisError) -> redis.RedisError:
    """What redis-py, or a connection that was given up for it, has made another error of."""
    while isinstance(failure.__cause__, redis.RedisError):
        failure = failure.__cause__
    return failure


def code_of(failure: redis.RedisError) -> str:
    """The code of Redis that an error of redis-py stands for, or one of ours; empty when there is none."""
    failure = _root_of(failure)
    if _is_of_tls(failure.__cause__ or failure.__context__):
        return "TLS"
    text = _PIPELINE_PLACE.sub("", str(failure))
    if _NO_FUNCTIONS.match(text):
        return "NOFUNCTIONS"
    for kind, code in _CLASSES.items():
        if isinstance(failure, kind):
            return code
    for pattern, code in _TEXTS:
        found = pattern.match(text)
        if found:
            return code or found[1]
    if isinstance(failure, (exceptions.ConnectionError, exceptions.TimeoutError)):
        return "CLOSED" if _is_of_a_closed_one(failure) else "AWAY"
    return ""


def _is_of_tls(cause: BaseException | None) -> bool:
    """Whether the two ends do not trust each other, or one of them speaks no TLS. A mere end is a lost connection."""
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def _is_of_a_closed_one(failure: redis.RedisError) -> bool:
    """Whether there was a connection, which the server has closed."""
    cause = failure.__cause__ or failure.__context__
    return isinstance(cause, _CLOSED) or "closed" in str(failure)


_CLOSED = (
    ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError, ssl.SSLEOFError, ssl.SSLZeroReturnError,
)  # fmt: skip


def failure_of(code: str, address: str, text: str, asked: str = "") -> FairleadError:
    """The typed error for a code of Redis, or for one of ours: AWAY, POOL, SERVICE, TLS and the like."""
    if code == "NOPERM":
        what = f" to run {asked}" if asked else ""
        return errors.RedisRefused(
            f"Redis at {address} does not give this user the right{what}: {text.rstrip('.')}; "
            "deploy/redis/users.acl lists the rights that each user needs"
        )
    if code == "TLS":
        return errors.RedisRefused(
            f"Redis at {address} and this program do not trust each other: {text.rstrip('.')}; check rediss:// and "
            "its ssl_ca_certs, ssl_certfile and ssl_keyfile"
        )
    if code in _SAID:
        kind, said = _SAID[code]
        return kind(f"Redis at {address} {said}")
    if code == "CLOSED":
        return errors.RedisUnreachable(
            f"no Redis answers at {address}: the connection was closed there; it may be stopping, have reached its "
            "maxclients, or speak TLS alone, which is written rediss://"
        )
    if code == "AWAY":
        return errors.RedisUnreachable(
            f"no Redis answers at {address}: start one there, or leave FAIRLEAD_REDIS_URL and --redis out "
            "to use an embedded one"
        )
    return errors.RedisError(f"Redis at {address} answered with an error: {text}")


_REFUSED = "refused the user or the password: check FAIRLEAD_REDIS_URL"
_CLUSTER = "belongs to a cluster, and another node holds the instance: give the address as redis+cluster://host,host"
_MOVING = "is moving these keys to another node of its cluster: wait until it is done"

_SAID: dict[str, tuple[type[errors.RedisError], str]] = {
    "WRONGPASS": (errors.RedisRefused, _REFUSED),
    "NOAUTH": (errors.RedisRefused, _REFUSED),
    "NOTLS": (errors.RedisRefused, "speaks no TLS on this port: write redis:// in place of rediss://, or its tls-port"),
    "DENIED": (errors.RedisRefused, "accepts no connections from other machines: give it users or a password"),
    "BUSY": (errors.RedisBusy, "is busy with a script that does not end: wait, or run FUNCTION KILL or SCRIPT KILL"),
    "LOADING": (errors.RedisBusy, "has just started and is still reading its data: wait until it is ready"),
    "TRYAGAIN": (errors.RedisBusy, _MOVING),
    "ASK": (errors.RedisBusy, _MOVING),
    "CLUSTERDOWN": (errors.RedisBusy, "belongs to a cluster that is down: wait, or repair it (see CLUSTER INFO)"),
    "MASTERDOWN": (errors.RedisBusy, "is a replica that has lost its master: wait, or give the master's address"),
    "CLIENTS": (errors.RedisBusy, "has reached its maxclients: close some connections, or raise maxclients"),
    "READONLY": (
        errors.RedisReadOnly, "is a read-only replica: give the address of its master, or redis+sentinel://host,host/service"
    ),
    "UNBLOCKED": (errors.RedisReadOnly, "has just become a replica: give the address of its Sentinels"),
    "SERVICE": (
        errors.RedisUnreachable,
        "is not known to its Sentinels by that name: see `SENTINEL MASTERS`, and check the end of the address",
    ),
    "NOSENTINEL": (errors.RedisUnreachable, "is no Sentinel: give the port of one, most often 26379"),
    "NOCLUSTER": (errors.RedisUnreachable, "is in no cluster: give the address as redis://host"),
    "NOREPLICAS": (
        errors.RedisReadOnly,
        "accepts no writes because fewer replicas follow it than min-replicas-to-write: start replicas, or lower it",
    ),
    "MISCONF": (
        errors.RedisCannotSave,
        "cannot save to its disk and accepts no writes until it can: free disk space, check rights, see its log",
    ),
    "OOM": (
        errors.RedisFull,
        "has no memory left and refuses new contacts until others are completed: raise maxmemory, or add workers",
    ),
    "MOVED": (errors.RedisMoved, _CLUSTER),
    "CROSSSLOT": (errors.RedisMoved, _CLUSTER),
    "NOSCRIPT": (errors.ScriptForgotten, "has lost a script that was just loaded: ask again"),
    "NOFUNCTION": (errors.FunctionForgotten, "has lost the library that was just loaded: ask again"),
    "NOFUNCTIONS": (errors.FunctionsMissing, "has no functions for this user: ask for a script"),
    "POOL": (errors.RedisUnreachable, "got no request: all connections of the client are in use; make fewer at a time"),
}  # fmt: skip
