"""What the tests of RQ's work horses share: contacts, and all that a server holds of them."""

import base64
import binascii
import json
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import redis
from conftest import RealServer
from raw import raw

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import Sweeper
from fairlead.store.transitions.working import Session

CANARY = "kanarienvogel"


StartRq = Callable[..., "subprocess.Popen[bytes]"]


def prepared(server: RealServer) -> Store:
    """An empty instance that knows agent ana."""
    store = Store(server.client())
    store.run(configuring.prepare_instance(store.keys))
    session = Session(store.keys, "ana", "w", "here")
    store.run(session.sign_in(profile="BasicRoutingProfile"))
    store.run(session.sign_out())
    return store


def push(store: Store, contact_id: str, payload: object = None) -> None:
    contact = NewContact("BasicQueue", "voice", json.dumps(payload).encode(), contact_id=contact_id)
    store.run(producing.push(store.keys, contact))


def is_completed(store: Store, contact_id: str = "c1") -> bool:
    with suppress(redis.RedisError):
        return store.run(reading.contact(contact_id)).state == "completed"
    return False


def lose_session(store: Store) -> None:
    """End ana's session as if nobody had renewed it for its whole lease."""
    raw(store).zadd(store.keys.due, {"session:ana": 1})
    store.run(Sweeper(store.keys).sweep())


def is_signed_in(store: Store) -> bool:
    return bool(raw(store).hexists(store.keys.agent("ana"), "epoch"))


def reasons(store: Store) -> list[str]:
    """Why contacts went back to their place."""
    return [event.fields["reason"] for event in store.run(reading.events_after()) if event.name == "contact.requeued"]


def values(client: Any, key: bytes) -> list[bytes]:
    """All that a key holds, and what is inside when it is packed."""
    kind = client.type(key)
    if kind == b"string":
        plain = [client.get(key)]
    elif kind == b"hash":
        plain = [part for pair in client.hgetall(key).items() for part in pair]
    elif kind == b"list":
        plain = client.lrange(key, 0, -1)
    elif kind == b"set":
        plain = list(client.smembers(key))
    elif kind == b"zset":
        plain = client.zrange(key, 0, -1)
    else:
        plain = [part for _, entry in client.xrange(key) for pair in entry.items() for part in pair]
    return [unpacked for value in plain for unpacked in unpack(value)]


def unpack(value: bytes) -> Iterator[bytes]:
    yield value
    with suppress(zlib.error):
        yield zlib.decompress(value)
    with suppress(binascii.Error):
        yield (inner := base64.b64decode(value, validate=True))
        with suppress(zlib.error):
            yield zlib.decompress(inner)


def keys_with(client: Any, word: str) -> set[bytes]:
    return {key for key in client.keys("*") if any(word.encode() in value for value in (key, *values(client, key)))}


def lifetimes(client: Any, pattern: str) -> list[int]:
    return [client.ttl(key) for key in client.keys(pattern)]


def waits_first(client: Any, inbox: str) -> bool:
    """Whether the only one who waits for hints is somebody else than the worker, so that the next is lost to it."""
    waiting = [one for one in client.client_list() if one["cmd"] == "blpop"]
    return len(waiting) == 2 and int(max(waiting, key=lambda one: int(one["idle"]))["idle"]) > 1
