"""What a user of Redis may do, asked before it is done: a script that lacks a right would be refused in its middle.

Redis 7 and Valkey tell (ACL DRYRUN), older ones do not.
"""

from collections.abc import Mapping

from fairlead.errors import RedisError, RedisRefused
from fairlead.store.procedure import Source, Steps, ask_each, ask_one, procedure

CALLS: dict[str, list[str]] = {
    "DEL": ["KEY"], "EXISTS": ["KEY"], "EXPIRE": ["KEY", "1"], "GET": ["KEY"], "HDEL": ["KEY", "f"],
    "HEXISTS": ["KEY", "f"], "HGET": ["KEY", "f"], "HGETALL": ["KEY"], "HINCRBY": ["KEY", "f", "1"], "HKEYS": ["KEY"],
    "HLEN": ["KEY"], "HMGET": ["KEY", "f"], "HSET": ["KEY", "f", "v"], "LLEN": ["KEY"], "LRANGE": ["KEY", "0", "1"],
    "LTRIM": ["KEY", "0", "1"], "PERSIST": ["KEY"], "RENAME": ["KEY", "KEY"], "RPUSH": ["KEY", "v"],
    "SADD": ["KEY", "v"], "SCARD": ["KEY"], "SET": ["KEY", "v"], "SMEMBERS": ["KEY"],
    "SREM": ["KEY", "v"], "SSCAN": ["KEY", "0"], "TIME": [],
    "XADD": ["KEY", "*", "f", "v"], "XREVRANGE": ["KEY", "+", "-"], "ZADD": ["KEY", "1", "v"], "ZCARD": ["KEY"],
    "ZRANGE": ["KEY", "0", "1"], "ZREM": ["KEY", "v"], "ZSCORE": ["KEY", "v"],
}  # fmt: skip
"""What scripts call, with arguments with which ACL DRYRUN takes it; a test compares it with the scripts."""

READS: dict[str, list[str]] = {
    "EXISTS": ["KEY"], "GET": ["KEY"], "HEXISTS": ["KEY", "f"], "HGET": ["KEY", "f"], "HGETALL": ["KEY"],
    "HLEN": ["KEY"], "HMGET": ["KEY", "f"], "HSCAN": ["KEY", "0"], "HVALS": ["KEY"], "INFO": [], "SMEMBERS": ["KEY"],
    "TIME": [], "XRANGE": ["KEY", "-", "+"],
    "XREAD": ["STREAMS", "KEY", "0"], "XREVRANGE": ["KEY", "+", "-"], "ZCARD": ["KEY"], "ZCOUNT": ["KEY", "0", "1"],
    "ZMSCORE": ["KEY", "v"], "ZRANGE": ["KEY", "0", "1"], "ZRANGEBYSCORE": ["KEY", "0", "1"], "ZSCAN": ["KEY", "0"],
}  # fmt: skip
"""The same for the commands that plain reads ask; a test compares them with what every command of ours asks."""

RUNS: dict[str, list[str]] = {"EVALSHA": ["0" * 40, "1", "KEY"]}
"""How scripts are run where they are no functions: a user who may not FCALL does as well, and costs Redis more."""


def lacking(source: Source, user: str, samples: Mapping[str, list[str]]) -> Steps[list[str]]:
    """Which of the commands the user may not run, sorted. Raises a RedisError when that cannot be asked."""
    commands = sorted(samples)
    asked = [[source.keys.instance if word == "KEY" else word for word in (one, *samples[one])] for one in commands]
    replies = yield from ask_each(("ACL", "DRYRUN", user, *words) for words in asked)
    return [one for one, reply in zip(commands, replies, strict=True) if reply not in (b"OK", "OK")]


@procedure
def check_rights(source: Source) -> Steps[None]:
    """Raises RedisRefused when this user may run scripts, and not all that they call. A server that does not tell is
    believed.
    """
    try:
        user = (yield from ask_one("ACL", "WHOAMI")).decode()
        lacks = yield from lacking(source, user, CALLS | READS | RUNS)
        lacks += yield from lacking(source, user, {"HSET": [source.keys.payloads, "f", "v"]})
    except RedisError:
        return
    if lacks:
        raise RedisRefused(
            f"Redis at {source.address} does not give this user the right to run {', '.join(lacks)} on the keys of "
            f"instance {source.keys.instance_name!r}: deploy/redis/users.acl lists the rights that each user needs"
        )
