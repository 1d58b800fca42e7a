"""TaskRouter's expressions over the attributes of a worker: `routing.skills HAS "sales" AND level > 2`."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<operator>==|!=|>=|<=|=|>|<)|(?P<mark>[()\[\],])|(?P<word>[A-Za-z_$][\w.$-]*))"
)
_COMPARED = {"==", "=", "!=", ">", "<", ">=", "<=", "HAS", "CONTAINS", "IN", "NOT"}
MOST_TOKENS = 2_000
MOST_DEEP = 50

Token: TypeAlias = tuple[str, str]


class NotUnderstood(Exception):  # it never leaves this room
    """The expression is none of those that are evaluated."""


def holds(expression: str, attributes: Mapping[str, Any]) -> bool:
    """Whether an expression is true of the attributes; one that is not there is nothing. Raises NotUnderstood."""
    reader = _Reader(_tokens(expression), attributes)
    if not reader.tokens:
        return True
    found = reader.either(0)
    if reader.place != len(reader.tokens):
        raise NotUnderstood(f"{reader.peek()!r} is not expected")
    return found


def _tokens(expression: str) -> list[Token]:
    found, place = list[Token](), 0
    while expression[place:].strip():
        token = _TOKEN.match(expression, place)
        if not token or token.end() == place or len(found) > MOST_TOKENS:
            raise NotUnderstood(f"{expression[place : place + 20]!r} is not understood")
        kind = str(token.lastgroup)
        found.append((kind, token[kind]))
        place = token.end()
    return found


class _Reader:
    """Evaluates while it reads: OR below AND below comparisons and parentheses."""

    def __init__(self, tokens: list[Token], attributes: Mapping[str, Any]) -> None:
        self.tokens, self.place, self._attributes = tokens, 0, attributes

    def peek(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def either(self, depth: int) -> bool:
        found = self._both(depth)
        while self._took("OR"):
            found = self._both(depth) or found
        return found

    def _both(self, depth: int) -> bool:
        found = self._one(depth)
        while self._took("AND"):
            found = self._one(depth) and found
        return found

    def _one(self, depth: int) -> bool:
        if depth > MOST_DEEP:
            raise NotUnderstood("it is nested too deep")
        if self._took("NOT"):
            return not self._one(depth + 1)
        if self._took("("):
            found = self.either(depth + 1)
            self._expect(")")
            return found
        left = self._value()
        operator = self.peek().upper()
        if operator not in _COMPARED:
            return bool(left)
        self.place += 1
        if operator == "NOT":
            self._expect("IN")
            return not _compared("IN", left, self._value())
        return _compared(operator, left, self._value())

    def _value(self) -> Any:
        if self.place >= len(self.tokens):
            raise NotUnderstood("it ends too early")
        kind, given = self.tokens[self.place]
        self.place += 1
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", given[1:-1])
        if kind == "number":
            return float(given)
        if given == "[":
            return self._listed()
        if kind != "word" or given.upper() in _COMPARED | {"AND", "OR"}:
            raise NotUnderstood(f"{given!r} is not expected")
        plain: dict[str, Any] = {"true": True, "false": False, "null": None}
        return plain[given.lower()] if given.lower() in plain else self._attribute(given)

    def _listed(self) -> list[Any]:
        found = []
        while not self._took("]"):
            found.append(self._value())
            if not self._took(",") and self.peek() != "]":
                raise NotUnderstood("a list is not closed")
        return found

    def _attribute(self, path: str) -> Any:
        found: Any = self._attributes
        for part in path.removeprefix("worker.").split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

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
    if operator in ("==", "="):
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if operator in ("HAS", "CONTAINS"):
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
