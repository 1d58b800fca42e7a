"""Loads the Lua transitions: reads each script's contract from its header and joins it with the functions it uses.

The header is a comment block at the top of `lua/<name>.lua`:

    -- push_contact: put a contact into its queue ...
    -- KEYS    contact   hash    the contact's record
    -- ARGV    id        str     the contact's id
    -- ARGV*   token     int     a repeated group: what follows the named arguments, as often as it comes
    -- REPLY   ...
    -- ERRORS  UNKNOWN_QUEUE queue
    -- EMITS   contact.scheduled contact queue channel due_us
    -- KNOWS   LONGEST_SCHEDULE_S
    -- USES    match event
    -- FLAGS   allow-oom

In the script each key and argument is a local of that name, and so is each value that it knows (store/known.py). The
functions that scripts share stand one in a file, with their own `EMITS`, `KNOWS` and `USES`, on seven floors:
`lua/<floor>/<name>.lua`. A function uses its own floor and those below.

`-- SESSION` marks a request of an agent's session. It stands for the lines of SESSION_HEADER; the loader writes
SESSION_BEGINS above the script, which may fill `fenced` and `parked` and `refuse`, and SESSION_ENDS below it.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from fairlead.store.known import KNOWN, in_lua
from fairlead.store.request import Argument, Request

FLOORS = ("base", "line", "agent", "match", "contact", "time", "configure")
"""The floors of the shared functions, from the ground: each uses itself and those before it.

base: keys, numbers, time, events; line: contacts in their places; agent: sessions, slots, availability; match: who gets
what; contact: what becomes of a contact; time: what comes due; configure: what an administrator applies.
"""

COUNTING = "spent"
"""The function that counts how often a script asks Redis; it stands before all that asks."""

GIVEN = frozenset({"now_us", "actor", "asked"})
"""The arguments that the store gives, not the request."""

SESSION_HEADER = """\
-- KEYS    instance  hash  the instance's stamp and settings
-- ARGV    name      str   the agent's name
-- ARGV    epoch     int   the session
-- ARGV    op        int   rises with every request of the session
-- ARGV    asked     str   digest of what is asked; tells a repetition from another request of the same number
-- ARGV    last_token int  the highest token that the session knows
-- ARGV    now_us    int   empty: Redis' time
-- REPLY   the answer: fenced, parked, ids, offers
-- ERRORS  SESSION_ENDED agent
-- ERRORS  STALE_OPERATION agent op last
-- ERRORS  OPERATION_REUSED agent op
-- USES    open_engine open_session fill_and_tell
"""
SESSION_BEGINS = """\
local engine = open_engine(instance_key, now_us, 'agent:' .. name)
local agent, refusal = open_session(engine, name, epoch, op, asked)
if not agent then return refusal end
local fenced, parked = {}, {}
"""
SESSION_ENDS = "return fill_and_tell(engine, agent, last_token, fenced, parked)\n"
"""What each request of a session has, so that no script can forget it."""

_NOT_ASKED = frozenset({"name", "epoch", "op", "last_token"})
"""The arguments of a session's request that say who asks and when, not what: a repetition may know a later token."""

_SESSION_LINE = "-- SESSION"
_HEADER_LINE = re.compile(r"^-- (KEYS|ARGV\*?|REPLY|ERRORS|EMITS|KNOWS|USES|FLAGS)\s+(.*)$")


@dataclass(frozen=True, slots=True)
class Field:
    """A named key or argument of a script: its name, its type and what it is."""

    name: str
    type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event that a script or function writes, with its fields in order, beside `event` and `at_us`."""

    event: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """The contract that a Lua file begins with."""

    name: str
    purpose: str
    keys: tuple[Field, ...] = ()
    args: tuple[Field, ...] = ()
    repeated: tuple[Field, ...] = ()
    reply: str = ""
    errors: tuple[str, ...] = ()
    emits: tuple[Emitted, ...] = ()
    knows: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    is_session: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A transition as it is sent to Redis. `text` has the flags in its first line, `plain_text` has not.

    Servers before 7.0 and fakeredis refuse the line with the flags.
    """

    header: Header
    text: str
    plain_text: str
    sha: str = field(default="")
    plain_sha: str = field(default="")

    def arguments(self, request: Request[Any], now_us: int | None = None, actor: str = "") -> list[Argument]:
        """The request's keys and arguments in the header's order, as EVALSHA takes them after the digest.

        For a script whose header has arguments of these names: `now_us`, the engine's time, None: by Redis' time;
        `actor`, who asks, empty: nobody says.
        """
        header = self.header
        _expect_same_names(header, "KEYS", header.keys, request.keys)
        _expect_same_names(header, "ARGV", tuple(arg for arg in header.args if arg.name not in GIVEN), request.args)
        if request.rest and not header.repeated:
            raise TypeError(f"{header.name} takes no repeated arguments")
        args = {"now_us": "" if now_us is None else now_us, "actor": actor, **request.args}
        if header.is_session:
            args["asked"] = _asked(request)
        ordered: list[Argument] = [len(header.keys)]
        ordered += [request.keys[key.name] for key in header.keys]
        ordered += [args[arg.name] for arg in header.args]
        ordered += request.rest
        ordered += request.dated(now_us)
        return ordered


def _asked(request: Request[Any]) -> str:
    """Short digest of what a session's request asks: its script and the arguments that are the script's own."""
    own = [value for name, value in sorted(request.args.items()) if name not in _NOT_ASKED]
    told = [value if isinstance(value, bytes) else str(value) for value in (request.script, *own, *request.rest)]
    return hashlib.blake2b(repr(told).encode(), digest_size=8).hexdigest()


def _expect_same_names(header: Header, kind: str, declared: tuple[Field, ...], given: Mapping[str, Argument]) -> None:
    if len(declared) == len(given) and all(one.name in given for one in declared):
        return
    wanted = {one.name for one in declared}
    raise TypeError(
        f"{header.name}: {kind} wants {sorted(wanted)}, got {sorted(given)}: "
        f"missing {sorted(wanted - set(given))}, unknown {sorted(set(given) - wanted)}"
    )


def read_header(text: str) -> Header:
    """The contract at the top of a Lua file. Raises ValueError when the first line has no `name: purpose`."""
    lines = text.splitlines()
    name, colon, purpose = lines[0].removeprefix("-- ").partition(": ")
    if not colon:
        raise ValueError(f"a Lua file begins with '-- name: purpose', not with {lines[0]!r}")
    found: dict[str, list[str]] = {}
    last = ""
    for line in _spelled_out(lines[1:]):
        if not line.startswith("--"):
            break
        tagged = _HEADER_LINE.match(line)
        if tagged:
            last = tagged[1]
            found.setdefault(last, []).append(tagged[2].strip())
        elif last:
            found[last][-1] += " " + line.removeprefix("--").strip()
        else:
            purpose += " " + line.removeprefix("--").strip()
    return Header(
        name=name,
        purpose=purpose,
        keys=_fields(found, "KEYS"),
        args=_fields(found, "ARGV"),
        repeated=_fields(found, "ARGV*"),
        reply=" ".join(found.get("REPLY", [])),
        errors=tuple(found.get("ERRORS", [])),
        emits=tuple(Emitted(event, tuple(fields)) for event, *fields in map(str.split, found.get("EMITS", []))),
        knows=_words(found, "KNOWS"),
        uses=_words(found, "USES"),
        flags=_words(found, "FLAGS"),
        is_session=_SESSION_LINE in lines,
    )


def _spelled_out(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield from SESSION_HEADER.splitlines() if line == _SESSION_LINE else [line]


def _fields(found: Mapping[str, list[str]], tag: str) -> tuple[Field, ...]:
    return tuple(Field(*line.split(None, 2)) for line in found.get(tag, []))


def _words(found: Mapping[str, list[str]], tag: str) -> tuple[str, ...]:
    return tuple(" ".join(found.get(tag, [])).split())


@cache
def load(name: str) -> Script:
    """The script `lua/<name>.lua`. Raises FileNotFoundError when there is none."""
    text = source(name)
    header = read_header(text)
    parts = _before(header)
    parts += [f"local {key.name}_key = KEYS[{place}]" for place, key in enumerate(header.keys, 1)]
    parts += [f"local {arg.name} = ARGV[{place}]" for place, arg in enumerate(header.args, 1)]
    if header.repeated:
        parts.append(f"local REST = {len(header.args)}")
    body = "\n".join([*parts, whole(text)])
    flagged = f"#!lua flags={','.join(header.flags)}\n{body}" if header.flags else body
    return Script(header, flagged, body, _sha1(flagged), _sha1(body))


def standing_alone(function: str) -> str:
    """A shared function after all that it knows and uses. Raises KeyError when there is none of that name."""
    text = function_source(function)
    return "\n".join([*_before(read_header(text)), text])


def _before(header: Header) -> list[str]:
    """What stands before a script or function: the values that it knows, and the functions that it uses."""
    order = sorted(_in_order(header.uses), key=lambda function: function != COUNTING)
    functions = [function_source(function) for function in order]
    return [in_lua(known) for known in known_to(header)] + functions


def _in_order(uses: tuple[str, ...]) -> list[str]:
    """The functions and all that they use, each after what it uses."""
    order: list[str] = []

    def add(function: str) -> None:
        if function in order:
            return
        for other in read_header(function_source(function)).uses:
            add(other)
        order.append(function)

    for function in uses:
        add(function)
    return order


def whole(text: str) -> str:
    """A script with what its header stands for."""
    return f"{SESSION_BEGINS}{text}{SESSION_ENDS}" if read_header(text).is_session else text


def known_to(header: Header) -> list[str]:
    """The names of the values that a script or function needs, it or what it uses, sorted.

    Raises ValueError when nothing is known by one of the names.
    """
    asking = [header, *(read_header(function_source(function)) for function in _in_order(header.uses))]
    for one in asking:
        if unknown := set(one.knows) - KNOWN.keys():
            raise ValueError(f"{one.name} KNOWS {', '.join(sorted(unknown))}: store/known.py has no such value")
    return sorted({name for one in asking for name in one.knows})


def names() -> list[str]:
    """The names of all scripts, sorted."""
    return _names(resources.files("fairlead.store") / "lua")


@cache
def floors() -> Mapping[str, str]:
    """The floor of each shared function, by its name, sorted by floor and name."""
    lua = resources.files("fairlead.store") / "lua"
    return {name: floor for floor in FLOORS for name in _names(lua / floor)}


def function_source(name: str) -> str:
    """The text of a shared function. Raises KeyError when there is none of that name."""
    return source(f"{floors()[name]}/{name}")


def _names(folder: Any) -> list[str]:
    return sorted(file.name.removesuffix(".lua") for file in folder.iterdir() if file.name.endswith(".lua"))


def commands() -> frozenset[str]:
    """The Redis commands that the scripts call, in capitals."""
    every = [source(name) for name in names()] + [function_source(name) for name in floors()]
    return frozenset(found for text in every for found in re.findall(r"redis\.call\('([A-Z]+)'", text))


@cache
def source(name: str) -> str:
    """The text of `lua/<name>.lua`."""
    return (resources.files("fairlead.store") / "lua" / f"{name}.lua").read_text(encoding="utf-8")


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
