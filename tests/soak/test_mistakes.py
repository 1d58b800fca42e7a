"""Each mistake that somebody could make in the transitions is found within so many steps, or the build fails."""

import pytest
from conftest import RealServer
from soak.finding import steps_until_found
from soak.mistakes import MISTAKES

SEED, MOST_STEPS = 1, 2_000


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_the_transitions_is_found(server: RealServer, what: str) -> None:
    assert steps_until_found(server.client(), what, SEED, MOST_STEPS)
