"""TaskRouter's expressions in Fairlead's words: on a task as a condition in CEL, on workers as routing criteria."""

import json
import re

from fairlead.configuration.importing.expressions import (
    Attribute,
    Comparison,
    Expression,
    Not,
    NotUnderstood,
    Several,
    Truth,
    Value,
    holds,
    parse,
)
from fairlead.domain.conditions import parse_condition
from fairlead.domain.criteria import HIGHEST_LEVEL, parse_expression
from fairlead.domain.names import allowed_name
from fairlead.errors import InvalidCondition, InvalidCriteria

_CEL_WORDS = frozenset(
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
        "namespace", "null", "package", "return", "true", "var", "void", "while",
    }
)  # fmt: skip
_TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_SKILLS = {"skills": "Skill", "routing.skills": "Skill", "languages": "Language"}
_LEVELS = "routing.levels."
_FALSE = ("", "0", "false")
"""Texts that are no truth when an attribute stands alone."""
_IS_NUMBER = r"matches('^-?[0-9]+([.][0-9]+)?$')"


def condition_of(expression: str) -> str:
    """The condition of an intake's rule for an expression on a task's attributes, which are texts here.

    One that a task lacks is nothing, as there. Raises NotUnderstood when there is no such condition.
    """
    text = _condition(parse(expression), is_denied=False)
    try:
        parse_condition(text)
    except InvalidCondition as failure:
        raise NotUnderstood(str(failure)) from failure
    return text


def _condition(one: Expression, *, is_denied: bool) -> str:
    match one:
        case Several(word, parts):
            written = (_condition(part, is_denied=is_denied) for part in parts)
            return (" && " if word == "AND" else " || ").join(
                f"({text})" if isinstance(part, Several) else text for part, text in zip(parts, written, strict=True)
            )
        case Not(part):
            return f"!({_condition(part, is_denied=not is_denied)})"
        case Truth(Attribute() as attribute):
            is_true = f"!({_comparison(Comparison(attribute, 'IN', _FALSE), is_denied=False)})"
            name = json.dumps(_task_path(attribute), ensure_ascii=False)
            return f"({name} in attributes && {is_true})" if is_denied else is_true
        case Truth(value):
            return "true" if value else "false"
        case Comparison():
            return _comparison(one, is_denied=is_denied)


def _comparison(one: Comparison, *, is_denied: bool) -> str:
    """A comparison; one that is denied holds of no task that lacks what it reads, so that the contrary does."""
    left, operator, right = one.left, one.operator, one.right
    if not isinstance(left, Attribute) and isinstance(right, Attribute) and operator in _TURNED:
        left, operator, right = right, _TURNED[operator], left
    if not isinstance(left, Attribute):
        if isinstance(right, Attribute):
            raise NotUnderstood(f"{right.path} is a list, and attributes of contacts are texts")
        return "true" if _is_so(left, operator, right) else "false"
    name = json.dumps(_task_path(left), ensure_ascii=False)
    if operator in ("==", "!=") and right is None:
        return f"!({name} in attributes)" if operator == "==" else f"{name} in attributes"
    if operator == "!=":
        return f"!({_comparison(Comparison(left, '==', right), is_denied=True)})"
    text = _compared(_read(left), operator, right)
    if not is_denied:
        return text
    is_number = f" && {_read(left)}.{_IS_NUMBER}" if operator in (">", "<", ">=", "<=") else ""
    return f"({name} in attributes{is_number} && {text})"


def _compared(read: str, operator: str, right: Value) -> str:
    if operator == "==":
        return f"{read} == {_literal(right)}"
    if operator == "HAS":
        raise NotUnderstood("HAS asks a list, and attributes of contacts are texts")
    if operator == "IN":
        if not isinstance(right, tuple):
            raise NotUnderstood("IN asks a list that is not written out")
        return f"{read} in [{', '.join(map(_literal, right))}]"
    if isinstance(right, bool) or not isinstance(right, int | float):
        raise NotUnderstood(f"{operator} compares numbers alone")
    return f"double({read}) {operator} {float(right)!r}"


def _is_so(left: Value, operator: str, right: Value) -> bool:
    """Whether a comparison without attributes holds."""
    names = {"left": left, "right": right}
    return holds(f"left {operator} right", {name: list(v) if isinstance(v, tuple) else v for name, v in names.items()})


def _task_path(attribute: Attribute) -> str:
    path = attribute.path.removeprefix("task.")
    if path.startswith("worker."):
        raise NotUnderstood(f"{path} is an attribute of a worker")
    return path


def _read(attribute: Attribute) -> str:
    path = _task_path(attribute)
    if re.fullmatch(r"[A-Za-z_]\w*", path) and path not in _CEL_WORDS:
        return f"attributes.{path}"
    return f"attributes[{json.dumps(path, ensure_ascii=False)}]"


def _literal(value: Value) -> str:
    """A value as the text that an attribute would have."""
    if isinstance(value, Attribute):
        return _read(value)
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    if isinstance(value, float):
        return f'"{value:g}"' if abs(value) < 1e6 else f'"{value:.0f}"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    raise NotUnderstood("a list, or null, stands where a text is expected")


def criteria_of(expression: str) -> str:
    """The routing criteria for an expression on workers' skills and languages. Raises NotUnderstood.

    A skill without a level is one of level 1, as workers have it.
    """
    text = _criteria(parse(expression))
    try:
        return str(parse_expression(text))
    except InvalidCriteria as failure:
        raise NotUnderstood(str(failure)) from failure


def _criteria(one: Expression) -> str:
    match one:
        case Several(word, parts):
            return f" {word.lower()} ".join(
                f"({text})" if isinstance(part, Several) else text
                for part, text in ((part, _criteria(part)) for part in parts)
            )
        case Not(part):
            return f"not ({_criteria(part)})"
        case Comparison(Attribute(path), "HAS", str(value)) | Comparison(str(value), "IN", Attribute(path)):
            return f"{_proficiency(_SKILLS, path, value)} >= 1"
        case Comparison(Attribute(path), operator, float(level)) if _worker_path(path).startswith(_LEVELS):
            skill = _proficiency(_SKILLS, "skills", _worker_path(path).removeprefix(_LEVELS))
            return f"{skill} in {_range(operator, level)}"
    raise NotUnderstood("only skills, languages and levels of workers become criteria")


def _worker_path(path: str) -> str:
    return path.removeprefix("worker.")


def _proficiency(known: dict[str, str], path: str, value: str) -> str:
    name = allowed_name(value)
    if _worker_path(path) not in known or not name:
        raise NotUnderstood("only skills, languages and levels of workers become criteria")
    return f"{known[_worker_path(path)]}:{name}"


def _range(operator: str, level: float) -> str:
    """The levels from 1 to 5 that a comparison allows."""
    allowed = [one for one in range(1, HIGHEST_LEVEL + 1) if holds(f"level {operator} {level}", {"level": one})]
    if not allowed or operator == "!=":
        raise NotUnderstood(f"no levels from 1 to {HIGHEST_LEVEL} are {operator} {level:g}")
    return f"[{allowed[0]}, {allowed[-1]}]"
