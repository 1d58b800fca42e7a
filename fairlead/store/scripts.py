"""Loads the Lua transitions: reads each script's contract from its header and joins it with the functions it uses.

The header is a comment block at the top of `lua/<name>.lua`:

    -- push_contacts: put a contact into its queue ...
    -- KEYS    contact   hash    the contact's record
    -- ARGV    id        str     the contact's id
    -- ARGV*   token     int     a repeated group: what follows the named arguments, as often as it comes
    -- REPLY   ...
    -- ERRORS  UNKNOWN_QUEUE queue
    -- EMITS   contact.scheduled contact queue channel due_us
    -- KNOWS   LONGEST_SCHEDULE_S
    -- USES    match event
    -- RARELY  admit
    -- FLAGS   allow-oom

In the script each key and argument is a local of that name, and each value that it knows (store/known.py) goes by its
name. The functions that scripts share stand one in a file, with their own `EMITS`, `KNOWS`, `USES` and `RARELY`, on
seven floors: `lua/<floor>/<name>.lua`. A function uses its own floor and those below.

A server that has functions gets all scripts as one library (store/library.py), which makes the shared functions once.
Another makes the functions of a script anew each time that it runs, which costs more the more of them hold each other
as locals: so they are written into one table, and `RARELY` names those that few runs use: each is made when it is first
called.

`-- REQUEST` marks a request of somebody without a session, which may be repeated: its name is known for a while, and
the same one is answered as it was, whatever has happened since. It stands for the lines of REQUEST_HEADER.

`-- SESSION` marks a request of an agent's session. It stands for the lines of SESSION_HEADER; the loader writes
SESSION_OPENS and SESSION_BEGINS above the script, which may fill `fenced` and `parked` and `refuse`, and SESSION_ENDS
below it. `-- FIRST` names a function that is asked between the two: what it answers is the reply, and nil leaves the
request to the script.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any

from fairlead.store.keys import answer_key
from fairlead.store.known import KNOWN, in_lua
from fairlead.store.request import Argument, Request

FLOORS = ("base", "line", "agent", "match", "contact", "time", "configure")
"""The floors of the shared functions, from the ground: each uses itself and those before it.

base: keys, numbers, time, events; line: contacts in their places; agent: sessions, slots, availability; match: who gets
what; contact: what becomes of a contact; time: what comes due; configure: what an administrator applies.
"""

COUNTING = "spent"
"""The function that counts how often a script asks Redis; it stands before all that asks."""

GIVEN = frozenset({"now_us", "actor", "asked", "request_id"})
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
SESSION_OPENS = "local engine = open_engine(instance_key, now_us, 'agent:' .. name)\n"
FIRST_ASKED = """\
local reply = {}(engine, name, epoch, op, asked, last_token, ARGV, REST + 1)
if reply then return reply end
"""
SESSION_BEGINS = """\
local agent, refusal = open_session(engine, name, epoch, op, asked)
if not agent then return refusal end
local fenced, parked = {}, {}
"""
SESSION_ENDS = "return fill_and_tell(engine, agent, last_token, fenced, parked)\n"
"""What each request of a session has, so that no script can forget it."""

ANSWER_KEPT_S = 600
"""How long the answer to a request that has a name is kept, and the same request is known again."""

REQUEST_HEADER = """\
-- KEYS    answer    string  what the request of this name was answered
-- ARGV    request_id str    names the request: the same one has no second effect; empty: it has no name
"""
REQUEST_BEGINS = """\
local answered = request_id ~= '' and redis.call('GET', answer_key)
if answered then return cjson.decode(answered) end
local function act()
"""
REQUEST_ENDS = f"""\
end
local answer = act()
local is_refused = type(answer) == 'table' and answer.err
if request_id ~= '' and not (is_refused and string.sub(request_id, 1, 1) == '=') then
  redis.call('SET', answer_key, cjson.encode(answer), 'EX', {ANSWER_KEPT_S})
end
return answer
"""
"""What each request that may be repeated has. The answer is kept, be it a refusal, but for that of a request whose name
begins with "=": it is made of what is asked, and who asks again may have seen to what stood in its way.
"""

ANSWER_KEY = "answer"
"""The key that the store gives, for a request by its name."""

_NOT_ASKED = frozenset({"name", "epoch", "op", "last_token"})
"""The arguments of a session's request that say who asks and when, not what: a repetition may know a later token."""

_SESSION_LINE, _REQUEST_LINE = "-- SESSION", "-- REQUEST"
_SPELLED_OUT = {_SESSION_LINE: SESSION_HEADER, _REQUEST_LINE: REQUEST_HEADER}
_HEADER_LINE = re.compile(r"^-- (KEYS|ARGV\*?|REPLY|ERRORS|EMITS|KNOWS|USES|RARELY|FLAGS|FIRST)\s+(.*)$")


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
    rarely: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    first: str = ""
    is_session: bool = False
    is_request: bool = False


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
        uses=_words(found, "USES") + _words(found, "FIRST"),
        first=" ".join(found.get("FIRST", [])),
        rarely=_words(found, "RARELY"),
        flags=_words(found, "FLAGS"),
        is_session=_SESSION_LINE in lines,
        is_request=_REQUEST_LINE in lines,
    )


def _spelled_out(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield from _SPELLED_OUT[line].splitlines() if line in _SPELLED_OUT else [line]


def _fields(found: Mapping[str, list[str]], tag: str) -> tuple[Field, ...]:
    return tuple(Field(*line.split(None, 2)) for line in found.get(tag, []))


def _words(found: Mapping[str, list[str]], tag: str) -> tuple[str, ...]:
    return tuple(" ".join(found.get(tag, [])).split())


@cache
def load(name: str) -> Script:
    """The script `lua/<name>.lua`. Raises FileNotFoundError when there is none."""
    text = source(name)
    return Script(read_header(text), text)


def body_of(header: Header, text: str) -> str:
    """A script with what its header stands for, in which each key and argument is a local of its name."""
    parts = [f"local {key.name}_key = KEYS[{place}]" for place, key in enumerate(header.keys, 1)]
    parts += [f"local {arg.name} = ARGV[{place}]" for place, arg in enumerate(header.args, 1)]
    if header.repeated:
        parts.append(f"local REST = {len(header.args)}")
    return "\n".join([*parts, whole(text)])


def calling(code: str, *functions: str) -> str:
    """A script of one's own that uses shared functions. Raises KeyError when there is none of a name."""
    return joined(Header("", "", uses=functions), code)


def joined(header: Header, code: str) -> str:
    """Code of Lua behind the values that it knows and the functions that it uses, as Redis runs it.

    Raises ValueError when nothing is known by a name.
    """
    always = in_order(header.uses)
    rare = {one for user in (header, *map(header_of, always)) for one in user.rarely}
    seldom = [one for one in in_order(sorted(rare), with_rare=True) if one not in always]
    tables = tables_of(known_to(header))
    counting = [one for one in (*always, *seldom) if one == COUNTING]
    parts = ["local F", *[written(header_of(one), function_source(one)) for one in counting], "F = {"]
    parts += [f"{one} = {one}," for one in counting]
    at_once = {*always, *[name for one in (header, *map(header_of, always)) for name in one.knows]}
    fields = [*tables.items(), *[(one, made(one)) for one in (*always, *seldom) if one != COUNTING]]
    parts += [f"{name} = {value}," for name, value in fields if name in at_once]
    parts += ["}"]
    if later := [f"if name == '{name}' then made =\n{value}" for name, value in fields if name not in at_once]:
        parts += ["setmetatable(F, { __index = function(_, name)", "local made", "\nelse".join(later), "end"]
        parts += ["F[name] = made", "return made", "end })"]
    return "\n".join([*parts, written(header, code)])


def tables_of(names: Iterable[str]) -> dict[str, str]:
    """Those of the values that are tables, as Lua writes them: each is made once, as a field of F."""
    return {name: literal for name, literal in ((name, in_lua(name)) for name in names) if literal.startswith("{")}


def written(header: Header, text: str) -> str:
    """The text with what its header says that it uses and knows: functions and tables as fields of F."""
    literals = [(name, in_lua(name)) for name in header.knows]
    spelled = tuple((name, f"F.{name}" if literal.startswith("{") else literal) for name, literal in literals)
    return _in_one_table(text, frozenset(header.uses + header.rarely), spelled)


def made(function: str) -> str:
    """A shared function as the value of a field of F."""
    text = written(header_of(function), function_source(function))
    return text.replace(f"local function {function}(", "function(")


_TOKEN = re.compile(r"--[^\n]*|'(?:[^'\\\n]|\\.)*'|(?<![\w.])[A-Za-z_]\w*")


@cache
def _in_one_table(text: str, functions: frozenset[str], known: tuple[tuple[str, str], ...]) -> str:
    """The text with shared functions called as fields of F, and with what it knows in place of the names."""
    spelled = dict(known)

    def replaced(token: re.Match[str]) -> str:
        name = token[0]
        is_call = text[token.end() : token.end() + 1] == "(" and not text[: token.start()].endswith("function ")
        return f"F.{name}" if is_call and name in functions else spelled.get(name, name)

    return _TOKEN.sub(replaced, text)


@cache
def header_of(function: str) -> Header:
    """The contract of a shared function."""
    return read_header(function_source(function))


def in_order(functions: Iterable[str], *, with_rare: bool = False) -> list[str]:
    """The functions and all that they use, each after what it uses; `with_rare`: also what they rarely use."""
    order: list[str] = []

    def add(function: str) -> None:
        if function in order:
            return
        header = header_of(function)
        for other in header.uses + (header.rarely if with_rare else ()):
            add(other)
        order.append(function)

    for function in functions:
        add(function)
    return order


def whole(text: str) -> str:
    """A script with what its header stands for."""
    header = read_header(text)
    if header.is_request:
        return f"{REQUEST_BEGINS}{text}{REQUEST_ENDS}"
    if not header.is_session:
        return text
    first = FIRST_ASKED.format(header.first) if header.first else ""
    return f"{SESSION_OPENS}{first}{SESSION_BEGINS}{text}{SESSION_ENDS}"


def known_to(header: Header) -> list[str]:
    """The names of the values that a script or function needs, it or what it uses, sorted.

    Raises ValueError when nothing is known by one of the names.
    """
    asking = [header, *map(header_of, in_order(header.uses + header.rarely, with_rare=True))]
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
