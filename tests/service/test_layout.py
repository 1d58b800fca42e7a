"""A program and an instance that do not fit each other say so before anything is read or written."""

from typing import Any

import pytest
from commands import Run
from conftest import RealServer

from fairlead import errors
from fairlead.service.administrator import Administrator
from fairlead.service.opening import find_instance
from fairlead.service.producer import AsyncProducer, Producer
from fairlead.service.supervisor import Supervisor
from fairlead.store.keys import LAYOUT, Keys

OTHERS: list[tuple[int | None, type[errors.Conflict], str]] = [
    (LAYOUT + 1, errors.InstanceTooNew, "upgrade this program"),
    (None, errors.InstanceTooOld, "no layout.*docs/upgrading.md"),
    (0, errors.InstanceTooOld, "docs/upgrading.md"),
]


def give_layout(server: RealServer, layout: int | None) -> dict[bytes, Any]:
    """A fresh instance, whose layout becomes another one. Answers all that is in Redis, by its keys."""
    Producer.connect(server.url).close()
    key, client = Keys().instance, server.client()
    if layout is None:
        client.hdel(key, "layout")
    else:
        client.hset(key, "layout", layout)
    return content(server)


def content(server: RealServer) -> dict[bytes, Any]:
    client = server.client()
    return {
        key: client.hgetall(key) if client.type(key) == b"hash" else client.dump(key) for key in sorted(client.keys())
    }


@pytest.mark.parametrize(("layout", "error", "told"), OTHERS)
async def test_every_entrance_tells_that_the_layout_is_another_one(
    server: RealServer, layout: int | None, error: type[errors.Conflict], told: str
) -> None:
    before = give_layout(server, layout)

    for one in (Producer, Supervisor, Administrator):
        with pytest.raises(error, match=told):
            one.connect(server.url)
    with pytest.raises(error, match=told):
        await AsyncProducer.connect(server.url)
    with pytest.raises(error, match=told):
        find_instance(server.url, None, makes_instance=True)

    assert content(server) == before


def test_a_command_ends_as_in_a_conflict(server: RealServer, run: Run) -> None:
    give_layout(server, LAYOUT + 1)

    done = run(server.url, "status")

    assert done.code == 4
    assert "belongs to a newer Fairlead: its keys have layout 2, and this one knows 1" in done.err


def test_an_instance_that_was_configured_by_hand_has_a_layout(server: RealServer) -> None:
    with Administrator.connect(server.url) as administrator:
        administrator.apply(administrator.configuration()[0])

    assert int(server.client().hget(Keys().instance, "layout")) == LAYOUT
    Supervisor.connect(server.url).close()
