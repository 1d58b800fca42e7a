"""Procedures: several round trips as one value."""

from typing import Any

import pytest
import redis

from fairlead import errors
from fairlead.store.client import Store
from fairlead.store.procedure import Procedure, Source, Steps, ask, ask_one, side_by_side


def counting(store: Store) -> list[int]:
    """How many commands each round trip has that the store sends from now on."""
    trips, send = list[int](), store.client.send

    def sent(commands: Any) -> list[Any]:
        trips.append(len(commands))
        return send(commands)

    store.client.send = sent  # type: ignore[method-assign]  # for this one
    return trips


def test_what_needs_nothing_of_each_other_shares_its_round_trips(client: redis.Redis) -> None:
    def nothing() -> Steps[str]:
        return "at once"
        yield  # it asks nothing

    def after(many: int) -> Steps[list[bytes]]:
        replies: list[bytes] = []
        for place in range(many):
            replies.append((yield from ask_one("ECHO", str(place))))
        return replies

    def several() -> Steps[list[bytes]]:
        return (yield from ask(("ECHO", "a"), ("ECHO", "b")))

    def together(_: Source) -> Steps[Any]:
        return (yield from side_by_side(after(3), nothing(), several(), after(1)))

    store = Store(client)
    trips = counting(store)

    assert store.run(Procedure(together)) == [[b"0", b"1", b"2"], "at once", [b"a", b"b"], [b"0"]]
    assert trips == [4, 1, 1]


def test_what_one_of_them_is_refused_all_are(client: redis.Redis) -> None:
    def refused() -> Steps[Any]:
        return (yield from ask_one("HGET", "text", "field"))

    def together(_: Source) -> Steps[Any]:
        return (yield from side_by_side(ask_one("ECHO", "a"), refused()))

    client.set("text", "no hash")

    with pytest.raises(errors.RedisError):
        Store(client).run(Procedure(together))
