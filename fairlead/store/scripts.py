"""A transition as it is sent to Redis: its text, its digest, and the arguments that a request brings it.

Its contract stands at the top of its file (store/contracts.py), and what it uses is joined with it (store/joining.py).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from fairlead.store import sources
from fairlead.store.contracts import Header, read_header
from fairlead.store.joining import body_of, joined
from fairlead.store.keys import answer_key
from fairlead.store.request import Argument, Request

GIVEN = frozenset({"now_us", "actor", "asked", "request_id"})
"""The arguments that the store gives, not the request."""

ANSWER_KEY = "answer"
"""The key that the store gives, for a request by its name."""

_NOT_ASKED = frozenset({"name", "epoch", "op", "last_token"})
"""The arguments of a session's request that say who asks and when, not what: a repetition may know a later token."""


@dataclass(frozen=True)
class Script:
    """A transition, of its text as it stands in its file."""

    header: Header
    source: str
    _keys: tuple[str, ...] = field(init=False, repr=False)
    _args: tuple[str, ...] = field(init=False, repr=False)
    """The names in the header's order, what the store gives among them."""
    _key_names: frozenset[str] = field(init=False, repr=False)
    _arg_names: frozenset[str] = field(init=False, repr=False)
    """What a request has to bring."""
    _own: tuple[str, ...] = field(init=False, repr=False)
    """Of a session's request: the arguments that are the script's own, sorted."""

    def __post_init__(self) -> None:
        keys, args = ([one.name for one in some] for some in (self.header.keys, self.header.args))
        brought = frozenset(args) - GIVEN
        derived = {
            "_keys": tuple(keys),
            "_args": tuple(args),
            "_key_names": frozenset(keys) - {ANSWER_KEY},
            "_arg_names": brought,
            "_own": tuple(sorted(brought - _NOT_ASKED)),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    @cached_property
    def text(self) -> str:
        """As it is sent to a server that takes its flags, in the first line: Redis 7."""
        flags = ",".join(self.header.flags)
        return f"#!lua flags={flags}\n{self.plain_text}" if flags else self.plain_text

    @cached_property
    def plain_text(self) -> str:
        """As it is sent to servers that refuse the line with the flags: those before 7.0, and fakeredis."""
        return joined(self.header, body_of(self.header, self.source))

    @cached_property
    def sha(self) -> str:
        """By which EVALSHA runs the text."""
        return _sha1(self.text)

    @cached_property
    def plain_sha(self) -> str:
        """By which EVALSHA runs the plain text."""
        return _sha1(self.plain_text)

    def arguments(self, request: Request[Any], now_us: int | None = None, actor: str = "") -> list[Argument]:
        """The request's keys and arguments in the header's order, as EVALSHA and FCALL take them after what they run.

        For a script whose header has arguments of these names: `now_us`, the engine's time, None: by Redis' time;
        `actor`, who asks, empty: nobody says. Raises TypeError for other names than the header's.
        """
        header, keys = self.header, request.keys
        if keys.keys() != self._key_names or request.args.keys() != self._arg_names:
            _expect_names(header, "KEYS", self._key_names, keys)
            _expect_names(header, "ARGV", self._arg_names, request.args)
        if request.rest and not header.repeated:
            raise TypeError(f"{header.name} takes no repeated arguments")
        args = {**request.args, "now_us": "" if now_us is None else now_us, "actor": actor}
        if header.is_session:
            args["asked"] = self._digest(request)
        if header.is_request:
            args["request_id"] = request.request_id
            keys = {**keys, ANSWER_KEY: answer_key(keys["instance"], request.request_id)}
        return [
            len(self._keys),
            *[keys[name] for name in self._keys],
            *[args[name] for name in self._args],
            *request.rest,
            *request.dated(now_us),
        ]

    def _digest(self, request: Request[Any]) -> str:
        """Tells what a session's request asks: its script and the arguments that are the script's own."""
        told = repr((request.script, [request.args[name] for name in self._own], request.rest))
        return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _expect_names(header: Header, kind: str, wanted: frozenset[str], given: Mapping[str, Argument]) -> None:
    if given.keys() == wanted:
        return
    raise TypeError(
        f"{header.name}: {kind} wants {sorted(wanted)}, got {sorted(given)}: "
        f"missing {sorted(wanted - given.keys())}, unknown {sorted(given.keys() - wanted)}"
    )


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@cache
def load(name: str) -> Script:
    """The script `lua/<name>.lua`. Raises FileNotFoundError when there is none."""
    text = sources.source(name)
    return Script(read_header(text), text)
