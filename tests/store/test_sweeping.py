"""How much a sweep does, what it notes, and how a clock that was set comes back to the server's."""

import pytest
from centre import Centre, S
from raw import raw

from fairlead.domain.queue import Queue
from fairlead.store import reading
from fairlead.store.client import Store
from fairlead.store.new_contact import NewContact
from fairlead.store.transitions import configuring, producing
from fairlead.store.transitions.sweeping import Sweeper, Swept

MOST_DUE = 100
MOST_STARTS = 20
NOTED_EVERY_US = 500_000


def sweep(centre: Centre) -> Swept:
    return centre.store.run(centre.sweeper.sweep())


@pytest.mark.parametrize(("many", "more"), [(MOST_DUE, False), (MOST_DUE + 1, True)])
def test_a_sweep_ends_a_hundred_that_are_due_and_says_whether_more_are(centre: Centre, many: int, more: bool) -> None:
    for place in range(many):
        centre.push(f"c{place}", expiry_s=10)
    centre.now_us += 10 * S

    swept = sweep(centre)

    assert swept == Swept(due=MOST_DUE, more=more)
    assert len(centre.line()) == many - MOST_DUE
    assert sweep(centre) == Swept(due=many - MOST_DUE, more=False)


@pytest.mark.parametrize("many", [MOST_STARTS, MOST_STARTS + 1])
def test_a_sweep_puts_off_twenty_contacts_that_find_no_room_before_it_matches(centre: Centre, many: int) -> None:
    for place in range(many):
        centre.push(f"c{place}", start_at_us=centre.now_us + 60 * S - place)
    centre.configure(Queue("Q", max_contacts=0))
    centre.now_us += 60 * S

    swept = sweep(centre)

    assert swept == Swept(due=MOST_STARTS, more=many > MOST_STARTS)
    assert len(centre.line("parked")) == MOST_STARTS
    centre.passes(0)
    assert len(centre.line("parked")) == many


def test_the_time_of_a_sweep_is_noted_twice_a_second_at_most(centre: Centre) -> None:
    def noted_us() -> int:
        return int(raw(centre.store).hget(centre.keys.instance, "swept_us"))

    centre.passes(1)
    began_us = centre.now_us
    found = []
    for later_us in (NOTED_EVERY_US - 1, NOTED_EVERY_US, 2 * NOTED_EVERY_US - 1, 2 * NOTED_EVERY_US):
        centre.now_us = began_us + later_us
        sweep(centre)
        found.append(noted_us() - began_us)

    assert found == [0, NOTED_EVERY_US, NOTED_EVERY_US, 2 * NOTED_EVERY_US]


@pytest.mark.parametrize(
    ("offset_us", "passed_us", "left_us"),
    [
        (180_000, S, 130_000), (-180_000, S, -130_000), (180_000, 2 * S, 80_000), (180_000, 60 * S, 80_000),
        (-180_000, 60 * S, -80_000), (30_000, 2 * S, 0), (-30_000, 2 * S, 0),
    ],
)  # fmt: skip
def test_what_the_clock_was_off_melts_by_a_twentieth_of_the_time_that_passes_but_of_two_seconds_at_most(
    store: Store, offset_us: int, passed_us: int, left_us: int
) -> None:
    store.run(configuring.prepare_instance(store.keys))
    client, instance = raw(store), store.keys.instance
    seconds, micros = client.time()
    now_us = seconds * S + micros
    client.hset(instance, mapping={"clock_us": now_us - passed_us, "offset_us": offset_us})

    store.run(Sweeper(store.keys).sweep())

    late_us = int(client.hget(instance, "clock_us")) - now_us  # the test itself takes time
    assert int(client.hget(instance, "offset_us")) == pytest.approx(left_us, abs=late_us / 20 + 1)


@pytest.mark.parametrize("offset_us", [180_000, -180_000])
def test_time_does_not_run_back_while_what_the_clock_was_off_melts(store: Store, offset_us: int) -> None:
    store.run(configuring.prepare_instance(store.keys))
    client, instance = raw(store), store.keys.instance
    seconds, micros = client.time()
    client.hset(instance, mapping={"clock_us": seconds * S + micros - S, "offset_us": offset_us})
    sweeper = Sweeper(store.keys)

    told_us = []
    for _ in range(3):
        told_us.append(store.run(reading.now_us()))
        store.run(producing.push(store.keys, NewContact("BasicQueue", "chat")))
        store.run(sweeper.sweep())

    pushed_us = [event.at_us for event in store.run(reading.events_after()) if event.name == "contact.queued"]
    in_turn = [one for pair in zip(told_us, pushed_us, strict=True) for one in pair]
    assert in_turn == sorted(in_turn)
