"""The state machine that compares the scripts with the rules, by a seed, for about so many steps."""

import redis
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from store.session_machine import SessionMachine

from fairlead.store.checking import examine_state

STEPS_OF_AN_EXAMPLE = 30


class Made:
    """How many steps were made."""

    steps = 0


def agree(client: redis.Redis, by_seed: int, examples: int, made: Made) -> None:
    """Run so many examples, each of at most STEPS_OF_AN_EXAMPLE steps, which `made` counts.

    The state is checked after each step. Raises what the first example that fails raises.
    """

    class Machine(SessionMachine):
        @invariant()
        def is_counted(self) -> None:
            made.steps += 1

        @invariant()
        def state_agrees_with_itself(self) -> None:
            assert self.store.run(examine_state()).findings == ()

    Machine.client = client
    run_state_machine_as_test(
        seed(by_seed)(Machine),
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS_OF_AN_EXAMPLE, deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )  # fmt: skip
