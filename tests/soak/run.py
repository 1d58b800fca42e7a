"""Random transitions for as long as one likes: `make soak`, or `PYTHONPATH=tests python -m soak.run --help`.

Half of the steps do everything that may be done, each followed by the checker of states; the other half compares the
scripts with the rules. They are made in parts, each with a seed of its own on one kind of server; a part that fails
tells how it is repeated. Then each mistake of `mistakes.py` must be found.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic

import fakeredis
import pytest
import redis
from conftest import REAL_SERVERS, RealServer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from soak.agreeing import STEPS_OF_AN_EXAMPLE, Made, agree
from soak.everything import Everything
from soak.finding import steps_until_found
from soak.mistakes import MISTAKES

STEPS_OF_A_PART = 500
EVERY_ON_FAKEREDIS = 10
"""It is slow: the state is looked at after so many steps."""

MOST_STEPS_TO_FIND = 3_000
KINDS = [*REAL_SERVERS, "fakeredis"]
PARTS = ("state", "rules")


@contextmanager
def client_of(kind: str) -> Iterator[redis.Redis]:
    """A client of a server of that kind, which ends with it."""
    if kind == "fakeredis":
        yield fakeredis.FakeRedis()
        return
    with tempfile.TemporaryDirectory(prefix="soak") as folder:
        server = RealServer(kind, Path(folder))
        try:
            yield server.client()
        finally:
            server.kill()


class Soak:
    """`failed`: how a part that has failed is repeated, of each."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console, self._progress = console, progress
        self.failed: list[str] = []

    def run(self, steps: int, first_seed: int, kinds: list[str], parts: list[str]) -> int:
        """Make about so many steps; returns how many it were."""
        task, made = self._progress.add_task("steps", total=steps), 0
        for seed in count(first_seed):
            if made >= steps:
                break
            made += self.part(parts[seed % len(parts)], seed, kinds[seed // len(parts) % len(kinds)])
            self._progress.update(task, completed=made)
        return made

    def part(self, part: str, seed: int, kind: str) -> int:
        """One part; what it raises is told, with how it is repeated."""
        begun_s, made = monotonic(), Made()
        with client_of(kind) as client:
            everything = Everything(client, seed)
            try:
                if part == "state":
                    everything.run(STEPS_OF_A_PART, every=EVERY_ON_FAKEREDIS if kind == "fakeredis" else 1)
                else:
                    agree(client, seed, 2 * STEPS_OF_A_PART // STEPS_OF_AN_EXAMPLE, made)
            except (Exception, pytest.fail.Exception):  # noqa: BLE001  # a soak goes on, and tells all that it finds
                self.failed.append(f'make soak ARGS="--seed {seed} --part {part} --kind {kind} --steps 1"')
                self._console.print(traceback.format_exc(), f"last: {', '.join(everything.last)}", markup=False)
                self._console.print(f"FAILED; again with {self.failed[-1]}", markup=False)
        steps = everything.steps + made.steps
        self._console.print(f"{part:5}  seed {seed:6}  {kind:12}  {steps:5} steps  {monotonic() - begun_s:6.1f} s")
        return max(1, steps)

    def find_mistakes(self, seed: int) -> None:
        """Each mistake must be found."""
        with client_of(REAL_SERVERS[0]) as client:
            for what, mistake in MISTAKES.items():
                steps = steps_until_found(client, what, seed, MOST_STEPS_TO_FIND)
                self._console.print(f"{mistake.finder:5}  {what}: {f'after {steps} steps' if steps else 'NOT FOUND'}")
                self.failed += [] if steps else [what]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000, help="about so many steps (20,000)")
    parser.add_argument("--seed", type=int, default=1, help="the first part's seed; the others follow it (1)")
    parser.add_argument("--kind", choices=KINDS, help="one kind of server instead of all in turn")
    parser.add_argument("--part", choices=PARTS, help="everything with the checker of states, or the rules, alone")
    parser.add_argument("--mistakes", action=argparse.BooleanOptionalAction, default=True, help="look for them, too")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal) as progress:
        soak = Soak(console, progress)
        kinds, parts = [options.kind] if options.kind else KINDS, [options.part] if options.part else list(PARTS)
        made = soak.run(options.steps, options.seed, kinds, parts)
        if options.mistakes:
            soak.find_mistakes(options.seed)
    console.print(f"{made:,} steps, {len(soak.failed)} failed")
    for again in soak.failed:
        console.print(again, markup=False)
    return 1 if soak.failed else 0


if __name__ == "__main__":
    sys.exit(main())
