"""A program: a process that represents available agents. It decides nothing; the store does.

async with Worker(agents=["ana"], handler=answer):
    ...
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead_worker.worker import Worker

__all__ = ["Worker"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is asked for: `fairlead --help` imports this package, too."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("fairlead_worker.worker"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
