"""Which module may import which? The arrows of the house, held against its imports.

One row for each room; a star marks an import that is allowed only inside a function (or for types).
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ARROWS = {
    # data
    "_results": "",
    # numerics know functions of one number alone
    "_measure": "_results",
    # what is checked
    "_model": "_results",
    "_judge": "_results",
    "_entries": "_results _measure _model _judge",
    "_protocol": "_results _measure _model",
    "_adapters": "_results _model _options",
    "_jacobian": "_results _measure _model _judge _entries _diagnose",
    "_diagnose": "_results _model _adapters",
    "_taylor": "_results _measure _model _judge _protocol _diagnose",
    "_workers": "_results _model",
    "_progress": "",
    # the recipe
    "_options": "_results _judge*",
    "_explained": "_results _model _entries _diagnose",
    "_legal_at_kinks": "_results _model _entries _diagnose",
    "_cut_short": "_results _model",
    "_check": "gradcheck _results _options _cut_short _model _adapters _judge _entries _protocol _explained "
    "_legal_at_kinks* _progress _workers* _jacobian* _taylor* _render*",
    "gradcheck": "_results _render* _check* _model* _fuzz* _plugin*",
    # the edges
    "_render": "_results",
    "_cases": "_results _model",
    "_fuzz": "gradcheck _results _render strategies replay",
    "_compare": "_results _render",
    "_explain": "_results _render networks",
    "_demo": "gradcheck _results _render networks",
    "_cli": "gradcheck _options _check* _judge* _results* _render* _demo* _explain* _fuzz* replay* _compare*",
    "__main__": "_cli",
    "_plugin": "gradcheck _options _cases _check _results _render",
    "plugin": "_plugin*",
    "strategies": "gradcheck networks",
    "compat": "_results _options _model _adapters _judge _check _render",
    "replay": "gradcheck strategies _cases _results",
    "networks": "networks",
    "stand-in": "networks",
    "benchmarks": "gradcheck _results _entries* _check networks compat*",
}

OUTSIDE = {
    "_adapters": "numpy torch jax",
    "compat": "numpy torch jax",
    "_render": "numpy tabulate jinja2 markupsafe",
    "_explain": "numpy matplotlib*",
    "strategies": "numpy hypothesis",
    "_fuzz": "hypothesis tqdm",
    "replay": "numpy",
    "_plugin": "pytest",
    "plugin": "pytest",
    "networks": "numpy tqdm*",
    "_check": "numpy",
    "_progress": "tqdm*",
    "_workers": "numpy joblib* threadpoolctl*",
    "_cli": "tqdm* argcomplete*",
    "__main__": "",
    "gradcheck": "",
    "_options": "",
    "benchmarks": "numpy torch* jax* autograd* fdm* fiddy* scipy* openmdao* numdifftools* threadpoolctl* matplotlib* "
    "pytest tabulate tqdm record*",  # the last: of the tests
}
PUBLIC = {"__main__", "compat", "networks", "replay", "strategies"}  # modules; the names are gradcheck.__all__
OUTSIDE_OF_THE_OTHERS = "numpy"


def room(path: Path) -> str:
    """Return the room that a file belongs to: its module, or the package it is part of."""
    top, *rest = path.relative_to(ROOT).with_suffix("").parts
    if top != "gradcheck":
        return "plugin" if top == "_gradcheck_pytest" else top
    names = {"__init__": "gradcheck", "networks": "stand-in"}
    return names.get(rest[0], rest[0])


def imports(path: Path) -> set[str]:
    """Return what a file imports, with a star for an import inside a function or for types."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        id(below)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for below in ast.walk(node)
    }
    return {
        target + "*" * (id(node) in late)
        for node in ast.walk(tree)
        for name in _names(node, path)
        if (target := _room_of_import(name)) not in {room(path), "standard library"}
    }


def _names(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
        return [".".join(filter(None, [*package, node.module, a.name])) for a in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
    return []


def _room_of_import(name: str) -> str:
    top, *rest = name.split(".")
    if top in sys.stdlib_module_names:
        return "standard library"
    if top == "gradcheck" and rest:
        file = ROOT / "gradcheck" / rest[0]
        if file.is_dir() or file.with_suffix(".py").exists() or re.match("_[a-z]", rest[0]):
            return rest[0]
    return top


FILES = sorted(
    path
    for place in ("gradcheck", "networks", "benchmarks", "_gradcheck_pytest.py")
    for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
)


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(ROOT)) for f in FILES])
def test_every_import_follows_an_arrow(path):
    """Judgement knows only results, numerics only functions of a number, frameworks only the oracle."""
    own = room(path)
    assert own in ARROWS, f"{own}: give it a row in the table"
    allowed = set(f"{ARROWS[own]} {OUTSIDE.get(own, OUTSIDE_OF_THE_OTHERS)}".split())
    allowed |= {name + "*" for name in allowed}
    assert imports(path) - allowed == set()


def module(path: Path) -> str:
    """Return the name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module(path): path for path in FILES}


def imported(name: str) -> set[str]:
    """Return the files that a file imports, at the top or late."""
    path = MODULES[name]
    names = [n for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for n in _names(node, path)]
    found = {next((m for m in _prefixes(n) if m in MODULES), name) for n in names}
    return found - {name, "gradcheck"}  # the package itself holds nothing but doors


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(len(parts), 0, -1)]


def reached(name: str, graph: dict[str, set[str]]) -> set[str]:
    """Return all that can be reached from a place of a graph in one step or more."""
    seen: set[str] = set()
    queue = [name]
    while queue:
        news = graph[queue.pop()] - seen
        seen |= news
        queue += news
    return seen


def test_no_file_imports_itself_by_way_of_others():
    """There is no circle of files, late imports counted."""
    graph = {name: imported(name) for name in MODULES}
    assert [name for name in graph if name in reached(name, graph)] == []


def test_no_room_imports_itself_by_way_of_others():
    """There is no circle of rooms either, save that the package itself is the door to all."""
    graph = {name: {row.rstrip("*") for row in rows.split()} - {"gradcheck", name} for name, rows in ARROWS.items()}
    assert [name for name in graph if name in reached(name, graph)] == []


def test_a_circle_of_files_is_found():
    """The walk goes round."""
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}}
    assert [name for name in graph if name in reached(name, graph)] == ["b", "c"]


def test_what_has_no_underscore_is_public_and_nothing_else():
    """A new module of the package is private until somebody decides otherwise."""
    found = {
        path.stem for path in (ROOT / "gradcheck").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert {name for name in found if not re.match("_[a-z]", name)} - {"__init__"} == PUBLIC


def is_room(path: Path) -> bool:
    """Return whether an __init__.py is that of a room, or of a folder in one."""
    parts = path.relative_to(ROOT).parts[1:-1]
    return path.name == "__init__.py" and bool(parts) and bool(re.match("_[a-z]", parts[0]))


ROOMS = [path for path in FILES if is_room(path)]


@pytest.mark.parametrize("path", ROOMS, ids=["/".join(path.relative_to(ROOT).parts[1:-1]) for path in ROOMS])
def test_a_room_says_which_question_it_answers_and_nothing_else(path):
    """Its __init__.py is a docstring: whoever looks for code looks into a file with a name."""
    (only,) = ast.parse(path.read_text(encoding="utf-8")).body
    assert isinstance(only, ast.Expr)


def classes(path: Path) -> list[str]:
    """Return the names of the classes that a file defines, save those that it keeps to itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def twice(named: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the names that more than one file uses, with the files."""
    files: dict[str, list[str]] = {}
    for file, names in named.items():
        for name in names:
            files.setdefault(name, []).append(file)
    return {name: places for name, places in files.items() if len(places) > 1}


def test_a_class_has_a_name_of_its_own():
    """One name means one thing in the whole tree."""
    assert set(twice({module(path): classes(path) for path in FILES})) == set()


def test_a_name_that_is_used_twice_is_found():
    """With the files that use it."""
    assert twice({"a": ["X", "Y"], "b": ["Y"], "c": ["Z"]}) == {"Y": ["a", "b"]}


@pytest.mark.parametrize("path", FILES, ids=[str(f.relative_to(ROOT)) for f in FILES])
def test_a_file_begins_with_the_question_that_it_answers(path):
    """In one line."""
    assert len((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]) > 20


def test_an_import_inside_a_function_is_told_from_one_at_the_top(tmp_path, monkeypatch):
    """The walk sees every import, and stars those that are made late."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    file = tmp_path / "gradcheck" / "_check.py"
    file.parent.mkdir()
    file.with_name("_results.py").touch()
    file.write_text(
        "import json, numpy.linalg\n"
        "from gradcheck import __version__, _results\n"
        "from .. import networks\n"
        "def f():\n"
        "    from gradcheck._results import Report\n"
        "    import_module('torch.nn')\n",
    )
    expected = {"numpy", "gradcheck", "_results", "networks", "_results*", "torch*"}
    assert imports(file) == expected


TESTS = ROOT / "tests"
FRAMEWORKS = TESTS / "frameworks"
ELSEWHERE = {  # where the tests of a folder stand, if not under its name
    "_adapters/torch": FRAMEWORKS / "torch",
    "_adapters/jax": FRAMEWORKS / "jax",
    "compat": FRAMEWORKS / "compat",
}
DOORS = {"__main__.py", "networks.py"}  # they hold one import: tests/cli/test_main.py and tests/networks walk through


def mirror(module: str) -> Path:
    """Return where the tests of a module of the package stand: in a file of its name, in a folder of its room's."""
    *folders, file = module.split("/")
    home = ELSEWHERE.get("/".join(folders), TESTS.joinpath(*(folder.lstrip("_") for folder in folders)))
    return home / f"test_{file.lstrip('_')}"


def modules_of_rooms() -> set[str]:
    """Return the modules of the package, as paths below it."""
    package = ROOT / "gradcheck"
    return {f.relative_to(package).as_posix() for f in package.rglob("*.py") if f.name != "__init__.py"} - DOORS


def test_every_module_has_its_mirror():
    """Whoever changes a module finds its tests under its name."""
    assert {module for module in modules_of_rooms() if not mirror(module).exists()} == set()


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        ("_check/call.py", "check/test_call.py"),
        ("_measure/noise.py", "measure/test_noise.py"),
        ("_render/html/page.py", "render/html/test_page.py"),
        ("_adapters/layer.py", "adapters/test_layer.py"),
        ("_adapters/torch/call.py", "frameworks/torch/test_call.py"),
        ("compat/_acceptance.py", "frameworks/compat/test_acceptance.py"),
        ("strategies/case.py", "strategies/test_case.py"),
    ],
)
def test_a_mirror_has_the_name_of_its_module(module, tests):
    """Without the underscores; those of the frameworks stand together."""
    assert mirror(module) == TESTS / tests
