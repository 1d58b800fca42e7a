"""How errors are named where programs exchange them: the type of a problem over HTTP."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead import errors
from fairlead.errors import FairleadError


def slug_of(kind: type[FairleadError]) -> str:
    """The last part of the type of an error's problem: UnknownContact is unknown-contact.

    A finer error of one room has the name of that which it is one of.
    """
    named = next(one for one in kind.__mro__ if one.__module__ == errors.__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", named.__name__).lower()


def error_of(problem: Mapping[str, Any]) -> FairleadError | None:
    """The error that a problem was made of; None when it was made of none."""
    kind = _KINDS.get(str(problem.get("type", "")).rpartition("/")[2])
    if kind is None:
        return None
    detail = str(problem.get("detail", ""))
    if issubclass(kind, errors.AgentSignedIn):
        named = ("holder", "epoch", "lease_left_ms")
        return kind(detail, **{name: problem[name] for name in named})
    return kind(detail)


def _tree(kind: type[FairleadError]) -> Iterator[type[FairleadError]]:
    if kind.__module__ == errors.__name__:
        yield kind
        for child in kind.__subclasses__():
            yield from _tree(child)


_KINDS = {slug_of(kind): kind for kind in _tree(FairleadError)}
