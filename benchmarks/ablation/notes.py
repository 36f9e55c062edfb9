"""Which cases read which constants, and call which rules? Noted while they run, so that no other case need be asked."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from functools import partial

from benchmarks.ablation.sources import Rewrite, SourceFile, functions, package

SEE = "__see__"  # the function that notes

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


def _seen(key: str, value: ast.expr) -> ast.expr:
    """Return a call that notes a key and gives back a value."""
    return ast.Call(ast.Name(SEE, ast.Load()), [ast.Constant(key), value], [])


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

    vars(builtins)[SEE] = see  # where every module finds it
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
            node.body.insert(0, ast.Expr(_seen(key, ast.Constant(None))))
    noted: ast.Module = Reads(source.module, homes).visit(tree)
    return noted
