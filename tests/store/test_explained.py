"""What is explained is what happens: explanations are asked between random transitions, and then put to the test."""

import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from store.explaining_machine import ExplainingMachine


def test_what_is_explained_is_what_happens(any_client: redis.Redis, gets_all_examples: bool) -> None:
    machine = type("Machine", (ExplainingMachine,), {"client": any_client})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=min(settings.default.max_examples, 30 if gets_all_examples else 10),
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.generate],  # to make an example of that length small takes many minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
