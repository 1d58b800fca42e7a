"""Members are spelled in Python as the scripts spell them."""

import pytest
import redis

from fairlead.store.joining import calling
from fairlead.store.members import contact_at, due_member, place_of, queued_at


@pytest.mark.parametrize("rank_us", [0, 1_700_000_000_000_000, 1_800_000_000_000_000])
def test_a_member_is_the_same_in_lua_and_in_python(any_client: redis.Redis, rank_us: int) -> None:
    queued_us = 1_700_000_000_000_000
    contact = f"{{ id = 'c~1', rank = digits_of({rank_us}), queued_us = digits_of({queued_us}) }}"

    in_lua = any_client.eval(calling(f"return place_of({contact})", "digits_of", "place_of"), 0)

    assert in_lua.decode() == place_of(rank_us, queued_us, "c~1")
    assert (contact_at(in_lua), queued_at(in_lua)) == ("c~1", queued_us)


def test_what_comes_due_is_the_same_in_lua_and_in_python(any_client: redis.Redis) -> None:
    script = calling("return { read_due(due_of('slot', 'ana/17')) }", "due_of", "read_due")

    kind, name = any_client.eval(script, 0)

    assert due_member(kind.decode(), name.decode()) == "slot:ana/17"
