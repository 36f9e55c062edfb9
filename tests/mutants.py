"""Which changes of one place could a test miss? Operators, comparisons, numbers and truth values, each another."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
}
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
COUNTS = re.compile(r"len\(|count_nonzero|sum\(|\.size|\.ndim|LEVELS|LATEST|SEEN|NEEDED|FIRST|MAX_RUNGS|ABOVE|GROWTHS")


@dataclass(frozen=True)
class Mutant:
    """A change of some bytes of a file."""

    path: Path
    begin: int
    end: int
    new: str
    tie: bool = False  # whether only equal numbers tell it from what it was, and both of them are measured

    def text(self):
        """Return the file as it is changed."""
        source = self.path.read_bytes()
        return source[: self.begin] + self.new.encode() + source[self.end :]

    @property
    def line(self):
        """The number of the line."""
        return self.path.read_bytes().count(b"\n", 0, self.begin) + 1

    def said(self):
        """Return where, and what became of what."""
        source = self.path.read_bytes()
        whole = source.splitlines()[self.line - 1].decode().strip()
        return (
            f"{self.path.relative_to(ROOT)}:{self.line}",
            f"`{source[self.begin : self.end].decode()}` to `{self.new}`",
            whole,
        )


def mutants(path):
    """Yield every mutant of a file: operators, comparisons, numbers and truth values are others."""
    source = path.read_text(encoding="utf-8")
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in ast.walk(ast.parse(source)):
        yield from (Mutant(path, *change) for change in _changes(node, source.encode(), starts))


def _changes(node, source, starts):
    """Yield the changes of a node: where they begin and end, and what stands there instead."""
    if isinstance(node, ast.BinOp):
        yield from _between(node.left, node.right, node.op, source, starts)
    elif isinstance(node, ast.BoolOp):
        for one, other in zip(node.values, node.values[1:], strict=False):
            yield from _between(one, other, node.op, source, starts)
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
        for one, other, operator in zip(parts, parts[1:], node.ops, strict=False):
            tie = isinstance(operator, ORDER) and not any(map(_counts, (one, other)))
            yield from ((*change, tie) for change in _between(one, other, operator, source, starts))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        begin = _at(node, starts)[0]
        end = begin + len("not" if isinstance(node.op, ast.Not) else "-")
        yield begin, end + len(source[end:]) - len(source[end:].lstrip(b" ")), ""
    elif isinstance(node, ast.Constant) and type(node.value) in {int, float, bool}:
        new = repr(not node.value) if type(node.value) is bool else f"{node.value!r} * 2" if node.value else "1"
        yield *_at(node, starts), f"({new})" if "*" in new else new


def _counts(node):
    """Return whether a side of a comparison is a count or a given number, which another may equal."""
    return bool(COUNTS.search(ast.unparse(node))) or isinstance(node, ast.Constant)


def _at(node, starts):
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _between(one, other, operator, source, starts):
    if type(operator) not in OPERATORS:
        return
    old, new = OPERATORS[type(operator)]
    begin, end = _at(one, starts)[1], _at(other, starts)[0]
    place = source.find(old.encode(), begin, end)
    if place >= 0:
        yield place, place + len(old), new
