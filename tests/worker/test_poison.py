"""Whatever comes out of a handler is its contact's failure: the worker goes on."""

import subprocess
from pathlib import Path

import pytest
from conftest import eventually
from processes import StartWorker, is_signed_in, push, state_of, told

from fairlead.store.client import Store
from fairlead.store.reading import read_contact, read_events
from fairlead.store.transitions import producing

ALWAYS = [
    "raise ValueError('no')",
    "sys.exit(3)",
    "raise SystemExit",
    "raise KeyboardInterrupt",
    "raise asyncio.CancelledError",
    "raise GeneratorExit",
    "raise StopIteration",
    "raise StopAsyncIteration",
    "raise BaseException('no')",
    "raise BaseExceptionGroup('no', [KeyboardInterrupt()])",
    "recurse(contact)",
    "raise MemoryError",
    "contact.transfer('bad name!')",
    "contact.transfer(None)",
    "contact.transfer('')",
    "contact.goes_to = None; contact.outcome = type(contact.outcome).TRANSFER",
    "contact.transfer('Nowhere')",
    "contact.transfer('@nobody')",
    "contact.retry_callback()",
    "contact.outcome = 'nonsense'; contact.outcome.nothing",
]
IN_A_COROUTINE = ["asyncio.current_task().cancel(); raise asyncio.CancelledError"]


def is_given_back_as_failed(store: Store, contact_id: str) -> bool:
    return any(
        event.name in ("contact.requeued", "contact.parked")
        and event.fields["contact"] == contact_id
        and event.fields["reason"] == "failed"
        for event in read_events(store)
    )


def fails_and_the_next_is_handled(store: Store, worker: "subprocess.Popen[bytes]", *poisons: str) -> None:
    for number, poison in enumerate(poisons):
        push(store, f"poison{number}", poison)
    eventually(lambda: all(is_given_back_as_failed(store, f"poison{number}") for number in range(len(poisons))))
    push(store, "good")
    eventually(lambda: state_of(store, "good") == "completed")
    assert worker.poll() is None


@pytest.mark.parametrize("handler", ["shop:poisonous", "shop:poisonous_async"])
def test_nothing_that_a_handler_does_ends_or_stops_its_worker(
    real: Store, start_worker: StartWorker, handler: str
) -> None:
    worker = start_worker(handler)
    poisons = ALWAYS + (IN_A_COROUTINE if handler == "shop:poisonous_async" else [])

    fails_and_the_next_is_handled(real, worker, *poisons)


@pytest.mark.parametrize("poison", ["sys.exit(3)", "raise KeyboardInterrupt", "raise asyncio.CancelledError"])
def test_a_task_that_a_handler_begins_does_not_end_its_worker(
    real: Store, start_worker: StartWorker, poison: str
) -> None:
    worker = start_worker("shop:poisonous_in_a_task")

    fails_and_the_next_is_handled(real, worker, poison)


def test_a_payload_that_is_no_json_fails_its_contact_alone(real: Store, start_worker: StartWorker) -> None:
    worker = start_worker("shop:poisonous")
    junk = producing.NewContact("BasicQueue", "voice", b"{no json", contact_id="poison0")
    real.run(producing.push(real.keys, junk))

    eventually(lambda: is_given_back_as_failed(real, "poison0"))

    push(real, "good")
    eventually(lambda: state_of(real, "good") == "completed")
    assert worker.poll() is None


def test_an_object_whose_call_is_a_coroutine_is_a_handler(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:shop")

    push(real, "c1", str(tmp_path / "seen"))

    eventually(lambda: state_of(real, "c1") == "completed")
    assert (tmp_path / "seen").read_text() == "called"


def test_the_log_has_one_line_for_each_contact_and_says_how_it_ended(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:poisonous")
    eventually(lambda: is_signed_in(real, "ana"))
    push(real, "good")
    eventually(lambda: told(tmp_path, "completed"))
    push(real, "bad", "raise ValueError('SECRET-WORD')")
    eventually(lambda: told(tmp_path, "failed"))

    done, failed = told(tmp_path, "completed")[0], told(tmp_path, "failed")[0]

    assert (done["contact"], done["agent"], done["queue"], done["level"]) == ("good", "ana", "BasicQueue", "info")
    assert failed["error"].startswith("ValueError at ")
    assert (failed["contact"], failed["attempt"]) == ("bad", 1)
    assert "SECRET-WORD" not in str(failed)
    eventually(lambda: read_contact(real, "bad").error == failed["error"])
