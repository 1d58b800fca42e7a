"""Which function handles contacts: only one that the worker's own command line names, never one that Redis names."""

import asyncio
import inspect
import math
import re
import shutil
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

from fairlead.errors import HandlerNotFound
from fairlead.service.contact import Contact

PlainHandler: TypeAlias = Callable[[Contact], Any]
AsyncHandler: TypeAlias = Callable[[Contact], Awaitable[Any]]
Handler: TypeAlias = PlainHandler | AsyncHandler

PROGRAM_ENDS_WITHIN_S = 1.0
"""How long a program whose contact is taken from it may take to end."""

BUILT_IN = "echo, sleep:SECONDS, exec:PROGRAM"


TOOK_TOO_LONG = "took longer than its limit"


class ProgramFailed(Exception):
    """A program run by `exec:` ended with another exit code than 0."""


def load_handler(name: str) -> Handler:
    """The handler of that name: a built-in one, or `package.module:function`. Raises HandlerNotFound."""
    kind, _, argument = name.partition(":")
    if kind == "echo" and not argument:
        return echo
    if kind == "sleep":
        return _sleeping(name, argument or "1")
    if kind == "exec":
        return _executing(name, argument)
    return _imported(name, kind, argument)


def quick(handler: PlainHandler) -> PlainHandler:
    """Marks a plain handler that returns within a millisecond: it runs on the worker's event loop, not in a thread.

    While it runs, nothing else of the process does: no other agent's handler, no renewal of a lease. One that waits for
    anything, a file, a database, a lock, must not be marked. Raises TypeError for an async handler.
    """
    if is_async(handler):
        raise TypeError(f"{handler!r} is async: it runs on the event loop without being quick")
    handler._is_quick = True  # type: ignore[attr-defined]  # a function takes what it is given
    return handler


def is_quick(handler: Handler) -> bool:
    """Whether the handler was marked as quick."""
    return getattr(handler, "_is_quick", False)


def is_async(handler: Handler) -> bool:
    """Whether the handler is a coroutine function, or has one for its call."""
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)


@quick
def echo(contact: Contact) -> None:
    """Completes the contact at once."""


def _sleeping(name: str, seconds: str) -> AsyncHandler:
    try:
        duration_s = float(seconds)
    except ValueError:
        duration_s = math.nan
    if not 0 <= duration_s < math.inf:
        raise HandlerNotFound(f"handler {name!r}: {seconds!r} is not a number of seconds")

    async def sleep(_: Contact) -> None:
        await asyncio.sleep(duration_s)

    return sleep


def _executing(name: str, program: str) -> AsyncHandler:
    if not program:
        raise HandlerNotFound(f"handler {name!r} names no program: write exec:/path/to/program")
    if shutil.which(program) is None:
        raise HandlerNotFound(f"handler {name!r}: {program} does not exist, or is not executable")

    async def execute(contact: Contact) -> None:
        process = await asyncio.create_subprocess_exec(program, stdin=asyncio.subprocess.PIPE)
        try:
            await process.communicate(contact.as_json())
        except asyncio.CancelledError:
            await _end(process)
            raise
        if process.returncode:
            raise ProgramFailed(process.returncode)

    return execute


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a program: by SIGTERM, and at once when it does not listen or nobody waits for it any more."""
    process.terminate()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(PROGRAM_ENDS_WITHIN_S):
                await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


def _imported(name: str, module: str, function: str) -> Handler:
    if not all(part.isidentifier() for part in [*module.split("."), *function.split(".")]):
        raise HandlerNotFound(f"{name!r} is not a handler: write package.module:function, or one of {BUILT_IN}")
    try:
        found: Any = import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as failure:
        raise HandlerNotFound(f"handler {name!r} cannot be loaded: {failure}") from failure
    except Exception as failure:  # whatever the module does when it is imported
        raise HandlerNotFound(f"handler {name!r} cannot be loaded: {describe(failure)}: {failure}") from failure
    if not callable(found):
        raise HandlerNotFound(f"handler {name!r} is not a function")
    return found  # type: ignore[no-any-return]  # a callable is all that can be known of it


def describe(failure: BaseException) -> str:
    """Type and place of a failure: `ValueError at shop.py:12`. Its message may hold what the customer said."""
    if isinstance(failure, ProgramFailed):
        return f"program ended with exit code {failure.args[0]}"
    frames = traceback.extract_tb(failure.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(failure).__name__}{place}"


_KIND = re.compile(r"([A-Za-z_]\w*)(?:$| at |:)")


def kind_of(error: str) -> str:
    """The type of a failure that was described here; "timeout" for a handler that took too long; else "_OTHER"."""
    if error.startswith(TOOK_TOO_LONG):
        return "timeout"
    found = _KIND.match(error)
    return found[1] if found else "_OTHER"


LONGEST_ERROR_TEXT = 200


def describe_with_text(failure: BaseException) -> str:
    """The same and what the error says, in one line, cut off: for handlers whose errors hold nothing of customers."""
    text = " ".join("".join(one if one.isprintable() else " " for one in str(failure)).split())
    told = describe(failure)
    return f"{told}: {text[:LONGEST_ERROR_TEXT]}" if text and not isinstance(failure, ProgramFailed) else told
