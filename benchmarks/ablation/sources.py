"""Which sources are the numerics, and how is the package imported with a change in one of them?"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gradcheck"
ROOMS = ("_measure", "_judge", "_entries", "_protocol")
PARTS = {"_model": ("subject", "precision", "point"), "_results": ("estimate", "floating")}  # of other rooms

Rewrite = Callable[[ast.Module], ast.Module]


@dataclass(frozen=True)
class SourceFile:
    """One module: its dotted name and its text."""

    module: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Its syntax, made anew each time: whoever asks may change it."""
        return ast.parse(self.text)

    @property
    def short(self) -> str:
        """Its name within the package."""
        return self.module.partition(".")[2]


@cache
def package() -> tuple[SourceFile, ...]:
    """Return every module of the package."""
    return tuple(_source(path) for path in sorted(PACKAGE.rglob("*.py")))


def numerics() -> list[SourceFile]:
    """Return the modules whose constants and rules are looked at."""
    return [source for source in package() if _numeric(source.module.split(".")[1:])]


def _numeric(path: Sequence[str]) -> bool:
    room, part, *_ = [*path, "", ""]
    return room in ROOMS or part in PARTS.get(room, ())


def _source(path: Path) -> SourceFile:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return SourceFile(name, path.read_text(encoding="utf-8"))


class _Rewritten(SourceFileLoader):
    """Loads a module from its source as it is rewritten, and never from bytecode."""

    def __init__(self, name: str, path: str, rewrite: Rewrite) -> None:
        super().__init__(name, path)
        self.rewrite = rewrite

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = self.rewrite(ast.parse(self.get_data(path)))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec")
        return code


class _Finder(MetaPathFinder):
    def __init__(self, rewrites: Mapping[str, Rewrite]) -> None:
        self.rewrites = rewrites

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        rewrite = self.rewrites.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if rewrite else None
        if rewrite is None or spec is None or spec.origin is None:
            return None
        spec.loader = _Rewritten(fullname, spec.origin, rewrite)
        return spec


def install(rewrites: Mapping[str, Rewrite]) -> None:
    """Import modules as they are rewritten, in this process and from now on.

    What was imported with `from`, and what was made of a constant at import, a default or a field, then follows by
    itself. Raises RuntimeError where the package was imported before.
    """
    if "gradcheck" in sys.modules:
        msg = "the package was imported before it could be changed; ask in a fresh process"
        raise RuntimeError(msg)
    sys.meta_path.insert(0, _Finder(rewrites))


def given(node: ast.stmt) -> tuple[list[ast.expr], ast.expr | None]:
    """Return what a statement gives values to, and the value: nothing for one that does neither."""
    if isinstance(node, ast.Assign):
        return node.targets, node.value
    if isinstance(node, ast.AnnAssign):
        return [node.target], node.value
    return [], None


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a module, and the methods of its classes, by dotted name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{m.name}", m) for m in node.body if isinstance(m, ast.FunctionDef))
