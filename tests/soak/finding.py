"""How soon a mistake in the transitions is found."""

from contextlib import suppress

import pytest
import redis
from faults.broken import Bug, scripts_with
from soak.agreeing import STEPS_OF_AN_EXAMPLE, Made, agree
from soak.everything import Everything
from soak.mistakes import MISTAKES


def steps_until_found(client: redis.Redis, what: str, seed: int, most: int) -> int | None:
    """After how many steps the mistake was found; None: not within about `most`."""
    mistake, made = MISTAKES[what], Made()
    everything = Everything(client, seed)
    with (
        pytest.MonkeyPatch.context() as patched,
        scripts_with(Bug((), mistake.edits), patched),
        suppress(Exception, pytest.fail.Exception),  # whatever it is: the transitions are broken
    ):
        if mistake.finder == "state":
            everything.run(most)
        else:
            agree(client, seed, most // STEPS_OF_AN_EXAMPLE, made)
        return None
    return everything.steps + made.steps
