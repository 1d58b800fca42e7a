"""A worker whose process is its own, as `fairlead work` has it: signals end it."""

from typing import Any

from fairlead_worker.shift import Parts
from fairlead_worker.stopping import Signals
from fairlead_worker.worker import Worker


class WorkerProcess(Worker):
    """Works until SIGTERM or SIGINT, then drains. Run it from the main thread."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._signals = Signals(self.stop, self._options.drain_limit_s)

    async def run(self) -> None:
        with self._signals.listening():
            await super().run()

    def _parts(self) -> Parts:
        return {"signals": self._signals.keep_listening}
