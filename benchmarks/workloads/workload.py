"""What a workload is: a name, and what it measures of which system."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.redis_server import Server
from benchmarks.sample import Sample
from benchmarks.size import Size
from benchmarks.systems.system import System


@dataclass(frozen=True, slots=True)
class Measurement:
    """What is measured of one system on a fresh server. `every_round`: False when one run gives enough samples."""

    system: System
    measure: Callable[[Server], Iterable[Sample]]
    every_round: bool = True


class Workload(Protocol):
    """A module of this package."""

    NAME: str
    TITLE: str

    def measurements(self, size: Size, peers: Sequence[System]) -> Iterable[Measurement]: ...
