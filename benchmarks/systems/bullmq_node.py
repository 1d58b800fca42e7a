"""BullMQ on Node: the same protocol, spoken by node/bullmq.cjs."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path

from benchmarks.systems.system import Options, System

FOLDER = Path(__file__).parents[1] / "node"


class BullMqNode(System):
    name = "BullMQ (Node)"
    setup = "ioredis; waits in BZPOPMIN; at its best 100 at once; jobs that have ended stay, as by default"
    ranks = "yes"
    at_best = 100
    pushes_in_bulk = True
    log_keys = "bull:bench:events"

    def version(self) -> str:
        try:
            found = json.loads((FOLDER / "node_modules" / "bullmq" / "package.json").read_text())
        except OSError:
            return ""
        return str(found["version"])

    def missing(self) -> str:
        if not shutil.which("node"):
            return "node is not installed"
        return "" if self.version() else "not installed: npm ci --prefix benchmarks/node"

    def command(self, role: str, options: Options) -> list[str]:
        return ["node", str(FOLDER / "bullmq.cjs"), role, json.dumps(asdict(options))]
