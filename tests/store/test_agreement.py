"""The scripts decide as the pure rules do, whatever is configured and whatever waits.

On every kind of server a state machine makes random transitions with the store and with a Centre, which decides with
the pure rules alone, and after each step compares the two and checks the invariants.
"""

import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from store.session_machine import SessionMachine


def test_the_scripts_and_the_rules_agree(any_client: redis.Redis, gets_all_examples: bool) -> None:
    machine = type("Machine", (SessionMachine,), {"client": any_client})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=min(settings.default.max_examples, 60 if gets_all_examples else 20),
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # to make an example of that length small takes many minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
