"""What may be changed in a Lua file, token by token. Comments and strings stay."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mutation.mutant import Edit, another_number

OTHERS = {
    "comparison": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "~=", "~=": "=="},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
    "logic": {"and": "or", "or": "and"},
    "constant": {"true": "false", "false": "true"},
    "extreme": {"min": "max", "max": "min", "floor": "ceil", "ceil": "floor"},
}
COMPARISONS = OTHERS["comparison"].keys()
VALUES = {"nil", "true", "false", "end"}
"""What a value may end with though it is a keyword; `end` is a function's."""
KEYWORDS = VALUES | {
    "and", "break", "do", "else", "elseif", "for", "function", "if", "in", "local", "not", "or", "repeat", "return",
    "then", "until", "while",
}  # fmt: skip

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<string>'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\")|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>\.\.\.?|[<>=~]=|\S)"
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    kind: str
    start: int
    end: int


def edits_of(text: str) -> Iterator[Edit]:
    """Each change that may be made in a script or function."""
    tokens = [
        _Token(found[0], str(found.lastgroup), found.start(), found.end())
        for found in _TOKEN.finditer(text)
        if found.lastgroup != "comment"
    ]
    for place, token in enumerate(tokens):
        yield from _of_token(tokens, place)
        if token.text in ("if", "elseif"):
            yield from _of_condition(text, tokens, place)
        if _begins_statement(text, tokens, place):
            yield from _of_call(tokens, place)


def _of_token(tokens: Sequence[_Token], place: int) -> Iterator[Edit]:
    token, before = tokens[place], tokens[place - 1] if place else None
    if token.kind == "number":
        yield Edit("constant", token.start, token.end, another_number(token.text))
    elif token.text == "not":
        yield Edit("negation", token.start, tokens[place + 1].start, "")
    elif token.text == "-" and not _ends_a_value(before):
        yield Edit("negation", token.start, token.end, "")
    elif token.kind in ("sign", "name"):
        for kind, others in OTHERS.items():
            is_function = before is not None and before.text == "."
            if token.text in others and is_function == (kind == "extreme"):
                yield Edit(kind, token.start, token.end, others[token.text])


def _ends_a_value(token: _Token | None) -> bool:
    return token is not None and (
        token.text in (")", "]", "}") or (token.kind != "sign" and token.text not in KEYWORDS - VALUES)
    )


def _of_condition(text: str, tokens: Sequence[_Token], place: int) -> Iterator[Edit]:
    """A condition without a comparison of its own is turned round."""
    end = next(other for other in range(place, len(tokens)) if tokens[other].text == "then")
    condition = tokens[place + 1 : end]
    if condition[0].text != "not" and not COMPARISONS & {token.text for token in condition}:
        start, end_of = condition[0].start, condition[-1].end
        yield Edit("condition", start, end_of, f"not ({text[start:end_of]})")


def _begins_statement(text: str, tokens: Sequence[_Token], place: int) -> bool:
    token, before = tokens[place], tokens[place - 1] if place else None
    if token.kind != "name" or token.text in KEYWORDS:
        return False
    if before is None or before.text in ("then", "do", "else", "repeat"):
        return True
    return "\n" in text[before.end : token.start] and (before.text == "break" or _ends_a_value(before))


def _of_call(tokens: Sequence[_Token], place: int) -> Iterator[Edit]:
    """A call whose reply nobody takes is left out."""
    last = place + 1
    while tokens[last].text == ".":
        last += 2
    if tokens[last].text != "(":
        return
    depth = 0
    for end in range(last, len(tokens)):
        depth += (tokens[end].text in "({[") - (tokens[end].text in ")}]")
        if depth == 0:
            yield Edit("statement", tokens[place].start, tokens[end].end, "")
            return
