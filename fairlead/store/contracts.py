"""The contract that each Lua file begins with, and what its marks stand for.

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

`-- REQUEST` marks a request of somebody without a session, which may be repeated: its name is known for a while, and
the same one is answered as it was, whatever has happened since. It stands for the lines of REQUEST_HEADER.

`-- SESSION` marks a request of an agent's session. It stands for the lines of SESSION_HEADER; the loader writes
SESSION_OPENS and SESSION_BEGINS above the script, which may fill `fenced` and `parked` and `refuse`, and SESSION_ENDS
below it. `-- FIRST` names a function that is asked between the two: what it answers is the reply, and nil leaves the
request to the script.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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


def whole(text: str) -> str:
    """A script with what its header stands for."""
    header = read_header(text)
    if header.is_request:
        return f"{REQUEST_BEGINS}{text}{REQUEST_ENDS}"
    if not header.is_session:
        return text
    first = FIRST_ASKED.format(header.first) if header.first else ""
    return f"{SESSION_OPENS}{first}{SESSION_BEGINS}{text}{SESSION_ENDS}"
