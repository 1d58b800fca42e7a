"""Each mistake that somebody could make in the transitions is found within so many steps, or the build fails."""

import pytest
from conftest import RealServer
from soak.finding import steps_until_found
from soak.mistakes import MISTAKES

SEED, MOST_STEPS = 1, 2_000
SLOW = {
    "an entry's priority is another queue's",
    "a contact rings at one more than its queue says",
    "what another has answered counts as missed",
    "a limit that is not asked when a contact is chosen",
}
"""Found late; the long walk looks for all of them."""


@pytest.mark.parametrize(
    "what", [pytest.param(what, marks=pytest.mark.long) if what in SLOW else what for what in MISTAKES]
)
def test_a_mistake_in_the_transitions_is_found(server: RealServer, what: str) -> None:
    assert steps_until_found(server.client(), what, SEED, MOST_STEPS)
