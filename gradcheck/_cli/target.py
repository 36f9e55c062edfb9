"""What did the user name? A module, or a file, and an object in it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcheck._cli.blame import show
from gradcheck._cli.outcome import Refusal
from gradcheck._cli.recognise import is_case, is_recipe

if TYPE_CHECKING:
    from types import ModuleType

TARGET = "package.module:object or path/to/file.py:object"
DEFAULT = "cases"  # what is looked for in a module that is named alone
SUGGESTED = 8  # so many names are suggested
ONE_CASE = re.compile(r"(.+?:[\w.]+)\[(.*)\]", re.DOTALL)  # as it is printed: `layers.py:cases[swish]`


class Found(NamedTuple):
    """What a target names, and where that is defined."""

    target: str
    value: Any
    file: str  # as a path below the folder of the run; empty if it lies elsewhere
    line: int  # 0 if not known
    case: str = ""  # one of several that are there, as it is printed; empty if it is all of them


def load(target: str) -> Found:
    """Return what a target names.

    Raises:
        Refusal: it names nothing; what the user's own code raised has been shown.
    """
    one = ONE_CASE.fullmatch(target)
    if one:
        return load(one[1])._replace(case=target)
    place, name = _split(target)
    try:
        module = _module(place)
    except Refusal:
        raise
    except (Exception, SystemExit) as error:
        show(error)
        raise Refusal(_unloaded(target, place, name)) from error
    found: Any = module
    for part in (name or DEFAULT).split("."):
        found = _attribute(found, part, target, module)
    file = _below(Path(module.__file__)) if module.__file__ else None
    line = _line(file, (name or DEFAULT).partition(".")[0]) if file else 0
    return Found(target if name else f"{target}:{DEFAULT}", found, file.as_posix() if file else "", line)


def _split(target: str) -> tuple[str, str]:
    """Return the module, or file, and the object; no object if none is named."""
    if target.endswith(".py"):
        return target, ""
    place, colon, name = target.rpartition(":")
    if not colon and target:
        return target, ""
    if not (place and name):
        msg = f"{target!r} is not of the form {TARGET}"
        raise Refusal(msg)
    return place, name


def _module(place: str) -> ModuleType:
    """Import a module by its name, as `python -m` does, or by its file, as `python FILE` does."""
    if not place.endswith(".py"):
        if place.startswith(".") or {"/", "\\"} & set(place):
            what = "a folder" if Path(place).is_dir() else "neither a module nor a file of Python"
            msg = f"{place!r} is {what}; name {TARGET}"
            raise Refusal(msg)
        _search(Path.cwd())
        return importlib.import_module(place)
    path = Path(place).resolve()
    if not path.is_file():
        msg = f"there is no file {place!r}"
        raise Refusal(msg)
    root = next(folder for folder in path.parents if not (folder / "__init__.py").exists())
    _search(root)
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    return importlib.import_module(name) if _is_found(name, path) else _executed(path)


def _search(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _is_found(name: str, path: Path) -> bool:
    """Return whether importing this name gives this file: `random` is the standard library's, not a file random.py."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin == str(path)


def _executed(path: Path) -> ModuleType:
    """Import a file under a unique name."""
    name = f"{path.stem}_of_gradcheck_check"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"{path.name!r} cannot be imported"
        raise Refusal(msg)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs: dataclasses and pickles look themselves up there
    spec.loader.exec_module(module)
    return module


def _unloaded(target: str, place: str, name: str) -> str:
    head, dot, last = place.rpartition(".")
    if name or not dot or place.endswith(".py"):
        return f"could not load {target}"
    return f"could not load {target}; if {last!r} is an object in the module {head!r}, write {head}:{last}"


def _attribute(found: Any, name: str, target: str, module: ModuleType) -> Any:  # noqa: ANN401  whatever is there
    try:
        return getattr(found, name)
    except AttributeError:
        there = [n for n, value in vars(module).items() if _may_be_meant(n, value, module)] if found is module else []
        msg = f"{target!r} names nothing: there is no {name!r}"
        msg += f"; {module.__name__} has {', '.join(there[:SUGGESTED])}" * bool(there)
        raise Refusal(msg) from None
    except Exception as error:
        show(error)
        msg = f"could not load {target}"
        raise Refusal(msg) from error


def _may_be_meant(name: str, value: object, module: ModuleType) -> bool:
    """Return whether an object of a module is one that holds what can be checked, or makes it."""
    makes = is_recipe(value) and getattr(value, "__module__", "") == module.__name__
    return not name.startswith("_") and (makes or is_case(value))


def _below(path: Path) -> Path | None:
    """Return a file as a path below the folder of the run, or None."""
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return None


def _line(file: Path, name: str) -> int:
    """Return the line on which a module defines a name."""
    for node in ast.parse(file.read_bytes()).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [node.name]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [below.id for target in targets for below in ast.walk(target) if isinstance(below, ast.Name)]
        else:
            continue
        if name in names:
            return node.lineno
    return 0
