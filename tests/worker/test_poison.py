"""Whatever comes out of a handler is its contact's failure: the worker goes on."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import RealServer, eventually
from processes import StartWorker, is_signed_in, push, state_of, told, without_settings, worker_command

from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
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
        for event in store.run(reading.events_after())
    )


def fails_and_the_next_is_handled(store: Store, worker: "subprocess.Popen[bytes]", *poisons: str) -> None:
    for number, poison in enumerate(poisons):
        push(store, f"poison{number}", poison)
    eventually(lambda: all(is_given_back_as_failed(store, f"poison{number}") for number in range(len(poisons))))
    push(store, "good")
    eventually(lambda: state_of(store, "good") == "completed")
    assert worker.poll() is None


@pytest.mark.parametrize(
    ("handler", "options"),
    [("shop:poisonous", []), ("shop:poisonous", ["--quick-handler"]), ("shop:poisonous_async", [])],
)
def test_nothing_that_a_handler_does_ends_or_stops_its_worker(
    real: Store, start_worker: StartWorker, handler: str, options: list[str]
) -> None:
    worker = start_worker(handler, *options)
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
    junk = NewContact("BasicQueue", "voice", b"{no json", contact_id="poison0")
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
    eventually(lambda: real.run(reading.contact("bad")).error == failed["error"])


@pytest.mark.parametrize("poison", ["contact.outcome = 'nonsense'", "contact.outcome = []"])
def test_an_outcome_that_is_none_fails_its_contact(real: Store, start_worker: StartWorker, poison: str) -> None:
    worker = start_worker("shop:poisonous")

    fails_and_the_next_is_handled(real, worker, poison)


@pytest.mark.parametrize(
    "poison",
    [
        "sys.stdout.close(); sys.stderr.close()",
        "os.close(1); os.close(2)",
        "asyncio.get_running_loop().stop()",
        "__import__('signal').signal(15, lambda *_: None)",
        "os.chdir('/')",
        "os.fork()",
        "sys.exit(0 if os.fork() else 1)",
    ],
)
def test_a_handler_that_lays_hands_on_the_process_ends_nobody_and_the_worker_still_stops(
    real: Store, start_worker: StartWorker, tmp_path: Path, poison: str
) -> None:
    worker = start_worker("shop:poisonous_async", agents=("ana", "bo"))
    push(real, "bad", poison)
    eventually(lambda: told(tmp_path, "completed") or told(tmp_path, "failed"))
    for number in range(8):
        push(real, f"good{number}")

    eventually(lambda: all(state_of(real, f"good{number}") == "completed" for number in range(8)))
    eventually(lambda: _ends_when_told(worker))

    assert worker.returncode == 0
    assert told(tmp_path, "failed, and is started again") == []
    assert "Traceback" not in (tmp_path / "worker0.log").read_text()


def _ends_when_told(worker: "subprocess.Popen[bytes]") -> bool:
    """A signal may be lost while a handler has it, so it is sent more than once."""
    worker.terminate()
    with suppress(subprocess.TimeoutExpired):
        worker.wait(5)
    return worker.poll() is not None


def test_a_child_that_a_handler_forks_does_not_outlive_the_handler(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    start_worker("shop:poisonous")
    push(real, "c1", f"pid = os.fork(); pid and pathlib.Path({str(tmp_path / 'child')!r}).write_text(str(pid))")

    eventually(lambda: state_of(real, "c1") == "completed")

    child = (tmp_path / "child").read_text()
    eventually(lambda: Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_worker_whose_tasks_a_handler_has_cancelled_says_so_in_one_line(
    real: Store, start_worker: StartWorker, tmp_path: Path
) -> None:
    worker = start_worker("shop:poisonous_async")

    push(real, "c1", "[task.cancel() for task in asyncio.all_tasks()]")

    assert worker.wait(30) == 1
    last = (tmp_path / "worker0.log").read_text().splitlines()[-1]
    assert last.startswith("error: a handler cancelled the worker's own tasks")


def test_a_worker_whose_log_cannot_be_written_works_on(server: RealServer, real: Store, tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        worker = subprocess.Popen(worker_command(server.url, "echo"), stderr=full, env=without_settings())
    for number in range(3):
        push(real, f"c{number}")

    eventually(lambda: all(state_of(real, f"c{number}") == "completed" for number in range(3)))
    worker.terminate()

    assert worker.wait(30) == 0
