"""What tests of objects of the configuration share."""

from typing import Any

from fairlead.domain.objects import Object, kind_of
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.transitions.configuring import NEW, put_object, remove_object


def put(store: Store, one: Object) -> int:
    """Create or change an object, whatever its version is."""
    version = store.run(reading.versions(kind_of(one), [one.name]))[0] or NEW
    return store.run(put_object(store.keys, one, version))


def remove(store: Store, one: Object) -> int:
    version = store.run(reading.versions(kind_of(one), [one.name]))[0] or NEW
    return store.run(remove_object(store.keys, kind_of(one), one.name, version))


def dump(client: Any) -> dict[bytes, Any]:
    """All keys but what tells versions, the past, answers to requests, and sign-ins by their random ids."""
    keys = [key for key in client.keys("*") if not key.endswith(b":events") and b":answer:" not in key]
    found = {key: value_of(client, key) for key in keys}
    for key, value in found.items():
        if key.endswith(b":instance"):
            past = (b"version", b"mark", b"stamp", b"configured")
            found[key] = {name: text for name, text in value.items() if name not in past}
        elif key.endswith(b":objects"):
            found[key] = {name: line.split(b" ", 1)[1] for name, line in value.items()}
        elif b":profile:" in key or b":agent:" in key:
            found[key] = {name: text for name, text in value.items() if name not in (b"version", b"request")}
    return found


def value_of(client: Any, key: bytes) -> Any:
    kind = client.type(key)
    if kind == b"hash":
        return client.hgetall(key)
    if kind == b"set":
        return client.smembers(key)
    if kind == b"zset":
        return client.zrange(key, 0, -1, withscores=True)
    return client.lrange(key, 0, -1) if kind == b"list" else client.get(key)
