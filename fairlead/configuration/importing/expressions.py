"""TaskRouter's expressions over the attributes of a worker: `routing.skills HAS "sales" AND level > 2`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<operator>==|!=|>=|<=|=|>|<)|(?P<mark>[()\[\],])|(?P<word>[A-Za-z_$][\w.$-]*))"
)
_COMPARED = {"==", "=", "!=", ">", "<", ">=", "<=", "HAS", "CONTAINS", "IN", "NOT"}
_SAME = {"=": "==", "CONTAINS": "HAS"}
"""Operators that are another one."""
_PLAIN: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}
MOST_TOKENS = 2_000
MOST_DEEP = 50

Token: TypeAlias = tuple[str, str]


class NotUnderstood(Exception):  # it never leaves this room
    """The expression is none of those that are evaluated."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """What is read: the attribute at a path, as in `worker.routing.skills`."""

    path: str


Value: TypeAlias = Attribute | str | float | bool | tuple["Value", ...] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator`: ==, !=, >, <, >=, <=, HAS or IN."""

    left: Value
    operator: str
    right: Value


@dataclass(frozen=True, slots=True)
class Truth:
    """A value that stands alone."""

    value: Value


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    part: "Expression"


@dataclass(frozen=True, slots=True)
class Several:
    """`word`: AND or OR."""

    word: str
    parts: tuple["Expression", ...]


Expression: TypeAlias = Comparison | Truth | Not | Several


def parse(expression: str) -> Expression:
    """The expression of a text; an empty one is true. Raises NotUnderstood."""
    reader = _Reader(_tokens(expression))
    if not reader.tokens:
        return Truth(True)
    found = reader.either(0)
    if reader.place != len(reader.tokens):
        raise NotUnderstood(f"{reader.peek()!r} is not expected")
    return found


def holds(expression: str, attributes: Mapping[str, Any]) -> bool:
    """Whether an expression is true of the attributes; one that is not there is nothing. Raises NotUnderstood."""
    return _holds(parse(expression), attributes)


def _holds(one: Expression, attributes: Mapping[str, Any]) -> bool:
    match one:
        case Several("AND", parts):
            return all(_holds(part, attributes) for part in parts)
        case Several(_, parts):
            return any(_holds(part, attributes) for part in parts)
        case Not(part):
            return not _holds(part, attributes)
        case Truth(value):
            return bool(_value_of(value, attributes))
        case Comparison(left, operator, right):
            return _compared(operator, _value_of(left, attributes), _value_of(right, attributes))


def _value_of(value: Value, attributes: Mapping[str, Any]) -> Any:
    if isinstance(value, tuple):
        return [_value_of(one, attributes) for one in value]
    if not isinstance(value, Attribute):
        return value
    found: Any = attributes
    for part in value.path.removeprefix("worker.").split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _tokens(expression: str) -> list[Token]:
    expression, found, place = expression.rstrip(), list[Token](), 0
    while place < len(expression):
        token = _TOKEN.match(expression, place)
        if not token or token.end() == place or len(found) > MOST_TOKENS:
            raise NotUnderstood(f"{expression[place : place + 20]!r} is not understood")
        kind = str(token.lastgroup)
        found.append((kind, token[kind]))
        place = token.end()
    return found


class _Reader:
    """Reads OR below AND below comparisons and parentheses."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place = tokens, 0

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def either(self, depth: int) -> Expression:
        parts = [self._both(depth)]
        while self._took("OR"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else Several("OR", tuple(parts))

    def _both(self, depth: int) -> Expression:
        parts = [self._one(depth)]
        while self._took("AND"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else Several("AND", tuple(parts))

    def _one(self, depth: int) -> Expression:
        if depth > MOST_DEEP:
            raise NotUnderstood("it is nested too deep")
        if self._took("NOT"):
            return Not(self._one(depth + 1))
        if self._took("("):
            found = self.either(depth + 1)
            self._expect(")")
            return found
        left = self._value(depth)
        operator = self.peek().upper()
        if operator not in _COMPARED:
            return Truth(left)
        self.place += 1
        if operator == "NOT":
            self._expect("IN")
            return Not(Comparison(left, "IN", self._value(depth)))
        return Comparison(left, _SAME.get(operator, operator), self._value(depth))

    def _value(self, depth: int) -> Value:
        if self.place >= len(self.tokens):
            raise NotUnderstood("it ends too early")
        kind, given = self.tokens[self.place]
        self.place += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", given[1:-1])
        if kind == "number":
            return float(given)
        if given == "[":
            return self._listed(depth + 1)
        if kind != "word" or given.upper() in _COMPARED | {"AND", "OR"}:
            raise NotUnderstood(f"{given!r} is not expected")
        return _PLAIN[given.lower()] if given.lower() in _PLAIN else Attribute(given)

    def _listed(self, depth: int) -> tuple[Value, ...]:
        if depth > MOST_DEEP:
            raise NotUnderstood("it is nested too deep")
        found = list[Value]()
        while not self._took("]"):
            found.append(self._value(depth))
            if not self._took(",") and self.peek() != "]":
                raise NotUnderstood("a list is not closed")
        return tuple(found)

    def _took(self, token: str) -> bool:
        kind = self.tokens[self.place][0] if self.place < len(self.tokens) else "text"
        if kind == "text" or self.peek().upper() != token:
            return False
        self.place += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._took(token):
            raise NotUnderstood(f"{token!r} is expected, and not {self.peek()!r}")


def _compared(operator: str, left: Any, right: Any) -> bool:
    if operator == "==":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if operator == "HAS":
        return _contains(left, right)
    if operator == "IN":
        return _contains(right, left)
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return False
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[operator]


def _contains(holder: Any, one: Any) -> bool:
    if isinstance(holder, str):
        return isinstance(one, str) and one in holder
    return isinstance(holder, list) and one in holder
