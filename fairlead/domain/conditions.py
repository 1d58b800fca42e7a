r"""Conditions of an intake's rules: expressions of CEL, the language of Kubernetes' policies, on a contact that comes.

    attributes.tier == "gold" && queues.Sales.oldest_s > 60 || now.weekday in ["sat", "sun"]

A condition may read

    attributes.NAME, attributes["NAME"]    a text; a contact may lack it: has(attributes.NAME), "NAME" in attributes
    channel, customer                      texts
    now.FIELD                              by the intake's time zone: NOW_FIELDS
    queues.NAME.FIELD, queues["NAME"].FIELD  on the contact's channel, whole numbers or a bool: QUEUE_FIELDS

and calls FUNCTIONS and METHODS alone. It has no variables of its own, so that its cost grows with its length and no
faster, and `matches` takes a pattern without counted repetition, so that none is large.

The library parses and evaluates, but checks no types. So names, calls and what of the state is read are known by the
words of the text, and whether it gives a bool is tried on samples. Where a contact lacks what it reads, it does not
hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from typing import Any, TypeAlias

from fairlead.domain.channel import CHANNELS
from fairlead.domain.names import NAME_PATTERN
from fairlead.errors import InvalidCondition

LONGEST_CONDITION = 1_000
"""Characters of a condition: it is parsed and evaluated within some milliseconds, whatever it says."""

MOST_SAMPLES = 128
"""On how many samples a condition is tried."""

QUEUE_FIELDS: Mapping[str, str] = {
    "waiting": "contacts of the channel in the queue; those being offered count",
    "oldest_s": "longest real wait of those; 0 when there is none",
    "available": "agents who can be offered a contact of the queue and channel now",
    "staffed": "signed-in agents in a routable status who serve the queue on the channel",
    "contacts": "contacts in the queue, over all channels",
    "max": "its max_contacts; missing when it has no limit",
    "open": "a bool: whether it is open by its hours",
    "estimated_s": "how long a contact of the usual priority would probably wait if it entered now; missing when the "
    "queue is closed, or there are neither answers nor agents to go by",
}
"""What a condition may ask of a queue, and what it means."""

ESTIMATED = "estimated_s"
"""What is not read in the one look, but estimated from the answers of the last minutes."""

QUEUE_BOOLS = frozenset({"open"})

NOW_FIELDS: Mapping[str, str] = {
    "hour": "a whole number, 0 to 23",
    "time": "a text, 00:00 to 23:59",
    "weekday": "a text: mon, tue, wed, thu, fri, sat, sun",
    "date": "a text: 2026-12-24",
}
"""What a condition may ask of the time, and what it means."""

FUNCTIONS = frozenset({"has", "size", "int", "double", "string"})
METHODS = frozenset({"contains", "startsWith", "endsWith", "matches", "size"})
_ROOTS = ("attributes", "channel", "customer", "now", "queues")
_WORDS = frozenset({"true", "false", "in"})

Value: TypeAlias = int | str | bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions are evaluated on. `now`: NOW_FIELDS; `queues`: of each queue that is asked, its QUEUE_FIELDS."""

    attributes: Mapping[str, str]
    channel: str
    customer: str
    now: Mapping[str, Value]
    queues: Mapping[str, Mapping[str, Value]]


NO_FACTS = Facts({}, "", "", {}, {})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that may be evaluated, and what it reads. `parts`: what it joins by && at the top."""

    text: str
    attributes: tuple[str, ...]
    now: tuple[str, ...]
    queues: tuple[tuple[str, str], ...]
    contact: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def is_constant(self) -> bool:
        """Whether it reads nothing, so that it always or never holds."""
        return not (self.attributes or self.now or self.queues or self.contact)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)|(?P<string>[rR](?:"[^"\n]*"|'[^'\n]*')|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<number>\d[A-Za-z0-9]*(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>&&|\|\||.)"""
)


def _tokens(text: str) -> list[_Token]:
    found = (_Token(str(one.lastgroup), one[0], one.start()) for one in _TOKEN.finditer(text))
    return [token for token in found if token.kind != "space"]


@lru_cache(maxsize=1_024)
def parse_condition(text: str) -> Condition:
    """The condition of a text, tried on samples. Raises InvalidCondition, which says at which character."""
    if len(text) > LONGEST_CONDITION:
        raise InvalidCondition(f"a condition has at most {LONGEST_CONDITION:,} characters, this one {len(text):,}")
    if '"""' in text or "'''" in text:
        raise InvalidCondition("write each text in one pair of quotes")
    _compiled(text)
    condition = _condition(text)
    _try(condition, [_text_of(token) for token in _tokens(text) if token.kind == "string"])
    return condition


@lru_cache(maxsize=1_024)
def _condition(text: str) -> Condition:
    """What a text reads. Raises InvalidCondition at a name or a call that there is not."""
    tokens = _tokens(text)
    reads = list(_reads(tokens))
    return Condition(
        text,
        attributes=_named(reads, "attributes"),
        now=_named(reads, "now"),
        queues=tuple(dict.fromkeys((one[1], one[2]) for one in reads if one[0] == "queues")),
        contact=tuple(dict.fromkeys(one[0] for one in reads if len(one) == 1)),
        parts=tuple(_parts(text, tokens)),
    )


def _named(reads: Sequence[tuple[str, ...]], root: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one[1] for one in reads if one[0] == root and len(one) > 1))


@lru_cache(maxsize=1_024)
def _compiled(text: str) -> Any:
    """The program of a condition or a part of one. Raises InvalidCondition."""
    import cel  # it takes a quarter of a second, and most processes evaluate nothing

    try:
        return cel.compile(text)
    except ValueError as failure:
        found = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)", str(failure))
        where = f"character {found[2]}: " if found and found[1] == "1" else ""
        why = "it is nested too deeply" if "Recursion limit" in str(failure) else found[3] if found else "it is no CEL"
        raise InvalidCondition(where + why) from failure


def _reads(tokens: Sequence[_Token]) -> Iterator[tuple[str, ...]]:
    """What a condition reads: (attributes, name), (now, field), (queues, name, field), (channel,), (customer,).

    Raises InvalidCondition at a name or a call that there is not.
    """
    for place, token in enumerate(tokens):
        if token.kind != "name":
            continue
        is_member = _sign(tokens, place - 1) == "."
        if _sign(tokens, place + 1) == "(":
            _check_call(tokens, place, is_member=is_member)
        elif is_member or token.text in _WORDS:
            continue
        elif token.text == "attributes":
            yield from _attribute_read(tokens, place)
        elif token.text == "now":
            yield "now", _field(tokens, place + 1, NOW_FIELDS, token)
        elif token.text == "queues":
            name, after = _key(tokens, place, "queues")
            yield "queues", name, _field(tokens, after, QUEUE_FIELDS, token)
        elif token.text in _ROOTS:
            yield (token.text,)
        else:
            raise _at(token, f"there is no {token.text!r}: a condition reads {', '.join(_ROOTS)}")


def _check_call(tokens: Sequence[_Token], place: int, *, is_member: bool) -> None:
    token, allowed = tokens[place], METHODS if is_member else FUNCTIONS
    if token.text not in allowed:
        shown = ", ".join(f"TEXT.{name}()" for name in sorted(METHODS)) + ", " + ", ".join(sorted(FUNCTIONS))
        raise _at(token, f"there is no function {token.text!r} for conditions; there are {shown}")
    if token.text != "matches":
        return
    pattern = tokens[place + 2]
    if pattern.kind != "string" or _sign(tokens, place + 3) != ")":
        raise _at(token, "matches() takes one text in quotes")
    if re.search(r"\{\s*\d", _text_of(pattern)):
        raise _at(pattern, "a pattern repeats by *, + and ?, not by a count in {}")


def _attribute_read(tokens: Sequence[_Token], place: int) -> Iterator[tuple[str, ...]]:
    before = _token(tokens, place - 2)
    if _sign(tokens, place - 1) == "in" and before.kind == "string":
        yield "attributes", _name_of(before)
    elif _sign(tokens, place - 1) == "(" and _sign(tokens, place - 2) == "size":
        yield ("attributes",)
    else:
        yield "attributes", _key(tokens, place, "attributes")[0]


def _key(tokens: Sequence[_Token], place: int, root: str) -> tuple[str, int]:
    """The NAME of root.NAME or root["NAME"], and the place after it."""
    sign, key = _sign(tokens, place + 1), _token(tokens, place + 2)
    if sign == "." and key.kind == "name":
        return key.text, place + 3
    if sign == "[" and key.kind == "string" and _sign(tokens, place + 3) == "]":
        return _name_of(key), place + 4
    raise _at(tokens[place], f'{root} are read by name: {root}.NAME or {root}["NAME"]')


def _field(tokens: Sequence[_Token], place: int, fields: Iterable[str], root: _Token) -> str:
    field = _token(tokens, place + 1)
    if _sign(tokens, place) != "." or field.text not in fields:
        given = f"{field.text!r} of {root.text} is not known" if field.text else f"{root.text} has fields"
        raise _at(field if field.text else root, f"{given}: there are {', '.join(fields)}")
    return field.text


def _sign(tokens: Sequence[_Token], place: int) -> str:
    return _token(tokens, place).text


def _token(tokens: Sequence[_Token], place: int) -> _Token:
    """The token at a place; an empty one where there is none."""
    return tokens[place] if 0 <= place < len(tokens) else _Token("", "", 0)


def _at(token: _Token, why: str) -> InvalidCondition:
    return InvalidCondition(f"character {token.at + 1}: {why}")


def _name_of(token: _Token) -> str:
    """The name in quotes. Raises InvalidCondition when nothing can have that name."""
    name = _text_of(token)
    if not re.fullmatch(NAME_PATTERN, name):
        raise _at(token, f"{name!r:.80} is not a valid name")
    return name


def _text_of(token: _Token) -> str:
    """The text that a token in quotes stands for."""
    return str(_compiled(token.text).execute({}))


def _parts(text: str, tokens: Sequence[_Token]) -> Iterator[str]:
    """What a condition joins by && at the top; all of it where something else binds less."""
    depth, begins, ends = 0, 0, list[int]()
    for token in tokens:
        depth += (token.text in "([{") - (token.text in ")]}")
        if not depth and token.text in ("||", "?"):
            ends = []
            break
        if not depth and token.text == "&&":
            ends.append(token.at)
    for end in ends:
        yield text[begins:end].strip()
        begins = end + 2
    yield text[begins:].strip()


def _try(condition: Condition, texts: Sequence[str]) -> None:
    """Evaluate a condition on samples. Raises InvalidCondition when it gives no bool, or compares what cannot be."""
    failure = ""
    holds_once = False
    for facts in islice(_samples(condition, texts), MOST_SAMPLES):
        found = _evaluate(condition.text, facts)
        if isinstance(found, _Failed):
            if found.is_of_types:
                raise InvalidCondition(found.why)
            failure = failure or found.why
        elif isinstance(found, bool):
            holds_once = True
        else:
            raise InvalidCondition(f"it gives {found!r:.80}, not true or false: compare it with something")
    if not holds_once:
        raise InvalidCondition(f"it can never be evaluated: {failure}")


def _samples(condition: Condition, texts: Sequence[str]) -> Iterator[Facts]:
    """What the condition reads, with each of its texts in it, empty and full; and a contact without attributes."""
    times: list[dict[str, Value]] = [
        {"hour": 0, "time": "00:00", "weekday": "mon", "date": "2026-01-01"},
        {"hour": 23, "time": "23:59", "weekday": "sun", "date": "2026-12-31"},
    ]
    some: list[dict[str, Value]] = [
        {**dict.fromkeys(QUEUE_FIELDS, 1_000_000), "open": True}, {**dict.fromkeys(QUEUE_FIELDS, 0), "open": False}
    ]  # fmt: skip
    values = list(dict.fromkeys([*texts, "1", "text", ""]))
    queues = [{queue: state for queue, _ in condition.queues} for state in some]
    for channel, now, state in product(CHANNELS, times, queues):
        for number, value in enumerate(values):
            attributes = {
                name: values[(number + place) % len(values)] for place, name in enumerate(condition.attributes)
            }
            yield Facts(dict.fromkeys(condition.attributes, value), channel, value, now, state)
            yield Facts(attributes, channel, value, now, state)
        yield Facts({}, channel, "", now, state)


@dataclass(frozen=True, slots=True)
class _Failed:
    why: str
    is_of_types: bool = False


def _evaluate(text: str, facts: Facts) -> Any:
    variables = {
        "attributes": dict(facts.attributes), "channel": facts.channel, "customer": facts.customer,
        "now": dict(facts.now), "queues": {queue: dict(state) for queue, state in facts.queues.items()},
    }  # fmt: skip
    try:
        return _compiled(text).execute(variables)
    except KeyError as failure:
        return _Failed(f"{failure.args[0]} is missing")
    except TypeError:
        why = "it compares or combines values of different types: a text stands in quotes, int(TEXT) is a number"
        return _Failed(why, is_of_types=True)
    except Exception as failure:  # noqa: BLE001  # whatever the library raises, a push goes on
        return _Failed(str(failure).partition(". Check")[0])


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether a condition holds. Where the facts lack what it needs, or a text is no number, it does not."""
    return _evaluate(condition.text, facts) is True


def why_not(condition: Condition, facts: Facts) -> str:
    """Which part of a condition does not hold, and by which facts; empty when it holds."""
    if holds(condition, facts):
        return ""
    text, found = condition.text, None
    for text in condition.parts:
        found = _evaluate(text, facts)
        if found is not True:
            break
    part = _condition(text)
    missing = [name for name in part.attributes if name not in facts.attributes]
    reasons = [f"the contact has no attribute {', '.join(missing)}"] if missing else []
    if isinstance(found, _Failed) and not missing:
        reasons.append(found.why)
    given = [(name, facts.attributes[name]) for name in part.attributes if name in facts.attributes]
    reasons += [f"{name} is {value!r}" for name, value in given]
    reasons += [f"customer is {facts.customer!r}"] * ("customer" in part.contact)
    reasons += [f"{name} is {value}" for name, value in state_read(part, facts).items()]
    return f"{text} does not hold" + (f": {', '.join(reasons)}" if reasons else "")


def state_read(condition: Condition, facts: Facts) -> dict[str, str]:
    """What a condition read of the state, the time and the channel, but nothing of the customer, as texts."""
    read = {"channel": facts.channel} if "channel" in condition.contact else {}
    read |= {f"now.{field}": str(facts.now[field]) for field in condition.now}
    for queue, field in condition.queues:
        value = facts.queues.get(queue, {}).get(field, "missing")
        read[f"queues.{queue}.{field}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return read
