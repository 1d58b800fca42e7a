"""What may be changed in a Python file. Types, messages and assertions stay: they decide nothing."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from mutation.mutant import Edit, another_number

COMPARISONS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "is not": "is", "is": "is not", "not in": "in", "in": "not in",
}  # fmt: skip
ARITHMETIC = {"+": "-", "-": "+", "**": "*", "*": "//", "//": "*", "/": "*", "%": "*", "<<": ">>"}
LOGIC = {"and": "or", "or": "and"}
EXTREMES = {"min": "max", "max": "min"}


def edits_of(text: str) -> Iterator[Edit]:
    """Each change that may be made in a module."""
    yield from _Finder(text).within(ast.parse(text))


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.splitlines(keepends=True)

    def within(self, node: ast.AST) -> Iterator[Edit]:
        if isinstance(node, ast.JoinedStr | ast.Assert):
            return
        yield from self._of(node)
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "decorator_list"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        yield from self.within(child)

    def _of(self, node: ast.AST) -> Iterator[Edit]:
        if isinstance(node, ast.expr):
            yield from self._of_operator(node)
            yield from self._of_value(node)
        else:
            yield from self._of_statement(node)
        if isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(node.test, ast.Compare | ast.UnaryOp):
            yield self._replaced("condition", node.test, f"not ({self._source(node.test)})")

    def _of_operator(self, node: ast.expr) -> Iterator[Edit]:
        match node:
            case ast.Compare():
                for left, right in pairwise([node.left, *node.comparators]):
                    yield self._between(left, right, "comparison", COMPARISONS)
            case ast.BoolOp():
                for left, right in pairwise(node.values):
                    yield self._between(left, right, "logic", LOGIC)
            case ast.BinOp() if not isinstance(node.op, ast.BitOr | ast.BitAnd):
                yield self._between(node.left, node.right, "arithmetic", ARITHMETIC)
            case ast.UnaryOp():
                start = self._start(node)
                yield Edit("negation", start, start + (3 if isinstance(node.op, ast.Not) else 1), "")

    def _of_value(self, node: ast.expr) -> Iterator[Edit]:
        match node:
            case ast.Constant(value=bool()):
                yield self._replaced("constant", node, str(not node.value))
            case ast.Constant(value=int() | float()):
                yield self._replaced("constant", node, another_number(str(node.value)))
            case ast.Name(id="min" | "max"):
                yield self._replaced("extreme", node, EXTREMES[node.id])

    def _of_statement(self, node: ast.AST) -> Iterator[Edit]:
        match node:
            case ast.AugAssign(op=ast.Add() | ast.Sub()):
                yield self._between(node.target, node.value, "arithmetic", ARITHMETIC)
            case ast.Return(value=ast.expr()) if not _is_none(node.value):
                yield self._replaced("result", node.value, "None")
            case ast.Raise() | ast.Delete() | ast.Expr(value=ast.Call()):
                yield self._replaced("statement", node, "pass")
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                yield self._replaced("statement", node, "pass")

    def _between(self, left: ast.expr, right: ast.expr, kind: str, others: dict[str, str]) -> Edit:
        """The operator stands between its operands, beside parentheses and white space."""
        longest_first = sorted(others, key=len, reverse=True)
        start = self._end(left)
        found = re.search("|".join(map(re.escape, longest_first)), self._text[start : self._start(right)])
        if found is None:
            raise ValueError(f"no {kind} between {ast.unparse(left)} and {ast.unparse(right)}")
        return Edit(kind, start + found.start(), start + found.end(), others[found[0]])

    def _replaced(self, kind: str, node: ast.expr | ast.stmt, by: str) -> Edit:
        return Edit(kind, self._start(node), self._end(node), by)

    def _source(self, node: ast.expr) -> str:
        return self._text[self._start(node) : self._end(node)]

    def _start(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column_bytes: int) -> int:
        column = len(self._lines[line - 1].encode()[:column_bytes].decode())
        return sum(map(len, self._lines[: line - 1])) + column


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
