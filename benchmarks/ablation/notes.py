"""Which cases read which constants, and call which rules? Noted while they run, so that no other case need be asked."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from functools import partial

import numpy as np

from benchmarks.ablation.sources import Rewrite, SourceFile, functions, package

SEE, GIVE = "__see__", "__give__"  # the functions that note: a read or a call, and what a call comes to
NOTHING, SOMETHING = "nothing", "something"  # what a rule comes to, beside True, False and None

Homes = Mapping[tuple[str, str], str]  # (module, name) -> what a read of it is called


class Reads(ast.NodeTransformer):
    """Puts what it is told in the place of every read of the given constants, by module and name."""

    def __init__(self, module: str, homes: Homes) -> None:
        """Know which constants there are: (module, name) -> what the read is called."""
        self.module, self.homes = module, homes
        self.names = {name: key for (home, name), key in homes.items() if home == module}
        self.aliases: dict[str, str] = {}  # names that stand for modules

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        """Learn under which names constants and their modules are known here."""
        for alias in node.names:
            known, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
            self.aliases[known] = whole
            if (node.module or "", alias.name) in self.homes:
                self.names[known] = self.homes[node.module or "", alias.name]
        return node

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.MatchValue:
        """Leave patterns alone: they hold no calls."""
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Mark a read by a bare name."""
        key = self.names.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return _seen(key, node) if key else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Mark a read through the module."""
        base = node.value
        home = self.aliases.get(base.id, "") if isinstance(base, ast.Name) else ""
        key = self.homes.get((home, node.attr)) if isinstance(node.ctx, ast.Load) else None
        if key:
            return _seen(key, node)
        node.value = self.visit(base)
        return node


def _seen(key: str, value: ast.expr, by: str = SEE) -> ast.expr:
    """Return a call that notes a key and gives back a value."""
    return ast.Call(ast.Name(by, ast.Load()), [ast.Constant(key), value], [])


class _Returns(ast.NodeTransformer):
    """Notes what a function returns, or that it yields."""

    def __init__(self, key: str) -> None:
        """Know what the function is called."""
        self.key = key

    def within(self, function: ast.FunctionDef) -> None:
        """Change a function, and none that is defined in it; at its end it returns None."""
        generator = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(function))
        function.body = [self.visit(node) for node in function.body]
        if not generator:
            function.body.append(ast.Return(_seen(self.key, ast.Constant(None), GIVE)))

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """Mark a return."""
        node.value = _seen(self.key, node.value or ast.Constant(None), GIVE)
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.Yield:
        """Mark what is yielded: something, whatever it is."""
        node.value = _seen(came_to(self.key, SOMETHING), node.value or ast.Constant(None))
        return node

    def visit_YieldFrom(self, node: ast.YieldFrom) -> ast.YieldFrom:
        """Mark it as if it yielded something."""
        node.value = _seen(came_to(self.key, SOMETHING), node.value)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Leave it alone."""
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        """Leave it alone."""
        return node


def outcome(value: object) -> str:
    """Return what a rule came to, in a word: True, False, None, nothing (an empty list or dict), or something."""
    if value is None or isinstance(value, bool | np.bool_):
        return str(value)
    return NOTHING if isinstance(value, list | dict | tuple) and not value else SOMETHING


def outcomes(key: str, seen: Iterable[str]) -> set[str]:
    """Return all that a rule came to."""
    start = came_to(key, "")
    return {noted.removeprefix(start) for noted in seen if noted.startswith(start)}


def came_to(key: str, word: str) -> str:
    """Return what is noted where a rule came to something."""
    return f"{key} -> {word}"


def place(module: str, name: str) -> str:
    """Return what a read or a call is called: the module and the name, without the package."""
    return f"{module.partition('.')[2]}.{name}"


def noting(
    seen: set[str], constants: Iterable[tuple[str, str]], rules: Iterable[tuple[str, str]]
) -> dict[str, Rewrite]:
    """Return what makes the package note every read of a constant and every call of a rule, both (module, name)."""

    def see(key: str, value: object = None) -> object:
        seen.add(key)
        return value

    def give(key: str, value: object) -> object:
        seen.add(came_to(key, outcome(value)))
        return value

    vars(builtins).update({SEE: see, GIVE: give})  # where every module finds them
    homes = {(module, name): place(module, name) for module, name in constants}
    called = {place(module, name) for module, name in rules}
    names = {name for _, name in homes}
    return {
        source.module: partial(_noted, source, homes, called)
        for source in package()
        if any(name in source.text for name in names) or any(module == source.module for module, _ in rules)
    }


def _noted(source: SourceFile, homes: Homes, called: set[str], tree: ast.Module) -> ast.Module:
    for name, node in functions(tree):
        key = place(source.module, name)
        if key in called:
            _Returns(key).within(node)
            node.body.insert(0, ast.Expr(_seen(key, ast.Constant(None))))
    noted: ast.Module = Reads(source.module, homes).visit(tree)
    return noted
