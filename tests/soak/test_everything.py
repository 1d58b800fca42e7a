"""What a long run (`make soak`) does for hours is done here for some seconds, on each kind of server."""

import fakeredis
import redis
from soak.everything import MOVES, Everything

SEED, STEPS = 1, 120


def test_the_state_agrees_with_itself_after_each_of_many_transitions(any_client: redis.Redis) -> None:
    is_fake = isinstance(any_client, fakeredis.FakeRedis)
    everything = Everything(any_client, SEED)

    everything.run(STEPS, every=8 if is_fake else 1)

    assert everything.steps == STEPS


def test_a_seed_makes_the_same_steps_again(any_client: redis.Redis) -> None:
    first = Everything(any_client, 2)
    first.run(60, every=60)

    again = Everything(any_client, 2)
    again.run(60, every=60)

    assert list(again.last) == list(first.last)
    assert again.made == first.made
    assert {name.split(" ")[0] for name in first.made} <= MOVES.keys()
