"""A program: a process that represents available agents. It decides nothing; the store does.

async with Worker(agents=["ana"], handler=answer):
    ...
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead_worker.handlers import quick
    from fairlead_worker.worker import Worker

__all__ = ["Worker", "quick"]

_PLACES = {"Worker": "fairlead_worker.worker", "quick": "fairlead_worker.handlers"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: `fairlead --help` imports this package, too."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
