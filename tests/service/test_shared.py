"""One look a second for a whole process, whoever looks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fairlead.errors import RedisUnreachable
from fairlead.service.shared import Shared


class Seconds:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_who_looks_within_a_second_sees_the_same_and_is_told_its_age() -> None:
    clock, taken = Seconds(), iter(range(9))
    shared = Shared(lambda: next(taken), clock=clock)

    seen = [shared.look()]
    for passed_s in (0.75, 0.25, 0.5):
        clock.now_s += passed_s
        seen.append(shared.look())

    assert seen == [(0, 0.0), (0, 0.75), (1, 0.0), (1, 0.5)]


def test_who_asks_while_a_look_is_taken_waits_for_it() -> None:
    begun, may_end = threading.Event(), threading.Event()
    takes: list[int] = []

    def take() -> int:
        takes.append(1)
        begun.set()
        assert may_end.wait(60)
        return len(takes)

    shared = Shared(take, clock=Seconds())
    with ThreadPoolExecutor(8) as threads:
        looks = [threads.submit(shared.look) for _ in range(8)]
        assert begun.wait(60)
        may_end.set()
        seen = [look.result(60) for look in looks]

    assert seen == [(1, 0.0)] * 8


def test_a_failure_is_shared_for_a_second_and_no_longer() -> None:
    clock, takes = Seconds(), list[str]()

    def take() -> str:
        takes.append("")
        if len(takes) == 1:
            raise RedisUnreachable("no Redis answers")
        return "there"

    shared = Shared(take, clock=clock)
    for _ in range(3):
        with pytest.raises(RedisUnreachable):
            shared.look()
    clock.now_s += 1

    assert shared.look() == ("there", 0.0)
    assert len(takes) == 2


def test_a_look_that_takes_longer_than_a_second_is_as_old_as_its_beginning() -> None:
    clock = Seconds()

    def take() -> None:
        clock.now_s += 3

    shared = Shared(take, clock=clock)

    assert [age_s for _, age_s in (shared.look(), shared.look())] == [3.0, 3.0]
