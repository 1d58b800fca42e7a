"""The results of one run, as they are kept in a file."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.sample import Sample, Spread


@dataclass(frozen=True, slots=True)
class Described:
    """A system as it took part. `missing`: why it did not; empty when it did."""

    name: str
    version: str
    setup: str
    ranks: str
    missing: str


@dataclass(frozen=True, slots=True)
class Results:
    """`kind`: full, quick or tiny; only a full run says how fast anything is.

    `failures`: what did not come to an end.
    """

    date: str
    kind: str
    rounds: int
    contacts: int
    seconds: float
    machine: dict[str, str]
    systems: list[Described]
    samples: list[Sample]
    failures: list[str] = field(default_factory=list)

    def spread(self, workload: str, system: str, value: str, case: str = "") -> Spread | None:
        samples = (sample for sample in self._of(workload, system) if sample.case == case)
        found = [sample.values[value] for sample in samples if value in sample.values]
        return Spread.of(found) if found else None

    def median(self, workload: str, system: str, value: str, case: str = "") -> float | None:
        found = self.spread(workload, system, value, case)
        return found.median if found else None

    def cases(self, workload: str, system: str) -> list[str]:
        """In the order in which they were measured."""
        return list(dict.fromkeys(sample.case for sample in self._of(workload, system)))

    def measured(self, workload: str) -> list[str]:
        """The systems that took part, in the order of the list."""
        return [system.name for system in self.systems if any(self._of(workload, system.name))]

    def curves(self, workload: str, system: str) -> list[list[float]]:
        return [sample.curve for sample in self._of(workload, system) if sample.curve]

    def _of(self, workload: str, system: str) -> Iterator[Sample]:
        return (sample for sample in self.samples if (sample.workload, sample.system) == (workload, system))


def write(results: Results, file: Path) -> None:
    """A line for each sample, so that two runs can be compared by eye."""
    whole = asdict(results)
    samples = [json.dumps(_rounded(sample)) for sample in whole.pop("samples")]
    head = json.dumps(whole, indent=1)
    file.write_text(head.removesuffix("\n}") + ',\n "samples": [\n  ' + ",\n  ".join(samples) + "\n ]\n}\n")


def _rounded(sample: dict[str, Any]) -> dict[str, Any]:
    return sample | {"values": {name: round(value, 3) for name, value in sample["values"].items()}}


def read(file: Path) -> Results:
    found = json.loads(file.read_text())
    systems = [Described(**system) for system in found.pop("systems")]
    return Results(systems=systems, samples=[Sample(**sample) for sample in found.pop("samples")], **found)
