"""Which constants have the numerics, what is said of each, and where is it read?"""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from benchmarks.ablation.sources import SourceFile, given, numerics

Number = int | float
Value = Number | tuple[Number, ...]


@dataclass(frozen=True)
class Constant:
    """A number, or a row of numbers, with a name in capitals at the top of a module."""

    module: str
    name: str
    value: Value
    text: str  # as it is written
    comment: str  # what stands behind it, or above it: its unit and its reason

    @property
    def place(self) -> str:
        """Its module and name, without the package."""
        return f"{self.module.partition('.')[2]}.{self.name}"

    def times(self, factor: float) -> Value:
        """Return it halved or doubled; whole numbers stay whole."""
        if isinstance(self.value, tuple):
            return tuple(_scaled(number, factor) for number in self.value)
        return _scaled(self.value, factor)


def _scaled(number: Number, factor: float) -> Number:
    return int(number * factor) if isinstance(number, int) else number * factor


def constants() -> list[Constant]:
    """Return every constant of the numerics, in the order of the sources."""
    return [constant for source in numerics() for constant in _of(source)]


def _of(source: SourceFile) -> Iterator[Constant]:
    comments = _comments(source.text)
    home = import_module(source.module)
    for node in source.tree.body:
        for name, text in assigned(node):
            value = getattr(home, name)
            if name.isupper() and is_number(value):
                yield Constant(source.module, name, value, text, _comment(node, comments))


def assigned(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that a statement gives values to, and the text of each value."""
    targets, value = given(node)
    pairs = [(target, value) for target in targets]
    for target, whole in pairs:
        if isinstance(target, ast.Tuple) and isinstance(whole, ast.Tuple):
            pairs += zip(target.elts, whole.elts, strict=True)
        elif isinstance(target, ast.Name) and whole is not None:
            yield target.id, ast.unparse(whole)


def is_number(value: object) -> bool:
    """Whether something is a number, or a row of numbers, all of them finite."""
    if type(value) is tuple:
        return bool(value) and all(is_number(part) for part in value)
    return isinstance(value, int | float) and type(value) in {int, float} and math.isfinite(value)


def _comments(text: str) -> dict[int, tuple[str, bool]]:
    """Return the comments of a module by line: the text, and whether the line holds nothing else."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        token.start[0]: (token.string.lstrip("# "), not token.line[: token.start[1]].strip())
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _comment(node: ast.stmt, comments: Mapping[int, tuple[str, bool]]) -> str:
    """Return what is said of a statement: behind it, else in the lines above it."""
    behind, alone = comments.get(node.end_lineno or node.lineno, ("", False))
    if behind and not alone:
        return behind
    above: list[str] = []
    line = node.lineno - 1
    while comments.get(line, ("", False))[1]:
        above.insert(0, comments[line][0])
        line -= 1
    return " ".join(above)
