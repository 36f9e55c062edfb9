"""How is a step written in the user's code? The expression, its line, and what its operands are called there."""

from __future__ import annotations

import ast
import itertools
import linecache
from collections.abc import Sequence
from types import CodeType, FrameType

import numpy as np

from gradcheck._diagnose.evidence import Array
from gradcheck._model.run_step import Call, RunStep

PRODUCTS = ("multiply", "divide", "matmul", "dot", "inner", "outer", "einsum")  # names of steps
FACTORS = 2
LONGEST = 60  # characters of code that are quoted
# Whose functions are no methods.
MODULES = ("np", "numpy", "np.linalg", "numpy.linalg", "torch", "torch.linalg", "torch.nn.functional", "F")


def place_text(calls: Sequence[Call], name: str) -> str:
    """Return where a step of some name stands, the innermost of some calls first."""
    return ", called by ".join(_at(call, name) for call in reversed(calls)) or name


def _at(call: Call, name: str) -> str:
    line = _positions(*call)[0]
    return f"{_short(expression(call)) or name} (line {line})"


def operand_text(step: RunStep, operand: int) -> str:
    """Return how an operand is written."""
    return argument_text(step, step.arguments[operand]) or "an operand"


def argument_text(step: RunStep, place: int) -> str:
    """Return how an argument is written; nothing if that is not known."""
    parts = _parts(expression(step.calls[-1]) if step.calls else "")
    return _short(parts[place]) if place < len(parts) else ""


def factor_text(step: RunStep, operand: int) -> str:
    """Return how the other factor of a product is written; nothing if it is none."""
    parts = _parts(expression(step.calls[-1]) if step.calls else "")
    return _short(parts[1 - step.arguments[operand]]) if step.name in PRODUCTS and len(parts) == FACTORS else ""


def expression(call: Call) -> str:
    """Return what is computed at a place in the code, as it is written; nothing if there is no source."""
    code, at = call
    line, end, start, stop = _positions(code, at)
    if not line or start is None:
        return ""
    lines = [linecache.getline(code.co_filename, k) for k in range(line, (end or line) + 1)]
    if not all(lines):
        return ""
    lines[-1] = lines[-1].encode()[:stop].decode()
    lines[0] = lines[0].encode()[start:].decode()
    return " ".join(" ".join(lines).split())


def _positions(code: CodeType, at: int) -> tuple[int | None, int | None, int | None, int | None]:
    return next(itertools.islice(code.co_positions(), at // 2, None), (None, None, None, None))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _parts(text: str) -> list[str]:
    """Return the operands of an expression, as they are written."""
    try:
        tree = ast.parse(text).body[0]
    except (SyntaxError, IndexError):
        return []
    if isinstance(tree, ast.AugAssign):
        return [ast.unparse(tree.target), ast.unparse(tree.value)]
    return [ast.unparse(part) for part in _below(tree.value)] if isinstance(tree, ast.Expr) else []


def _below(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Call(func=ast.Attribute(value=array), args=args) if ast.unparse(array) not in MODULES:
            return [array, *args]
        case ast.Call(args=args):
            return args
        case ast.Attribute(value=array) | ast.Subscript(value=array) | ast.UnaryOp(operand=array):
            return [array]
    return []


def multiplied(frame: FrameType) -> Array | None:
    """Return the array X where X.dot(...) is being computed, if it has a name; else None."""
    text = expression((frame.f_code, frame.f_lasti))
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return None
    match tree:
        case ast.Call(func=ast.Attribute(value=array, attr="dot")):
            found = _named(array, frame)
            return found if isinstance(found, np.ndarray) else None
    return None


def number_comes_first(frame: FrameType) -> bool:
    """Return whether what is being computed is written with a number before an array, as 2 * x is."""
    try:
        tree = ast.parse(expression((frame.f_code, frame.f_lasti)), mode="eval").body
    except SyntaxError:
        return False
    if not isinstance(tree, ast.BinOp):
        return False
    return isinstance(tree.left, ast.Constant) or isinstance(_named(tree.left, frame), (int, float))


def _named(node: ast.expr, frame: FrameType) -> object:
    match node:
        case ast.Name(id=name):
            return frame.f_locals.get(name, frame.f_globals.get(name))
        case ast.Attribute(value=owner, attr=name):
            return getattr(_named(owner, frame), name, None)
    return None
